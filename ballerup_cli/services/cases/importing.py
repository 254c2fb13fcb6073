"""Concerns from a spreadsheet: the mapping is read, every row becomes a form like any other, the good ones are written.

What a cell means belongs to ``mapping``, how a spreadsheet is read to ``spreadsheet``, what a form may say to
``casework``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from ballerup_cli.core.cases.mapping import Path, Source, date_pattern, fill
from ballerup_cli.core.same import fold
from ballerup_cli.errors import N_, Finding, InvalidFormError
from ballerup_cli.services.cases import casework
from ballerup_cli.services.cases.casework import StepResult
from ballerup_cli.services.forms import spreadsheet, understanding
from ballerup_cli.services.forms.pipeline import CREATE
from ballerup_cli.services.forms.understanding import Reader
from ballerup_cli.services.store import records
from ballerup_cli.services.store.index import references
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import codec, schema
from ballerup_cli.storage.text.codec import Document
from ballerup_cli.values import value

MAP = "import-map"
"""The name of the mapping's schema and form."""

WRITTEN, GOOD, KNOWN, REFUSED = "written", "good", "known", "refused"

_STEP = re.compile(r"[a-z_]+|[1-9][0-9]?")
_DATES = frozenset({"date", "moment", "date-or-month"})


@value
class Line:
    """What became of one row; ``good`` is what a dry run would have written.

    The findings have the number of the row as their line, and as their column that of the cell, 0 where there is none.
    """

    row: int
    outcome: str
    case: str | None = None
    findings: tuple[Finding, ...] = ()


@value
class Imported:
    """What became of a spreadsheet, the cases written, and the names the mapping has for the columns."""

    lines: tuple[Line, ...]
    taken: tuple[StepResult, ...] = field(repr=False)
    columns: Mapping[int, str]
    hidden_rows: tuple[int, ...] = ()
    hidden_sheets: int = 0

    def count(self, outcome: str) -> int:
        """Count the rows that came to this."""
        return sum(line.outcome == outcome for line in self.lines)


@value
class File:
    """A file handed in: its bytes, and its name without the folder."""

    data: bytes = field(repr=False)
    name: str


def import_concerns(
    workspace: Workspace,
    table: File,
    mapping: File,
    moment: Moment,
    *,
    dry: bool,
    agreed: bool = False,
    hidden: bool = False,
) -> Imported:
    """Write one new case for each good row, all in one commit, or nothing when ``dry``.

    Raises:
        InvalidFormError: the mapping cannot be read or does not fit the spreadsheet.
        BadSpreadsheetError: the spreadsheet cannot be read.
        BallerupError: the store cannot be read or written.
    """
    item = _read_map(mapping)
    value = item.value
    where = {"sheet": value.get("sheet"), "header": value.get("header", 1)}
    seen_table = spreadsheet.read(table.data, table.name, **where, hidden=hidden)
    (_, names), *rows = seen_table.rows
    sources = _sources(item, names, mapping.name)
    forms = [_form(row, cells, len(names), sources, _patterns(value)) for row, cells in rows]
    seen = set(workspace.store.cases())
    lines = _judged(workspace, forms, moment)
    good = [form.document for form, line in zip(forms, lines, strict=True) if line.outcome == GOOD]

    def still() -> bool:
        """What was written meanwhile has none of the references."""
        new = records.cases(workspace, [number for number in workspace.store.cases() if number not in seen])
        item = {case.intake["reference"] for case in new if "reference" in case.intake}
        return item.isdisjoint(document.value.get("reference") for document in good)

    taken = []
    if good and not dry:
        taken = casework.open_concerns(workspace, good, moment, table.name, agreed=agreed, still=still)
    columns = {source.column: " ".join(names[source.column - 1].split()) for source in sources if source.column}
    return Imported(
        lines=tuple(_numbered(lines, taken)),
        taken=tuple(taken),
        columns=columns,
        hidden_rows=seen_table.hidden_rows,
        hidden_sheets=seen_table.hidden_sheets,
    )


# --- the mapping ------------------------------------------------------------------------------------------------------


def _read_map(file: File) -> Document:
    """Return the mapping.

    Raises:
        InvalidFormError: with the place of everything that is wrong.
    """
    try:
        document, *more = codec.read_forms(file.data)
    except InvalidFormError as invalid:
        raise InvalidFormError(findings=invalid.findings, step=MAP, source=file.name) from None
    document, twice = understanding.understood(MAP, document, Reader())
    findings = twice or schema.check(MAP, document.value)
    patterns = document.value.get("dates", []) if not findings else []
    findings += [
        Finding(message=N_("no pattern for dates, such as DD-MM-YYYY or YYYY-MM-DD HH:MM"), path=("dates", index))
        for index, pattern in enumerate(patterns)
        if date_pattern(pattern) is None
    ]
    placed = [schema.place(document, finding) for finding in findings]
    if more:
        line, column = more[0].marks[()]
        placed.append(Finding(message=N_("one mapping only"), line=line, column=column))
    if placed:
        raise InvalidFormError(findings=placed, step=MAP, source=file.name)
    return document


def _patterns(mapping: Mapping[str, Any]) -> list[re.Pattern[str]]:
    return [found for pattern in mapping.get("dates", []) if (found := date_pattern(pattern))]


def _sources(document: Document, names: Sequence[str], file: str) -> list[Source]:
    """Return where each field comes from.

    Raises:
        InvalidFormError: a field or a column is not there; no column is named that the mapping does not name itself.
    """
    places = {fold(name): number for number, name in enumerate(names, 1) if name.strip()}
    twice = {fold(name) for name in names if [*map(fold, names)].count(fold(name)) > 1}
    sources, findings = [], []
    for name, wanted in document.value["fields"].items():
        source = wanted if isinstance(wanted, Mapping) else {"column": wanted}
        path = _path(understanding.path_of("create", name))
        kind = _kind(path) if path else None
        column = fold(source.get("column", ""))
        if kind is None:
            message = N_("no field of a concern that a cell can fill; 'ballerup form create' prints them all")
        elif column in twice:
            message = N_("several columns have this name")
        elif column and column not in places:
            message = N_("the spreadsheet has no column of this name in its header row")
        else:
            sources.append(_source(path, kind, source, places.get(column, 0)))
            continue
        findings.append(schema.place(document, Finding(message=message, path=("fields", name))))
    if findings:
        raise InvalidFormError(findings=findings, step=MAP, source=file)
    return [replace(source, elsewhere=_elsewhere(source, sources)) for source in sources]


def _source(path: Path, kind: str, body: Mapping[str, Any], column: int) -> Source:
    codes = {fold(word): code for word, code in body.get("codes", {}).items()}
    return Source(path=path, kind=kind, column=column, codes=codes, fallback=body.get("value", body.get("default")))


def _elsewhere(source: Source, sources: Sequence[Source]) -> frozenset[str]:
    return frozenset(word for other in sources if other.column == source.column for word in other.codes)


def _path(name: str) -> Path:
    """Return the path that ``observations.1.text`` writes, empty when it is none."""
    steps = name.split(".")
    if not all(_STEP.fullmatch(step) for step in steps):
        return ()
    return tuple(int(step) - 1 if step.isdigit() else step for step in steps)


def _kind(path: Path) -> str | None:
    """Return what a field of a concern takes by its schema; None when there is none, or it has fields of its own."""
    parts = schema.speaking_of(CREATE, path)
    types = {name for part in parts for name in _types(part)}
    formats = {part.get("format") for part in parts}
    if not parts or types & {"object", "array"}:
        return None
    if "boolean" in types:
        return "yes-no-or-text" if "string" in types else "yes-no"
    if "integer" in types:
        return "number"
    return "date" if formats & _DATES else "cpr" if "cpr" in formats else "text"


def _types(part: Mapping[str, Any]) -> Sequence[str]:
    text = part.get("type", ())
    return [text] if isinstance(text, str) else text


# --- the rows ---------------------------------------------------------------------------------------------------------


@value
class _Form:
    row: int
    document: Document
    unreadable: tuple[Finding, ...]


def _form(
    row: int, cells: Sequence[str], width: int, sources: Sequence[Source], dates: Sequence[re.Pattern[str]]
) -> _Form:
    """Make one row a form whose fields stand at their row and column."""
    filled = fill(row, cells, sources, dates)
    marks = {path: (row, column) for path, column in filled.columns.items()}
    bad = [
        replace(found, path=source.path, line=row, column=source.column)
        for source in sources
        if 0 < source.column <= len(cells) and (found := codec.invisible(cells[source.column - 1]))
    ]
    if len(cells) > width:
        bad.append(Finding(message=N_("more cells than there are names of columns"), line=row, column=0))
    return _Form(row=row, document=Document(value=filled.value, marks=marks), unreadable=(*filled.unreadable, *bad))


def _judged(workspace: Workspace, forms: Sequence[_Form], moment: Moment) -> list[Line]:
    """Say of each form whether it is good, refused, or already there by its reference."""
    is_so = any(form.document.value.get("reference") for form in forms)
    cases = references(workspace) if is_so else {}
    rows: dict[str, int] = {}
    lines = []
    for form in forms:
        reference = form.document.value.get("reference")
        if reference and reference in cases:
            lines.append(Line(row=form.row, outcome=KNOWN, case=cases[reference]))
        elif reference and reference in rows:
            message, facts = N_("left out; its reference stands in row {row} already"), {"row": rows[reference]}
            there = Finding(message=message, facts=facts, line=form.row, column=0)
            lines.append(Line(row=form.row, outcome=KNOWN, findings=(there,)))
        elif findings := _findings(workspace, form, moment):
            lines.append(Line(row=form.row, outcome=REFUSED, findings=tuple(findings)))
        else:
            rows |= {reference: form.row} if reference else {}
            lines.append(Line(row=form.row, outcome=GOOD))
    return lines


def _findings(workspace: Workspace, form: _Form, moment: Moment) -> list[Finding]:
    """Return what is wrong with a row, in the order of its columns; of a cell that means nothing only that."""
    unreadable = {finding.column: finding for finding in reversed(form.unreadable)}.values()
    hidden = {finding.path[:length] for finding in unreadable for length in range(1, len(finding.path) + 1)}
    more = [finding for finding in casework.faults(workspace, form.document, moment) if finding.path not in hidden]
    return sorted([*unreadable, *more], key=lambda finding: finding.column or 0)


def _numbered(lines: Sequence[Line], taken: Sequence[StepResult]) -> list[Line]:
    """Give the rows that were written their case numbers."""
    numbers = iter(taken)
    return [
        replace(line, outcome=WRITTEN, case=next(numbers).case.number) if taken and line.outcome == GOOD else line
        for line in lines
    ]
