"""Rounding leaves something to read in a small town, and no reader narrows a count of 1 to 4 below five values."""

import random
from statistics import mean

import pytest
from towns import MONTHS, PLADEN, QUARTER, YEAR, cells, counted, draw_of, left, narrowed, rounded, town, usefulness

from ballerup_cli.core.reports.disclosure.published import is_aligned
from ballerup_cli.core.reports.disclosure.rounding import BASE, range_of, rounded_one, withheld
from ballerup_cli.core.reports.report import Period

SIZES = (8, 20, 30, 60, 140)


def dice(size: int, seed: int = 1) -> random.Random:
    return random.Random(1000 * size + seed)  # noqa: S311  (repeatable is the point)


@pytest.mark.parametrize("size", SIZES)
def test_every_number_is_near_the_truth_and_a_multiple_of_five(size: int):
    cases = town(dice(size), size)
    true, page = cells(counted(cases)), cells(rounded(cases, size))
    for cell, number in page.items():
        low, high = range_of(cell, number)
        assert low <= (true[cell] or 0) <= high
        assert number is None or number % BASE == 0 or (number == size >= 100)


def test_a_hundred_or_more_received_stand_exactly_and_fewer_do_not():
    assert rounded(town(dice(117), 117), 1)["totals"]["received"] == 117
    assert rounded(town(dice(93), 93), 1)["totals"]["received"] in (90, 95)


@pytest.mark.parametrize("size", SIZES)
def test_no_bound_on_one_page_narrows_a_small_count(size: int):
    for seed in range(3):
        cases = town(dice(size, seed), size)
        assert narrowed(left(rounded(cases, seed)), cells(counted(cases))) == []


def test_at_thirty_concerns_a_year_nearly_every_cell_says_something():
    found = [usefulness(counted(cases), rounded(cases, n)) for n in range(5) for cases in [town(dice(30, n), 30)]]
    held, said = (sum(row[place] for row in found) for place in (0, 1))
    assert said >= 0.9 * held
    assert mean(error for row in found for error in row[2]) <= 1.9


def test_a_member_who_knows_its_own_referrals_learns_no_other_small_count():
    cases = town(dice(30), 30)
    true, page = cells(counted(cases)), rounded(cases, 3)
    for member in list(PLADEN.members)[:6]:
        own = {cell: count or 0 for cell, count in true.items() if cell[1:3] == ("from", member)}
        others = {cell: count for cell, count in true.items() if cell[1] == "from" and " " not in cell[2]}
        found = left(page, known=own)
        assert narrowed(found, {cell: count for cell, count in others.items() if cell not in own}) == []


def test_months_quarter_and_year_published_one_after_the_other_narrow_nothing():
    for seed in range(3):
        cases, out = town(dice(30, seed), 30), []
        for period in (*MONTHS, QUARTER, YEAR):
            page = rounded([case for case in cases if case.received <= period.end], seed, period, out)
            standing = {c: n for c, n in cells(counted(cases, period)).items() if c[-1] == "received"}
            assert narrowed(left(page, before=out), standing) == []
            out.append(page)


def test_a_revision_after_late_entries_narrows_nothing_and_one_without_them_is_the_same():
    cases = town(dice(30), 30)
    first = rounded(cases[:24], 5)
    assert rounded(cases[:24], 5) == first
    again = rounded(cases, 5, before=[first])
    assert narrowed(left(again, before=[first]), cells(counted(cases))) == []


def test_the_same_count_prints_the_same_wherever_it_stands():
    page = rounded(town(dice(60), 60), 2)
    assert page["totals"]["received"] == page["funnel"]["received"] == page["flow"]["received"]
    for row in page["by_gate"]:
        assert row["closed"] == page["funnel"]["closed"][row["gate"] or "none"]
    assert page["by_ring"][-1] == {
        "ring": None,
        **{n: page["by_member"][-1][n] for n in ("received", "open", "closed")},
    }


def test_another_key_prints_other_numbers_and_the_same_key_the_same():
    cases = town(dice(30), 30)
    assert rounded(cases, 1) == rounded(cases, 1) != rounded(cases, 2)
    assert draw_of(1)("a") == draw_of(1)("a")


def test_a_draw_is_right_in_the_mean():
    cell = ("days", "by_tier", "foregribende", "received")
    for count in range(12):
        assert mean(rounded_one(cell, count, drawn) for drawn in range(BASE)) == count


def test_a_page_says_its_scheme_and_no_part_of_it_more_than_its_whole():
    page = rounded(town(dice(30), 30), 4)
    assert (page["scheme"], page["base"], page["controlled"]) == ("rounded", 5, True)
    for name in ("follow_ups", "measures", "feedback", "least_intrusive"):
        whole, part = page["conduct"][name].values()
        assert part <= whole
    funnel = [count for state, count in page["funnel"].items() if state != "closed"]
    assert funnel == sorted(funnel, reverse=True)


def test_a_median_stands_on_enough_days():
    few, many = rounded(town(dice(4), 4), 1), rounded(town(dice(60), 60), 1)
    assert few["conduct"]["decision"]["median_days"] is None
    assert many["conduct"]["decision"]["median_days"] == 8


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        ("2026-02-01", "2026-02-28", True),
        ("2026-04-01", "2026-06-30", True),
        ("2026-07-01", "2026-12-31", True),
        ("2026-01-01", "2026-12-31", True),
        ("2024-01-01", "2026-12-31", True),
        ("2026-02-01", "2026-04-30", False),
        ("2026-01-01", "2026-09-30", False),
        ("2026-01-01", "2026-12-30", False),
        ("2025-07-01", "2026-06-30", False),
    ],
)
def test_calendar_periods_leave_the_house_and_no_others(start: str, end: str, fits: bool):
    assert is_aligned(Period(start=start, end=end)) == fits


def test_a_withheld_page_holds_no_count():
    page = withheld(counted(town(dice(30), 30)), {})
    assert set(cells(page).values()) == {None}
