"""Adding up reports: a sum is printed where all its parts are, a code that one lacks counts there as nothing."""

from typing import Any

import pytest

from ballerup_cli.core.reports.adding import add, plus


@pytest.mark.parametrize(
    ("counts", "whole"), [([], 0), ([0], 0), ([3, 4], 7), ([3, None], None), ([None], None), ([0, None, 4], None)]
)
def test_a_sum_is_hidden_where_one_of_its_parts_is(counts: list[int | None], whole: int | None) -> None:
    assert plus(iter(counts)) == whole


def report(months: dict[str, int | None], cases: int | None, median: float | None, **about: Any) -> dict[str, Any]:
    return {
        "controlled": False,
        "by_month": [{"month": month, "received": count} for month, count in months.items()],
        "by_tier": [{"tier": "x", "activities": cases, "name": "X"}],
        "totals": {"received": cases},
        "funnel": {"received": cases, "closed": {"police": cases}},
        "conduct": {"decision": {"cases": cases, "median_days": median}, "follow_ups": {"due": cases, "on_time": 1}},
        **about,
    }


def test_reports_add_up_by_code_in_the_order_of_the_whole_and_new_codes_last() -> None:
    whole = report({"01": 0, "02": 0, "04": 0}, 0, None, period="2026")
    found = add(whole, [report({"01": 1, "03": 5}, 2, 4), report({"01": 2, "02": None}, 3, 6)])
    assert [(row["month"], row["received"]) for row in found["by_month"]] == [
        *(("01", 3), ("02", None), ("04", 0), ("03", 5)),
    ]
    assert found["by_tier"] == [{"tier": "x", "activities": 5, "name": "X"}]
    assert (found["period"], found["controlled"]) == ("2026", True)
    assert found["totals"] == {"received": 5}
    assert found["funnel"] == {"received": 5, "closed": {"police": 5}}
    assert found["conduct"]["follow_ups"] == {"due": 5, "on_time": 2}
    assert "by_ring" not in found


@pytest.mark.parametrize(
    ("cases", "median"),
    [((2, 3), None), ((2, 0), 4), ((0, 3), 6), ((0, 0), None), ((2, None), None), ((None, 0), 4)],
)
def test_a_median_is_that_of_the_only_report_with_cases(cases: tuple[int | None, ...], median: int | None) -> None:
    one, other = (report({}, count, None if count == 0 else days) for count, days in zip(cases, (4, 6), strict=True))
    told = add(one, [one, other])["conduct"]["decision"]
    assert told == {"cases": plus(cases), "median_days": median}
    assert add(one, [one])["conduct"] == one["conduct"]
