"""A campaign against disclosure control: many towns at random, time and counts lost beside the plain way of hiding.

python tests/campaign.py TOWNS [SEED]
"""

import sys
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent))

from attack import Reader
from plain_control import control as plain
from worlds import TIERS, VOCABULARY, count, fact, leaves

from ballerup_cli.core.disclosure import control
from ballerup_cli.core.pladen import Member, Pladen
from ballerup_cli.core.report import Period
from ballerup_cli.services.solver import Highs

YEAR = Period(start="2026-01-01", end="2026-12-31")


def town(draw: Random) -> tuple[list, Pladen]:
    rings, sectors = VOCABULARY.codes("ring"), VOCABULARY.codes("sector")
    codes = [f"medlem-{number}" for number in range(draw.randint(1, 60))]
    members = {c: Member(code=c, name=c, ring=draw.choice(rings), sector=draw.choice(sectors)) for c in codes}
    cases = []
    for _ in range(draw.choice([5, 20, 60, 200])):
        depth, closed = draw.randint(1, 5), draw.random() < 0.6
        told = {"member": draw.choice([None, *codes]), "received": f"2026-{draw.randint(1, 12):02d}-10"}
        cases.append(fact(depth, closed=closed, tier=draw.choice(TIERS), **told))
    return cases, Pladen(members=members)


def hidden(page: dict) -> int:
    return sum(leaf is None for place, leaf in leaves(page).items() if place[-1] != "median_days")


def main(towns: int, seed: int = 1) -> int:
    lost, lost_plainly, times, small, broken = [], [], [], [], 0
    for number in range(towns):
        cases, network = town(Random(seed * 1_000_000 + number))  # noqa: S311
        true = count(cases, YEAR, network)
        start = perf_counter()
        page = control(true, cases, (), 5, Highs, "2026-12-31")
        times.append(perf_counter() - start)
        lost.append(hidden(page))
        lost_plainly.append(hidden(plain(true, 5)))
        small.append(sum(isinstance(leaf, int) and 0 < leaf < 5 for leaf in leaves(true).values()))
        if narrow := Reader(page).narrow():
            broken += 1
            print(f"town {number}: {len(narrow)} hidden counts are known too well", file=sys.stderr)  # noqa: T201
    print(f"towns {towns}, broken {broken}; seconds: median {median(times):.2f}, longest {max(times):.2f}")  # noqa: T201
    print(f"counts: small {sum(small)}, hidden {sum(lost)}, hidden by whole tables {sum(lost_plainly)}")  # noqa: T201
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
