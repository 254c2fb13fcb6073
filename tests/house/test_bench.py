"""The benchmarks measure what they say: their stores are lawful, their fits right, and their page is their results."""

import json
from collections import Counter
from pathlib import Path

import pytest

from ballerup_cli.services.upkeep import audit
from bench.__main__ import PAGE, RESULTS
from bench.cases import OPEN, concerns
from bench.generate import FRESH, make, plain
from bench.goals import GOALS, Goal, exponent, growth, ratio
from bench.page import page
from bench.run import Command, FailedError, in_turn


def test_a_generated_store_is_as_if_it_had_been_worked_in(place: Path) -> None:
    workspace = make(place / "office", 20).workspace()
    assert list(audit.verify(workspace)) == []
    assert len(workspace.store.cases()) == 20 + FRESH


def test_the_same_seed_gives_the_same_cases_and_another_one_others() -> None:
    assert list(plain(10)) == list(plain(10))
    assert [row["text"] for row in plain(10)] != [row["text"] for row in plain(10, seed=2)]


def test_cases_are_as_large_and_as_many_are_open_as_the_benchmarks_say() -> None:
    made = [plan.concern() for plan in concerns(300, 1)]
    assert 5.5 <= sum(len(concern.written) for concern in made) / 300 <= 6.8
    assert 5_000 <= sum(len(row["text"]) for row in plain(300, fresh=0)) / 300 <= 7_000
    states = Counter(concern.case.state for concern in made)
    assert OPEN / 2 <= 1 - states["closed"] / 300 <= 2 * OPEN
    assert {concern.case.tier for concern in made} == {None, "foregribende", "indgribende"}


def test_the_page_is_the_one_that_the_results_give_and_holds_every_goal() -> None:
    told = json.loads(RESULTS.read_text())
    written = PAGE.read_text()
    assert written == page(told)
    rows = [line.split(" | ") for line in written.partition("## Goals")[2].partition("\n## ")[0].splitlines()]
    assert [row[0].removeprefix("| ") for row in rows if len(row) == 6][2:] == [goal.what for goal in GOALS]


def test_an_exponent_is_the_one_the_points_were_made_with() -> None:
    for power in (0.0, 0.5, 1.0, 1.3):
        assert exponent([(x, 7 * x**power) for x in (20, 1_000, 10_000, 100_000)]) == pytest.approx(power)
    assert exponent([(20, 7.0)]) is None


def results(**walls: float) -> dict[str, object]:
    """Results of two sizes, ten times as many files in the second; a command's time as told, then twice as long."""
    groups = [{"looks": {name: [{"wall": wall * far}] for name, wall in walls.items()}} for far in (1, 2)]
    return {
        "sizes": {str(size): {"files": size, "groups": told} for size, told in zip((100, 1000), groups, strict=True)}
    }


def test_a_goal_is_held_against_the_medians_of_the_same_run() -> None:
    told = results(floor=0.1, due=0.15)
    assert ratio(told, "looks", "due", "floor", 100) == pytest.approx(1.5)
    assert ratio(told, "looks", "due", "floor", 10_000) is None
    assert growth(told, "looks", "due", 1000) == pytest.approx(0.30103, abs=1e-4)
    goal = Goal(what="due", unit="× F", most=1.5, value=lambda _: None)
    assert goal.is_met(1.5)
    assert not goal.is_met(1.6)


def test_commands_take_turns_and_the_first_run_warms_up(tmp_path: Path) -> None:
    log = tmp_path / "log"
    line = ["sh", "-c", f'echo "$0" >> {log}']
    made = {name: Command(words=[*line, name], environment={"PATH": "/bin:/usr/bin"}) for name in ("a", "b")}
    wrong = Command(words=["sh", "-c", "echo why >&2; exit 7"], environment={"PATH": "/bin:/usr/bin"})
    spent = in_turn({**made, "c": wrong}, patience=10, rounds=2)
    assert log.read_text().split() == ["a", "b"] * 3
    assert [len(spent[name]) for name in ("a", "b")] == [2, 2]
    assert spent["c"] == "why"
    with pytest.raises(FailedError, match="takes longer"):
        Command(words=["sleep", "5"], environment={"PATH": "/bin:/usr/bin"}, longest=0.05).run()
