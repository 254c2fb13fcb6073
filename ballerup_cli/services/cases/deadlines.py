"""What is due, read from the register: this is all that a cron account can see. Which clocks warn ahead is a setting.

Which clocks run and until when is decided in ``clocks`` when a record is written.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ballerup_cli.core.cases.clocks import REQUEST
from ballerup_cli.core.cases.rules import UNCONFIRMED
from ballerup_cli.core.deadlines import Due
from ballerup_cli.core.periods import add
from ballerup_cli.errors import BallerupError, DamagedFileError, MissingFileError, OldRevisionError, WrongKeyError
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.files import read_file, write_private
from ballerup_cli.storage.store.store import Store, case_of
from ballerup_cli.storage.text import schema

Mark = tuple[str | None, str, str, str | None, bool]
"""By what a line is known again: the deadline, what it is about, and whether it had passed."""

AS_SET = "as-set"
"""The unit of a clock whose day stands in the record."""


def due(store: Store, moment: Moment, within: int) -> list[dict[str, Any]]:
    """Return what is overdue or falls due within so many days, the oldest first, as ``due --format json`` prints it.

    A clock that warns ahead is there as soon as it warns, however few the days.
    """
    settings, today = _settings(store), moment.today.isoformat()
    warned = {clock: item["warn"] for clock, item in settings["clocks"].items() if item.get("warn")}
    until = (moment.today + min(timedelta(days=within), date.max - moment.today)).isoformat()
    lines = [
        {"case": case_of(name), "clock": clock, "due": when, "days_overdue": days, "about": about}
        for name, row in store.register.journals.items()
        for clock, when, about in row.due
        if clock != REQUEST or store.opens(case_of(name) or "")  # a shielded case's is its readers' to know
        if when[:10] <= until or (clock in warned and _warns(warned[clock], when, today, settings))
        for days in [Due(clock=clock, due=when).days_overdue(today)]
    ]
    return sorted(lines, key=lambda line: (line["due"], line["case"] or "", line["clock"], line["about"] or ""))


def clock_line(store: Store) -> dict[str, Any]:
    """Return the line that tells of a clock which is behind the newest register: what is due cannot be said."""
    return {"case": None, "clock": "clock", "due": store.register.at, "days_overdue": 0, "about": None}


def _warns(warn: Mapping[str, Any], when: str, today: str, settings: Mapping[str, Any]) -> bool:
    return add(when, {**warn, "length": -warn["length"]}, Calendar(settings)) <= today


def _settings(store: Store) -> Mapping[str, Any]:
    """Return the settings of this store, or those shipped where the key at hand does not open them, or they are lost.

    A deadline must not be hidden behind a damaged file: that one is named besides.
    """
    try:
        return Workspace(store).settings
    except (WrongKeyError, DamagedFileError, MissingFileError, OldRevisionError):
        return schema.defaults()


Line = dict[str, Any]


def unseen(store: Store, lines: Sequence[Line], moment: Moment) -> list[Line]:
    """Return the lines that were not there, or not overdue yet, when ``remember`` was last told."""
    seen = _seen(_memory(store))
    return [line for line in lines if _mark(line, moment) not in seen]


def remember(store: Store, lines: Sequence[Line], moment: Moment) -> None:
    """Keep what was told, in this user's own state: never in the store.

    Raises:
        DiskError: it cannot be kept; the next run tells it again.
    """
    rows = sorted((_mark(line, moment) for line in lines), key=str)
    write_private(_memory(store), json.dumps(rows, indent=1).encode() + b"\n")


def _memory(store: Store) -> Path:
    return store.keeper.path.with_name("due.json")


def _seen(file: Path) -> set[Mark]:
    """Read what was told; what cannot be read was not told, so that it is told again."""
    try:
        return {(case, clock, due, about, over) for case, clock, due, about, over in json.loads(read_file(file))}
    except (BallerupError, ValueError, TypeError):
        return set()


def _mark(line: Line, moment: Moment) -> Mark:
    return line["case"], line["clock"], line["due"], line["about"], is_overdue(line, moment)


def frozen(store: Store, moment: Moment) -> int | None:
    """Return for how many days nobody has written, when that is longer than the settings hold likely."""
    days = (moment.today - date.fromisoformat(store.register.at[:10])).days
    return days if days > _settings(store)["stale_after_days"] else None


def explained(workspace: Workspace, language: str) -> list[dict[str, Any]]:
    """Return every clock as the settings have it: length, what starts and stops it, its source and when it was read.

    A rule of our own has no source to be read.
    """
    return [
        {
            "clock": name,
            "length": None if clock["unit"] == AS_SET else clock["length"],
            "unit": clock["unit"],
            **{item: clock[item][language] for item in ("starts", "stops", "source")},
            "read": (clock["read"] or UNCONFIRMED) if "read" in clock else None,
        }
        for name, clock in workspace.settings["clocks"].items()
    ]


def is_overdue(line: Line, moment: Moment) -> bool:
    """Tell whether a deadline has passed: a day at its end, Copenhagen time; a moment at that moment."""
    if len(line["due"]) == len("2026-03-20"):
        return bool(line["days_overdue"] > 0)
    return datetime.fromisoformat(line["due"]) < _now(moment)


def _now(moment: Moment) -> datetime:
    """Return the present moment, on the day that clocks are held against."""
    now = datetime.fromisoformat(moment.at)
    return now + (moment.today - date.fromisoformat(moment.at[:10]))
