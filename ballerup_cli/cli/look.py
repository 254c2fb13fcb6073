"""Looking: one case, all cases, what is due, and the counts."""

from collections.abc import Callable
from typing import Any

import click

from ballerup_cli.cli import sheet, tables, terminal
from ballerup_cli.cli.params import (
    FOUND,
    PURPOSE,
    CaseParam,
    CodeParam,
    MemberParam,
    Refused,
    argument,
    command,
    nearest,
    option,
)
from ballerup_cli.cli.render import FORMATS, Column, as_json, listing
from ballerup_cli.cli.session import Session
from ballerup_cli.cli.text import _, language, plural
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services import deadlines, form, lists, records

_SECTION = N_("Looking")
_WEEK, _YEAR = 7, 365
_CALENDAR = "ics"

_format = option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))


@command(
    "show", section=_SECTION, example="ballerup show 2026-0001", help=N_("Show one case: its sheet and what is due.")
)
@argument("case", type=CaseParam())
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help=N_("how to print it"))
@PURPOSE
@click.pass_obj
def show(session: Session, case: str, form: str, purpose: str) -> None:
    """Print the folded case."""
    desk = session.desk
    folded = records.open_case(desk, records.find_number(desk, case))
    content = records.sheet(desk, folded)
    session.look("show", [folded.number], purpose)
    if form == "json":
        terminal.put(as_json(content))
    else:
        terminal.page(sheet.render(content, desk.vocabulary, terminal.width()))


@command(
    "list",
    section=_SECTION,
    example="ballerup list --state planned --tier foregribende --member hedegaardsskolen",
    help=N_("List the cases: numbers, states, dates and codes."),
)
@option("--state", type=CodeParam("state"), metavar="CODE", help=N_("only cases in this state"))
@option("--tier", type=CodeParam("tier"), metavar="CODE", help=N_("only cases at this level of effort"))
@option("--member", type=MemberParam(), metavar="CODE", help=N_("only concerns referred by this member of Pladen"))
@option("--restricted", is_flag=True, help=N_("the cases that may only be kept for the time being, instead"))
@option("--responsible", metavar="NAME", help=N_("only cases that this coordinator answers for (a short name)"))
@option("--names", is_flag=True, help=N_("with the names of the persons concerned; on a terminal only, and logged"))
@PURPOSE
@_format
@click.pass_obj
def list_cases(
    session: Session,
    state: str | None,
    tier: str | None,
    member: str | None,
    responsible: str | None,
    restricted: bool,
    names: bool,
    purpose: str,
    form: str,
) -> None:
    """Print the cases that agree with every filter."""
    desk = session.desk
    if member and member not in desk.pladen.members:
        raise Refused(
            _("no such member of Pladen") + nearest(desk.pladen.nearest(member, session.moment.today.isoformat())),
            param_hint="--member",
        )
    filters = {"state": state, "tier": tier, "member": member, "responsible": responsible}
    filters |= {"restricted": "yes"} if restricted else {}
    if names and not (terminal.interactive() and form == "table"):
        raise Refused(_("names are shown on a terminal only"), param_hint="--names")
    rows = _spoken(lists.rows(desk, filters), form)
    session.tell_shut()
    if names and rows:
        _list_names(session, rows, purpose)
    else:
        terminal.put(listing(rows, tables.CASES, form, width=terminal.width()))


def _list_names(session: Session, rows: list[dict[str, Any]], purpose: str) -> None:
    """Print the list with names once the log says so, by a pager that keeps nothing."""
    shown = [row["case"] for row in rows]
    session.look("names", shown, purpose)
    known = records.names(session.desk, shown)
    named = [{**row, "name": known[row["case"]]} for row in rows]
    terminal.page(listing(named, tables.NAMED, "table", width=terminal.width()))


@command(
    "due",
    section=_SECTION,
    example="ballerup due --within 30",
    help=N_("List what is overdue or falls due soon: numbers and clocks, nothing else."),
)
@option("--check", is_flag=True, help=N_("end with exit code 3 when anything is overdue"))
@option(
    "--within",
    type=click.IntRange(0, 36500),
    metavar="DAYS",
    help=N_("look this many days ahead; else 7, for a calendar 365"),
)
@option("--explain", is_flag=True, help=N_("print every clock: its length, what starts and stops it, and its source"))
@option("--quiet", is_flag=True, help=N_("print only what is overdue, and nothing when nothing is"))
@option("--changed", is_flag=True, help=N_("print only what is new, or newly overdue, since the last run with this"))
@option("--format", "form", type=click.Choice([*FORMATS, _CALENDAR]), default="table", help=N_("how to print it"))
@click.pass_context
def due(
    ctx: click.Context, check: bool, within: int | None, explain: bool, quiet: bool, changed: bool, form: str
) -> None:
    """Print the deadlines."""
    session: Session = ctx.obj
    if explain and form == _CALENDAR:
        raise Refused(_("a calendar holds deadlines only"), param_hint="--explain")
    if explain:
        rows = deadlines.explained(session.desk, language())
        terminal.put(listing(_spoken(rows, form), tables.CLOCKS, form, width=terminal.width()))
        return
    within = within if within is not None else _YEAR if form == _CALENDAR else _WEEK
    lines = deadlines.due(session.desk.store, session.moment, within)
    overdue = [line for line in lines if deadlines.is_overdue(line, session.moment)]
    if check:
        session.desk.store.check_files()
        _warn_of_frost(session)
    shown = overdue if quiet else lines
    if changed:
        shown = deadlines.unseen(session.desk.store, shown, session.moment)
    if form == _CALENDAR:
        from ballerup_cli.cli import ics  # reads meetings and writes calendars: nothing for cron's line

        terminal.put(ics.calendar(session, shown, within), keep="\r\n")
    elif shown or form != "table":
        terminal.put(listing(_spoken(shown, form), _columns(shown, form), form, width=terminal.width()))
    elif not quiet:
        terminal.note(plural("nothing is due within {count} day", "nothing is due within {count} days", within))
    if changed:  # once it is told: what was not printed is told again
        deadlines.remember(session.desk.store, lines, session.moment)
    if check and overdue:
        ctx.exit(FOUND)


def _warn_of_frost(session: Session) -> None:
    if days := deadlines.frozen(session.desk.store, session.moment):
        message = N_("nobody has written for {days} days; is this the store that is worked in?")
        terminal.warn(Finding(message=message, facts={"days": days}))


def _columns(rows: list[dict[str, Any]], form: str) -> list[Column]:
    """Return the columns of ``due``; a table has one for members only when there is one to name."""
    named = form != "table" or any(row["about"] for row in rows)
    return [column for column in tables.DUE if named or column.key != "about"]


def _spoken(rows: list[dict[str, Any]], form_: str) -> list[dict[str, Any]]:
    """Say codes, days and counts of days as people do, in tables only."""
    if form_ != "table":
        return rows
    words = form.vocabulary_choices(language())
    said: dict[str, Callable[[Any], Any]] = {"received": _day, "days_overdue": when}
    said |= {name: words[name].__getitem__ for name in ("state", "clock", "unit")}
    return [{key: said[key](value) if key in said else value for key, value in row.items()} for row in rows]


def _day(moment: str) -> str:
    return moment[:10]


def when(days_overdue: int) -> str:
    """Say how many days are left, or over."""
    if days_overdue == 0:
        return _("today")
    if days_overdue < 0:
        return plural("in {count} day", "in {count} days", -days_overdue)
    return plural("{count} day overdue", "{count} days overdue", days_overdue)


COMMANDS = [show, list_cases, due]
