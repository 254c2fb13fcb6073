"""A case leaves in a file of its own: sealed to age keys, or in plain text and logged; nothing is ever overwritten."""

import json
import stat
from pathlib import Path

import pytest
from cli_kit import Home, read_only, small_disk
from store_kit import person

from ballerup_cli.services.store.lookups import LOG
from ballerup_cli.storage.crypto.age import read_identities, seal, unseal

CASES = ("1", "2026-0005", "2026-5")


def opened(home: Home, path: Path) -> dict:
    return json.loads(unseal(path.read_bytes(), read_identities(home.identity.read_bytes())))


def logged(home: Home) -> list[tuple[str, str, int]]:
    workspace = home.workspace()
    entries = workspace.store.entries(LOG) if LOG in workspace.store.register.journals else []
    return [(entry.body["case"], entry.body["document"], entry.body["entry"]) for entry in entries]


def test_each_case_has_a_file_of_its_own_sealed_and_whole(town: Home) -> None:
    assert town.ok("export", *CASES, "--out", "ud") == "ud/2026-0001.json.age\nud/2026-0005.json.age\n"
    told = opened(town, town.work / "ud" / "2026-0005.json.age")
    assert [*told] == ["format", "case", "entries", "sheet"]
    assert (told["format"], told["case"]) == ("ballerup/case-export/1", "2026-0005")
    assert told["sheet"] == town.show("2026-0005")
    entries = town.workspace().store.entries("cases/2026-0005")
    assert told["entries"] == [
        {"entry": entry.number, "step": entry.step, "at": entry.at, "by": entry.by, "body": entry.body}
        for entry in entries
    ]
    assert "2026-0001" not in json.dumps(told)
    assert logged(town) == []


def test_others_can_open_what_is_sealed_to_them(town: Home) -> None:
    keys = [person(name).identity.recipient.text for name in ("bo", "eva")]
    town.ok("export", "1", "--out", "ud", "--to-recipient", keys[0], "--to-recipient", keys[1])
    data = (town.work / "ud" / "2026-0001.json.age").read_bytes()
    for name in ("bo", "eva"):
        assert json.loads(unseal(data, [person(name).identity]))["case"] == "2026-0001"


def test_a_key_that_a_quantum_computer_breaks_is_refused(town: Home) -> None:
    weak = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"  # the example of age's own page
    for key in (weak, "age1pq1nonsense", "anna"):
        words = town.fails(2, "export", "1", "--out", "ud", "--to-recipient", key)
        assert "post-quantum" in words
        assert key not in words


def test_plain_text_is_private_and_logged_before(town: Home) -> None:
    assert town.ok("export", "1", "5", "--out", "ud", "--plain") == "ud/2026-0001.json\nud/2026-0005.json\n"
    path = town.work / "ud" / "2026-0005.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(path.read_text())["sheet"]["case"] == "2026-0005"
    assert logged(town) == [("2026-0001", "export", 1), ("2026-0005", "export", 5)]
    assert town.run("verify").code == 0


def test_nothing_is_overwritten_and_then_nothing_is_written(town: Home) -> None:
    folder = town.work / "ud"
    folder.mkdir()
    (folder / "2026-0005.json").symlink_to("/nowhere")
    town.fails(2, "export", "1", "5", "--out", "ud", "--plain")
    assert logged(town) == []
    town.ok("export", "1", "--out", "ud")
    before = (folder / "2026-0001.json.age").read_bytes()
    town.fails(2, "export", "1", "2", "--out", "ud")
    assert (folder / "2026-0001.json.age").read_bytes() == before


def test_more_than_three_in_plain_text_are_asked_about(town: Home) -> None:
    town.fails(2, "export", "1", "2", "3", "4", "--out", "ud", "--plain")
    assert logged(town) == []
    assert len(town.ok("export", "1", "2", "3", "4", "--out", "ud", "--plain", "--yes").splitlines()) == 4
    assert len(town.ok("export", "1", "2", "3", "4", "--out", "ud").splitlines()) == 4


@pytest.mark.parametrize("out", ["../store", "../store/ud"])
def test_the_folder_of_the_store_takes_nothing_else(town: Home, out: str) -> None:
    assert "--out" in town.fails(2, "export", "1", "--out", out)


def test_what_cannot_be_done_is_said_before_anything_is_made(town: Home) -> None:
    town.fails(10, "export", "1", "99", "--out", "ud")
    town.fails(2, "export", "--out", "ud")
    key = person("bo").identity.recipient.text
    assert "--to-recipient" in town.fails(2, "export", "1", "--out", "ud", "--plain", "--to-recipient", key)


def test_a_disk_that_fails_says_so(town: Home) -> None:
    with small_disk(town.path / "disk") as disk:
        read_only(disk)
        town.fails(43, "export", "1", "--out", disk / "ud")


def elsewhere(town: Home, tmp_path: Path, case: str = "5") -> tuple[Home, Path]:
    """Another municipality, and a case that the town exported and sealed to it."""
    other = Home.make(tmp_path / "elsewhere")
    other.ok("init", other.store, "--as", "cilla", "--no-passphrase", "--recovery-file", other.path / "recovery.txt")
    key = read_identities(other.identity.read_bytes())[0].recipient.text
    town.ok("export", case, "--out", "ud", "--to-recipient", key)
    return other, next((town.work / "ud").glob("*.age"))


def test_a_sealed_case_from_another_municipality_becomes_a_concern(town: Home, tmp_path: Path) -> None:
    other, file = elsewhere(town, tmp_path)
    tried = other.run("import", file, "--dry-run")
    assert (tried.code, tried.out, other.ok("list")) == (0, "", "")
    answer = other.run("import", file)
    assert answer.code == 0, answer.err
    number = answer.out.strip()
    theirs, ours = (home.show(case)["forms"][0]["form"] for home, case in ((town, "5"), (other, number)))
    assert ours["concern"] == theirs["concern"] and ours["subject"] == theirs["subject"]
    assert "member" not in ours.get("referrer", {}) and "reference" not in ours and "related" not in ours
    assert len(other.show(number)["entries"]) == 1 and other.run("verify").code == 0
    assert all(f"{entry['entry']} {entry['step']}" in answer.err for entry in town.show("5")["entries"][1:])
    assert theirs["concern"] not in answer.err


def test_what_is_no_such_case_is_refused_and_changes_nothing(town: Home, tmp_path: Path) -> None:
    other, file = elsewhere(town, tmp_path)
    recipient = read_identities(other.identity.read_bytes())[0].recipient
    for told in (
        b"",
        b"[]",
        b"{}",
        b'{"format": "ballerup/case-export/1", "entries": [{"step": "create", "body": 1}]}',
    ):
        (other.work / "x.age").write_bytes(seal(told, [recipient]))
        assert "x.age" in other.fails(12, "import", "x.age")
    (other.work / "x.age").write_bytes(file.read_bytes()[:-1])
    assert other.run("import", "x.age").code in (30, 31)
    (other.work / "x.age").write_bytes(seal(b"{}", [person("bo").identity.recipient]))
    assert "x.age" in other.fails(30, "import", "x.age")
    (other.work / "x.csv").write_text("a;b")
    assert "--map" in other.fails(2, "import", "x.csv")
    assert other.ok("list") == ""
