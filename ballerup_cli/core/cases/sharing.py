"""Who told whom under § 115 of retsplejeloven, and in which words of the law it rests.

With whom nothing may be shared belongs to ``rules``. A citation is the law's own and never translated.
"""

from collections.abc import Mapping
from typing import Any

from ballerup_cli.core.entry import Body
from ballerup_cli.core.vocabulary import Vocabulary

_LAW = "retsplejelovens § 115"


def citation(share: Body, settings: Mapping[str, Any], vocabulary: Vocabulary) -> str | None:
    """Return stykke and nummer by who sends: the police by stk. 1, an authority by stk. 2; None on another basis."""
    number = vocabulary.term("basis", share["basis"]).get("number")
    if number is None:
        return None
    police_sends = share["direction"] == "received" and _is_police(share["party"], settings, vocabulary)
    return f"{_LAW}, stk. 1, nr. {number}" if police_sends else f"{_LAW}, stk. 2, jf. stk. 1, nr. {number}"


def _is_police(party: Body, settings: Mapping[str, Any], vocabulary: Vocabulary) -> bool:
    """Tell it by the function, or by the name of the organisation up to its section."""
    spoken = (vocabulary.term("function", "politi"), vocabulary.term("received-by", "police"))
    names = {words[lang] for words in (*spoken, settings["authorities"]["police"]) for lang in ("da", "en")}
    return not _heads(names).isdisjoint(_heads({party.get("function", ""), party["organisation"]}))


def _heads(names: set[str]) -> set[str]:
    return {head for name in names if (head := name.partition(",")[0].strip().casefold())}
