"""Danish working days: public holidays from a kept-up library, and the days a municipality may add to them.

How deadlines count working days belongs to ``core``.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Europe/Copenhagen")

_OPTIONAL = {(6, 5): "june_5", (12, 24): "december_24", (12, 31): "december_31"}


class Calendar:
    """Tells which days are not worked, as the settings of the store have it."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._options = settings["working_days"]
        self.saturdays = bool(self._options["saturdays"])

    def local(self, moment: datetime) -> datetime:
        """Return the moment as clocks in Denmark show it."""
        return moment.astimezone(_ZONE)

    def is_holiday(self, day: date) -> bool:
        """Tell whether ``day`` is a public holiday, or one this municipality has decided to treat as one."""
        option = _OPTIONAL.get((day.month, day.day))
        return day in _public_holidays(day.year) or bool(option and self._options[option])


@cache
def _public_holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # knows that store bededag was one until 2023

    return frozenset(country_holidays("DK", years=year))
