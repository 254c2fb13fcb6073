"""When a command runs."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When a command runs: ``at``, the moment entries are written, and ``today``, the day clocks are held against."""

    at: str
    today: date
