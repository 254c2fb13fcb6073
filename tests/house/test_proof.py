"""A short run of each campaign of proof, always from the same seed; `make proof` runs the long ones."""

import json
from pathlib import Path

import pytest
from cli_kit import Home

from proof.__main__ import REPORT, RESULTS, report
from proof.campaigns import CAMPAIGNS, play
from proof.crashes import ALL, FURTHER, LEFT_OUT, ONLY_LOOKS, runnable
from proof.recorder import Op, crashes_of
from proof.tally import Ask

pytestmark = pytest.mark.long

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
