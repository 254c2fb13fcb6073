"""Disclosure control under attack: no hidden count may be computed back from anything that is or was printed."""

from calendar import monthrange
from random import Random
from typing import Any

import pytest
from attack import Reader
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import VOCABULARY
from worlds import MONTH, NETWORK, NOBODY, QUARTER, TIERS, count, fact, leaves, towns

from ballerup_cli.core.disclosure import control
from ballerup_cli.core.facts import Facts
from ballerup_cli.core.pladen import Pladen
from ballerup_cli.core.report import DIMENSIONS, Period
from ballerup_cli.services.solver import Highs

TODAY = "2026-06-30"
Town = tuple[list[Facts], Period, Pladen]


def controlled(
    cases: list[Facts],
    period: Period = QUARTER,
    network: Pladen = NETWORK,
    smallest: int = 5,
    published: Any = (),
    solve: Any = Highs,
    **more: Any,
) -> dict[str, Any]:
    return control(count(cases, period, network, **more), cases, published, smallest, solve, TODAY)


def small_ones_only(report: Any, smallest: int) -> Any:
    """the naive control: hide what is small and nothing else"""
    if isinstance(report, dict):
        return {key: value if key == "period" else small_ones_only(value, smallest) for key, value in report.items()}
    if isinstance(report, list):
        return [small_ones_only(inner, smallest) for inner in report]
    return None if type(report) is int and 0 < report < smallest else report


def year(seed: int, size: int) -> list[Facts]:
    """a town's year, drawn at random"""
    draw = Random(seed)  # noqa: S311
    found = []
    for _ in range(size):
        depth, closed, wants = draw.choice([1, 2, 3, 4, 5, 5]), draw.random() < 0.6, draw.random() < 0.5
        told: dict[str, Any] = {"tier": draw.choice(TIERS[1:]), "received": f"2026-{draw.randint(1, 12):02d}-10"}
        told |= {"member": draw.choice([None, *NETWORK.members]), "age_band": draw.choice(["under-18", "18-plus"])}
        told |= {"signs": tuple(draw.sample(VOCABULARY.codes("sign"), draw.randint(0, 2)))}
        told |= {"outcome": draw.choice(["no-basis", "completed"]), "feedback_wanted": wants} if closed else {}
        found.append(fact(depth, closed=closed, **told))
    return found


def month(number: int) -> Period:
    return Period(start=f"2026-{number:02d}-01", end=f"2026-{number:02d}-{monthrange(2026, number)[1]}")


YEAR = Period(start="2026-01-01", end="2026-12-31")


# --- The attack -------------------------------------------------------------------------------------------------------


def test_the_attack_finds_what_a_naive_control_gives_away():
    cases = [*[fact(1, member="klub-nord")] * 6, *[fact(1, closed=True, member="klub-syd")] * 2]
    narrow = Reader(small_ones_only(count(cases), 5)).narrow()
    assert narrow[(0, "totals", "closed")] == (2, 2)
    assert narrow[(0, "by_member", "klub-syd", "received")] == (2, 2)


@settings(deadline=None, max_examples=8)
@given(towns(), st.integers(3, 6))
def test_no_hidden_count_can_be_computed_back(town: Town, smallest: int):
    assert Reader(controlled(*town, smallest)).narrow() == {}


@pytest.mark.parametrize("size", [25, 90])
def test_two_published_months_and_the_quarter_tell_nothing_more(size: int):
    cases = [case for case in year(size, size * 4) if case.received < "2026-04"]
    months: list[dict[str, Any]] = []
    for number in (1, 2):
        months.append(controlled(cases, month(number), published=tuple(months)))
    quarter = controlled(cases, published=months)
    assert Reader(quarter, *months).narrow() == {}
    assert any(leaf is not None for leaf in leaves(quarter["totals"]).values())


def test_what_is_left_over_between_two_periods_is_never_small():
    """January is published; the quarter has two more cases, which its total would tell"""
    cases = [*[fact(1, received="2026-01-10")] * 20, *[fact(1, received="2026-02-10")] * 2]
    january = controlled(cases, MONTH)
    assert january["totals"]["received"] == 20
    quarter = controlled(cases, published=[january])
    assert quarter["totals"]["received"] is None
    assert Reader(quarter, january).narrow() == {}


def test_without_a_solver_that_answers_everything_is_hidden():
    cases = year(3, 40)
    page = controlled(cases, YEAR, solve=lambda _system: lambda *_asked: None)
    assert {leaf for place, leaf in leaves(page["totals"]).items()} == {None}


def test_a_solver_that_errs_tells_nothing():
    def wrong(system: Any) -> Any:
        return lambda *_asked: [value + 3 for value in system.truth]

    page = controlled([*[fact(1)] * 9, *[fact(1, closed=True)] * 2], solve=wrong)
    assert Reader(page).narrow() == {}


@pytest.mark.parametrize("by", [("tier", "member"), ("sign", "ring"), ("month", "gate"), ("age_band", "outcome")])
def test_a_crossed_table_is_controlled_with_the_rest(by: tuple[str, str]):
    cases = year(5, 120)
    page = controlled(cases, YEAR, by=by)
    true = count(cases, YEAR, by=by)["crossed"]["rows"]
    for row, known in zip(page["crossed"]["rows"], true, strict=True):
        for name in ("received", "open", "closed"):
            assert row.get(name) is None or (row[name] == known[name] and not 0 < row[name] < 5)
    assert Reader(page).narrow() == {}


# --- What is hidden and what stays ------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=10)
@given(towns(), st.integers(3, 6))
def test_no_small_count_is_printed_and_no_printed_one_is_changed(town: Town, smallest: int):
    found, page = count(*town), controlled(*town, smallest)
    assert page["controlled"] is True and found["controlled"] is False
    true, printed = leaves(found), leaves(page)
    assert true.keys() == printed.keys()
    for place, leaf in printed.items():
        if place[-1] not in ("activities", "median_days"):
            assert leaf is None or (leaf == true[place] and not 0 < leaf < smallest)
    for figures in page["conduct"].values():
        assert figures.get("cases") or figures.get("median_days") is None
    assert page["funnel"]["received"] == page["totals"]["received"]
    assert page["funnel"]["closed"] == {row["gate"]: row["closed"] for row in page["by_gate"]}


def test_an_empty_town_is_printed_whole():
    for network in (NETWORK, NOBODY):
        found = count([], network=network)
        assert controlled([], network=network) == {**found, "controlled": True}


def test_a_small_level_costs_one_more_and_not_the_table():
    page = controlled([*[fact(4)] * 20, *[fact(1)] * 2, *[fact(4, closed=True)] * 20])
    assert page["totals"]["received"] == 42
    assert [row["received"] for row in page["by_tier"]].count(None) == 2


@pytest.mark.parametrize("smallest", [0, 1, 2])
def test_a_limit_below_3_is_refused(smallest: int):
    with pytest.raises(ValueError, match=str(smallest)):
        controlled([], smallest=smallest)


def test_the_report_given_is_left_as_it_was():
    found = count([fact(1)] * 2)
    before = repr(found)
    control(found, [fact(1)] * 2, (), 5, Highs, TODAY)
    assert repr(found) == before


def test_every_dimension_can_be_crossed_with_every_other():
    cases = year(1, 30)
    for one in DIMENSIONS:
        for other in DIMENSIONS:
            if one != other:
                rows = count(cases, YEAR, by=(one, other))["crossed"]["rows"]
                counted = "closed" if {"gate", "outcome"} & {one, other} else "received"
                if not {"sign", "measure"} & {one, other}:
                    whole = sum(case.gate is not None for case in cases) if counted == "closed" else len(cases)
                    assert sum(row[counted] for row in rows) == whole
