"""What people type to what is stored: the names of fields and codes in either language, dates and yes or no as said.

One reading between ``codec`` and ``schema`` for every door: editor, file, interview. What is stored keeps its English
code; what is not understood stays as it was typed, and the schema says so at its place.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta
from functools import cache
from typing import Any

from ballerup_cli.core.same import fold
from ballerup_cli.errors import N_, Finding, InvalidFormError
from ballerup_cli.services.forms.names import noun
from ballerup_cli.storage.text import codec, schema
from ballerup_cli.storage.text.codec import Document, Path
from ballerup_cli.values import value

LANGUAGES = ("da", "en")
_YES = frozenset({"ja", "j", "yes", "y"})
_NO = frozenset({"nej", "n", "no"})
_NONE = frozenset({"ingen", "none", "null"})
_SHORTEST = 3
_MEMBERS = frozenset({"member", "members", "delivered_by", "parent"})
_OPEN_LISTS = {"function": "function", "invite": "function", "second_person": "function"}
"""Fields that take words of one's own beside the codes of a list."""


def folded(text: str) -> str:
    """Return the one spelling by which names and labels are compared."""
    return fold(text.replace("_", " "))


# --- names of fields --------------------------------------------------------------------------------------------------


def label(form: str, path: Sequence[str | int], language: str) -> str:
    """Return what a field is called in a language; the name of an item is that of its list."""
    steps = [step for step in path if isinstance(step, str)]
    if len(steps) > 1 and steps[-2] == "dimensions" and (words := schema.vocabulary()["dimension"].get(steps[-1])):
        return str(words[language])
    return noun(form, steps, language) if steps else ""


@cache
def _parts(form: str, path: Path) -> list[schema.Schema]:
    try:
        return schema.speaking_of(form, path)
    except FileNotFoundError:  # the settings, say, have no schema of their own
        return []


def _about(form: str, path: Path) -> list[schema.Schema]:
    return _parts(form, tuple(0 if isinstance(step, int) else step for step in path))


@cache
def _siblings(form: str, path: Path) -> Mapping[str, str]:
    """Return, for every spelling of a field's name at one place, its code."""
    codes: dict[str, None] = {}
    for part in _parts(form, path):
        codes |= dict.fromkeys(part.get("properties", {}))
        codes |= dict.fromkeys(part.get("propertyNames", {}).get("enum", ()))
    spellings = {folded(label(form, (*path, code), language)): code for language in LANGUAGES for code in codes}
    return spellings | {folded(code): code for code in codes}


def code_of(form: str, path: Path, name: str) -> str:
    """Return the code of a field that is called ``name`` at the place ``path``; an unknown name as it is."""
    place = tuple(0 if isinstance(step, int) else step for step in path)
    return _siblings(form, place).get(folded(name), name)


def names_field(form: str, path: Path, name: str) -> str:
    """Return the code of the field that ``name`` names at the place ``path``; nothing where it names none."""
    return _siblings(form, tuple(0 if isinstance(step, int) else step for step in path)).get(folded(name), "")


def path_of(form: str, typed: str) -> str:
    """Return a dotted path in codes: "person.født" is "subject.born", "iagttagelser.2.tekst" observations.2.text."""
    path: Path = ()
    for step in typed.split("."):
        path = (*path, 0 if step.strip().isdecimal() else code_of(form, path, step))
    steps = typed.split(".")
    return ".".join(steps[at].strip() if isinstance(code, int) else str(code) for at, code in enumerate(path))


# --- values -----------------------------------------------------------------------------------------------------------


@value
class Reader:
    """What one needs to know to understand what was typed: the day it is, and the members there are."""

    today: date | None = None
    pladen: Mapping[str, str] = field(default_factory=dict)
    beginnings: bool = False
    """Whether the unique beginning of a code will do: only where somebody sits and sees what became of it."""

    def value_of(self, form: str, path: Path, typed: Any) -> Any:
        """Return what ``typed`` means in this field; what is not understood comes back as it is."""
        if not isinstance(typed, str) or not typed.strip():
            return typed
        if folded(typed) in _NONE and takes_nothing(form, path):
            return None
        for meaning in self._meanings(form, path):
            if (meant := meaning(typed)) is not None:
                return meant
        return typed

    def _meanings(self, form: str, path: Path) -> Iterator[Callable[[str], Any]]:
        parts = _about(form, path)
        kinds = {kind for part in parts for kind in _listed(part.get("type"))}
        formats = {part["format"] for part in parts if "format" in part}
        codes = codes_of(form, path)
        name = next((step for step in reversed(path) if isinstance(step, str)), "")
        if codes:
            yield lambda typed: self.code(_labels(codes), typed, closed=True)
        if name in _OPEN_LISTS:
            yield lambda typed: self.code(_list(_OPEN_LISTS[name]), typed, closed=False)
        if name in _MEMBERS and "array" not in kinds:
            yield lambda typed: self.code({code: (name,) for code, name in self.pladen.items()}, typed, closed=False)
        if "boolean" in kinds:
            yield yes_or_no
        if formats & {"date", "moment", "date-or-month"}:
            yield lambda typed: read_date(typed, self.today, formats)

    def code(self, labels: Mapping[str, Sequence[str]], typed: str, *, closed: bool) -> str | None:
        """Return the code that is meant: itself, a label in either language, of a closed list a unique beginning."""
        if typed in labels:
            return typed
        spellings = {folded(word): code for code, words in labels.items() for word in (code, *words)}
        wanted = folded(typed)
        if wanted in spellings or not (closed and self.beginnings) or len(wanted) < _SHORTEST:
            return spellings.get(wanted)
        near = {code for spelling, code in spellings.items() if spelling.startswith(wanted)}
        return near.pop() if len(near) == 1 else None


def codes_of(form: str, path: Path) -> tuple[str, ...]:
    """Return the codes that a field takes, none where it takes words."""
    parts = _about(form, path)
    return tuple(dict.fromkeys(code for part in parts for code in part.get("enum", ()) if isinstance(code, str)))


def takes_nothing(form: str, path: Path) -> bool:
    """Tell whether a field may say that there is none."""
    return any("null" in _listed(part.get("type")) for part in _about(form, path))


def code_label(code: str, codes: tuple[str, ...], language: str) -> str:
    """Return the label of a code in a language."""
    words = _labels(codes)[code]
    return words[LANGUAGES.index(language)] if words else code


def _listed(kinds: Any) -> Sequence[str]:
    return [kinds] if isinstance(kinds, str) else kinds or ()


@cache
def _list(name: str) -> Mapping[str, Sequence[str]]:
    return {code: [words[language] for language in LANGUAGES] for code, words in schema.vocabulary()[name].items()}


@cache
def _labels(codes: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    """Return codes with their labels: those of the smallest list that holds them all."""
    lists = [
        name for name, entries in schema.vocabulary().items() if isinstance(entries, dict) and {*codes} <= {*entries}
    ]
    if not lists:
        return dict.fromkeys(codes, ())
    labels = _list(min(lists, key=lambda name: len(schema.vocabulary()[name])))
    return {code: labels[code] for code in codes}


def yes_or_no(typed: str) -> bool | None:
    """Read yes or no in either language; None when it is neither."""
    word = folded(typed)
    return True if word in _YES else False if word in _NO else None


# --- dates ------------------------------------------------------------------------------------------------------------

_MONTHS = (
    *(("januar", "january"), ("februar", "february"), ("marts", "march"), ("april",), ("maj", "may"), ("juni", "june")),
    *(("juli", "july"), ("august",), ("september",), ("oktober", "october"), ("november",), ("december",)),
)
_DAYS = {"i dag": 0, "today": 0, "i går": 1, "igår": 1, "yesterday": 1, "i forgårs": 2, "idag": 0}
_CLOCK = r"(?:,?\s+(?:kl\.?\s*|at\s+)?(?P<hour>[01]?[0-9]|2[0-3])(?:[.:](?P<minute>[0-5][0-9]))?)?"
_WRITTEN = re.compile(rf"(?P<day>[0-3]?[0-9])[./-]\s*(?P<month>[01]?[0-9])[./-]\s*(?P<year>[12][0-9]{{3}}){_CLOCK}")
_NAMED = re.compile(rf"(?P<day>[0-3]?[0-9])\.?\s+(?P<month>[a-z]+)\s+(?P<year>[12][0-9]{{3}}){_CLOCK}")
_SAID = re.compile(rf"(?P<said>{'|'.join(_DAYS)}){_CLOCK}")
_MONTH = re.compile(r"(?:(?P<month>[01]?[0-9])[./-]|(?P<name>[a-z]+)\s+)(?P<year>[12][0-9]{3})")


def read_date(typed: str, today: date | None, formats: set[str]) -> str | None:
    """Return the day or moment that is meant, as it is stored; None for what could mean two, such as 1.2.26."""
    text = " ".join(typed.lower().split())
    if "date-or-month" in formats and (found := _MONTH.fullmatch(text)):
        month = _month(found["month"] or found["name"])
        return f"{found['year']}-{month:02}" if month else None
    found = _WRITTEN.fullmatch(text) or _NAMED.fullmatch(text) or _SAID.fullmatch(text)
    day = _day(found.groupdict(), today) if found else None
    if found is None or day is None or (found["hour"] and "moment" not in formats):
        return None
    return f"{day}T{int(found['hour']):02}:{found['minute'] or '00'}" if found["hour"] else day.isoformat()


def _day(body: Mapping[str, str | None], today: date | None) -> date | None:
    if said := body.get("said"):
        return today - timedelta(days=_DAYS[said]) if today else None
    month = _month(body["month"] or "")
    try:
        return date(int(body["year"] or 0), month or 0, int(body["day"] or 0))
    except ValueError:
        return None


def _month(word: str) -> int | None:
    if word.isdecimal():
        return int(word) if 1 <= int(word) <= 12 else None
    near = [at for at, names in enumerate(_MONTHS, 1) if any(name.startswith(word) for name in names)]
    return near[0] if len(near) == 1 and len(word) >= _SHORTEST else None


# --- whole forms ------------------------------------------------------------------------------------------------------


def understood(form: str, document: Document, reader: Reader) -> tuple[Document, list[Finding]]:
    """Return a form in the codes that are stored, its marks moved along, and what stands in it twice."""
    marks: dict[Path, tuple[int, int]] = {(): document.marks[()]} if () in document.marks else {}
    findings: list[Finding] = []

    def walk(value: Any, old: Path, new: Path) -> Any:
        if isinstance(value, Mapping):
            fields: dict[str, Any] = {}
            for name, item in value.items():
                code = code_of(form, new, name)
                if code in fields or (code != name and code in value):
                    findings.append(_twice((*new, code), document.marks.get((*old, name))))
                    continue
                move((*old, name), (*new, code))
                fields[code] = walk(item, (*old, name), (*new, code))
            return fields
        if isinstance(value, list):
            for at in range(len(value)):
                move((*old, at), (*new, at))
            return [walk(item, (*old, at), (*new, at)) for at, item in enumerate(value)]
        return reader.value_of(form, new, value)

    def move(old: Path, new: Path) -> None:
        if old in document.marks:
            marks[new] = document.marks[old]

    return Document(value=walk(document.value, (), ()), marks=marks), findings


def _twice(path: Path, mark: tuple[int, int] | None) -> Finding:
    line, column = mark or (None, None)
    return Finding(message=N_("this field stands here twice"), path=path, line=line, column=column)


def settled(form: str, document: Document, reader: Reader) -> tuple[Document, list[Finding]]:
    """Return a form as it is stored: understood, and without the fields that were left empty."""
    meant, findings = understood(form, document, reader)
    return schema.settle_form(form, meant), findings


# --- the other way: a form as its reader would write it ---------------------------------------------------------------

_MAP = "import-map"  # its names are those of a sheet
_PLAIN = re.compile(r"[a-zæøå0-9][\wæøåÆØÅ .,()/-]*[\w.)]", re.IGNORECASE)
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::00)?(?:[+-][0-9:]{5})?)?")
_FIELD = re.compile(r'(?:"(?P<quoted>[^"]*)"|(?P<plain>[a-z0-9_-]+)):(?P<rest> .*)?')


def in_words(form: str, text: str, language: str) -> str:
    """Write a form that was made here with names, choices and days as its reader has them; English is the code."""
    if language != "da" or form == _MAP:
        return text
    try:
        (document,) = codec.read_forms(text.encode())
    except (InvalidFormError, ValueError):
        return text
    lines = text.split("\n")
    for path, (line, column) in document.marks.items():
        if path and isinstance(path[-1], str):
            before, field = lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
            lines[line - 1] = before + _spoken_field(form, path, field, _at(document.value, path))
    return "\n".join(lines)


def _spoken_field(form: str, path: Path, field: str, value: Any) -> str:
    found = _FIELD.fullmatch(field)
    if not found:
        return field
    rest = found["rest"] or ""
    if isinstance(value, str) and value and rest.startswith(' "'):
        said = _said(form, path, value)
        rest = f" {said if _PLAIN.fullmatch(said) and not said.replace('.', '').isdecimal() else json.dumps(said)}"
    elif isinstance(value, bool):
        rest = " ja" if value else " nej"
    return f"{label(form, path, 'da')}:{rest}"


def _said(form: str, path: Path, value: str) -> str:
    codes = codes_of(form, path)
    if value in codes:
        return code_label(value, codes, "da")
    found = _DAY.fullmatch(value)
    if not found or not any("format" in part for part in _about(form, path)):
        return value
    day = f"{found[3]}.{found[2]}.{found[1]}"
    return f"{day} {found[4]}.{found[5]}" if found[4] else day


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value
