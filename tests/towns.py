"""Invented towns of so many concerns a year, their rounded pages, and a reader who uses every bound and every paper."""

import hmac
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import invented
from invented import VOCABULARY
from worlds import TIERS, fact

from ballerup_cli.core.cases.facts import UNCOUNTED, Facts
from ballerup_cli.core.reports.disclosure.bounds import Range, System
from ballerup_cli.core.reports.disclosure.cells import Cell, places, relations, span
from ballerup_cli.core.reports.disclosure.published import held_against
from ballerup_cli.core.reports.disclosure.rounding import BASE, control, left_of, range_of
from ballerup_cli.core.reports.report import Period, report

Page = dict[str, Any]

PLADEN = invented.pladen()
SECTORS = {code: member.sector for code, member in PLADEN.members.items()}
YEAR = Period(start="2026-01-01", end="2026-12-31")
MONTHS = [Period(start=f"2026-{n:02d}-01", end=f"2026-{n:02d}-{d}") for n, d in enumerate((31, 28), 1)]
QUARTER = Period(start="2026-01-01", end="2026-03-31")
GOAL = ("by_tier", "by_member", "by_gate")
"""The tables that must be of use in a small town."""


def town(dice: random.Random, size: int) -> list[Facts]:
    """So many concerns of a year, a few members referring most of them."""
    weights = [dice.paretovariate(1.1) for _ in PLADEN.members]
    members = [*PLADEN.members, None]
    return [_concern(dice, dice.choices(members, [*weights, 0.3 * sum(weights)])[0]) for _ in range(size)]


def _concern(dice: random.Random, member: str | None) -> Facts:
    depth, closed, month = dice.choices(range(1, 6), (3, 1, 1, 2, 5))[0], dice.random() < 0.6, dice.randint(1, 12)
    outcomes = [code for code in VOCABULARY.codes("outcome") if code != UNCOUNTED]
    return fact(
        depth,
        closed=closed,
        tier=dice.choices(TIERS, (1, 5, 1.5))[0],
        member=member,
        received=f"2026-{month:02d}-10",
        age_band=dice.choices(VOCABULARY.codes("age-band"), (6, 3, 0.5, 1))[0],
        outcome=dice.choice(outcomes) if closed else None,
        closings=(f"2026-{month:02d}-20",) if closed else (),
        signs=tuple(dice.sample(VOCABULARY.codes("sign"), dice.randint(0, 3))),
    )


def draw_of(key: int) -> Callable[[str], int]:
    return lambda name: int.from_bytes(hmac.digest(b"%d" % key, name.encode(), "sha256")[:8], "big") % BASE


def counted(cases: Iterable[Facts], period: Period = YEAR) -> Page:
    return report(cases, period, VOCABULARY, PLADEN, "2026-12-31")


def rounded(cases: Iterable[Facts], key: int, period: Period = YEAR, before: Sequence[Page] = ()) -> Page:
    return control(counted(cases, period), draw_of(key), SECTORS, before)


def cells(page: Page) -> dict[Cell, int | None]:
    return {cell: holder[name] for holder, name, cell in places(page, SECTORS)}


def left(page: Page, known: Mapping[Cell, int] | None = None, before: Sequence[Page] = ()) -> dict[Cell, Range]:
    """What is left of each count to whoever reads a page, knows some counts, and has all earlier pages."""
    printed = cells(page)
    out, across = held_against(span(page), printed, before, SECTORS, left_of)
    rules = [*relations(page, SECTORS), *across]
    ranges = {cell: range_of(cell, number) for cell, number in printed.items()} | out
    ranges |= {cell: (count, count) for cell, count in (known or {}).items()}
    return System(ranges, rules).narrowed(ranges)


def narrowed(found: Mapping[Cell, Range], true: Mapping[Cell, int | None]) -> list[tuple[Cell, Range]]:
    """The counts of 1 to 4 that are left fewer than five values."""
    small = {cell for cell, count in true.items() if count in range(1, BASE)}
    return [(cell, span_) for cell, span_ in found.items() if cell in small and span_[1] - span_[0] < BASE - 1]


def usefulness(true: Page, page: Page) -> tuple[int, int, list[int]]:
    """How many cells of levels, members and gates hold something, how many say a number, and how far each is off."""
    pairs = [
        (row[name], other[name])
        for table in GOAL
        for row, other in zip(true[table], page[table], strict=True)
        for name in ("received", "open", "closed")
        if row.get(name)
    ]
    errors = [abs(count - number) for count, number in pairs if number is not None]
    return len(pairs), len(errors), errors
