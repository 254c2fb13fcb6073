"""Controlled pages of invented towns, as digests of all their counts: what was hidden once stays hidden alike.

Whoever holds the page of one version of the program beside that of another must not learn more than either tells. So a
change of the control shows here. One that is wanted is written down as a decision, and `python tests/pinned_pages.py`
writes the digests anew.
"""

import hashlib
import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from worlds import NETWORK, NOBODY, QUARTER, SECTORS, TIERS, count, fact, leaves

from ballerup_cli.core.cases.facts import Facts
from ballerup_cli.core.reports.crossing import DIMENSIONS, beside_tiers, cross, cross_page
from ballerup_cli.core.reports.disclosure.control import control
from ballerup_cli.core.reports.disclosure.parts import pools

FILE = Path(__file__).with_suffix(".txt")
TOWNS, TABLES = 300, 30
PAIRS = [*combinations(DIMENSIONS, 2)]


def digests() -> Iterator[str]:
    """Give the digest of each town's page, of some of its crossed tables, and of the pools of some more tables."""
    for number in range(TOWNS):
        dice = random.Random(number)  # noqa: S311  (the same each time)
        pages = [sorted(leaves(page).items(), key=repr) for page in _pages(dice)]
        told = repr([pages, [_pooled(dice) for _ in range(TABLES)]])
        yield hashlib.sha256(told.encode()).hexdigest()[:16]


def _pages(dice: random.Random) -> Iterator[Any]:
    network = dice.choice((NETWORK, NETWORK, NOBODY))
    cases = [kind for _ in range(dice.randint(1, 6)) for kind in [_fact(dice, network.members)] * _size(dice)]
    true, sectors = count(cases, QUARTER, network), dice.choice((SECTORS, SECTORS, None))
    beside = beside_tiers(true, cases, network)
    page = control(true, dice.randint(3, 6), beside if dice.random() < 0.8 else (), sectors)
    yield page
    yield {"beside": beside}
    for by in dice.sample(PAIRS, 3):
        yield cross(true, cases, network, by)
        yield cross_page(page, network, by)


def _pooled(dice: random.Random) -> dict[str, list[list[int]]]:
    """The pools of a table of up to nine rows, with two sections beside it or none that are known."""
    limit = dice.randint(3, 6)
    received = [
        dice.choice((0, dice.randint(1, limit), 2 * limit, dice.randint(limit, 4 * limit)))
        for _ in range(dice.randint(1, 9))
    ]
    opened = [dice.choice((0, 1, limit, count - 1, count, dice.randint(0, count))) for count in received]
    opened = [min(max(0, told), count) for told, count in zip(opened, received, strict=True)]
    sections = [frozenset(row for row in range(len(received)) if dice.random() < 0.4) for _ in range(2)]
    told = pools(received, opened if dice.random() < 0.9 else None, sections if dice.random() < 0.9 else None, limit)
    return {name: sorted(map(sorted, apart)) for name, apart in told.items()}


def _size(dice: random.Random) -> int:
    return dice.choice((1, 2, 3, 4, 5, 6, 7, 9, 12, 20))


def _fact(dice: random.Random, members: Any) -> Facts:
    depth, closed = dice.randint(1, 5), dice.random() < 0.5
    planned = depth == 5
    follow_ups, measures = (dice.randint(0, 2) if planned else 0 for _ in range(2))
    wanted = closed and dice.random() < 0.5
    return fact(
        depth,
        closed=closed,
        tier=dice.choice(TIERS[1:]),
        received=dice.choice(("2026-01-10", "2026-02-10", "2026-03-10")),
        member=dice.choice((None, *members)),
        age_band=dice.choice(("under-18", "18-plus")),
        signs=dice.choice(((), ("truer",), ("rejse", "truer"))),
        measures=dice.choice((("mentor",), ("botilbud",), ("botilbud", "mentor"))) if planned else (),
        outcome=dice.choice(("no-basis", "completed")) if closed else None,
        follow_ups=follow_ups,
        follow_ups_on_time=dice.randint(0, follow_ups),
        measures_followed=measures,
        measures_on_time=dice.randint(0, measures),
        feedback_wanted=wanted,
        feedback_given=wanted and dice.random() < 0.5,
        least_intrusive=dice.choice((None, True, False)) if planned else None,
        police_answer_days=3 if depth > 1 or (closed and dice.random() < 0.5) else None,
    )


if __name__ == "__main__":
    FILE.write_text("".join(f"{digest}\n" for digest in digests()))
