"""The two languages: which one to speak, translation, and the words of errors and findings.

English texts are the keys of gettext's catalogues in ``locale/``. The labels of codes do not belong here: they stand in
the vocabulary, in both languages.
"""

import gettext
import re
import string
from collections.abc import Mapping, Sequence
from pathlib import Path

from ballerup_cli.errors import N_, BallerupError, Finding
from ballerup_cli.services.forms.form import vocabulary_choices

LANGUAGES = ("da", "en")

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})\S*)?")

# What the operating system says in English about a disk; it reaches the user as the ``reason`` of an error.
SYSTEM_REASONS = (
    N_("Disk quota exceeded"),
    N_("File exists"),
    N_("File too large"),
    N_("Input/output error"),
    N_("Is a directory"),
    N_("No space left on device"),
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Operation not permitted"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("Too many levels of symbolic links"),
)


class _Language:
    """The language chosen for this process: English until ``set_language``."""

    code = "en"
    catalogue = gettext.NullTranslations()


def set_language(code: str) -> None:
    """Speak ``da`` or ``en`` from here on."""
    _Language.code, _Language.catalogue = code, gettext.NullTranslations()
    if code != "en":  # English is what the sources say
        place = Path(__file__).parents[2] / "locale" / code / "LC_MESSAGES" / "ballerup.mo"
        with place.open("rb") as file:
            _Language.catalogue = gettext.GNUTranslations(file)


def language() -> str:
    """Give the code of the language chosen."""
    return _Language.code


def choose_language(option: str | None, environ: Mapping[str, str], config: str | None) -> str:
    """Give the language to speak: option, BALLERUP_LANG, configuration, then the locale; else Danish."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    wishes = (option, environ.get("BALLERUP_LANG"), config, locale)
    codes = ((wish or "").replace("-", "_").partition("_")[0].partition(".")[0].lower() for wish in wishes)
    return next((code for code in codes if code in LANGUAGES), "da")


def lang_in(arguments: Sequence[str]) -> str | None:
    """Find ``--lang`` before click does, so that help and complaints about the arguments come out right too."""
    for argument, following in zip(arguments, (*arguments[1:], ""), strict=False):
        if argument == "--":
            break
        if argument == "--lang":
            return following
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return None


def _(text: str, **facts: object) -> str:
    """Translate ``text`` and fill in ``facts``."""
    translated = _Language.catalogue.gettext(text) if text else ""  # the empty key holds the catalogue's header
    return fill(translated, facts) if facts else translated


def plural(one: str, many: str, count: int, **facts: object) -> str:
    """Translate ``one`` or ``many`` by ``count``, which is also a fact."""
    return fill(_Language.catalogue.ngettext(one, many, count), {"count": count, **facts})


def describe(problem: BallerupError | Finding) -> tuple[str, str]:
    """Put an error or a finding, with its field, into words: the message, and the hint or an empty text."""
    message = fill(_(problem.message), problem.facts)
    if isinstance(problem, Finding):
        item = problem.path and problem.path[-1] == problem.facts.get("field")  # the message names it itself
        path = problem.path[:-1] if item else problem.path
        field = " ".join(
            str(step + 1) if isinstance(step, int) else _field(path[: at + 1]) for at, step in enumerate(path)
        )
        return (f"{field}: {message}" if field else message), ""
    from ballerup_cli.cli.ui.hints import hint_for  # only a failure needs it

    hint = hint_for(type(problem))
    if any(problem.facts.get(name) in (None, "", (), []) for name in placeholders(hint)):
        return message, ""  # a hint that lacks its number or name is no command to type
    return message, fill(_(hint), problem.facts)


def _field(path: Sequence[str | int]) -> str:
    """Give the name of a field as the reader has it; in English it is the code."""
    if language() != "da":
        return str(path[-1])
    from ballerup_cli.services.forms.names import noun  # only what is wrong is named

    return noun("", path, "da")


def fill(template: str, facts: Mapping[str, object]) -> str:
    """Fill ``template`` with ``facts``; one that is missing shows as a question mark."""
    words = {name: _named(name, value) for name, value in facts.items()}
    return template.format_map(_Facts((name, _word(value)) for name, value in words.items()))


def _named(name: str, value: object) -> object:
    """Say in the language chosen what is no code in the user's hands: a reason, the state of a case, a day."""
    if name in ("at", "day"):
        return date(str(value))
    if name == "field" and isinstance(value, str):
        return _field((value,))
    if name == "state":
        return vocabulary_choices(language())["state"].get(str(value), value)
    if name == "clocks" and isinstance(value, tuple):
        return tuple(vocabulary_choices(language())["clock"].get(code, code) for code in value)
    return _(value) if name == "reason" and isinstance(value, str) else value


def date(value: str) -> str:
    """Write a day or a moment as the language does: 20.03.2026 in Danish; anything else comes back as it is."""
    found = _DAY.fullmatch(value)
    if not found:
        return value
    year, month, day, clock = found.groups()
    shown = f"{day}.{month}.{year}" if language() == "da" else f"{year}-{month}-{day}"
    return f"{shown} {clock}" if clock else shown


def placeholders(template: str) -> frozenset[str]:
    """Give the names of the facts that ``template`` wants."""
    return frozenset(name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name)


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(
            _word(item) for item in (sorted(value, key=str) if isinstance(value, (set, frozenset)) else value)
        )
    return "?" if value is None else str(value)
