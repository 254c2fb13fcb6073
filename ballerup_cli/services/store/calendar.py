"""Danish working days: public holidays from a kept-up library, and the days a municipality may add to them.

How deadlines count working days belongs to ``core``.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ballerup_cli.storage import computed

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
        return day.isoformat() in _public_holidays(day.year) or bool(option and self._options[option])


@cache
def _public_holidays(year: int) -> frozenset[str]:
    return frozenset(computed.get_or_compute(f"holidays {year} {_edition()}", partial(_days_off, year)))


def _edition() -> int:
    """Return what tells this copy of the library from a newer one, which may know better; without importing it."""
    library = find_spec("holidays")
    return Path(library.origin).stat().st_mtime_ns if library and library.origin else 0


def _days_off(year: int) -> list[str]:
    from holidays import country_holidays  # knows that store bededag was one until 2023; slow to import

    return sorted(day.isoformat() for day in country_holidays("DK", years=year))
