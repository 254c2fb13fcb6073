"""Which counts of a report must be hidden before it leaves the house, so that none of them can be computed back.

A count is small from 1 to one below the limit. Small ones are hidden, and as few others as it takes so that every
hidden count could still be numbers at least ``cells.WIDTH`` apart, to a reader who knows all that is printed here, all
that was published before, and how the tables hang together.

A reader's knowledge is written down as groups of traits. Within a group every combination that the case flow allows
is an atom, a number of cases; groups hang together by the traits they share. Since they form a tree, numbers that fit
together group by group are those of some town, so nothing more can be known. Periods are cut where any of them
begins or ends, and each piece has atoms of its own. Counting belongs to ``report``, the search to ``cells``.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations, product
from typing import Any

from ballerup_cli.core.case import NEXT_GATE
from ballerup_cli.core.cells import Atoms, Search, Suppression, System
from ballerup_cli.core.facts import Facts
from ballerup_cli.core.report import Period, counts_of

Row = dict[str, Any]
Trait = Any
Traits = Mapping[str, Trait]
Group = tuple[str, ...]
Wanted = Mapping[str, frozenset[Trait]]
Place = tuple[Any, ...]
Solver = Callable[[System], Search]

LEAST = 3
"""The lowest limit: below it, that a count is hidden would tell it."""

GROUPS: tuple[Group, ...] = (
    ("member", "tier", "status"),
    ("tier", "depth", "status", "answered", "decided", "chosen"),
    ("month", "status"),
    ("age_band", "status"),
    ("outcome", "status"),
    ("feedback", "status"),
)
"""What a report tells together of a case; given whether it is open, one group says nothing about the next."""

OPEN, CLOSED, NONE = "open", "closed", "unassessed"
STATUS: Mapping[str, frozenset[str]] = {
    "received": frozenset({OPEN, CLOSED}),
    "open": frozenset({OPEN}),
    "closed": frozenset({CLOSED}),
}
PLANNED = ("follow_ups", "measures")
"""Conduct that counts events, of which a case has any number once it has a plan."""


def control(
    report: Mapping[str, Any],
    cases: Iterable[Facts],
    published: Sequence[Mapping[str, Any]],
    smallest: int,
    solve: Solver,
    today: str,
) -> Row:
    """Return the report with small counts hidden as None, and as few others as that takes.

    ``cases`` are all that any of the periods may count, ``published`` the controlled reports that went out before.

    Raises:
        ValueError: the limit is below 3, where hiding a count would tell it.
    """
    if smallest < LEAST:
        raise ValueError(smallest)
    page = {**deepcopy(dict(report)), "controlled": True}
    told = Told(
        page=page, cases=tuple(cases), published=tuple(_touching(page, published)), smallest=smallest, today=today
    )
    hidden = _hidden(told, solve)
    for place in told.places:
        if hidden is None or told.cell(place) in hidden:
            _hide(page, place)
    _hide_what_follows(page, smallest)
    return page


def _hidden(told: "Told", solve: Solver) -> set[int] | None:
    """Return the cells to be hidden; None when one of our own cannot be made safe, and so all must be."""
    own = {told.cell(place) for place in told.places}
    before = {told.cell(place) for place in told.shown if place[0] != "page"}
    closed_off = {told.cell(place) for place in told.withheld}
    unprinted = {told.cell(place) for place in told.derived} - own - before
    wanted = {cell for cell in own if told.is_small(cell)} - before | unprinted
    totals = {told.cell(place) for place in told.places if place[1] == "totals"}
    costs = {cell: _cost(told.value(cell), dear=cell in totals) for cell in own - before - wanted - closed_off}
    work = Suppression(system=told.system, search=solve(told.system), hidden=wanted | closed_off, costs=costs)
    lost = work.protect(wanted | closed_off)
    if lost & (own - before - closed_off):
        return None
    work.print_again(wanted | closed_off - lost, work.hidden & costs.keys())
    return work.hidden


def _cost(count: int, *, dear: bool) -> float:
    """Weigh what is lost with a cell: each counts, large ones more, the totals most."""
    return (1.0 + count.bit_length()) * (20 if dear else 1)


def _touching(page: Row, published: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return what was published of the period's days, and of the days of those, and so on."""
    found: list[Mapping[str, Any]] = []
    periods = [_period(page)]
    while fresh := [p for p in published if p not in found and any(_meet(_period(p), other) for other in periods)]:
        found += fresh
        periods += map(_period, fresh)
    return found


def _period(page: Mapping[str, Any]) -> Period:
    return Period(start=page["period"]["from"], end=page["period"]["to"])


def _meet(one: Period, other: Period) -> bool:
    return one.start <= other.end and other.start <= one.end


def _hide(page: Row, place: Place) -> None:
    _at(page, place[1:-1])[place[-1]] = None


def _at(page: Mapping[str, Any], place: Place) -> Any:
    value: Any = page
    for step in place:
        value = value[step]
    return value


def _hide_what_follows(page: Row, smallest: int) -> None:
    """Print what plans led to only beside the number of plans, and a median only of twice the limit of cases.

    Half of the cases lie on either side of a median, and neither half may be small.
    """
    conduct = page["conduct"]
    for figures in conduct.values():
        if "median_days" in figures and (figures["cases"] or 0) < 2 * smallest:
            figures["median_days"] = None
    if page["funnel"]["planned"] is None:
        for name in PLANNED:
            conduct[name] = dict.fromkeys(conduct[name])


# --- What a reader knows ----------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Told:
    """A report and what was published before as one system of sums over one set of atoms."""

    page: Row
    cases: tuple[Facts, ...]
    published: tuple[Mapping[str, Any], ...]
    smallest: int
    today: str
    places: list[Place] = field(default_factory=list)
    """Where the report prints a count; ('page', ...)."""
    shown: list[Place] = field(default_factory=list)
    """Where a count was published."""
    withheld: list[Place] = field(default_factory=list)
    """Where a count was hidden when it was published."""
    derived: list[Place] = field(default_factory=list)
    """What is printed nowhere and is the difference of two counts that may be."""

    def __post_init__(self) -> None:
        """Lay out atoms, links and cells."""
        self._by_place: dict[Place, int] = {}
        self._cells: dict[Atoms, int] = {}
        self._atoms: dict[tuple[Any, ...], int] = {}
        self._cache: dict[Any, Any] = {}
        tally = self._tally()
        for group in self.groups:
            for piece in self.pieces:
                for combination in self._combinations(group, piece, tally):
                    self._atoms[(group, piece, combination)] = len(self._atoms)
        self._index = self._by_group()
        self._truth = [tally[key] for key in self._atoms]
        self._print()
        self.system = System(truth=tuple(self._truth), links=tuple(self._links()), cells=tuple(self._cells))

    def cell(self, place: Place) -> int:
        """Return the number of the cell that is printed at a place."""
        return self._by_place[place]

    def value(self, cell: int) -> int:
        """Return a cell's true value."""
        return sum(self._truth[atom] for atom in self.system.cells[cell])

    def is_small(self, cell: int) -> bool:
        """Tell whether a cell's true value is one that may not be told."""
        return 0 < self.value(cell) < self.smallest

    # --- atoms

    @cached_property
    def pages(self) -> list[Mapping[str, Any]]:
        """Return the report and what was published, the report first."""
        return [self.page, *self.published]

    @cached_property
    def cuts(self) -> list[str]:
        """Return the first days of the pieces, and the day after the last."""
        periods = [_period(page) for page in self.pages]
        after = [(date.fromisoformat(period.end) + timedelta(days=1)).isoformat() for period in periods]
        return sorted({*after, *(period.start for period in periods)})

    @cached_property
    def pieces(self) -> range:
        """Return the numbers of the pieces that the periods are cut into."""
        return range(len(self.cuts) - 1)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Return the groups of traits: the usual ones, one of two for each trait a case may have several of."""
        several = [(f"{name}:{row[name]}",) for name in SEVERAL for row in self.page.get(f"by_{name}", [])]
        return tuple(dict.fromkeys([*GROUPS, *several, *((name,) for name in PLANNED), *self._crossed()]))

    def _crossed(self) -> list[Group]:
        crossed = self.page.get("crossed", {"by": (), "rows": ()})
        return list(dict.fromkeys(_joint({name: row[name] for name in crossed["by"]}) for row in crossed["rows"]))

    @cached_property
    def members(self) -> frozenset[str | None]:
        """Return the members that any of the reports lists, and None for whoever is none."""
        return frozenset(row["member"] for page in self.pages for row in page["by_member"])

    def _piece(self, day: str) -> int | None:
        place = bisect_right(self.cuts, day) - 1
        return place if place in self.pieces else None

    def _months(self, piece: int) -> list[str]:
        last = (date.fromisoformat(self.cuts[piece + 1]) - timedelta(days=1)).isoformat()
        return Period(start=self.cuts[piece], end=last).months()

    def _tally(self) -> Counter[tuple[Any, ...]]:
        """Count the cases of each combination; events count as often as they happened."""
        tally: Counter[tuple[Any, ...]] = Counter()
        for case in self.cases:
            piece = self._piece(case.received)
            if piece is None:
                continue
            has = self._traits(case)
            for group in self.groups:
                if group[0] not in PLANNED:
                    tally[group, piece, tuple(has.get(name, False) for name in group)] += 1
            for name, whole, part in _events(case, self.today):
                tally[(name,), piece, (True,)] += part
                tally[(name,), piece, (False,)] += whole - part
        return tally

    def _traits(self, case: Facts) -> Traits:
        has = traits(case, self.members)
        return has | {f"sign:{code}": True for code in case.signs} | {f"measure:{code}": True for code in case.measures}

    def _combinations(self, group: Group, piece: int, tally: Mapping[tuple[Any, ...], int]) -> list[tuple[Any, ...]]:
        """Return what the case flow allows, and what there is."""
        seen = [key[2] for key in tally if key[0] == group and key[1] == piece]
        possible = product(*(self._values(name, piece) for name in group))
        allowed = [told for told in possible if _is_possible(dict(zip(group, told, strict=True)))]
        return list(dict.fromkeys([*allowed, *seen]))

    def _values(self, name: str, piece: int) -> Sequence[Trait]:
        page = self.page
        match name:
            case "member":
                return sorted(self.members, key=str)
            case "month":
                return self._months(piece)
            case "tier" | "age_band":
                return [row[name] for row in page[f"by_{name}"]]
            case "outcome":
                return [None, *(row["outcome"] for row in page["by_outcome"])]
            case "status":
                return [OPEN, CLOSED]
            case "depth":
                return range(1, len(NEXT_GATE) + 1)
            case "chosen":
                return [None, False, True]
            case "feedback":
                return [None, "wanted", "given"]
            case _:
                return [False, True]

    def _by_group(self) -> dict[Group, list[tuple[int, tuple[Any, ...], int]]]:
        index: dict[Group, list[tuple[int, tuple[Any, ...], int]]] = {group: [] for group in self.groups}
        for (group, piece, combination), atom in self._atoms.items():
            index[group].append((piece, combination, atom))
        return index

    def _links(self) -> Iterator[tuple[Atoms, Atoms]]:
        """Say that two groups count the same cases: by the traits they share, else all of them."""
        counted, crossed = [group for group in self.groups if group[0] not in PLANNED], {*self._crossed()}
        for one, other in combinations(counted, 2):
            shared = [name for name in one if name in other]
            if not (shared or one == BASE) or {one, other} <= crossed:
                continue
            sums = [self._sums(group, shared) for group in (one, other)]
            for key in sorted({*sums[0], *sums[1]}, key=repr):
                yield tuple(sums[0].get(key, ())), tuple(sums[1].get(key, ()))

    def _sums(self, group: Group, shared: Sequence[str]) -> dict[tuple[Any, ...], list[int]]:
        sums: dict[tuple[Any, ...], list[int]] = {}
        at = [group.index(name) for name in shared]
        for piece, combination, atom in self._index[group]:
            sums.setdefault((piece, *(combination[place] for place in at)), []).append(atom)
        return sums

    # --- cells

    def _print(self) -> None:
        """Write down every count of every page, and the differences a reader can form."""
        own = _period(self.page)
        for number, page in enumerate(self.pages):
            name = "page" if number == 0 else f"published-{number}"
            within = self._within(_period(page))
            for place, group, wanted in counts(page):
                atoms = self._select(group, wanted, within)
                if atoms:
                    self._put((name, *place), atoms, _at(page, place), own=number == 0)
        within = self._within(own)
        for place, group, wanted in (*counts(self.page), *differences()):
            for part in self._parts(within):
                if part != within or place[0] == "difference":
                    self._derive(("part", *place, part), group, wanted, part)

    def _put(self, place: Place, atoms: Atoms, value: Any, *, own: bool) -> None:
        self._by_place[place] = self._cells.setdefault(atoms, len(self._cells))
        if own:
            self.places.append(place)
        elif value is None:
            self.withheld.append(place)
        else:
            self.shown.append(place)

    def _derive(self, place: Place, group: Group, wanted: Wanted, part: frozenset[int]) -> None:
        atoms = self._select(group, wanted, part)
        if 0 < sum(self._truth[atom] for atom in atoms) < self.smallest:
            self._by_place[place] = self._cells.setdefault(atoms, len(self._cells))
            self.derived.append(place)

    def _within(self, period: Period) -> frozenset[int]:
        return frozenset(piece for piece in self.pieces if period.start <= self.cuts[piece] <= period.end)

    def _parts(self, within: frozenset[int]) -> set[frozenset[int]]:
        """Return the spans a reader can form by subtraction: each piece, what was published less ours, ours less it."""
        others = [self._within(_period(page)) for page in self.published]
        inside = frozenset().union(*(other for other in others if other < within))
        formed = [within, within - inside, *(frozenset({piece}) for piece in self.pieces)]
        formed += [one - two for other in others for one, two in ((within, other), (other, within)) if two < one]
        return {span for span in formed if span}

    def _select(self, group: Group, wanted: Wanted, within: frozenset[int]) -> Atoms:
        key = (group, tuple(sorted(wanted.items(), key=lambda item: item[0])))
        if key not in self._cache:
            tests = [(group.index(name), values) for name, values in wanted.items()]
            self._cache[key] = [
                (piece, atom)
                for piece, combination, atom in self._index[group]
                if all(combination[place] in values for place, values in tests)
            ]
        return tuple(atom for piece, atom in self._cache[key] if piece in within)


def traits(case: Facts, members: Iterable[str | None]) -> dict[str, Trait]:
    """Return what a report tells of a case, by the names of the traits."""
    closed = case.gate is not None
    feedback = ("given" if case.feedback_given else "wanted") if case.feedback_wanted else None
    return {
        "member": case.member if case.member in members else None,
        "tier": case.tier or NONE,
        "depth": len(case.reached),
        "status": CLOSED if closed else OPEN,
        "month": case.received[:7],
        "age_band": case.age_band,
        "outcome": case.outcome,
        "feedback": feedback,
        "answered": case.police_answer_days is not None,
        "decided": case.decision_days is not None,
        "chosen": case.least_intrusive,
    }


def _events(case: Facts, today: str) -> Iterator[tuple[str, int, int]]:
    missed = case.next_follow_up is not None and case.next_follow_up < today
    yield "follow_ups", case.follow_ups + missed, case.follow_ups_on_time
    yield "measures", case.measures_followed, case.measures_on_time


_ASSESSED, _PLANNED = 4, 5  # how many states a case has been in by then


def _is_possible(has: Traits) -> bool:
    """Tell whether the case flow knows such a case; traits that are not asked about are no obstacle."""
    depth, closed = has.get("depth"), has.get("status") == CLOSED
    if "outcome" in has and (has["outcome"] is not None) != closed:
        return False
    if has.get("feedback") is not None and not closed:
        return False
    if depth is None:
        return True
    if "tier" in has and (has["tier"] == NONE) != (depth < _ASSESSED):
        return False
    if has.get("chosen") is not None and depth < _PLANNED:
        return False
    answered, decided = has.get("answered", True), has.get("decided", True)
    return bool((answered or depth == 1) and (decided or (depth <= 2 and not closed)))


# --- What a report prints ---------------------------------------------------------------------------------------------

Count = tuple[Place, Group, Wanted]
BASE, EFFORT, MONTH, AGE, OUTCOME, FEEDBACK = GROUPS
_YES, _EITHER = frozenset({True}), frozenset({True, False})


def counts(page: Mapping[str, Any]) -> Iterator[Count]:
    """Give each count of a report: where it stands, in which group it is told, and of which cases."""
    yield from _split(("totals",), BASE, {})
    for place, row in enumerate(page["by_member"]):
        for tier in row["tiers"]:
            told = {"member": frozenset({row["member"]}), "tier": frozenset({tier})}
            yield ("by_member", place, "tiers", tier), BASE, told
    for name, group in _TABLES.items():
        for place, row in enumerate(page.get(f"by_{name}", [])):
            yield from _split((f"by_{name}", place), group, _wanted(name, row[name], page), counts_of(name))
    for name in SEVERAL:
        for place, row in enumerate(page.get(f"by_{name}", [])):
            group = (f"{name}:{row[name]}",)
            yield (f"by_{name}", place, "received"), group, _wanted(name, row[name], page)
    by = page.get("crossed", {}).get("by", ())
    for place, row in enumerate(page["crossed"]["rows"] if by else ()):
        both = {key: values for name in by for key, values in _wanted(name, row[name], page).items()}
        yield from _split(("crossed", "rows", place), _joint({name: row[name] for name in by}), both, counts_of(*by))
    yield from _funnel(page)
    yield from _conduct()


_TABLES: Mapping[str, Group] = {
    "tier": BASE,
    "member": BASE,
    "ring": BASE,
    "sector": BASE,
    "month": MONTH,
    "age_band": AGE,
    "gate": EFFORT,
    "outcome": OUTCOME,
}
SEVERAL = ("sign", "measure")
"""What a case may have any number of."""


def _split(place: Place, group: Group, wanted: Wanted, names: Iterable[str] = tuple(STATUS)) -> Iterator[Count]:
    for name in names:
        yield (*place, name), group, {**wanted, "status": STATUS[name]} if "status" in group else wanted


def _wanted(name: str, code: Any, page: Mapping[str, Any]) -> Wanted:
    """Return which cases a row counts: members make up rings and sectors, states make up gates."""
    match name:
        case "ring" | "sector":
            return {"member": frozenset(row["member"] for row in page["by_member"] if row[name] == code)}
        case "gate":
            return {"depth": _depths(code)}
        case "sign" | "measure":
            return {f"{name}:{code}": _YES}
        case _:
            return {name: frozenset({code})}


def _depths(gate: str) -> frozenset[int]:
    return frozenset(depth for depth, met in enumerate(NEXT_GATE.values(), start=1) if met == gate)


def _joint(row: Mapping[str, Any]) -> Group:
    """Return the group of a row of a crossed table."""
    told = [_TRAITS.get(name, (f"{name}:{code}",) if name in SEVERAL else (name,)) for name, code in row.items()]
    return (*dict.fromkeys(trait for names in told for trait in names), "status")


_TRAITS: Mapping[str, tuple[str, ...]] = {"ring": ("member",), "sector": ("member",), "gate": ("tier", "depth")}


def _funnel(page: Mapping[str, Any]) -> Iterator[Count]:
    yield ("funnel", "received"), BASE, {"status": STATUS["received"]}
    for depth, state in enumerate(NEXT_GATE, start=1):
        if depth > 1:
            yield ("funnel", state), EFFORT, {"depth": frozenset(range(depth, len(NEXT_GATE) + 1))}
    for gate in page["funnel"]["closed"]:
        yield ("funnel", "closed", gate), EFFORT, {"depth": _depths(gate), "status": STATUS["closed"]}


def _conduct() -> Iterator[Count]:
    yield ("conduct", "police_answer", "cases"), EFFORT, {"answered": _YES}
    yield ("conduct", "decision", "cases"), EFFORT, {"decided": _YES}
    for name in PLANNED:
        yield ("conduct", name, "due"), (name,), {name: _EITHER}
        yield ("conduct", name, "on_time"), (name,), {name: _YES}
    yield ("conduct", "feedback", "due"), FEEDBACK, {"feedback": frozenset({"wanted", "given"})}
    yield ("conduct", "feedback", "given"), FEEDBACK, {"feedback": frozenset({"given"})}
    yield ("conduct", "least_intrusive", "plans"), EFFORT, {"chosen": _EITHER}
    yield ("conduct", "least_intrusive", "chosen"), EFFORT, {"chosen": _YES}


def differences() -> Iterator[Count]:
    """Give what is printed nowhere and told by two counts side by side: late ones, and who waits at a gate."""
    for name in PLANNED:
        yield ("difference", name), (name,), {name: frozenset({False})}
    yield ("difference", "feedback"), FEEDBACK, {"feedback": frozenset({"wanted"})}
    yield ("difference", "chosen"), EFFORT, {"chosen": frozenset({False})}
    for depth in range(1, len(NEXT_GATE) + 1):
        yield ("difference", depth), EFFORT, {"depth": frozenset({depth}), "status": STATUS["open"]}
