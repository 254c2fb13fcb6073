"""Danish words for the commands of every day, and the words that are never offered for a slip of the pen."""

_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "_": "-"})
_ALIASES = {
    "opret": "create",
    "afgoer": "triage",
    "visiter": "triage",
    "vurder": "assess",
    "handleplan": "plan",
    "opfoelg": "follow-up",
    "opfoelgning": "follow-up",
    "luk": "close",
    "genaabn": "reopen",
    "notat": "note",
    "kontakt": "contact",
    "videregiv": "share",
    "moede": "meeting",
    "fortryd": "undo",
    "kladder": "drafts",
    "overdrag": "hand-over",
    "ret": "correct",
    "idag": "today",
    "i-dag": "today",
    "frister": "due",
    "liste": "list",
    "sager": "list",
    "vis": "show",
    "soeg": "search",
    "rapport": "report",
    "aktivitet": "activity",
    "anmodning": "request",
    "laas": "lock",
    "laas-op": "unlock",
    "sikkerhedskopi": "backup",
    "indstillinger": "settings",
    "doktor": "doctor",
    "begynd": "start",
    "hjaelp": "help",
    "fortsaet": "continue",
    "kast": "throw",
}
DESTROYING = frozenset(
    {"redact", "erase", "remove", "retire", "throw", "restore", "undo", "restrict", "shield", "lock"}
)
"""Commands that take something away: a wrong word is never met with one of them."""


def command_of(word: str) -> str:
    """Return the command that a Danish word stands for; any other word as it is."""
    return _ALIASES.get(word.lower().translate(_LETTERS), word)
