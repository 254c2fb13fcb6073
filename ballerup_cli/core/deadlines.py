"""A deadline, whatever it is about: a case, the network, the plan. Which there are belongs to those."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ballerup_cli.values import value

Settings = Mapping[str, Any]


@value
class Due:
    """One deadline: a day, over at its end, or a moment; ``about`` names a member where there is one."""

    clock: str
    due: str
    about: str | None = None

    def days_overdue(self, today: str) -> int:
        """Return the days since the deadline's day, negative while days are left."""
        return (date.fromisoformat(today) - date.fromisoformat(self.due[:10])).days

    def to_dict(self) -> dict[str, str]:
        """Return what the case sheet shows."""
        return {"clock": self.clock, "due": self.due}
