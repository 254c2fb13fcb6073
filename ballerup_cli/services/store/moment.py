"""When a command runs."""

from datetime import date

from ballerup_cli.values import value


@value
class Moment:
    """When a command runs: ``at``, the moment entries are written, and ``today``, the day clocks are held against."""

    at: str
    today: date
