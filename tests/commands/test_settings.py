"""What a municipality sets holds at once: deadlines follow in the same save, and nothing else can be set."""

import json
from typing import Any

import pytest
from cli_kit import Home

from ballerup_cli.services.store.soundness import settings_faults
from ballerup_cli.storage.text import schema


def due(home: Home, case: str, clock: str) -> list[str]:
    rows = json.loads(home.ok("--today", "2026-03-01", "due", "--within", "3000", "--format", "json"))
    return [row["due"] for row in rows if (row["case"], row["clock"]) == (case, clock)]


def told(home: Home, form: dict[str, Any], *more: str) -> str:
    return home.ok("settings", "set", "--from", "-", *more, typed=json.dumps(form))


def test_a_longer_clock_moves_the_deadlines_of_open_cases_and_back(town: Home) -> None:
    assert due(town, "2026-0001", "police-answer") == ["2026-03-09"]
    assert "1 case" in told(town, {"clocks": {"joint-talk": {"length": 12}}})
    assert "2 cases" in told(town, {"clocks": {"police-answer": {"length": 7}}})
    assert due(town, "2026-0001", "police-answer") == ["2026-03-11"]
    assert town.run("verify").code == 0
    assert {item["due"] for item in town.case("2026-0001")["due"] if item["clock"] == "police-answer"} == {"2026-03-11"}
    told(town, {"clocks": {"police-answer": None}})
    assert due(town, "2026-0001", "police-answer") == ["2026-03-09"]
    assert town.run("verify").code == 0


def test_many_cases_are_asked_about_and_the_network_follows(town: Home) -> None:
    form = {"clocks": {"information": {"length": 2}, "konference": {"length": 2}}}
    assert "existing cases" in town.fails(2, "settings", "set", "--from", "-", typed=json.dumps(form))
    told(town, form, "--yes")
    told(town, {"clocks": {"member-contact": {"length": 3}}})
    rows = json.loads(town.ok("due", "--within", "3000", "--format", "json"))
    assert {row["due"][:4] for row in rows if row["clock"] == "member-contact"} == {"2029"}
    assert town.run("verify").code == 0


def test_the_core_group_prefills_and_own_settings_are_shown(town: Home) -> None:
    group = [{"function": "ssp", "organisation": "Ballerup Kommune"}]
    told(town, {"core_group": group, "action_card": {"phone": "00 00 00 00"}})
    shown = json.loads(town.ok("settings", "show", "--own", "--format", "json"))
    assert {row["path"]: row["value"] for row in shown} == {"core_group": group, "action_card.phone": "00 00 00 00"}
    assert "00 00 00 00" in town.ok("action-card")
    assert len(json.loads(town.ok("settings", "show", "--format", "json"))) > 100


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"clokcs": {}}, "nearest: clocks"),
        ({"clocks": {"receipt": {"length": "six"}}}, "must be a whole number"),
        ({"clocks": {"receipt": {"length": -1}}}, "must be at least 0"),
        ({"clocks": {"receipt": {"unit": "weeks"}}}, "unknown code"),
        ({"clocks": {"receipt": 6}}, "must have fields of its own"),
        ({"log_months": 2}, "must be at least 12"),
        ({"working_days": {"saturdays": "yes"}}, "must be true or false"),
        ({"core_group": [{"navn": "Bo"}]}, "unknown field"),
        (["clocks"], "no fields here"),
    ],
)
def test_what_cannot_be_set_is_refused_at_its_place(town: Home, form: Any, words: str) -> None:
    assert words in town.fails(12, "settings", "set", "--from", "-", typed=json.dumps(form))


def test_what_is_shipped_can_be_set() -> None:
    assert list(settings_faults(schema.defaults())) == []
