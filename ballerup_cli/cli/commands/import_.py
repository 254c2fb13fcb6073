"""Concerns in from a spreadsheet, one a row."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import FOUND, Refused, argument, command, option
from ballerup_cli.cli.ui.render import FORMATS, Row, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, describe, plural
from ballerup_cli.errors import N_, Finding, ManyCasesError
from ballerup_cli.services.cases import importing
from ballerup_cli.services.cases.importing import GOOD, KNOWN, REFUSED, WRITTEN, File, Imported, Line
from ballerup_cli.services.forms import spreadsheet
from ballerup_cli.services.rights import receiving

_SHOWN = 8  # cases with one and the same oddity that are named


@command(
    "import",
    section=N_("The store"),
    example="ballerup form import-map > map.yaml\nballerup import concerns.csv --map map.yaml --dry-run",
    help=N_(
        "Write down concerns from a spreadsheet (CSV or XLSX), one a row, checked like any other. Good rows are "
        "written all at once, and their numbers printed; each refused row is named with its column and the reason. A "
        "row whose number in the records system (ESDH) is on a case already is left out, so a corrected sheet can be "
        "imported again. Ends with exit code 3 when a row was refused. A case that another municipality exported and "
        "sealed to your key (FILE.age) becomes a new concern, and what cannot be carried is named."
    ),
)
@argument("source", metavar="FILE", type=click.File("rb"))
@option(
    "--map",
    "mapping",
    type=click.File("rb"),
    metavar="FILE",
    help=N_("which column fills which field; 'ballerup form import-map' prints one to begin with"),
)
@option("--dry-run", "dry", is_flag=True, help=N_("write nothing, only say what would happen"))
@option("--hidden", is_flag=True, help=N_("take rows that are hidden in the sheet, too"))
@option("--yes", is_flag=True, help=N_("agree beforehand when several existing cases change"))
@option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print the rows"))
@click.pass_context
def import_concerns(
    ctx: click.Context, source: BinaryIO, mapping: BinaryIO | None, dry: bool, hidden: bool, yes: bool, form: str
) -> None:
    """Write the rows down and say what became of each."""
    session: Session = ctx.obj
    table = _file(source)
    if receiving.is_sealed(table):
        _receive(session, table, dry=dry, yes=yes)
        return
    if mapping is None:
        raise Refused(_("missing: a spreadsheet needs its mapping"), param_hint="--map")
    file = _file(mapping)

    def write(agreed: bool) -> Imported:
        how = {"dry": dry, "agreed": agreed, "hidden": hidden}
        return importing.import_concerns(session.workspace, table, file, session.moment, **how)

    done = _agreed(write, yes=yes)
    if form == "table":
        terminal.put("".join(f"{taken.case.number}\n" for taken in done.taken))
    else:
        terminal.put(listing(_rows(done), tables.IMPORTED, form))
    _tell(done)
    if done.count(REFUSED):
        ctx.exit(FOUND)


def _receive(session: Session, file: File, *, dry: bool, yes: bool) -> None:
    """Write the concern of a case from elsewhere down, print its number, and name what did not come."""
    done = receiving.receive(session.workspace, file, session.moment, dry=dry, agreed=yes)
    if done.taken:
        terminal.put(done.taken.case.number)
        for finding in done.taken.warnings:
            terminal.warn(finding, done.taken.case.number)
    else:
        terminal.note(_("nothing is written; the concern would be"))
    if done.left:
        terminal.note(_("left in the file, as it means something in its own store only: {what}", what=done.left))


def _file(source: BinaryIO) -> File:
    return File(data=source.read(spreadsheet.LARGEST + 1), name=Path(str(source.name)).name)


def _agreed(write: Callable[[bool], Imported], *, yes: bool) -> Imported:
    """Write; when that changes several existing cases, ask first."""
    try:
        return write(yes)
    except ManyCasesError as many:
        if not terminal.interactive() or not terminal.confirm(f"{describe(many)[0]}; {_('write it?')}"):
            raise
        return write(True)


def _rows(done: Imported) -> list[Row]:
    """Give one line a row, or one for each finding of a row that has any."""
    return [
        {"row": line.row, "outcome": line.outcome, "case": line.case, **_place(done, finding)}
        for line in done.lines
        for finding in line.findings or (None,)
    ]


def _place(done: Imported, finding: Finding | None) -> Row:
    if finding is None:
        return {"column": None, "field": None}
    path = ".".join(str(step + 1) if isinstance(step, int) else step for step in finding.path)
    return {"column": done.columns.get(finding.column or 0), "field": path or None}


def _tell(done: Imported) -> None:
    """Say what is odd, what was left out and what was refused, then the counts."""
    odd: dict[str, list[str]] = {}
    for taken in done.taken:
        for finding in taken.warnings:
            odd.setdefault(describe(finding)[0], []).append(taken.case.number)
    for words, numbers in odd.items():
        cases = numbers if len(numbers) <= _SHOWN else plural("{count} case", "{count} cases", len(numbers))
        terminal.note(_("warning: {what} ({cases})", what=words, cases=cases))
    if done.hidden_rows:
        terminal.note(_("hidden rows are left out, --hidden takes them: {rows}", rows=done.hidden_rows))
    if done.hidden_sheets:
        terminal.note(
            plural("{count} hidden sheet is left out", "{count} hidden sheets are left out", done.hidden_sheets)
        )
    for line in done.lines:
        _tell_line(done, line)
    terminal.note(_counts(done))


def _tell_line(done: Imported, line: Line) -> None:
    if line.outcome == KNOWN and line.case:
        terminal.note(_("row {row}: left out; its reference is on {case} already", row=line.row, case=line.case))
    for finding in line.findings:
        column = done.columns.get(finding.column or 0)
        facts = {"row": line.row, "column": column, "what": describe(finding)[0]}
        words = N_("row {row}, column {column}: {what}") if column else N_("row {row}: {what}")
        terminal.note(_(words, **facts))


def _counts(done: Imported) -> str:
    good, written = done.count(GOOD), done.count(WRITTEN)
    first = (
        plural("{count} row would be written", "{count} rows would be written", good)
        if good
        else plural("{count} row written", "{count} rows written", written)
    )
    refused = _("{count} refused", count=done.count(REFUSED))
    known = _("{count} there already", count=done.count(KNOWN))
    return ", ".join((first, refused, known))


COMMANDS = [import_concerns]
