"""The linear system of everything a report prints, in whole numbers from 0 up, and what it leaves of each hidden count.

Written from what a report means, and nothing here knows the rules by which counts are hidden. HiGHS solves it.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from worlds import STATES, leaves

from ballerup_cli.core.cases.case import NEXT_GATE

Name = tuple[str | int, ...]
Equation = Mapping[Name, int]
"""What adds up to 0, each with how often it counts."""

SPLIT = ("open", "closed")
COUNTS = ("received", *SPLIT)
TABLES = ("by_tier", "by_member", "by_ring", "by_sector", "by_month", "by_age_band")


def equations(page: Mapping[str, Any], sectors: Mapping[str, str]) -> Iterator[Equation]:
    """how the counts of a report hang together, with names of their own for what it does not print"""
    yield from _sums(page)
    yield from _referrers(page, sectors)
    yield from _levels_by_member(page)
    yield from _flow(page)


def _adds_up(whole: Name, parts: Iterable[Name]) -> Equation:
    found: dict[Name, int] = defaultdict(int, {whole: -1})
    for part in parts:
        found[part] += 1
    return found


def _sums(page: Mapping[str, Any]) -> Iterator[Equation]:
    rows: list[Name] = [("totals",), *((table, n) for table in TABLES for n in range(len(page[table])))]
    yield from (_adds_up((*row, "received"), [(*row, name) for name in SPLIT]) for row in rows)
    for table in TABLES:
        yield from (_adds_up(("totals", name), [(table, n, name) for n in range(len(page[table]))]) for name in COUNTS)
    for table in ("by_outcome", "by_gate"):
        yield _adds_up(("totals", "closed"), [(table, n, "closed") for n in range(len(page[table]))])


def _referrers(page: Mapping[str, Any], sectors: Mapping[str, str]) -> Iterator[Equation]:
    for section, where in (("ring", lambda row: row["ring"]), ("sector", lambda row: sectors.get(row["member"]))):
        for m, whole in enumerate(page[f"by_{section}"]):
            own = [n for n, row in enumerate(page["by_member"]) if where(row) == whole[section]]
            for name in COUNTS:
                yield _adds_up((f"by_{section}", m, name), [("by_member", n, name) for n in own])


def _levels_by_member(page: Mapping[str, Any]) -> Iterator[Equation]:
    members, tiers = range(len(page["by_member"])), [row["tier"] for row in page["by_tier"]]
    for n in members:
        for tier in tiers:
            yield _adds_up(("by_member", n, "tiers", tier), [("level", n, tier, name) for name in SPLIT])
        for name in SPLIT:
            yield _adds_up(("by_member", n, name), [("level", n, tier, name) for tier in tiers])
    for t, tier in enumerate(tiers):
        for name in SPLIT:
            yield _adds_up(("by_tier", t, name), [("level", n, tier, name) for n in members])


def _flow(page: Mapping[str, Any]) -> Iterator[Equation]:
    """who came no further than a state is open there, or closed at its gate; whoever was assessed has a level"""
    yield _adds_up(("funnel", "received"), [("totals", "received")])
    for state, following in zip(STATES, (*STATES[1:], None), strict=True):
        further: list[Name] = [("funnel", following)] if following else []
        yield _adds_up(("funnel", state), [*further, *(("last", state, name) for name in SPLIT)])
    yield _adds_up(("totals", "open"), [("last", state, "open") for state in STATES])
    for n, row in enumerate(page["by_gate"]):
        at = [("last", state, "closed") for state in STATES if NEXT_GATE[state] == row["gate"]]
        yield _adds_up(("by_gate", n, "closed"), at)
        yield _adds_up(("funnel", "closed", row["gate"]), [("by_gate", n, "closed")])
    for name in SPLIT:
        before = [("last", state, name) for state in STATES[: STATES.index("assessed")]]
        yield _adds_up(("by_tier", len(page["by_tier"]) - 1, name), before)


def _solver() -> Any:
    """HiGHS, which gives the same answer every time: one thread, one seed, no clock"""
    import highspy

    solver = highspy.Highs()
    for option, wanted in (
        ("output_flag", False),
        ("log_to_console", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
    ):
        solver.setOptionValue(option, wanted)
    return solver


def _whole_numbers(solver: Any, many: int) -> None:
    import highspy

    solver.changeColsIntegrality(many, list(range(many)), [highspy.HighsVarType.kInteger] * many)


def _solved(solver: Any) -> list[int]:
    """the best whole numbers: those of the best numbers of any kind where these are whole, which is quicker"""
    for relaxed in (True, False):
        solver.setOptionValue("solve_relaxation", relaxed)
        solver.run()
        assert solver.modelStatusToString(solver.getModelStatus()) == "Optimal"
        found = solver.getSolution().col_value
        if all(abs(value - round(value)) < 1e-6 for value in found):
            break
    return [round(value) for value in found]


class System:
    """All that a page tells, ready to be solved for whatever is asked."""

    def __init__(self, page: Mapping[str, Any], sectors: Mapping[str, str]) -> None:
        told, lines = leaves(page), list(equations(page, sectors))
        self.names = list(dict.fromkeys(name for line in lines for name in line))
        self.hidden = [name for name in self.names if name in told and told[name] is None]
        self._at = {name: n for n, name in enumerate(self.names)}
        self._solver = _solver()
        whole = page["totals"]["received"]
        most = 60 if whole is None else whole
        for name in self.names:
            known = told.get(name)
            self._solver.addVar(0 if known is None else known, most if known is None else known)
        _whole_numbers(self._solver, len(self.names))
        for line in lines:
            self._solver.addRow(0, 0, len(line), [self._at[name] for name in line], [float(n) for n in line.values()])

    def towards(self, wanted: Mapping[Name, int]) -> dict[Name, int]:
        """the counts of a town that prints this page, as far that way as any"""
        costs = [float(wanted.get(name, 0)) for name in self.names]
        self._solver.changeColsCost(len(costs), list(range(len(costs))), costs)
        return dict(zip(self.names, _solved(self._solver), strict=True))


def computed_back(page: Mapping[str, Any], sectors: Mapping[str, str], dice: random.Random) -> dict[Name, int]:
    """the hidden counts that have one value only in all towns that print this page, with that value"""
    system = System(page, sectors)
    first = system.towards({})
    fixed, left = set(system.hidden), sorted(system.hidden, key=repr)

    def look(wanted: Mapping[Name, int]) -> None:
        town = system.towards(wanted)
        fixed.difference_update([name for name in fixed if town[name] != first[name]])

    for _ in range(4):  # towns far apart show of most counts at once that they are free
        look({name: dice.choice((-1, 1)) for name in left if name in fixed})
    for name in left:
        for way in (-1, 1):
            if name in fixed:
                look({name: way})
    return {name: first[name] for name in fixed}


def fewest(lines: Iterable[Equation], small: Set[Name]) -> int:
    """how many counts must be hidden at least, so that all small ones are and no line has one hidden count alone"""
    lines = [list(line) for line in lines]
    names = list(dict.fromkeys(name for line in lines for name in line))
    at, solver = {name: n for n, name in enumerate(names)}, _solver()
    for name in names:
        solver.addVar(float(name in small), 1.0)
    _whole_numbers(solver, len(names))
    solver.changeColsCost(len(names), list(range(len(names))), [1.0] * len(names))
    for line in lines:
        for name in line:
            solver.addRow(0, len(line), len(line), [at[other] for other in line], [1.0 - 2 * (o == name) for o in line])
    return sum(_solved(solver))
