"""`ballerup report`: the counts of a period, and what may be asked for beside them.

How they are written belongs to ``rollups``; what may leave the house to ``statistics``.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from ballerup_cli.cli.ui import bars, charts, rollups, terminal
from ballerup_cli.cli.ui.delivery import deliver, hand_out, written
from ballerup_cli.cli.ui.params import DateParam, Refused, argument, command, group, option
from ballerup_cli.cli.ui.render import FORMATS, as_json, danish_csv, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.tables import CASELOAD
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.core.reports.crossing import DIMENSIONS
from ballerup_cli.core.reports.report import Period
from ballerup_cli.errors import N_
from ballerup_cli.services.cases import lists
from ballerup_cli.services.cases.lists import RESPONSIBLE
from ballerup_cli.services.forms import spreadsheet
from ballerup_cli.services.reports import combining, parquet, publishing, statistics, yearly

_DOCUMENTS = ("html", "pdf", "docx", "svg")
_PARQUET, _XLSX = "parquet", "xlsx"
_FORMATS = (*FORMATS, _XLSX, _PARQUET, *_DOCUMENTS)
_MOST_YEARS = 20


@group(
    "report",
    invoke_without_command=True,
    section=N_("Looking"),
    example="ballerup report --from 2026-01-01 --to 2026-12-31",
    help=N_("Count concerns per tier and per referring member of the network, for concerns received in a period."),
)
@option("--from", "start", type=DateParam(), metavar="DATE", help=N_("first day of the period; else 1 January"))
@option("--to", "end", type=DateParam(), metavar="DATE", help=N_("last day of the period; else 31 December"))
@option("--internal", is_flag=True, help=N_("true counts, also in a file or pipe; not to be passed on, and logged"))
@option(
    "--by",
    type=click.Choice((*DIMENSIONS, RESPONSIBLE)),
    metavar="DIMENSION",
    multiple=True,
    help=N_(
        "count by two dimensions at once: tier, member, ring, sector, month, gate, outcome, age_band, sign, measure"
    ),
)
@option("--compare", is_flag=True, help=N_("with the counts of the period before, as long, beside it"))
@option(
    "--years",
    type=click.IntRange(1, _MOST_YEARS),
    default=1,
    metavar="N",
    help=N_("so many years beside each other, in every format"),
)
@option("--as-of", type=DateParam(), metavar="DATE", help=N_("count what was known on this day: nothing written later"))
@option(
    "--publish",
    is_flag=True,
    help=N_("give the rounded counts of a month, quarter, half-year, year or whole years a date and a revision"),
)
@option(
    "--excel", is_flag=True, help=N_("with --format csv: semicolons and decimal commas, as a Danish Excel reads them")
)
@option("--chart", is_flag=True, help=N_("draw bars instead of tables"))
@option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="table",
    help=N_("how to print it"),
)
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("write it to FILE, a new one that only you can read"),
)
@click.pass_context
def report(
    ctx: click.Context,
    start: date | None,
    end: date | None,
    internal: bool,
    by: tuple[str, ...],
    compare: bool,
    years: int,
    as_of: date | None,
    publish: bool,
    excel: bool,
    chart: bool,
    form: str,
    out: Path | None,
) -> None:
    """Print the roll-ups; whatever leaves the terminal is disclosure-controlled unless told otherwise."""
    if ctx.invoked_subcommand:
        return
    session: Session = ctx.obj
    if RESPONSIBLE in by:
        _caseload(session, _period(session, start, end), by, form, internal=internal)
        return
    if publish and (internal or by or compare or as_of or years > 1):
        raise Refused(_("what is published is the whole report, controlled, as it is today"), param_hint="--publish")
    if chart and (form != "table" or by):
        raise Refused(_("charts are drawn of the whole report, for people"), param_hint="--chart")
    if excel and form != "csv":
        raise Refused(_("this is a way to write --format csv"), param_hint="--excel")
    if by and form in _DOCUMENTS:
        raise Refused(_("a document is made of the whole report"), param_hint="--by")
    at_hand = terminal.interactive() and form == "table" and not publish and out is None
    asked = statistics.Question(
        period=_period(session, start, end),
        today=session.moment.today,
        controlled=not (internal or at_hand),
        by=_crossed(by),
        compare=compare,
        years=years,
        as_of=as_of,
    )
    content = _published(session, asked) if publish else statistics.report(session.workspace, asked)
    session.tell_shut()
    if internal:  # true counts may point at a person, and leave the screen
        session.record_lookup("counts", [], "oversight")
    if content["controlled"]:
        _say(content)
    made = as_json(content) if form == "json" else _written(session, content, form, chart=chart, excel=excel)
    if out is None and isinstance(made, str) and form == "table":
        terminal.page(made)
    else:
        deliver(session, made, out)


def _caseload(session: Session, period: Period, by: tuple[str, ...], form: str, *, internal: bool) -> None:
    """Print how many cases each coordinator answers for: of the house, for the house."""
    if len(by) > 1 or not internal or form not in FORMATS:
        raise Refused(_("who answers for cases is counted alone, as a listing, with --internal"), param_hint="--by")
    rows = lists.caseload(session.workspace, period.start, period.end)
    session.tell_shut()
    session.record_lookup("counts", [], "oversight")
    body = {"period": {"from": period.start, "to": period.end}, "controlled": False, "by_responsible": rows}
    terminal.put(as_json(body) if form == "json" else listing(rows, CASELOAD, form, width=terminal.width()))


def _say(content: dict[str, Any]) -> None:
    """Say on stderr what a reader of a controlled report must know."""
    if rollups.is_withheld(content):
        terminal.note(_("counts are withheld: ask for a calendar month, quarter, half-year, year or whole years"))
    elif "published" not in content:
        terminal.note(_("a draft: counts are rounded; what leaves the house is published with --publish"))


def _written(session: Session, content: dict[str, Any], form: str, *, chart: bool, excel: bool) -> str | bytes:
    """Write the report as tables or charts for people, as a document, or as one long table for programs."""
    workspace, width = session.workspace, terminal.width()
    page = rollups.Page(words=workspace.vocabulary, width=width)
    if form == _PARQUET:
        return parquet.as_parquet(rollups.long(content))
    if form == _XLSX:
        return spreadsheet.write([[column.key for column in rollups.LONG], *_cells(content)])
    if excel:
        return danish_csv(list(rollups.long(content)), rollups.LONG)
    if not (chart or form in _DOCUMENTS):
        return rollups.report(content, page, form)
    aims = charts.by_aim(content, page)
    if form == "svg":
        return yearly.picture(aims, rollups.top(content))
    if form in _DOCUMENTS:
        says = {"status": rollups.status(content), "method": rollups.method(content), "withheld": rollups.WITHHELD}
        made = yearly.document(workspace, content, aims, says, language(), dots=form == "docx")
        return written(made, form)
    drawn = bars.draw([each for some in aims.values() for each in some], width, blocks=terminal.has_blocks())
    return f"{rollups.top(content)}\n{drawn}"


def _cells(content: dict[str, Any]) -> Iterator[list[Any]]:
    for row in rollups.long(content):
        yield [row[column.key] for column in rollups.LONG]


def _period(session: Session, start: date | None, end: date | None) -> Period:
    """Return the days asked for; this year where nothing is said."""
    year = session.moment.today.year
    first, last = start or date(year, 1, 1), end or date(year, 12, 31)
    if last < first:
        raise Refused(_("the last day lies before the first"), param_hint="--to")
    return Period(start=first.isoformat(), end=last.isoformat())


def _published(session: Session, asked: statistics.Question) -> dict[str, Any]:
    content = publishing.publish(session.workspace, asked, session.moment)
    if content["published"]["on"] <= asked.period.end:
        terminal.note(_("the period was not over when it was published: what came later is not in it"))
    return content


def _crossed(by: tuple[str, ...]) -> tuple[str, ...]:
    if by and (len(by) != 2 or len({*by}) != 2):
        raise Refused(_("two different dimensions are crossed"), param_hint="--by")
    return by


@command(
    "combine",
    example="ballerup report combine ballerup.json herlev.json",
    help=N_(
        "Add up controlled reports of several municipalities, or of several periods, from their JSON files. A count "
        "that is rounded or withheld lies in a range, and so does such a sum. --format parquet writes the rows of all "
        "as one data set."
    ),
)
@argument(
    "files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True, metavar="FILE..."
)
@option("--format", "form", type=click.Choice([*FORMATS, _PARQUET]), default="table", help=N_("how to print it"))
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("write it to FILE, a new one that only you can read"),
)
def combine(files: tuple[Path, ...], form: str, out: Path | None) -> None:
    """Print the sums, or the rows of all reports as one data set."""
    if form == _PARQUET:
        made: str | bytes = parquet.as_parquet(row for page in combining.read_all(files) for row in rollups.long(page))
    else:
        content, words = combining.combined(files), combining.words()
        made = as_json(content) if form == "json" else rollups.combined(content, words, form, width=terminal.width())
    hand_out(made, out)


report.add_command(combine)

COMMANDS = [report]
