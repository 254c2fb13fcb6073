"""Deadlines as a calendar file (iCalendar, RFC 5545) for the calendars people have already.

Numbers and clocks only. What an event is called, in which language, belongs to the command line.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from ballerup_cli.errors import BallerupError
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.files import private_folder, read_file, write_private
from ballerup_cli.values import value

_ZONE = ZoneInfo("Europe/Copenhagen")


@value
class Event:
    """One entry of the calendar: a day or a moment, a name, and what it is about, which stays when it is moved."""

    when: str
    summary: str
    subject: tuple[str, ...]


def to_calendar(workspace: Workspace, events: Sequence[Event], moment: Moment, until: str = "") -> str:
    """Write events as one calendar.

    Each keeps its identity for life: what was written last is remembered by this user, so that a deadline that moves
    moves in the calendar too, and one that is settled is cancelled there. What lies after ``until`` was not asked for.
    """
    from icalendar import Calendar, Timezone

    items = _identified(workspace, events, moment, until)
    calendar = Calendar()
    calendar.add("prodid", "-//ballerup//ballerup//DA")
    calendar.add("version", "2.0")
    days = [date.fromisoformat(item["when"][:10]) for item in items] or [moment.today]
    first, last = date(min(days).year, 1, 1), date(max(days).year, 12, 31)
    zone = Timezone.from_tzid(_ZONE.key, first_date=first, last_date=last)
    calendar.add_component(zone)  # also when nothing is due: a calendar must not be empty
    for item in items:
        calendar.add_component(_event(item, moment))
    return str(calendar.to_ical().decode())


# --- what an event is known by again ----------------------------------------------------------------------------------

Item = dict[str, Any]
_MEETING = "meeting"
_FORGOTTEN_AFTER = 60  # days that a cancelled event is written on, for calendars that are seldom read in


def _identified(workspace: Workspace, events: Sequence[Event], moment: Moment, until: str) -> list[Item]:
    """Return the events with their identities, and those that were written before and are settled, cancelled."""
    known = _remembered(workspace)
    items: list[Item] = []
    for event in sorted(events, key=lambda event: event.when):
        own = [item for item in known if item["subject"] == [*event.subject] and item not in items]
        item = next((item for item in own if item["when"] == event.when), None) or next(iter(own), None)
        if item is None:
            item = {"uid": _uid(workspace, event, known), "subject": [*event.subject], "sequence": 0, "gone": False}
            known.append(item)
        elif item["gone"] or item["when"] != event.when:
            item["sequence"] += 1
        item |= {"when": event.when, "summary": event.summary, "gone": False}
        items.append(item)
    settled = [item for item in known if item not in items and _is_settled(item, moment, until)]
    for item in settled:
        item["sequence"] += not item["gone"]
        item["gone"] = True
    _remember(workspace, [item for item in known if item in items or item in settled or item["when"][:10] > until])
    return sorted([*items, *settled], key=lambda item: (item["when"], item["uid"]))


def _is_settled(item: Item, moment: Moment, until: str) -> bool:
    age = (moment.today - date.fromisoformat(item["when"][:10])).days
    held = item["subject"][0] == _MEETING and age > 0
    return not held and age <= _FORGOTTEN_AFTER and item["when"][:10] <= until


def _uid(workspace: Workspace, event: Event, known: Sequence[Item]) -> str:
    number = 1 + sum(item["subject"] == [*event.subject] for item in known)
    return str(uuid5(NAMESPACE_URL, "/".join(("ballerup", workspace.store.pin, *event.subject, str(number)))))


def _remembered(workspace: Workspace) -> list[Item]:
    """Read what was written last; what cannot be read was not."""
    if workspace.cache is None:
        return []
    try:
        return [dict(item) for item in json.loads(read_file(workspace.cache / _MEMORY))]
    except (BallerupError, ValueError, TypeError):
        return []


def _remember(workspace: Workspace, items: Sequence[Item]) -> None:
    """Keep numbers, clocks and days of what was written; where nothing can be kept, nothing will be cancelled."""
    if workspace.cache is not None and not workspace.store.copy:
        with suppress(BallerupError):
            write_private(private_folder(workspace.cache) / _MEMORY, json.dumps(items).encode(), lasting=False)


_MEMORY = "calendar.json"


# --- one event --------------------------------------------------------------------------------------------------------


def _event(item: Item, moment: Moment) -> Any:
    from icalendar import Alarm
    from icalendar import Event as Component

    component = Component()
    component.add("uid", item["uid"])
    component.add("sequence", item["sequence"])
    component.add("dtstamp", datetime.fromisoformat(moment.at).astimezone(UTC))
    component.add("dtstart", _start(item["when"]))
    component.add("summary", item["summary"])
    component.add("transp", "TRANSPARENT")  # a deadline takes nobody's time
    if item["gone"]:
        component.add("status", "CANCELLED")
        return component
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", item["summary"])
    alarm.add("trigger", _WARNED)
    component.add_component(alarm)
    return component


_WARNED = timedelta(hours=-16)
"""How long before a deadline's day or moment its alarm rings: at eight the morning before."""


def _start(when: str) -> date:
    """Return a day as a day, a moment as Danish time."""
    if len(when) == len("2026-03-20"):
        return date.fromisoformat(when)
    return datetime.fromisoformat(when).astimezone(_ZONE)
