"""The page for the morning: the right cases in each block, on one screen whatever there is, and no names."""

import json
from datetime import date
from itertools import product

import pytest
from cli_kit import Home
from invented import create, measure, plan

from ballerup_cli.cli.commands.today import screen
from ballerup_cli.cli.ui import text
from ballerup_cli.services.cases import casework
from ballerup_cli.services.cases.today import today
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.storage.text import codec

BLOCKS = ("overdue", "week", "waiting", "new")


@pytest.fixture(autouse=True)
def english():
    text.set_language("en")
    yield
    text.set_language("en")


def moment(day: str) -> Moment:
    return Moment(at=f"{day}T12:00:00+02:00", today=date.fromisoformat(day))


def page(home: Home, day: str) -> dict[str, list[dict[str, object]]]:
    return today(home.workspace(), moment(day))


def content(*counts: int) -> dict[str, list[dict[str, object]]]:
    """A page with so many lines in its blocks, some of them long."""
    due = {"case": "2026-0001", "clock": "exception-review", "due": "2026-03-01", "days_overdue": 1234, "about": None}
    ahead = {**due, "case": None, "clock": "member-contact", "days_overdue": -7, "about": "den-kommunale-ungeindsats"}
    waiting = {"case": "2026-123456", "for": "police-answer", "since": "2026-03-02"}
    new = {"case": "2026-0002", "state": "accepted", "received": "2026-03-02T10:00:00+01:00"}
    return {name: [row] * count for (name, row, count) in zip(BLOCKS, (due, ahead, waiting, new), counts, strict=True)}


# --- what is on the page ----------------------------------------------------------------------------------------------


def test_each_block_has_its_lines(ready_home: Home) -> None:
    told = page(ready_home, "2026-03-06")
    overdue = {(line["case"], line["clock"]) for line in told["overdue"]}
    assert ("2025-0001", "police-answer") in overdue
    assert ("2026-0001", "child-assessment") in overdue
    week = {(line["case"], line["clock"], line["days_overdue"]) for line in told["week"]}
    assert ("2026-0001", "police-answer", -3) in week
    assert ("2026-0001", "receipt", -4) in week
    assert not any(line["clock"] == "joint-talk" for line in told["week"])
    waiting = {(line["case"], line["for"]): line["since"] for line in told["waiting"]}
    assert waiting == {("2026-0001", "police-answer"): "2026-03-02", ("2026-0002", "joint-talk"): "2026-03-05"}
    assert {line["case"] for line in told["new"]} == {*(f"2026-000{n}" for n in range(1, 10))} - {"2026-0005"}


def test_a_clock_that_runs_out_is_overdue_and_waits_no_more(ready_home: Home) -> None:
    waits = {day: [line["case"] for line in page(ready_home, day)["waiting"]] for day in ("2026-03-09", "2026-03-10")}
    assert waits == {"2026-03-09": ["2026-0001", "2026-0002"], "2026-03-10": ["2026-0002"]}


@pytest.mark.parametrize(
    ("day", "there"), [("2026-03-01", False), ("2026-03-02", True), ("2026-03-09", True), ("2026-03-10", False)]
)
def test_new_is_what_came_within_seven_days(ready_home: Home, day: str, there: bool) -> None:
    assert ("2026-0001" in [line["case"] for line in page(ready_home, day)["new"]]) == there


def test_a_measure_that_others_must_decide_is_waited_for_until_they_have(town: Home) -> None:
    workspace = town.workspace()

    def plans(day: str, visitation: str) -> list[object]:
        told = plan(measure("botilbud", visitation=visitation), measure(), decided=day)
        (document,) = codec.read_forms(codec.encode(told))
        casework.take(workspace, "plan", "2026-0005", document, moment("2026-06-22"))
        return [line for line in page(town, "2026-06-22")["waiting"] if line["for"] == "visitation"]

    assert plans("2026-06-10", "recommended") == [{"case": "2026-0005", "for": "visitation", "since": "2026-06-10"}]
    assert plans("2026-06-15", "recommended") == [{"case": "2026-0005", "for": "visitation", "since": "2026-06-10"}]
    assert plans("2026-06-20", "granted") == []


def test_the_command_prints_the_page_and_its_rows_and_no_name(town: Home) -> None:
    named = create(
        received="2026-06-20", subject={"kind": "person", "name": "Kanariefugl Eksempel", "age_band": "18-plus"}
    )
    number = town.ok("create", "--from", "-", typed=json.dumps(named)).strip()
    told = json.loads(town.ok("--today", "2026-06-22", "today", "--format", "json"))
    assert list(told) == list(BLOCKS)
    (new,) = told["new"]
    assert (new["case"], new["state"], new["received"][:10]) == (number, "received", "2026-06-20")
    assert {"case", "state", "tier", "member", "ring", "received", "closed", "next_due"} <= set(new)
    assert set(told["overdue"][0]) == {"case", "clock", "due", "days_overdue", "about"}
    text_page = town.ok("--today", "2026-06-22", "today")
    assert number in text_page
    assert "Kanariefugl" not in json.dumps(told) + text_page


# --- one screen -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_page_fits_one_screen_whatever_there_is(language: str, width: int) -> None:
    text.set_language(language)
    for counts in product((0, 1, 5, 200), repeat=4):
        lines = screen(content(*counts), width).splitlines()
        assert len(lines) < 24, counts
        assert max(map(len, lines)) <= min(width, 80), counts


def test_what_does_not_fit_is_counted() -> None:
    lines = screen(content(200, 1, 0, 200), 80).splitlines()
    assert lines[0] == "Overdue: 200"
    overdue = lines[1 : lines.index("")]
    assert overdue[-1] == f"… and {200 - len(overdue) + 1} more: ballerup due"
    assert lines[-1].endswith("more: ballerup list")
    assert "Waiting for others: nothing" in lines
    assert len(lines) == 23


def test_an_empty_page_says_so_in_seven_lines() -> None:
    assert screen(content(0, 0, 0, 0), 80).splitlines() == [
        "Overdue: nothing", "", "This week: nothing", "", "Waiting for others: nothing", "", "New: nothing",
    ]  # fmt: skip


def test_a_line_says_case_matter_and_day_and_the_matter_gives_way() -> None:
    (line,) = screen(content(1, 0, 0, 0), 80).splitlines()[1:2]
    assert line == "2026-0001  left-out information looked at again  1234 days overdue"
    (line,) = screen(content(1, 0, 0, 0), 40).splitlines()[1:2]
    assert line.startswith("2026-0001  left-out") and line.endswith("…  1234 days overdue")
    assert len(line) == 40
