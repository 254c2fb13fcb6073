"""`ballerup report`: the counts of a period, and what may be asked for beside them.

How they are written belongs to ``rollups``; what may leave the house to ``statistics``.
"""

from datetime import date
from pathlib import Path
from typing import Any

import click

from ballerup_cli.cli.commands import rollups
from ballerup_cli.cli.ui import bars, charts, terminal
from ballerup_cli.cli.ui.delivery import deliver, written
from ballerup_cli.cli.ui.params import DateParam, Refused, argument, command, group, option
from ballerup_cli.cli.ui.render import FORMATS, as_json
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.core.reports.crossing import DIMENSIONS
from ballerup_cli.core.reports.report import Period
from ballerup_cli.errors import N_
from ballerup_cli.services.reports import combining, parquet, publishing, statistics, yearly

_DOCUMENTS = ("html", "pdf", "docx", "svg")
_PARQUET = "parquet"
_FORMATS = (*FORMATS, _PARQUET, *_DOCUMENTS)


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
    type=click.Choice(DIMENSIONS),
    metavar="DIMENSION",
    multiple=True,
    help=N_(
        "count by two dimensions at once: tier, member, ring, sector, month, gate, outcome, age_band, sign, measure"
    ),
)
@option("--compare", is_flag=True, help=N_("with the counts of the period before, as long, beside it"))
@option("--as-of", type=DateParam(), metavar="DATE", help=N_("count what was known on this day: nothing written later"))
@option(
    "--publish", is_flag=True, help=N_("freeze the controlled counts of a month, quarter, half-year or year for good")
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
    as_of: date | None,
    publish: bool,
    chart: bool,
    form: str,
    out: Path | None,
) -> None:
    """Print the roll-ups; whatever leaves the terminal is disclosure-controlled unless told otherwise."""
    if ctx.invoked_subcommand:
        return
    session: Session = ctx.obj
    if publish and (internal or by or compare or as_of):
        raise Refused(_("what is published is the whole report, controlled, as it is today"), param_hint="--publish")
    if chart and (form != "table" or by):
        raise Refused(_("charts are drawn of the whole report, for people"), param_hint="--chart")
    if by and form in _DOCUMENTS:
        raise Refused(_("a document is made of the whole report"), param_hint="--by")
    at_hand = terminal.interactive() and form == "table" and not publish and out is None
    asked = statistics.Question(
        period=_period(session, start, end),
        today=session.moment.today,
        controlled=not (internal or at_hand),
        by=_crossed(by),
        compare=compare,
        as_of=as_of,
    )
    content = _published(session, asked) if publish else statistics.report(session.workspace, asked)
    session.tell_shut()
    if internal:  # true counts may point at a person, and leave the screen
        session.look("counts", [], "oversight")
    if content["controlled"] and "published" not in content:
        told = N_("not published: later reports are held against published ones only; publish what leaves the house")
        terminal.note(_(told))
    made = as_json(content) if form == "json" else _written(session, content, form, chart=chart)
    if out is None and isinstance(made, str) and form == "table":
        terminal.page(made)
    else:
        deliver(session, made, out)


def _written(session: Session, content: dict[str, Any], form: str, *, chart: bool) -> str | bytes:
    """Write the report as tables or charts for people, as a document, or as one long table for programs."""
    if form == _PARQUET:
        return parquet.as_parquet(content, list(rollups.long(content)))
    workspace, width = session.workspace, terminal.width()
    page = rollups.page_for(content, workspace.vocabulary, width=width, smallest=workspace.settings["smallest_count"])
    if not (chart or form in _DOCUMENTS):
        return rollups.report(content, page, form)
    aims = charts.by_aim(content, page)
    if form == "svg":
        return yearly.picture(aims, rollups.top(content, page))
    if form in _DOCUMENTS:
        made = yearly.document(workspace, content, aims, page.hidden, language(), dots=form == "docx")
        return written(made, form)
    drawn = bars.draw([each for some in aims.values() for each in some], width, blocks=terminal.has_blocks())
    return f"{rollups.top(content, page)}\n{drawn}"


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
        "Add up controlled reports of several municipalities, or of several periods, from their JSON files. What is "
        "hidden in one stays unknown: such a sum is a range."
    ),
)
@argument(
    "files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True, metavar="FILE..."
)
@option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
def combine(files: tuple[Path, ...], form: str) -> None:
    """Print the sums."""
    content, words = combining.combined(files), combining.words()
    terminal.put(as_json(content) if form == "json" else rollups.combined(content, words, form, width=terminal.width()))


report.add_command(combine)

COMMANDS = [report]
