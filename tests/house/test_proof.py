"""A short run of each campaign of proof, always from the same seed; `make proof` runs the long ones."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Home

from proof.__main__ import REPORT, RESULTS, report
from proof.campaigns import CAMPAIGNS, play
from proof.crashes import ALL, FURTHER, LEFT_OUT, ONLY_LOOKS, runnable
from proof.mutants import every, mutate, sites
from proof.noticing import Holders, exchange
from proof.recorder import Op, crashes_of
from proof.tally import Ask

SEED = 1


@pytest.mark.parametrize("name", [name for name, campaign in CAMPAIGNS.items() if campaign.short is not None])
def test_a_short_run_breaks_nothing(ready_home: Home, place: Path, name: str) -> None:
    tally, _ = play(name, Ask(CAMPAIGNS[name].short or 0, SEED, place), ready_home)
    if not tally.counts:
        pytest.skip(tally.notes[0])
    assert tally.broken == []


def test_every_command_is_crashed_in_or_left_out_with_a_reason() -> None:
    assert {name for name in ALL if not runnable(name)} <= LEFT_OUT.keys() <= ALL.keys()
    assert ALL.keys() >= ONLY_LOOKS and {name.partition(",")[0] for name in FURTHER} <= ALL.keys()


def test_the_report_is_the_one_that_the_results_give() -> None:
    results = json.loads(RESULTS.read_text())
    assert REPORT.read_text() == report(results)
    assert results.keys() <= CAMPAIGNS.keys()
    assert [told for result in results.values() for told in result["broken"]] == []


def test_a_crash_leaves_any_of_the_unsynced_names_and_torn_bytes() -> None:
    """A save without a sync of the bytes, or of the folder before the next step, must be seen to break."""
    start = {"/s/register": b"old"}
    careless = [Op("make", "/s/new"), Op("write", "/s/new", b"content"), Op("move", "/s/new", new="/s/register")]
    ends = [image.get("/s/register") for image in crashes_of(start, careless, Ask(0, SEED, Path()).dice())]
    assert {b"old", b"content"} < set(ends), "torn contents of the register are among them"
    careful = [Op("make", "/s/new"), Op("fill", "/s/new", b"content"), Op("move", "/s/new", new="/s/register")]
    ends = [image.get("/s/register") for image in crashes_of(start, careful, Ask(0, SEED, Path()).dice())]
    assert set(ends) == {b"old", b"content"}


def test_a_mutant_takes_the_place_of_a_function_whoever_holds_it(tmp_path: Path) -> None:
    path, names = tmp_path / "counting.py", dict[str, Any]()
    path.write_text("def few(number):\n    return number < 3\n\nmany = lambda number: not few(number)\n")
    exec(compile(path.read_text(), str(path), "exec"), names)  # noqa: S102
    few, many = names["few"], names["many"]
    tree = ast.parse(path.read_text())
    node, kind, _ = next(site for site in sites(tree) if site[1] == "comparison")
    mutate(node, kind)
    assert not few(3) and many(3)
    exchange(Holders({str(path): [few, many]}, []), path, compile(tree, str(path), "exec"))
    assert few(3) and not many(3)


def test_every_mutant_changes_its_module_and_says_where() -> None:
    for mutant in Ask(0, SEED, Path()).dice().sample(every(), 30):
        assert ast.dump(mutant.tree) != ast.dump(ast.parse(mutant.path.read_text()))
        place, _, change = mutant.told.partition(": ")
        assert mutant.path.match(place) and change
