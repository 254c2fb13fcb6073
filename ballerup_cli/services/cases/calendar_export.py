"""Deadlines as a calendar file (iCalendar, RFC 5545) for the calendars people have already.

Numbers and clocks only. What an event is called, in which language, belongs to the command line.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.values import value

_ZONE = ZoneInfo("Europe/Copenhagen")


@value
class Event:
    """One entry of the calendar: a day or a moment, a name, and what it is about, which stays when it is moved."""

    when: str
    summary: str
    subject: tuple[str, ...]


def to_calendar(workspace: Workspace, events: Sequence[Event], moment: Moment) -> str:
    """Write events as one calendar.

    The same subject keeps its identity, so a deadline that has moved moves in the calendar too; several deadlines of
    one subject are told apart by their order.
    """
    from icalendar import Calendar, Timezone

    calendar = Calendar()
    calendar.add("prodid", "-//ballerup//ballerup//DA")
    calendar.add("version", "2.0")
    days = [date.fromisoformat(event.when[:10]) for event in events] or [moment.today]
    first, last = date(min(days).year, 1, 1), date(max(days).year, 12, 31)
    zone = Timezone.from_tzid(_ZONE.key, first_date=first, last_date=last)
    calendar.add_component(zone)  # also when nothing is due: a calendar must not be empty
    before: Counter[tuple[str, ...]] = Counter()
    for event in sorted(events, key=lambda event: event.when):
        before[event.subject] += 1
        identity = "/".join(("ballerup", workspace.store.pin, *event.subject, str(before[event.subject])))
        calendar.add_component(_event(event, str(uuid5(NAMESPACE_URL, identity)), moment))
    return str(calendar.to_ical().decode())


def _event(event: Event, uid: str, moment: Moment) -> Any:
    from icalendar import Event as Component

    component = Component()
    component.add("uid", uid)
    component.add("dtstamp", datetime.fromisoformat(moment.at).astimezone(UTC))
    component.add("dtstart", _start(event.when))
    component.add("summary", event.summary)
    component.add("transp", "TRANSPARENT")  # a deadline takes nobody's time
    return component


def _start(when: str) -> date:
    """Return a day as a day, a moment as Danish time."""
    if len(when) == len("2026-03-20"):
        return date.fromisoformat(when)
    return datetime.fromisoformat(when).astimezone(_ZONE)
