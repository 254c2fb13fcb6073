"""A reader who computes: everything printed as equations over whole numbers, and how far each hidden count reaches.

Written without a look at what hides: the equations are those a clerk would write beside the tables.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array
from worlds import STATES, leaves

Place = tuple[Any, ...]
Equation = list[tuple[int, Place]]

SPLIT = ("received", "open", "closed")
GATES = ("police", "joint", "assessment", "plan")


def counts(page: dict[str, Any]) -> dict[Place, int | None]:
    """Every count by a place that names codes in place of rows, so that two periods can be compared."""
    found: dict[Place, int | None] = {}
    for place, leaf in leaves({k: v for k, v in page.items() if k not in ("by_activity", "crossed")}).items():
        if place[-1] in ("median_days", "activities"):
            continue
        name = str(place[0])
        code = (page[name][place[1]][name.removeprefix("by_")],) if name.startswith("by_") else place[1:2]
        found[(name, *code, *place[2:])] = leaf
    return found


def equations(page: dict[str, Any]) -> Iterator[Equation]:
    """Sums that are 0; a place that no page prints is a number nobody printed, from 0 up."""
    for name, key in [("by_" + key, key) for key in ("tier", "member", "ring", "sector", "month", "age_band")]:
        rows = [(name, row[key]) for row in page[name]]
        for count in SPLIT:
            yield [(-1, ("totals", count)), *((1, (*row, count)) for row in rows)]
        for row in rows:
            yield [(-1, (*row, "received")), (1, (*row, "open")), (1, (*row, "closed"))]
    yield from rings(page)
    yield from levels(page)
    for name in ("gate", "outcome"):
        yield [(-1, ("totals", "closed")), *((1, (f"by_{name}", row[name], "closed")) for row in page[f"by_{name}"])]
    yield from flow()
    yield from conduct()
    for name in ("sign", "measure"):
        for row in page[f"by_{name}"]:
            place = (f"by_{name}", row[name], "received")
            yield [(-1, ("totals", "received")), (1, place), (1, ("without", *place))]


def levels(page: dict[str, Any]) -> Iterator[Equation]:
    """Members by level, which nobody prints apart into open and closed."""
    for row in page["by_member"]:
        told = [("by_member", row["member"], "tiers", tier) for tier in row["tiers"]]
        yield [(-1, ("by_member", row["member"], "received")), *((1, place) for place in told)]
        for tier in row["tiers"]:
            of_row = ("by_member", row["member"], "tiers", tier)
            parts = [("both", row["member"], tier, count) for count in SPLIT[1:]]
            yield [(-1, of_row), *((1, part) for part in parts)]
    for row in page["by_tier"]:
        for count in SPLIT[1:]:
            parts = [("both", member["member"], row["tier"], count) for member in page["by_member"]]
            yield [(-1, ("by_tier", row["tier"], count)), *((1, part) for part in parts)]
    for member in page["by_member"]:
        for count in SPLIT[1:]:
            parts = [("both", member["member"], tier, count) for tier in member["tiers"]]
            yield [(-1, ("by_member", member["member"], count)), *((1, part) for part in parts)]


def rings(page: dict[str, Any]) -> Iterator[Equation]:
    for ring in ("ring", "sector"):
        for row in page[f"by_{ring}"]:
            inside = [member["member"] for member in page["by_member"] if member[ring] == row[ring]]
            for count in SPLIT:
                yield [(-1, (f"by_{ring}", row[ring], count)), *((1, ("by_member", code, count)) for code in inside)]


def flow() -> Iterator[Equation]:
    yield [(1, ("funnel", "received")), (-1, ("totals", "received"))]
    yield [(1, ("funnel", "assessed")), (1, ("by_tier", "unassessed", "received")), (-1, ("totals", "received"))]
    for gate in GATES:
        yield [(1, ("funnel", "closed", gate)), (-1, ("by_gate", gate, "closed"))]
    waiting = [("waits", state) for state in STATES]
    for place, state in enumerate(STATES[:3]):
        following = ("funnel", STATES[place + 1])
        yield [(-1, ("funnel", state)), (1, following), (1, ("by_gate", GATES[place], "closed")), (1, waiting[place])]
    yield [(-1, ("funnel", "assessed")), (1, ("by_gate", "plan", "closed")), (1, waiting[3]), (1, waiting[4])]
    yield [(-1, ("funnel", "assessed")), (1, ("funnel", "planned")), (1, ("unplanned",))]


def conduct() -> Iterator[Equation]:
    parts = {"follow_ups": "on_time", "measures": "on_time", "feedback": "given", "least_intrusive": "chosen"}
    for name, part in parts.items():
        whole = "plans" if name == "least_intrusive" else "due"
        yield [(-1, ("conduct", name, whole)), (1, ("conduct", name, part)), (1, ("rest", name))]
    yield [(-1, ("totals", "closed")), (1, ("conduct", "feedback", "due")), (1, ("unasked",))]
    yield [(-1, ("funnel", "planned")), (1, ("conduct", "least_intrusive", "plans")), (1, ("unsaid",))]
    yield [(-1, ("totals", "received")), (1, ("conduct", "police_answer", "cases")), (1, ("unanswered",))]
    yield [(-1, ("conduct", "police_answer", "cases")), (1, ("funnel", "screened")), (1, ("answered-only",))]
    yield [(-1, ("totals", "received")), (1, ("conduct", "decision", "cases")), (1, ("undecided",))]
    yield [(-1, ("conduct", "decision", "cases")), (1, ("totals", "closed")), (1, ("decided-open",))]


class Reader:
    """All that was printed of one town, and what can be computed from it."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        """The first page is the longest period; what follows lies within it, and apart from each other."""
        self.printed = {(n, *place): leaf for n, page in enumerate(pages) for place, leaf in counts(page).items()}
        told = [[(sign, (n, *place)) for sign, place in row] for n, page in enumerate(pages) for row in equations(page)]
        for place in counts(pages[0]) if len(pages) > 1 else ():
            parts = [(1, (n, *place)) for n in range(1, len(pages)) if (n, *place) in self.printed]
            told.append([(-1, (0, *place)), *parts, (1, ("other days", *place))])
        self.places = list(dict.fromkeys([*self.printed, *(place for row in told for _, place in row)]))
        at = {place: column for column, place in enumerate(self.places)}
        matrix = lil_array((len(told), len(self.places)))
        for number, row in enumerate(told):
            for sign, place in row:
                matrix[number, at[place]] += sign
        self.rows = LinearConstraint(matrix.tocsr(), 0, 0)
        known = np.array([np.nan if (v := self.printed.get(p)) is None else v for p in self.places], dtype=float)
        self.bounds = Bounds(np.nan_to_num(known, nan=0), np.nan_to_num(known, nan=10_000))
        self.at = at

    def hidden(self) -> list[Place]:
        return [place for place, leaf in self.printed.items() if leaf is None]

    def reach(self, place: Place) -> tuple[int, int]:
        """The smallest and the largest value of a count that fit all that was printed."""
        ends = []
        for sign in (1, -1):
            wanted = np.zeros(len(self.places))
            wanted[self.at[place]] = sign
            whole = np.ones(len(self.places))
            found = milp(wanted, integrality=whole, bounds=self.bounds, constraints=self.rows)
            assert found.x is not None, "what is printed contradicts itself"
            ends.append(round(found.x[self.at[place]]))
        return ends[0], ends[1]

    def narrow(self) -> dict[Place, tuple[int, int]]:
        """The hidden counts that are known too well."""
        found = {place: self.reach(place) for place in self.hidden()}
        return {place: ends for place, ends in found.items() if ends[1] - ends[0] < 2}
