"""From a row of a spreadsheet to a form: which column fills which field, and what its words mean.

How a spreadsheet is read, and whether the form is allowed, belongs elsewhere. No finding here holds what a cell says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from ballerup_cli.core.same import fold
from ballerup_cli.errors import N_, Finding
from ballerup_cli.values import value

Path = tuple[str | int, ...]
Value = str | bool | int | None

LONGEST_CELL = 32_767
"""What a cell of Excel can hold."""

_YES = frozenset({"ja", "j", "yes", "y", "true", "sand", "x", "1"})
_NO = frozenset({"nej", "n", "no", "false", "falsk", "0"})
_FORMULA = re.compile(r"=.*|#(?:I/T|N/A|[A-ZÆØÅ]+(?:/0)?[!?])", re.DOTALL)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[T ][0-9:.+Z-]+)?)?")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-./ ]{1,2}[0-9]{1,2}[-./ ]{1,2}[0-9]{2}(?![0-9])")
_CPR_AS_NUMBER = re.compile(r"[0-9]{9}")
# The parts of a pattern for dates, and what they read; a Danish spreadsheet says ÅÅÅÅ and TT.
_PARTS = {
    "YYYY": "(?P<year>[0-9]{4})",
    "HH:MM": "(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.][0-9]{2})?",
    "MM": "(?P<month>[0-9]{1,2})",
    "DD": "(?P<day>[0-9]{1,2})",
}


@value
class Source:
    """Where one field of the form comes from: a column (counted from 1), or the mapping itself (column 0)."""

    path: Path
    kind: str
    """What the field takes: text, date, yes-no, yes-no-or-text, number or cpr."""
    column: int
    codes: Mapping[str, Value] = field(default_factory=dict)
    """Words of the column and what they become; None and the empty text leave the field out."""
    elsewhere: frozenset[str] = frozenset()
    """Words of the same column that mean something for another field."""
    fallback: Value = None
    """What an empty cell stands for, or what every form says where there is no column."""

    @property
    def item(self) -> Path:
        """The item of a list that the field belongs to; empty when it belongs to none."""
        first = next((at for at, step in enumerate(self.path, 1) if isinstance(step, int)), 0)
        return self.path[:first]


@value
class Filled:
    """What came of a row: the form, the column each of its fields came from, and the cells that could not be read."""

    value: dict[str, Any] = field(repr=False)
    columns: Mapping[Path, int]
    unreadable: tuple[Finding, ...]


def date_pattern(pattern: str) -> re.Pattern[str] | None:
    """Return what reads dates written like ``DD-MM-YYYY`` or ``D/M-YYYY HH:MM``, or None for no such pattern."""
    rest = pattern.upper().replace("Å", "Y").replace("TT:", "HH:")
    parts = re.split("(YYYY|HH:MM|MM|DD)", rest)
    named = [part for part in parts if part in _PARTS]
    if not {"YYYY", "MM"} <= {*named} or len({*named}) < len(named) or any(map(str.isalnum, "".join(parts[::2]))):
        return None
    return re.compile("".join(_PARTS.get(part, re.escape(part)) for part in parts))


def fill(row: int, cells: Sequence[str], sources: Sequence[Source], dates: Sequence[re.Pattern[str]]) -> Filled:
    """Fill in one form from one row; an empty cell leaves its field empty."""
    said = {source.path: _cell(cells, source.column) for source in sources}
    items = {source.item for source in sources if said[source.path]}
    leaves: dict[Path, tuple[Value, int]] = {}
    unreadable = []
    for source in sources:
        value: Value | Finding = _read(said[source.path], source, dates)
        if value is None and (not source.item or source.item in items):  # no observation of a constant alone
            value = source.fallback
        if isinstance(value, Finding):
            unreadable.append(replace(value, path=source.path, line=row, column=source.column))
            value = None
        leaves[source.path] = ("" if value is None else value, source.column)
    columns: dict[Path, int] = {}
    return Filled(value=_nested(leaves, (), columns), columns=columns, unreadable=tuple(unreadable))


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column - 1].strip() if 0 < column <= len(cells) else ""


def _read(text: str, source: Source, dates: Iterable[re.Pattern[str]]) -> Value | Finding:
    """Return what a cell means for its field, None when it is empty; a finding when it means nothing."""
    if not text:
        return None
    if len(text) > LONGEST_CELL:
        return Finding(message=N_("longer than a cell of a spreadsheet can be ({limit} signs)"), facts=_LIMIT)
    if _FORMULA.fullmatch(text):
        return Finding(message=N_("a formula or an error of the spreadsheet; save it as CSV, or paste the value"))
    if source.codes:
        return _coded(fold(text), source)
    word = text.casefold()
    match source.kind:
        case "date":
            return _date(text, dates)
        case "yes-no" | "yes-no-or-text" if word in _YES | _NO:
            return word in _YES
        case "yes-no":
            return Finding(message=N_("must be yes or no: ja, nej, true, false, x"))
        case "number":
            is_number = re.fullmatch("[0-9]{1,9}", text)
            return int(text) if is_number else Finding(message=N_("must be a whole number"))
        case "cpr" if _CPR_AS_NUMBER.fullmatch(text):
            return f"0{text}"  # a spreadsheet that took it for a number has lost its first zero
    return text


_LIMIT = {"limit": LONGEST_CELL}


def _coded(word: str, source: Source) -> Value | Finding:
    if word in source.codes:
        code = source.codes[word]
        return "" if code is None else code
    if word in source.elsewhere:
        return ""
    return Finding(message=N_("not among the codes that the mapping has for this column"))


def _date(text: str, dates: Iterable[re.Pattern[str]]) -> Value | Finding:
    """Return a date or moment as forms have it; whether it exists is for the schema to say."""
    for pattern in dates:
        if found := pattern.fullmatch(text):
            body = {name: int(value) for name, value in found.groupdict().items() if value}
            day = f"{body['year']:04d}-{body['month']:02d}" + (f"-{body['day']:02d}" if "day" in body else "")
            return f"{day}T{body['hour']:02d}:{body['minute']:02d}" if "hour" in body else day
    if _ISO.fullmatch(text):
        return text
    if _SHORT_YEAR.match(text):
        return Finding(message=N_("a year of two digits; write it with four"))
    return Finding(message=N_("not a date in one of the patterns of the mapping"))


def _nested(leaves: Mapping[Path, tuple[Value, int]], at: Path, columns: dict[Path, int]) -> Any:
    """Return the value that ``leaves`` make up, noting the column of every place, if any; lists close their gaps."""
    value, columns[at] = leaves.get((), (None, 0))
    if () in leaves:
        return value
    steps = dict.fromkeys(path[0] for path in leaves)
    below = {step: {path[1:]: leaf for path, leaf in leaves.items() if path[0] == step} for step in steps}
    if all(isinstance(step, int) for step in steps):
        in_order = sorted(below, key=int)
        return [_nested(below[step], (*at, index), columns) for index, step in enumerate(in_order)]
    return {str(step): _nested(inner, (*at, step), columns) for step, inner in below.items()}
