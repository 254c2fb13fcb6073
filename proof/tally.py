"""What a campaign is asked for, and what it hands back: counts, and every promise that broke."""

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


class NotHereError(Exception):
    """This machine cannot run the campaign; the text says why."""


@dataclass(frozen=True)
class Ask:
    """How much to try, from which seed, and a folder for it."""

    rounds: int
    seed: int
    place: Path

    def dice(self, *more: object) -> random.Random:
        """A source of randomness that depends on the seed and ``more`` only."""
        return random.Random(f"{self.seed}/{more}")  # noqa: S311  (repeatable is the point)


@dataclass
class Tally:
    """What was counted, and what broke, with enough to repeat it."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] += number

    def broke(self, *told: object) -> None:
        self.broken.append(": ".join(map(str, told)))

    def expect(self, holds: bool, *told: object) -> None:
        if not holds:
            self.broke(*told)
