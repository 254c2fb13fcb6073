"""Another municipality by a file: its words everywhere, none of the shipped one's, and codes that never vanish."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import invented
import pytest
from cli_kit import Home
from nordrup import OURS
from nordrup import PROFILE as NORDRUP

from ballerup_cli.core import profile as words
from ballerup_cli.storage.text import codec, schema

ROOT = Path(__file__).parents[2]
CASE = "2026-0001"


@pytest.fixture
def nordrup(tmp_path: Path) -> Iterator[Home]:
    """A store of an invented town, with one concern."""
    home = Home.make(tmp_path)
    home.ok("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", "r.txt", "--profile", NORDRUP)
    told = invented.create(referrer={"member": "nordskolen"}, place={"member": "havnen"})
    assert home.write("create", None, told).out.strip() == CASE
    yield home
    schema.speak([])


def changed(home: Home, change: Any, *words: str) -> Any:
    told = codec.read_forms(home.ok("settings", "profile").encode())[0].value
    change(told)
    return home.run("settings", "profile", "--from", "-", *words, typed=json.dumps(told))


def test_no_command_and_no_document_holds_a_word_of_the_shipped_town(nordrup: Home) -> None:
    commands: list[tuple[str, ...]] = [
        ("list",),
        ("show", CASE),
        ("show", CASE, "--chronology"),
        ("due", "--explain"),
        ("pladen", "list"),
        ("pladen", "picture", "--format", "html"),
        ("report", "--internal"),
        ("settings", "show"),
        ("settings", "profile"),
        ("action-card",),
        ("dpo", "record-of-processing"),
        ("dpo", "impact-assessment"),
        ("document", CASE, "case-sheet", "--plain"),
        ("document", CASE, "chronology", "--plain"),
        ("document", CASE, "minutes", "--plain"),
        ("document", CASE, "information", "--plain"),
        ("document", CASE, "receipt", "--plain"),
        ("report", "--format", "csv"),
        ("today",),
        ("pladen", "care"),
        ("form", "create"),
        ("form", "assess"),
        ("form", "plan"),
        ("form", "profile"),
        ("form", "pladen-add"),
        ("pladen", "--help"),
    ]
    for language in ("da", "en"):
        for command in commands:
            answer = nordrup.run("--lang", language, *command)
            assert answer.code in (0, 3), (command, answer.err)
            assert not OURS.findall(answer.out + answer.err), (language, command, OURS.findall(answer.out))


def test_the_words_are_those_of_the_profile(nordrup: Home) -> None:
    assert "mellemringen" in nordrup.ok("--lang", "da", "pladen", "list")
    assert "the middle ring" in nordrup.ok("--lang", "en", "pladen", "list")
    form = nordrup.ok("--lang", "da", "form", "assess")
    assert "hjemmet" in form and "overbevisning" not in form
    assert "makkerordning" in nordrup.ok("--lang", "da", "form", "plan")
    assert "Nordrup Kommune" in nordrup.ok("dpo", "record-of-processing")
    report = json.loads(nordrup.ok("report", "--internal", "--format", "json"))
    assert [row["ring"] for row in report["by_ring"]][:3] == ["kerne", "mellem", "ydre"]
    due = json.loads(nordrup.ok("due", "--within", "9999", "--format", "json"))
    assert {row["about"] for row in due if row["clock"] == "member-contact"} == {"nordskolen"}


def test_codes_are_retired_and_old_entries_stay_lawful(nordrup: Home) -> None:
    def swap(told: Any) -> None:
        told["dimensions"] = [{"code": "fritid", "name": "fritiden"}]

    for step in (invented.police(), invented.joint()):
        nordrup.write("triage", CASE, step)
    wrote = nordrup.write("assess", CASE, invented.assess(dimensions={"hjem": "Roligt."}))
    assert wrote.code == 0, wrote.err
    assert changed(nordrup, swap).code == 2, "nobody agreed"
    answer = changed(nordrup, swap, "--yes")
    assert answer.code == 0, answer.err
    form = nordrup.ok("--lang", "da", "form", "assess")
    assert "fritiden" in form and "hjemmet" not in form
    assert "hjemmet: Roligt." in nordrup.ok("--lang", "da", "show", CASE)
    assert nordrup.run("verify").code == 0


def test_what_is_in_use_cannot_vanish(nordrup: Home) -> None:
    said = changed(nordrup, lambda told: told["network"]["members"].pop(), "--yes")
    assert said.code == 12 and "havnen" not in said.out
    said = changed(nordrup, lambda told: told["network"]["rings"].pop(), "--yes")
    assert said.code == 12
    answer = changed(
        nordrup,
        lambda told: told["network"]["members"].append(
            {"code": "ny", "name": "Ny Klub", "ring": "ydre", "sector": "club"}
        ),
        "--yes",
    )
    assert answer.code == 0, answer.err
    assert "Ny Klub" in nordrup.ok("pladen", "list")


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"municipality": ""},
        {"municipality": "N", "town": "N"},
        {"municipality": "N", "code": "1"},
        {"municipality": "N", "network": {"members": [{"code": "a", "name": "A", "ring": "no", "sector": "club"}]}},
        {"municipality": "N", "dimensions": [{"code": "a", "name": "A"}, {"code": "a", "name": "B"}]},
        {"municipality": "N", "clocks": {"no-such": {"length": 1}}},
        {"municipality": "N", "labels": {"state": {"no-such": "x"}}},
    ],
)
def test_a_profile_with_a_fault_founds_nothing(tmp_path: Path, told: Any) -> None:
    home = Home.make(tmp_path)
    words = ("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", "r.txt", "--profile", "-")
    home.fails(12, *words, typed=json.dumps(told))
    assert not home.store.exists()


def test_a_name_alone_takes_all_else_from_the_shipped_profile(tmp_path: Path) -> None:
    home = Home.make(tmp_path)
    words = ("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", "r.txt", "--profile", "-")
    home.ok(*words, typed="municipality: Nordrup Kommune\n")
    assert "Hedegårdsskolen" in home.ok("pladen", "list")
    schema.speak([])


def test_nothing_of_the_shipped_town_stands_outside_its_profile() -> None:
    held = {word for word in _names(schema.shipped_profile()) if len(word) > 3}
    names = held | {"Ballerup", "Ballerup-Pladen", "Plade 1", "Plade 2", "Plade 3"}
    names -= {"Kriminalforsorgen", "FGU", "headspace", "Talent", "Kommunalbestyrelsen", "Sundhedshuset"}
    for path in [*ROOT.glob("ballerup_cli/**/*.py"), *ROOT.glob("ballerup_cli/locale/**/*.po")]:
        text = path.read_text("utf-8")
        assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)], path
    for path in [*(ROOT / "templates").glob("*.yaml"), *(ROOT / "templates/documents").glob("*.md")]:
        if path.name != "profile.yaml":
            assert not OURS.findall(path.read_text("utf-8")), path


def _names(profile: Any) -> Iterator[str]:
    """Give the names of town, units, network, rings and members."""
    for key in ("municipality", *words.AUTHORITIES):
        yield from words.both(profile[key]).values()
    yield from words.both(profile["network"]["name"]).values()
    yield from (member["name"] for member in profile["network"]["members"])
