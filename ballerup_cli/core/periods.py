"""Adding a period to a day or a moment: hours, working days, days, months, years.

Which clock has which period belongs to ``clocks`` and the settings; which days are holidays is passed in.
"""

import calendar as month_lengths
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

Period = Mapping[str, Any]
"""A length and a unit, as the settings hold them; a negative length lies before the anchor."""

SATURDAY, SUNDAY = 5, 6


class Calendar(Protocol):
    """What the domain asks about days: the holidays of the law and of the settings, weekends not among them."""

    saturdays: bool
    """Whether Saturdays count as working days (the municipality decides)."""

    def local(self, moment: datetime) -> datetime:
        """Return the moment as clocks in Denmark show it; its offset changes with summer time."""
        ...

    def is_holiday(self, day: date) -> bool:
        """Tell whether the day is a public holiday or made one by the settings."""
        ...


def add(anchor: str, period: Period, calendar: Calendar) -> str:
    """Return when a period that begins at ``anchor`` ends; hours end at a moment, all others on a day."""
    length, unit = period["length"], period["unit"]
    if unit == "hours":
        return calendar.local(datetime.fromisoformat(anchor) + timedelta(hours=length)).isoformat()
    day = date.fromisoformat(anchor[:10])
    match unit:
        case "working-days":
            return _working_days_after(day, length, calendar).isoformat()
        case "days":
            return (day + timedelta(days=length)).isoformat()
        case "months":
            return months_after(day, length).isoformat()
        case "years":
            return months_after(day, 12 * length).isoformat()
        case _:
            raise ValueError(unit)


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Tell whether a deadline in working days counts this day."""
    weekend = day.weekday() == SUNDAY or (day.weekday() == SATURDAY and not calendar.saturdays)
    return not weekend and not calendar.is_holiday(day)


def _working_days_after(day: date, length: int, calendar: Calendar) -> date:
    """Count working days; day one is the first working day after the anchor."""
    while length:
        day += timedelta(days=1)
        length -= is_working_day(day, calendar)
    return day


def months_after(day: date, months: int) -> date:
    """Go to the same day of another month, or to its last day when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = month_lengths.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def last_day(month: str) -> str:
    """Return the last day of a month that is written as YYYY-MM."""
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{month_lengths.monthrange(year, number)[1]:02d}"
