"""Free text that is to leave the house: refused where it carries a name, a case number or a CPR number of the store.

Only what the store knows can be found. Counts that could point at somebody belong to ``control``.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.store.records import cases
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import schema
from ballerup_cli.storage.text.codec import Document

_SHORTEST_NAME, _SHORTEST_PART = 3, 4
_DASH = r"\-\u2010-\u2015\u2212"
_APART = rf"[\s.,()/{_DASH}]+"  # what stands between the parts of a name
_CASE = re.compile(rf"(?<!\d)(\d{{4}})\s?[{_DASH}]\s?([1-9]\d{{0,5}}|0\d{{3,5}})(?!\d|-\d)")
_CPR = re.compile(rf"(?<!\d)\d{{6}}[\s.{_DASH}]{{0,3}}\d{{4}}(?!\d)")
_LETTER = r"[^\W\d_]"
_NEVER = re.compile(r"(?!)")

_NAME_THERE = N_("a name that stands in a case")
_CASE_THERE = N_("the number of a case")
_CPR_THERE = N_("a CPR number, or ten digits that look like one")


def find_identifiers(workspace: Workspace, document: Document, text: str) -> list[Finding]:
    """Return where a form says too much, with line and column in ``text`` as it was typed; never what it says.

    Raises:
        BallerupError: a case is missing, damaged or forged, so its names are not known.
    """
    watch, lines = Watch(workspace), text.splitlines()
    found = [
        schema.place(document, Finding(message=message, path=(field,)))
        for field, value in document.value.items()
        for message in (watch.messages(value) if isinstance(value, str) else ())  # codes name nobody
    ]
    return [replace(finding, **watch.place(finding.message, lines, finding.line or 1)) for finding in found]


class Watch:
    """What must not be said: the names, the CPR numbers and the case numbers of one store, as they are now."""

    def __init__(self, workspace: Workspace) -> None:
        known = [
            (key, value) for case in cases(workspace) for entry in case.entries for key, value in _written(entry.body)
        ]
        self._names = _any_of({part for key, value in known if key != "cpr" for part in _parts(key, value)})
        self._numbers = _any_digits({re.sub(r"\D", "", value) for key, value in known if key == "cpr"})
        self._cases = {*workspace.store.cases(), *workspace.store.register.erased}

    def messages(self, text: str) -> list[str]:
        """Return what is wrong with a text."""
        return [message for message, at in self._search(text).items() if at is not None]

    def place(self, message: str, lines: list[str], first: int) -> dict[str, Any]:
        """Return line and column of the first line from ``first`` on that is wrong in this way, as far as one is."""
        found = ((number, self._search(line)[message]) for number, line in enumerate(lines, 1) if number >= first)
        return next(({"line": number, "column": at + 1} for number, at in found if at is not None), {})

    def _search(self, written: str) -> dict[str, int | None]:
        text = _folded(written)
        numbers = [at for at in (self._numbers.search(text), _CPR.search(text)) if at]
        cases_told = [at for at in _CASE.finditer(text) if self._is_case(at)]
        name = self._names.search(text)
        return {
            _NAME_THERE: name.start() if name else None,
            _CASE_THERE: cases_told[0].start() if cases_told else None,
            _CPR_THERE: min((at.start() for at in numbers), default=None),
        }

    def _is_case(self, at: re.Match[str]) -> bool:
        """Tell a case number from a range of years: it begins with a nought, or a case has it."""
        year, serial = at.groups()
        return serial.startswith("0") or f"{year}-{int(serial):04d}" in self._cases


def _folded(text: str) -> str:
    """Spell a text as it is compared: no capitals, no invisible characters, one spelling of each letter.

    A number that is no digit is no letter either, though a regular expression takes it for one.
    """
    seen = (sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return "".join(" " if unicodedata.category(sign) in ("No", "Nl") else sign for sign in seen).casefold()


def _written(value: Any, key: str = "", kind: str = "") -> Iterator[tuple[str, str]]:
    """Give every name and CPR number in a form; what a group is called comes under ``group``."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _written(inner, name, value.get("kind", ""))
    elif isinstance(value, list):
        for inner in value:
            yield from _written(inner, key)
    elif key in ("name", "cpr") and isinstance(value, str):
        yield ("group" if kind == "group" and key == "name" else key), value


def _parts(key: str, value: str) -> Iterator[str]:
    """Give a name, and its longer parts by themselves; the words of a group's name are everybody's."""
    words = [word for word in re.split(_APART, _folded(value)) if word]
    if len("".join(words)) >= _SHORTEST_NAME:
        yield _APART.join(re.escape(word) for word in words)
    if key == "name":
        yield from (re.escape(word) for word in words if len(word) >= _SHORTEST_PART)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """Find any of them as whole words, in the genitive too."""
    text = "|".join(sorted(patterns, key=len, reverse=True))
    return re.compile(rf"(?<!{_LETTER})(?:{text})(?:['\u2019]?s)?(?!{_LETTER})") if text else _NEVER


def _any_digits(numbers: Iterable[str]) -> re.Pattern[str]:
    text = "|".join(r"\D{0,3}".join(number) for number in sorted(numbers) if number)
    return re.compile(rf"(?<!\d)(?:{text})(?!\d)") if text else _NEVER
