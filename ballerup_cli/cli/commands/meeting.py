"""Meetings of the core group: the agenda, and minutes written in one sitting into each case of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, BinaryIO

import click

from ballerup_cli.cli.commands.case import YES, agree, task, tell
from ballerup_cli.cli.forms.filling import fill_in_turn, options, read
from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import tables, terminal, text
from ballerup_cli.cli.ui.params import (
    Argument,
    CaseParam,
    CodeParam,
    Command,
    DateParam,
    Group,
    Option,
    Refused,
    argument,
    command,
    option,
)
from ballerup_cli.cli.ui.render import FORMATS, as_json, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language, plural
from ballerup_cli.core.cases.meeting import Meeting
from ballerup_cli.errors import N_
from ballerup_cli.services.cases import casework
from ballerup_cli.services.cases import meeting as meetings
from ballerup_cli.services.cases.casework import Form, StepResult
from ballerup_cli.services.forms import form as forms
from ballerup_cli.services.store import records

_SOON = 14

_format = option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
_number = argument("number", type=click.IntRange(1), metavar="NUMBER")


@command(
    "open",
    example="ballerup meeting open 2026-0003 --on 2026-06-25",
    help=N_("Make the core group's agenda: the cases named, and those with something due; prints its number."),
)
@argument("cases", type=CaseParam(), nargs=-1)
@option("--on", type=DateParam(), metavar="DATE", help=N_("day of the meeting; else today"))
@option(
    "--within",
    type=click.IntRange(0, 36500),
    default=_SOON,
    metavar="DAYS",
    help=N_("take in what is due up to this many days after the meeting; else 14"),
)
@_format
@click.pass_obj
def open_meeting(session: Session, cases: tuple[str, ...], on: date | None, within: int, form: str) -> None:
    """Open a meeting and print its agenda."""
    workspace, moment = session.workspace, session.moment
    chosen = [records.find_number(workspace, typed) for typed in cases]
    _print(session, meetings.open_meeting(workspace, chosen, on or moment.today, within, moment), form)


@command("list", help=N_("List the meetings: days, cases, and what was written."), example="ballerup meeting list")
@_format
@click.pass_obj
def list_meetings(session: Session, form: str) -> None:
    """Print the meetings; a table counts the cases."""
    rows = [meetings.row(meeting) for meeting in meetings.meetings(session.workspace)]
    if form == "table":
        rows = [{**row, "cases": len(row["cases"]), "written": len(row["written"])} for row in rows]
    terminal.put(listing(rows, tables.MEETINGS, form, width=terminal.width()))


@command(
    "show", help=N_("Show an agenda again, as its cases stand now."), example="ballerup meeting show 1 --format json"
)
@_number
@_format
@click.pass_obj
def show_meeting(session: Session, number: int, form: str) -> None:
    """Print an agenda."""
    _print(session, meetings.find(session.workspace, number), form)


def _print(session: Session, meeting: Meeting, form: str) -> None:
    lines = meetings.agenda(session.workspace, meeting)
    if form == "json":
        terminal.put(as_json({**meetings.row(meeting), "cases": lines}))
        return
    if form == "table":
        count = plural("{count} case", "{count} cases", len(lines))
        day = text.date(meeting.date)
        terminal.put(_("meeting {number}, {day}: {count}", number=meeting.number, day=day, count=count))
    rows = [{"meeting": meeting.number, "date": meeting.date, **line} for line in lines]
    rows = [_spoken(row) for row in rows] if form == "table" else rows
    terminal.put(listing(rows, tables.AGENDA, form, width=terminal.width()))


def _spoken(row: Mapping[str, Any]) -> dict[str, Any]:
    words = forms.vocabulary_choices(language())
    due = [f"{words['clock'][item['clock']]} {text.date(item['due'])}" for item in row["due"]]
    step = _("written") if row["written"] else words["step"][row["step"]]
    return {**row, "state": words["state"][row["state"]], "due": "; ".join(due) or None, "step": step}


# --- minutes ----------------------------------------------------------------------------------------------------------


Write = Callable[[Sequence[Form], str], list[StepResult]]


@click.pass_obj
def _minutes(
    session: Session,
    /,
    number: int,
    held: date | None,
    present: tuple[str, ...],
    yes: bool,
    **where: Any,
) -> None:
    """Write what was handed in, or what is typed case by case."""
    workspace = session.workspace
    meeting = meetings.find(workspace, number)
    items = list(present) or meetings.core_group(workspace)

    def write(filled: Sequence[Form], name: str) -> list[StepResult]:
        put = partial(
            meetings.write_minutes, workspace, meeting, filled, session.moment, name, held=held, present=items
        )
        return agree(lambda agreed: put(agreed=agreed), yes=yes)

    how = How(**where)
    written = _handed_in(meeting, how.source, write) if how.source else _typed(session, meeting, write, how)
    for taken in written:
        tell(session, taken, taken.written[-1].entry.step)


def _handed_in(meeting: Meeting, source: BinaryIO, write: Write) -> list[StepResult]:
    data, name = read(source)
    return write(meetings.read_minutes(meeting, data, name), name)


def _typed(session: Session, meeting: Meeting, write: Write, how: How) -> list[StepResult]:
    """Open one form after the other, for each case that has no minutes yet; write what was filled in at the end."""
    lines = [line for line in meetings.agenda(session.workspace, meeting) if not line["written"]]
    if not lines:
        raise Refused(_("no case of this agenda is without minutes"), param_hint=_("NUMBER"))
    tasks = [_task(session, line, f"{at}/{len(lines)}") for at, line in enumerate(lines, 1)]
    steps = {line["case"]: line["step"] for line in lines}

    def written(filled: Mapping[str, bytes]) -> list[StepResult]:
        return write([_form(steps[case], case, data) for case, data in filled.items()], "")

    return fill_in_turn(session, tasks, written, how)


def _form(step: str, case: str, data: bytes) -> Form:
    (document,) = casework.read_forms(data, step)
    return Form(step=step, number=case, document=document)


def _task(session: Session, line: Mapping[str, Any], place: str) -> Task[list[StepResult]]:
    """Return the usual form of the step, headed by which case it is for: the editor shows several in turn."""
    form, item = task(session, line["step"], line["case"]), _spoken(line)
    heading = f"# {place}: {line['case']}, {item['state']}{'; ' if item['due'] else ''}{item['due'] or ''}\n"
    skip = f"# {_('leave the form as it is, or empty it, to pass this case over')}\n"
    return replace(form, heading=lambda: heading + skip + form.heading())


_minutes_command = Command(
    "minutes",
    callback=_minutes,
    params=[
        Argument(["number"], type=click.IntRange(1), metavar="NUMBER"),
        Option(
            ["--held"], type=DateParam(), metavar="DATE", help=N_("day it was held; else the day it was called for")
        ),
        Option(
            ["--present"],
            type=CodeParam("function"),
            multiple=True,
            metavar="CODE",
            help=N_("who took part, by function, once for each; else the core group of the settings"),
        ),
        *options(),
        YES,
    ],
    help=N_("Write the minutes in one sitting, each case's part into its own journal and nowhere else."),
    example="ballerup meeting minutes 1\nballerup meeting minutes 1 --from minutes.yaml",
)

COMMANDS = [
    Group(
        "meeting",
        commands={made.name or "": made for made in (open_meeting, list_meetings, show_meeting, _minutes_command)},
        help=N_("Meetings of the core group: agenda and minutes."),
        section=N_("Case work"),
    )
]
