"""Disclosure: random towns of up to 60 members and 12 months, and the linear system of everything their reports print.

Each report is controlled as it would be for paper, and attacked: no hidden count may have one value only. Beside it
stand hiding the small counts alone, which the attack must be able to compute back; hiding each family of tables as a
whole, which was the control before; and the fewest counts that a whole-number programme must hide so that no line of a
table has one hidden count alone, which no control can go below.
"""

import random
import time
from collections.abc import Mapping
from importlib.util import find_spec
from statistics import median
from typing import Any

from cli_kit import Home
from invented import VOCABULARY
from linear import COUNTS, SPLIT, Name, computed_back, equations, fewest
from test_disclosure import small_ones_only
from worlds import TIERS, fact, leaves

from ballerup_cli.core.cases.facts import UNCOUNTED, Facts
from ballerup_cli.core.network.pladen import Member, Pladen
from ballerup_cli.core.reports.crossing import beside_tiers
from ballerup_cli.core.reports.disclosure.control import control
from ballerup_cli.core.reports.report import Period, report
from proof.tally import Ask, NotHereError, Tally

Page = dict[str, Any]
YEAR = Period(start="2026-01-01", end="2026-12-31")
FAMILIES = (("by_member", "by_ring", "by_sector"), ("by_month",), ("by_age_band",), ("by_outcome",))
SIZES = (8, 15, 30, 60, 120, 250)


NAIVE = "towns of every tenth that hiding small counts alone gives away"


def run(ask: Ask, tally: Tally, _origin: Home) -> None:
    """Attack the reports of so many towns."""
    if not find_spec("highspy"):
        raise NotHereError("highspy is not installed")
    seconds: list[float] = []
    for number in range(ask.rounds):
        dice = ask.dice("disclosure", number)
        cases, pladen = town(dice)
        limit, sectors = dice.randint(3, 6), {code: member.sector for code, member in pladen.members.items()}
        true = report(cases, YEAR, VOCABULARY, pladen, "2026-12-31")
        start = time.perf_counter()
        page = control(true, limit, beside_tiers(true, cases, pladen), sectors)
        seconds.append(time.perf_counter() - start)
        told = computed_back(page, sectors, dice)
        tally.expect(not told, "a hidden count has one value only", number, sorted(told, key=repr)[:3])
        tally.count("towns")
        tally.count("hidden counts attacked", sum(leaf is None for leaf in leaves(page).values()))
        _compare(tally, true, page, limit, sectors)
        if number % 10 == 0:
            tally.count(NAIVE, bool(computed_back(small_ones_only(true, limit), sectors, dice)))
    tally.expect(tally.counts[NAIVE] > 0, "the attack finds nothing where small counts alone are hidden")
    tally.notes.append(
        f"a control takes {1000 * median(seconds):.0f} ms in the median, {1000 * max(seconds):.0f} at most"
    )


def town(dice: random.Random) -> tuple[list[Facts], Pladen]:
    """a network of some members, a few of whom refer most, and the cases of a year"""
    codes = [f"member-{number:02d}" for number in range(dice.randint(1, 60))]
    rings, sectors = VOCABULARY.codes("ring"), VOCABULARY.codes("sector")
    members = {
        code: Member(
            code=code, name=code.title(), ring=dice.choice(rings), sector=dice.choice(sectors[: dice.randint(1, 12)])
        )
        for code in codes
    }
    weights = [dice.paretovariate(dice.choice((0.7, 1, 2))) for _ in range(len(codes) + 1)]
    months = dice.choice(([1], [1, 2, 3], [*range(1, 13)]))
    size = round(dice.choice(SIZES) * dice.uniform(0.6, 1.4))
    return [_case(dice, dice.choices([*codes, None], weights)[0], dice.choice(months)) for _ in range(size)], Pladen(
        members=members
    )


def _case(dice: random.Random, member: str | None, month: int) -> Facts:
    depth = dice.choices(range(1, 6), (4, 1, 1, 2, 5))[0]
    closed = dice.random() < 1.1 - month / 12
    outcomes = [code for code in VOCABULARY.codes("outcome") if code != UNCOUNTED]
    return fact(
        depth,
        closed=closed,
        tier=dice.choices(TIERS, (2, 6, 1))[0],
        member=member,
        received=f"2026-{month:02d}-10",
        age_band=dice.choices(VOCABULARY.codes("age-band"), (8, 4, 1, 1))[0],
        outcome=dice.choices(outcomes, range(len(outcomes), 0, -1))[0] if closed else None,
    )


# --- Beside other controls --------------------------------------------------------------------------------------------


def _compare(tally: Tally, true: Page, page: Page, limit: int, sectors: Mapping[str, str]) -> None:
    """Count what is hidden of members, rings, sectors, months, age bands and outcomes, and what others would hide."""
    if page["totals"]["received"] is None:
        return
    told, counts = leaves(page), leaves(true)
    ours = {place for place in counts if place[0] in {table for family in FAMILIES for table in family}}
    ours = {place for place in ours if place[-1] in COUNTS}
    small = {place for place, count in counts.items() if place[-1] in COUNTS and 0 < count < limit}
    around = ours | {("totals", name) for name in COUNTS}
    lines = [line for line in equations(page, sectors) if line.keys() <= around]
    tally.count("table counts", len(ours))
    tally.count("table counts that are small", len(ours & small))
    tally.count("table counts hidden", sum(told[place] is None for place in ours))
    tally.count("table counts hidden if families went whole", len(whole_families(true, limit)))
    tally.count("table counts hidden at the very least", fewest(lines, small) - len((small - ours) & around))


def whole_families(true: Page, limit: int) -> set[Name]:
    """what is hidden where a layer of a family goes with its first small count"""

    def is_small(count: int) -> bool:
        return 0 < count < limit

    found: set[Name] = set()
    apart = not any(is_small(true["totals"][name]) for name in SPLIT)
    for family in FAMILIES:
        rows = [(table, n, row) for table in family for n, row in enumerate(true[table])]
        names = [name for name in COUNTS if name in rows[0][2]]
        if any(is_small(row.get("received", 0)) for *_, row in rows):
            found |= {(table, n, name) for table, n, _ in rows for name in names}
        elif not apart or any(is_small(row[name]) for *_, row in rows for name in names):
            split = [name for name in names if name != "received"]
            found |= {(table, n, name) for table, n, row in rows for name in split if row.get("received", 1)}
    return found
