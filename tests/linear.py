"""The linear system of everything a report prints, in whole numbers from 0 up, and what it leaves of each count.

Written from what a report means, and nothing here knows the rules by which counts are rounded. HiGHS solves it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from worlds import STATES

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
        yield _adds_up(("funnel", "closed", row["gate"] or "none"), [("by_gate", n, "closed")])
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
    """All that a page tells, each number a range, ready to be solved for whatever is asked."""

    def __init__(
        self, page: Mapping[str, Any], sectors: Mapping[str, str], ranges: Mapping[Name, tuple[int, int]]
    ) -> None:
        lines = list(equations(page, sectors))
        self.names = list(dict.fromkeys(name for line in lines for name in line))
        self._at = {name: n for n, name in enumerate(self.names)}
        self._solver = _solver()
        for name in self.names:
            low, high = ranges.get(name, (0, 1000))
            self._solver.addVar(low, high)
        _whole_numbers(self._solver, len(self.names))
        for line in lines:
            self._solver.addRow(0, 0, len(line), [self._at[name] for name in line], [float(n) for n in line.values()])

    def ends(self, name: Name) -> tuple[int, int]:
        """the least and the most that a count can be in any town that prints this page"""
        found = []
        for way in (1.0, -1.0):
            costs = [way * (other == name) for other in self.names]
            self._solver.changeColsCost(len(costs), list(range(len(costs))), costs)
            found.append(_solved(self._solver)[self._at[name]])
        return found[0], found[1]
