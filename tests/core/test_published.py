"""Papers beside one another: what was published is printed again, never cut, and added up with the days between."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import count

from ballerup_cli.core.reports.disclosure.published import beside, cuts, is_aligned, meets
from ballerup_cli.core.reports.report import Period

FIRST, MIDDLE, LAST = ("2026-01-01", "2026-03-31"), ("2026-04-10", "2026-04-20"), ("2026-10-01", "2026-12-31")
YEAR = ("2026-01-01", "2026-12-31")


def days(start: str, end: str) -> Period:
    return Period(start=start, end=end)


def page(start: str, end: str) -> dict[str, Any]:
    return count([], days(start, end))


@pytest.mark.parametrize(
    ("start", "end", "aligned"),
    [
        ("2026-02-01", "2026-02-28", True),
        ("2026-04-01", "2026-06-30", True),
        ("2026-07-01", "2026-12-31", True),
        (*YEAR, True),
        ("2026-01-01", "2026-02-28", False),
        ("2026-02-01", "2026-04-30", False),
        ("2026-04-01", "2026-09-30", False),
        ("2026-04-01", "2027-03-31", False),
        ("2026-01-01", "2027-12-31", False),
        ("2026-01-02", "2026-01-31", False),
        ("2026-01-01", "2026-01-30", False),
    ],
)
def test_calendar_months_quarters_halves_and_years_are_aligned(start: str, end: str, aligned: bool):
    assert is_aligned(days(start, end)) == aligned


@pytest.mark.parametrize(
    ("start", "end", "meeting", "cutting"),
    [
        (*MIDDLE, True, False),
        ("2026-04-01", "2026-04-30", True, False),
        ("2026-04-01", "2026-04-20", True, False),
        ("2026-04-10", "2026-04-30", True, False),
        ("2026-04-11", "2026-04-30", True, True),
        ("2026-04-01", "2026-04-19", True, True),
        ("2026-04-12", "2026-04-12", True, True),
        ("2026-04-20", "2026-04-30", True, True),
        ("2026-04-01", "2026-04-10", True, True),
        ("2026-04-21", "2026-04-30", False, False),
        ("2026-04-01", "2026-04-09", False, False),
    ],
)
def test_a_period_meets_what_shares_a_day_with_it_and_cuts_what_it_does_not_hold(
    start: str, end: str, meeting: bool, cutting: bool
):
    published = [page(*MIDDLE)]
    assert (meets(days(start, end), published), cuts(days(start, end), published)) == (meeting, cutting)
    assert not meets(days(start, end), []) and not cuts(days(start, end), [])


def printed(period: Period, published: list[dict[str, Any]]) -> tuple[dict[str, Any], list[tuple[str, str]], list[str]]:
    """what may be printed, the periods whose reports were controlled for it, and whether all was hidden"""
    asked, hidden = list[tuple[str, str]](), list[str]()

    def controlled(part: Period) -> dict[str, Any]:
        asked.append((part.start, part.end))
        return page(part.start, part.end)

    def blank(part: Period) -> dict[str, Any]:
        hidden.append(part.start)
        return page(part.start, part.end)

    told = beside(period, published, lambda part: page(part.start, part.end), controlled, blank)
    return told, asked, hidden


def test_what_was_published_is_printed_again_and_what_cuts_it_is_hidden():
    paper = page(*MIDDLE) | {"mark": "the paper"}
    assert printed(days(*MIDDLE), [page(*FIRST), paper]) == (paper, [], [])
    _, asked, hidden = printed(days("2026-04-15", "2026-04-30"), [paper])
    assert (asked, hidden) == ([], ["2026-04-15"])


@pytest.mark.parametrize(
    ("published", "between"),
    [
        ([], [YEAR]),
        ([MIDDLE], [("2026-01-01", "2026-04-09"), ("2026-04-21", "2026-12-31")]),
        ([LAST, MIDDLE, FIRST], [("2026-04-01", "2026-04-09"), ("2026-04-21", "2026-09-30")]),
        ([("2026-01-02", "2026-12-30")], [("2026-01-01", "2026-01-01"), ("2026-12-31", "2026-12-31")]),
        ([FIRST, ("2026-04-01", "2026-09-30"), LAST], []),
        ([FIRST, ("2026-02-01", "2026-02-28"), ("2025-12-01", "2025-12-31")], [("2026-04-01", "2026-12-31")]),
    ],
    ids=["none", "one", "three", "all but two days", "all", "one within another, one outside"],
)
def test_a_period_is_the_sum_of_the_published_ones_in_it_and_of_the_days_between(
    published: list[tuple[str, str]], between: list[tuple[str, str]]
):
    told, asked, hidden = printed(days(*YEAR), [page(*period) for period in published])
    assert (asked, hidden) == (between, [])
    assert (told["period"]["from"], told["period"]["to"]) == YEAR


DAYS = st.integers(1, 28).map("2026-02-{:02d}".format)


@given(st.tuples(DAYS, DAYS).map(sorted), st.lists(st.tuples(DAYS, DAYS).map(sorted), max_size=4))
def test_no_day_is_counted_twice_and_none_is_left_out(asked: list[str], published: list[list[str]]):
    """Of papers that do not cut one another, as none that are published do."""
    apart = list[tuple[str, str]]()
    for start, end in published:
        if not meets(days(start, end), [page(*one) for one in apart]):
            apart.append((start, end))
    pages = [page(*one) for one in apart]
    _, parts, hidden = printed(days(*asked), pages)
    if hidden or tuple(asked) in apart:
        return
    inside = [one for one in apart if meets(days(*one), [page(*asked)])]
    counted = [
        f"2026-02-{day:02d}" for start, end in [*parts, *inside] for day in range(int(start[8:]), int(end[8:]) + 1)
    ]
    assert sorted(counted) == [f"2026-02-{day:02d}" for day in range(int(asked[0][8:]), int(asked[1][8:]) + 1)]
