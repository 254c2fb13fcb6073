"""Two dimensions at once under control: nothing is told that the page did not tell, and nothing small follows."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_disclosure import counted, counts, neighbours
from worlds import NETWORK, NOBODY, QUARTER, SECTORS, count, fact, towns

from ballerup_cli.core.cases.facts import Facts
from ballerup_cli.core.network.pladen import Pladen
from ballerup_cli.core.reports.crossing import DIMENSIONS, beside_tiers, cross, cross_page
from ballerup_cli.core.reports.disclosure.control import control
from ballerup_cli.core.reports.report import Period

PAIRS = [*combinations(DIMENSIONS, 2)]
Cell = tuple[tuple[str, ...], tuple[Any, ...]]


def cells(report: dict[str, Any], cases: Iterable[Facts], network: Pladen) -> Counter[Cell]:
    """Every crossed count that is not 0, by its dimensions and codes."""
    tables = [(by, cross(report, cases, network, by)) for by in PAIRS]
    rows = ((by, row, row[table["count"]]) for by, table in tables for row in table["rows"])
    return Counter({(by, (row[by[0]], row[by[1]])): told for by, row, told in rows if told})


@cache
def of_one(case: Facts, period: Period, with_network: bool) -> Counter[Cell]:
    network = NETWORK if with_network else NOBODY
    return cells(count([case], period, network), (case,), network)


def computed_back(
    cases: list[Facts], period: Period, network: Pladen, smallest: int, *, guarded: bool = True
) -> set[Cell]:
    """the small crossed counts for which no town close by prints the same page with another count there"""
    report = count(cases, period, network)
    page = control(report, smallest, beside_tiers(report, cases, network) if guarded else (), SECTORS)
    hidden = hidden_small(page, cells(report, cases, network), network, smallest)
    printed, known = counts(page), network is NETWORK
    for leaving, coming in neighbours(cases, network, period) if hidden else ():
        change = moved(leaving, coming, lambda case: counted(case, period, known))
        if all(printed[place] is None for place, by in change.items() if by):
            told = moved(leaving, coming, lambda case: of_one(case, period, known))
            hidden -= {cell for cell, by in told.items() if by}
        if not hidden:
            break
    return hidden


def hidden_small(page: dict[str, Any], true: Counter[Cell], network: Pladen, smallest: int) -> set[Cell]:
    """the small crossed counts that a page hides, as it must all of them; what it prints is true"""
    hidden = set[Cell]()
    for by in PAIRS:
        table = cross_page(page, network, by)
        for row in table["rows"]:
            cell, told = (by, (row[by[0]], row[by[1]])), row[table["count"]]
            assert told is None or (told == true[cell] and not 0 < told < smallest)
            hidden |= {cell} if told is None and 0 < true[cell] < smallest else set()
    return hidden


def moved(leaving: list[Facts], coming: list[Facts], told: Callable[[Facts], Mapping[Any, int]]) -> dict[Any, int]:
    """by how much each count changes when some cases leave and others come"""
    change: dict[Any, int] = defaultdict(int)
    for sign, cases in ((-1, leaving), (1, coming)):
        for case in cases:
            for place, by in told(case).items():
                change[place] += sign * by
    return change


LATE = {"received": "2026-02-10"}
LEANING = [
    *[fact(5, member="tovholder", closed=True, **LATE)] * 9,
    *[fact(2, closed=True)] * 9,
    *[fact(3, member="tovholder", **LATE)] * 6,
    fact(2, member="tovholder", closed=True),
]
"""One closing at the joint gate is the keeper's, and levels, gates and closings by member would tell it."""


def test_levels_by_member_would_tell_at_which_gate_a_single_concern_closed():
    told = computed_back(LEANING, QUARTER, NETWORK, 3, guarded=False)
    assert (("member", "gate"), ("tovholder", "joint")) in told
    assert computed_back(LEANING, QUARTER, NETWORK, 3) == set()


@settings(deadline=None, max_examples=25)
@given(towns(), st.integers(3, 6))
def test_no_small_crossed_count_can_be_computed_back(town: tuple[list[Facts], Period, Pladen], smallest: int):
    assert computed_back(*town, smallest) == set()


@given(towns(), st.sampled_from([*product(DIMENSIONS, DIMENSIONS)]))
def test_a_crossed_table_has_a_row_for_any_two_codes(town: tuple[list[Facts], Period, Pladen], by: tuple[str, str]):
    cases, period, network = town
    page = control(count(cases, period, network), 5)
    if by[0] == by[1]:
        with pytest.raises(ValueError, match=by[0]):
            cross_page(page, network, by)
    else:
        rows = cross_page(page, network, by)["rows"]
        assert len(rows) == len(page[f"by_{by[0]}"]) * len(page[f"by_{by[1]}"])


def test_levels_by_ring_are_the_sums_of_what_is_printed_by_member():
    cases = [*[fact(4, member="klub-nord")] * 18, *[fact(4, member="klub-syd")] * 9, *[fact(1)] * 7]
    page = control(count(cases), 5)
    rows = {(row["tier"], row["ring"]): row["received"] for row in cross_page(page, NETWORK, ("tier", "ring"))["rows"]}
    assert rows["foregribende", "plade-2"] == 27
    assert rows["unassessed", None] == 7
    months = cross_page(page, NETWORK, ("tier", "month"))["rows"]
    assert {row["received"] for row in months if row["month"] == "2026-01"} == {0, None}
