"""What the events of a calendar file are called; the file itself is written by ``calendar_export``."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.services.cases import meeting
from ballerup_cli.services.cases.calendar_export import Event, to_calendar
from ballerup_cli.services.forms import form


def calendar(session: Session, due: Sequence[Mapping[str, Any]], within: int) -> str:
    """Write deadlines, and the meetings of so many days ahead, as a calendar: numbers and clocks, nothing else."""
    clocks = form.vocabulary_choices(language())["clock"]
    deadlines = [_deadline(line, clocks[line["clock"]]) for line in due]
    planned = meeting.planned(session.workspace, session.moment, within)
    meetings = [_meeting(item.number, item.date) for item in planned]
    until = session.moment.today + min(timedelta(days=within), date.max - session.moment.today)
    return to_calendar(session.workspace, [*deadlines, *meetings], session.moment, until.isoformat())


def _deadline(line: Mapping[str, Any], label: str) -> Event:
    subject = (line["case"] or "", line["clock"], line["about"] or "")
    items = (line["case"], label, line["about"])
    return Event(when=line["due"], summary=" · ".join(word for word in items if word), subject=subject)


def _meeting(number: int, day: str) -> Event:
    return Event(when=day, summary=_("meeting {number}: core group", number=number), subject=("meeting", str(number)))
