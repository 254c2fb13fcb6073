"""Exchange with other programs: concerns in from a spreadsheet, cases out as files of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import FOUND, PURPOSE, CaseParam, Refused, argument, command, option
from ballerup_cli.cli.ui.render import FORMATS, Row, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, describe, plural
from ballerup_cli.errors import N_, Finding, ManyCasesError
from ballerup_cli.services.cases import importing
from ballerup_cli.services.cases.importing import GOOD, KNOWN, REFUSED, WRITTEN, File, Imported, Line
from ballerup_cli.services.forms import spreadsheet
from ballerup_cli.services.rights import exporting
from ballerup_cli.services.rights.exporting import Recipient
from ballerup_cli.services.store import records

_SECTION = N_("The store")
_SHOWN = 8  # cases with one and the same oddity that are named
_MANY = 3  # cases that may leave in plain text without being asked twice


# --- import -----------------------------------------------------------------------------------------------------------


@command(
    "import",
    section=_SECTION,
    example="ballerup form import-map > map.yaml\nballerup import concerns.csv --map map.yaml --dry-run",
    help=N_(
        "Write down concerns from a spreadsheet (CSV or XLSX), one a row, checked like any other. Good rows are "
        "written all at once, and their numbers printed; each refused row is named with its column and the reason. A "
        "row whose number in the records system (ESDH) is on a case already is left out, so a corrected sheet can be "
        "imported again. Ends with exit code 3 when a row was refused."
    ),
)
@argument("source", metavar="FILE", type=click.File("rb"))
@option(
    "--map",
    "mapping",
    type=click.File("rb"),
    required=True,
    metavar="FILE",
    help=N_("which column fills which field; 'ballerup form import-map' prints one to begin with"),
)
@option("--dry-run", "dry", is_flag=True, help=N_("write nothing, only say what would happen"))
@option("--hidden", is_flag=True, help=N_("take rows that are hidden in the sheet, too"))
@option("--yes", is_flag=True, help=N_("agree beforehand when several existing cases change"))
@option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print the rows"))
@click.pass_context
def import_concerns(
    ctx: click.Context, source: BinaryIO, mapping: BinaryIO, dry: bool, hidden: bool, yes: bool, form: str
) -> None:
    """Write the rows down and say what became of each."""
    session: Session = ctx.obj
    table, told = _file(source), _file(mapping)

    def write(agreed: bool) -> Imported:
        how = {"dry": dry, "agreed": agreed, "hidden": hidden}
        return importing.import_concerns(session.workspace, table, told, session.moment, **how)

    done = _agreed(write, yes=yes)
    if form == "table":
        terminal.put("".join(f"{taken.case.number}\n" for taken in done.taken))
    else:
        terminal.put(listing(_rows(done), tables.IMPORTED, form))
    _tell(done)
    if done.count(REFUSED):
        ctx.exit(FOUND)


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


# --- export -----------------------------------------------------------------------------------------------------------


class RecipientParam(click.ParamType[Recipient]):
    """Whom a file is sealed to, as age writes it."""

    name = "recipient"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Recipient:
        """Read the key."""
        try:
            return exporting.recipient(value)
        except ValueError:
            words = N_("a post-quantum age recipient is wanted, age1pq1…, as 'age-keygen -pq' makes them")
            raise Refused(_(words), ctx=ctx, param=param) from None


@command(
    "export",
    section=_SECTION,
    example="ballerup export 2026-0001 --out exported\nage -d -i identity.age exported/2026-0001.json.age",
    help=N_(
        "Write each case to a file of its own: JSON with every entry and the sheet of 'show'. Files are sealed to "
        "your own key, and any age program from 1.3 on opens them with your identity."
    ),
)
@argument("cases", metavar="CASE...", type=CaseParam(), nargs=-1, required=True)
@option(
    "--out",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help=N_("folder for the files; none is ever overwritten"),
)
@option(
    "--to-recipient",
    "also",
    type=RecipientParam(),
    multiple=True,
    metavar="KEY",
    help=N_("seal them to this age recipient too (age1pq1…); may be given several times"),
)
@option("--plain", is_flag=True, help=N_("leave the files unsealed; that they left is written in the log"))
@option("--yes", is_flag=True, help=N_("agree beforehand when more than 3 cases leave in plain text"))
@PURPOSE
@click.pass_obj
def export(
    session: Session,
    cases: tuple[str, ...],
    folder: Path,
    also: tuple[Recipient, ...],
    plain: bool,
    yes: bool,
    purpose: str,
) -> None:
    """Write the files and print their names."""
    workspace = session.workspace
    if plain and also:
        raise Refused(_("a plain file is sealed to nobody"), param_hint="--to-recipient")
    if exporting.is_in_store(workspace, folder):
        raise Refused(_("the folder of the store holds nothing else"), param_hint="--out")
    numbers = list(dict.fromkeys(records.find_number(workspace, case) for case in cases))
    if plain and len(numbers) > _MANY and not yes:
        question = plural("write {count} case in plain text?", "write {count} cases in plain text?", len(numbers))
        if not terminal.confirm(question):
            raise click.Abort

    def look(number: str) -> None:
        session.look("export", [number], purpose)

    for path in exporting.export(workspace, numbers, folder, session.moment, also=also, plain=plain, look=look):
        terminal.put(str(path))


COMMANDS = [import_concerns, export]
