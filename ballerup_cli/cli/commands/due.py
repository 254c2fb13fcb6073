"""What is due: the line that cron calls, too, so it reads nothing that it will not use."""

from typing import Any

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import FOUND, Refused, command, option
from ballerup_cli.cli.ui.render import FORMATS, Column, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language, plural
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.cases import deadlines
from ballerup_cli.services.store import witness

_WEEK, _YEAR = 7, 365
_CALENDAR = "ics"
_MAIL_LINES, _MAIL_WIDTH = 50, 200  # one deadline a line


@command(
    "due",
    section=N_("Looking"),
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
        rows = deadlines.explained(session.workspace, language())
        terminal.put(listing(tables.spoken(rows, form), tables.CLOCKS, form, width=terminal.width()))
        return
    within = within if within is not None else _YEAR if form == _CALENDAR else _WEEK
    lines = deadlines.due(session.workspace.store, session.moment, within)
    clock = _clock(session) if check else []
    overdue = [*clock, *(line for line in lines if deadlines.is_overdue(line, session.moment))]
    lines = [*clock, *lines]
    if check:
        session.workspace.check_files()
        _warn_of_frost(session)
    shown = overdue if quiet else lines
    if changed:
        shown = deadlines.unseen(session.workspace.store, shown, session.moment)
    if form == _CALENDAR:
        from ballerup_cli.cli.ui import ics  # reads meetings and writes calendars: nothing for cron's line

        terminal.put(ics.calendar(session, shown, within), keep="\r\n")
    elif shown or form != "table":
        mailed = check and quiet and form == "table" and not terminal.interactive()
        width = _MAIL_WIDTH if mailed else terminal.width()
        text = listing(tables.spoken(shown, form), _columns(shown, form), form, width=width)
        terminal.put(_short(text) if mailed else text)
    elif not quiet:
        terminal.note(plural("nothing is due within {count} day", "nothing is due within {count} days", within))
    if changed:  # once it is told: what was not printed is told again
        deadlines.remember(session.workspace.store, lines, session.moment)
    if check and overdue:
        ctx.exit(FOUND)


def _short(text: str) -> str:
    """Return what fits a mail, and how much more there is."""
    lines = text.splitlines()
    more = len(lines) - _MAIL_LINES
    return (
        "\n".join([*lines[:_MAIL_LINES], plural("… and {count} more", "… and {count} more", more)])
        if more > 0
        else text
    )


def _clock(session: Session) -> list[deadlines.Line]:
    """Return a line where this machine's clock is behind, and nobody can say what is due."""
    behind = witness.is_behind(session.workspace, session.moment)
    return [deadlines.clock_line(session.workspace.store)] if behind else []


def _warn_of_frost(session: Session) -> None:
    if days := deadlines.frozen(session.workspace.store, session.moment):
        message = N_("nobody has written for {days} days; is this the store that is worked in?")
        terminal.warn(Finding(message=message, facts={"days": days}))


def _columns(rows: list[dict[str, Any]], form: str) -> list[Column]:
    """Return the columns of ``due``; a table has one for members only when there is one to name."""
    named = form != "table" or any(row["about"] for row in rows)
    return [column for column in tables.DUE if named or column.key != "about"]


COMMANDS = [due]
