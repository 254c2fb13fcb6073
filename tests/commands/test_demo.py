"""The demonstration on an empty HOME: all of it in both languages, and nothing is left behind there."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_kit import EXAMPLES, PROGRAM, Home, once

pytestmark = pytest.mark.long

CONCERNS = len([path for path in EXAMPLES.iterdir() if path.is_dir()])
HEADINGS = {
    "da": ("Efter indsatsniveau", "Efter medlem af fagnetværket", "Niveauer for indsatsen efter henvisende medlem"),
    "en": ("Per level of effort", "Per referring member of the network", "Levels of effort per referring member"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    lang: str
    path: Path
    out: str
    err: str


@pytest.fixture(params=["da", "en"])
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """What the demonstration has shown; it is run once for each language."""
    lang = request.param
    path = once(tmp_path_factory, f"demo-{lang}", lambda path: play(path, lang))
    return Shown(lang=lang, path=path, out=(path / "out").read_text(), err=(path / "err").read_text())


def play(path: Path, lang: str) -> None:
    for name in ("home", "tmp"):
        (path / name).mkdir(parents=True)
    environment = {
        "HOME": str(path / "home"),
        "TMPDIR": str(path / "tmp"),
        "LANG": f"{lang}_DK.UTF-8",
        "COLUMNS": "100",
    }
    with (path / "out").open("w") as out, (path / "err").open("w") as err:
        subprocess.run(
            [PROGRAM, "demo"], env=environment, cwd=path / "home",
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True, timeout=120, check=True,
        )  # fmt: skip


def counted(shown: Shown, heading: str) -> list[tuple[int, ...]]:
    """The rows of numbers in the table under a heading."""
    section = re.split(rf"^{heading}.*$", shown.out, maxsplit=1, flags=re.MULTILINE)[1].split("\n\n")[0]
    return [tuple(map(int, found.split())) for found in re.findall(r"  ((?:\d+ +)*\d+)$", section, re.MULTILINE)]


def test_it_ends_well_and_with_both_roll_ups(shown: Shown) -> None:
    assert "error" not in shown.err
    tier, member, split = HEADINGS[shown.lang]
    assert shown.out.index("$ ballerup --today 2026-11-20 due") < shown.out.index(tier)
    assert shown.out.index(tier) < shown.out.index(member) < shown.out.index(split)


def test_the_roll_ups_add_up_to_the_concerns(shown: Shown) -> None:
    levels, members, splits = (counted(shown, heading) for heading in HEADINGS[shown.lang])
    assert len(levels) == 4
    assert sum(received for received, *_ in levels) == CONCERNS
    assert sum(received for received, *_ in members) == CONCERNS
    assert [received for received, *_ in splits] == [received for received, *_ in members]
    assert [sum(column) for column in zip(*splits, strict=True)][1:] == [received for received, *_ in levels]
    assert all(received == opened + closed for received, opened, closed, *_ in (*levels, *members))
    assert all(received == sum(row) for received, *row in splits)


def test_one_concern_is_walked_through_every_step(shown: Shown) -> None:
    for step in ("create", "triage", "assess", "plan", "follow-up", "close"):
        assert re.search(rf"^\$ ballerup {step}\b", shown.out, re.MULTILINE)
    for path in (EXAMPLES / "00-walk").iterdir():
        assert path.name in shown.out
    assert ("lukket" if shown.lang == "da" else "closed") in shown.out


def test_nothing_is_left_in_home(shown: Shown) -> None:
    assert list((shown.path / "home").rglob("*")) == []


def test_its_store_can_be_looked_at_as_it_says_and_verifies(shown: Shown, home: Home) -> None:
    found = dict(re.findall(r"(BALLERUP_\w+)=(\S+)", shown.out))
    assert found.keys() == {"BALLERUP_CONFIG_DIR", "BALLERUP_STATE_DIR"}
    assert home.ok("verify", **found)
    cases = json.loads(home.ok("list", "--format", "json", **found))
    assert len(cases) == CONCERNS
    assert {case["state"] for case in cases} >= {"received", "planned", "closed"}
    assert set(re.findall(r"^  (\d{4}-\d{4})  ", shown.out, re.MULTILINE)) <= {case["case"] for case in cases}
    for path in map(Path, found.values()):
        assert path.is_relative_to(shown.path / "tmp")


def test_a_folder_can_be_named_and_one_in_use_is_not_touched(home: Home) -> None:
    used = home.work / "used"
    used.mkdir()
    (used / "mine.txt").write_text("mine")
    home.fails(2, "demo", used)


def test_a_store_of_ones_own_is_neither_read_nor_written(ready_home: Home) -> None:
    """Even a configuration that cannot be understood is none of its business; a folder in use stops it early."""
    before = ready_home.everything()
    ready_home.fails(2, "demo", ready_home.store)
    assert ready_home.everything() == before
