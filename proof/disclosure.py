"""Disclosure: what rounding leaves to read in towns of every size, and what attacks leave of a small count.

The attacks: each page by whole-number programming, with everything that a report means; months, a quarter and the year
published one after the other; a revision after late entries; drafts of successive days; a member who knows its own
referrals; an erasure. A count of 1 to 4 is broken where fewer than five values are left of it.
"""

import random
import time
from importlib.util import find_spec
from statistics import mean, median

from cli_kit import Home
from linear import System
from towns import (
    MONTHS,
    PLADEN,
    QUARTER,
    SECTORS,
    YEAR,
    Page,
    cells,
    counted,
    left,
    narrowed,
    rounded,
    town,
    usefulness,
)
from worlds import leaves

from ballerup_cli.core.cases.facts import Facts, counter
from ballerup_cli.core.cases.facts import counted as of_counter
from ballerup_cli.core.reports.disclosure.rounding import BASE, range_of
from proof.tally import Ask, NotHereError, Tally

SIZES = (10, 20, 30, 40, 100, 300)
_PROGRAMMED = 12  # small counts of a page that are attacked by programming; bounds attack all of them


def run(ask: Ask, tally: Tally, _origin: Home) -> None:
    """Attack so many towns of each size."""
    if not find_spec("highspy"):
        raise NotHereError("highspy is not installed")
    rows = [_size(ask, tally, size) for size in SIZES]
    tally.notes.append(
        "concerns a year | cells that say something | mean error | least values left of a count of 1 to 4"
    )
    tally.notes.extend(f"{size} | {share:.0%} | {error:.2f} | {least}" for size, share, error, least in rows)


def _size(ask: Ask, tally: Tally, size: int) -> tuple[int, float, float, int]:
    useful: list[tuple[int, int, list[int]]] = []
    widths, seconds = [], []
    for number in range(ask.rounds):
        dice = ask.dice("disclosure", size, number)
        cases, key = town(dice, size), dice.randrange(1 << 30)
        start = time.perf_counter()
        page = rounded(cases, key)
        seconds.append(time.perf_counter() - start)
        useful.append(usefulness(counted(cases), page))
        widths += _attacked(tally, dice, cases, key, page)
        tally.count("towns")
    tally.notes.append(f"a page of {size} concerns takes {1000 * median(seconds):.0f} ms in the median")
    held, said = (sum(row[place] for row in useful) for place in (0, 1))
    return size, said / max(1, held), mean(error for row in useful for error in row[2]), min(widths, default=BASE)


def _attacked(tally: Tally, dice: random.Random, cases: list[Facts], key: int, page: Page) -> list[int]:
    true = cells(counted(cases))
    found = left(page)
    tally.expect(not narrowed(found, true), "bounds narrow a small count", key)
    small = [cell for cell, count in true.items() if count in range(1, BASE)]
    tally.count("small counts attacked by bounds", len(small))
    programmed = _programmed(tally, dice, counted(cases), page)
    member = dice.choice([*PLADEN.members])
    own = {cell: count or 0 for cell, count in true.items() if cell[1:3] == ("from", member)}
    others = {cell: n for cell, n in true.items() if cell[1] == "from" and " " not in cell[2] and cell not in own}
    told = narrowed(left(page, known=own), others)
    tally.count(
        "small counts of others attacked by a member that knows its own",
        sum(n in range(1, BASE) for n in others.values()),
    )
    tally.count("of these, narrowed", len(told))
    _published(tally, cases, key)
    _revised(tally, cases, key)
    erased = [of_counter(counter(case)) for case in cases]
    tally.expect(rounded(erased, key) == page, "an erasure moves a page", key)
    return [found[cell][1] - found[cell][0] + 1 for cell in small] + programmed


def _programmed(tally: Tally, dice: random.Random, true: Page, page: Page) -> list[int]:
    """Solve for the least and the most that some small counts can be."""
    truth, printed = leaves(true), leaves(page)
    names = {
        name: ("all", "received") if name[0] in ("totals", "funnel") and name[-1] == "received" else ("",)
        for name in printed
    }
    ranges = {
        name: range_of(("", *names[name]), number)
        for name, number in printed.items()
        if isinstance(number, int) and name[0] not in ("by_activity", "conduct") and name[-1] != "activities"
    }
    system = System(page, SECTORS, ranges)
    small = [name for name in system.names if truth.get(name) in range(1, BASE) and name in ranges]
    widths = []
    for name in dice.sample(small, min(_PROGRAMMED, len(small))):
        low, high = system.ends(name)
        tally.count("small counts attacked by programming")
        tally.expect(high - low >= BASE - 1, "programming narrows a small count", name, low, high, truth[name])
        widths.append(high - low + 1)
    return widths


def _published(tally: Tally, cases: list[Facts], key: int) -> None:
    """Publish months, their quarter and the year, each held against those before."""
    out: list[Page] = []
    for period in (*MONTHS, QUARTER, YEAR):
        page = rounded([case for case in cases if case.received <= period.end], key, period, out)
        standing = {cell: n for cell, n in cells(counted(cases, period)).items() if cell[-1] == "received"}
        told = narrowed(left(page, before=out), standing)
        tally.expect(not told, "published periods narrow a small count", key, period.end, told[:2])
        out.append(page)


def _revised(tally: Tally, cases: list[Facts], key: int) -> None:
    """Publish a year, and again after late entries; and draft it day by day."""
    known = max(1, len(cases) - 6)
    first = rounded(cases[:known], key)
    again = rounded(cases, key, before=[first])
    told = narrowed(left(again, before=[first]), cells(counted(cases)))
    tally.expect(not told, "a revision narrows a small count", key, told[:2])
    drafts = [cells(rounded(cases[:day], key)) for day in range(known, len(cases) + 1)]
    truth = [cells(counted(cases[:day])) for day in range(known, len(cases) + 1)]
    still = [cell for cell, count in truth[-1].items() if count in range(1, BASE) and truth[0][cell] == count]
    moved = sum(len({draft[cell] for draft in drafts}) > 1 for cell in still)
    tally.count("small counts that stood still over successive drafts", len(still))
    tally.count("of these, narrowed to four values by drafts that printed them both ways", moved)
