"""What can be set fits what is shipped: the same names and kinds, lengths that hide and prove enough."""

from typing import Any

import pytest

from ballerup_cli.core.shape import LEAST, faults

UNITS = ("hours", "working-days", "days", "months")
SHIPPED = {
    "clocks": {"police-answer": {"length": 5, "unit": "working-days"}},
    "disclosure": {"late_after_days": 5, "log_months": 24},
    "saturdays": False,
    "title": "Infohus",
    "core_group": [],
}
CLOCK = ("clocks", "police-answer")


def paths(**told: Any) -> list[tuple[str | int, ...]]:
    return [finding.path for finding in faults(told, SHIPPED, UNITS)]


def clock(**told: Any) -> list[tuple[str | int, ...]]:
    return paths(clocks={"police-answer": told})


def test_what_is_shipped_can_be_set_and_nothing_goes_back_to_it() -> None:
    assert paths(**SHIPPED) == []
    assert paths(**dict.fromkeys(SHIPPED)) == []


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"title": 3}, ("title",)),
        ({"saturdays": "ja"}, ("saturdays",)),
        ({"saturdays": 1}, ("saturdays",)),
        ({"clocks": 3}, ("clocks",)),
        ({"clocks": {"police": {}}}, ("clocks", "police")),
        ({"disclosure": {"log_months": True}}, ("disclosure", "log_months")),
    ],
)
def test_another_name_or_kind_is_told_at_its_place(told: dict[str, Any], place: tuple[str, ...]) -> None:
    assert paths(**told) == [place]


@pytest.mark.parametrize("name", LEAST)
def test_numbers_have_a_least(name: str) -> None:
    assert LEAST == {"late_after_days": 0, "log_months": 12}
    assert paths(disclosure={name: LEAST[name]}) == []
    assert paths(disclosure={name: LEAST[name] - 1}) == [("disclosure", name)]


def test_a_unit_is_one_of_the_list_and_working_days_do_not_go_back() -> None:
    assert clock(unit="days") == clock(length=0) == clock(length=-1, unit="days") == []
    assert clock(unit="weeks") == [(*CLOCK, "unit")]
    assert clock(length=-1) == clock(length=-1, unit="working-days") == [(*CLOCK, "length")]
    (finding,) = faults({"clocks": {"police-answer": {"length": -1}}}, SHIPPED, UNITS)
    assert finding.facts == {"limit": 0}
    assert clock(length="5") == [(*CLOCK, "length")]


@pytest.mark.parametrize(
    ("people", "places"),
    [
        ([], []),
        ([{"function": "ssp", "organisation": "Klub Nord", "name": "Vibe Eksempel"}, {}], []),
        ([{"function": "ssp"}, {"function": "ssp", "role": "x"}], [1]),
        ([{"function": 3}], [0]),
        (["Vibe Eksempel"], [0]),
        ("Vibe Eksempel", [0]),
        ({"function": "ssp"}, []),
        (["name"], [0]),
    ],
)
def test_people_are_told_by_function_organisation_and_name(people: Any, places: list[int]) -> None:
    assert paths(core_group=people) == [("core_group", place) for place in places]
