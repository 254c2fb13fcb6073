"""What is due, read from the register alone: this is all that a cron account can see.

Which clocks run and until when is decided in ``core.clocks`` when a record is written.
"""

from datetime import date, datetime, timedelta
from typing import Any

from ballerup_cli.core.clocks import Due
from ballerup_cli.services.casework import Moment
from ballerup_cli.services.workspace import Workspace
from ballerup_cli.storage.store import Store, case_of

AS_SET = "as-set"
"""The unit of a clock whose day stands in the record."""


def due(store: Store, moment: Moment, within: int) -> list[dict[str, Any]]:
    """Return what is overdue or falls due within so many days, the oldest first, as ``due --format json`` prints it."""
    until = (moment.today + min(timedelta(days=within), date.max - moment.today)).isoformat()
    lines = [
        {"case": case_of(name), "clock": clock, "due": when, "days_overdue": days, "about": about}
        for name, row in store.register.journals.items()
        for clock, when, about in row.due
        if when[:10] <= until
        for days in [Due(clock=clock, due=when).days_overdue(moment.today.isoformat())]
    ]
    return sorted(lines, key=lambda line: (line["due"], line["case"] or "", line["clock"], line["about"] or ""))


def explained(desk: Workspace, language: str) -> list[dict[str, Any]]:
    """Return every clock as the settings of this store have it: length, what starts and stops it, and its source."""
    return [
        {
            "clock": name,
            "length": None if clock["unit"] == AS_SET else clock["length"],
            "unit": clock["unit"],
            **{told: clock[told][language] for told in ("starts", "stops", "source")},
        }
        for name, clock in desk.settings["clocks"].items()
    ]


def is_overdue(line: dict[str, Any], moment: Moment) -> bool:
    """Tell whether a deadline has passed: a day at its end, Copenhagen time; a moment at that moment."""
    if len(line["due"]) == len("2026-03-20"):
        return bool(line["days_overdue"] > 0)
    return datetime.fromisoformat(line["due"]) < _now(moment)


def _now(moment: Moment) -> datetime:
    """Return the present moment, on the day that clocks are held against."""
    now = datetime.fromisoformat(moment.at)
    return now + (moment.today - date.fromisoformat(moment.at[:10]))
