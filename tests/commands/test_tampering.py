"""Tampering as the command sees it: files of a store changed, taken away or put back, and copies of whole stores."""

import json
import shutil
from pathlib import Path

import invented
import pytest
from cli_kit import WRITTEN, Home, flip

from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft

NOTE = '{"text": "Ringede"}'
READER = {  # a command that reads the file
    "members.yaml.age": ("list",),
    "pladen.yaml.age": ("list",),
    "settings.yaml.age": ("show", "1"),
    "2026-0001.yaml.age": ("show", "2026-0001"),
    "register.age": ("list",),
}
EDGES = [(file, byte) for file in ("register.age", "2026-0001.yaml.age") for byte in ("first", "last")]


def note(home: Home, number: str = "2026-0001") -> None:
    home.ok("note", number, "--from", "-", typed=NOTE)


def store_of(home: Home) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.sealed()}


@pytest.mark.parametrize(("file", "byte"), [*((file, "middle") for file in READER), *EDGES])
def test_one_changed_byte_in_any_file_is_noticed(town: Home, file: str, byte: str) -> None:
    path = town.store / file
    flip(path, {"first": 0, "middle": -1, "last": path.stat().st_size - 1}[byte])
    answer = town.run("verify")
    if file in ("register.age", "members.yaml.age"):  # then nothing else can be judged
        assert (answer.code, answer.out) == (31, "")
        assert file in answer.err
    else:
        assert (answer.code, answer.err) == (3, "")
        assert answer.out.startswith(f"{file}: ")
        assert len(answer.out.splitlines()) == 1
    words = town.fails(31, *READER[file])
    assert file in words
    assert "damaged or forged" in words


@pytest.mark.parametrize("file", READER)
def test_a_file_taken_away_is_missed(town: Home, file: str) -> None:
    (town.store / file).unlink()
    if file == "register.age":
        assert "register.age" in town.fails(33, "verify")
    elif file != "members.yaml.age":
        answer = town.run("verify")
        assert (answer.code, answer.out) == (3, f"{file}: missing\n")
    assert f"{file}: missing" in town.fails(33, *READER[file])


def test_a_file_put_back_as_it_was_before_is_one_revision_behind(town: Home) -> None:
    path = town.store / "2026-0001.yaml.age"
    old = path.read_bytes()
    note(town)
    path.write_bytes(old)
    assert "2026-0001.yaml.age: one revision behind" in town.fails(32, "show", "1")
    answer = town.run("due", "--check", "--quiet")
    assert answer.code == 32 and "one revision behind" in answer.err and answer.out
    answer = town.run("verify")
    assert (answer.code, len(answer.out.splitlines())) == (3, 1)
    assert "one revision behind" in answer.out
    assert town.ok("show", "2"), "other cases can still be read"


def test_a_file_two_revisions_old_or_of_another_case_is_not_what_the_register_says(town: Home) -> None:
    path = town.store / "2026-0001.yaml.age"
    old = path.read_bytes()
    note(town)
    note(town)
    for data in (old, (town.store / "2026-0002.yaml.age").read_bytes()):
        path.write_bytes(data)
        town.fails(31, "show", "1")


def test_a_copy_under_a_new_name_is_an_alarm(town: Home) -> None:
    shutil.copy2(town.store / "2026-0001.yaml.age", town.store / "2026-0077.yaml.age")
    listed = town.run("list")
    assert listed.code == 31 and "2026-0077.yaml.age" in listed.err and "2026-0001" in listed.out
    answer = town.run("verify")
    assert (answer.code, len(answer.out.splitlines())) == (3, 1)
    town.fails(10, "show", "77")


def test_two_files_swapped_are_both_named(town: Home) -> None:
    one, two = town.store / "2026-0001.yaml.age", town.store / "2026-0002.yaml.age"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    answer = town.run("verify")
    assert answer.code == 3
    assert [line.partition(":")[0] for line in answer.out.splitlines()] == [one.name, two.name]


def test_a_store_or_register_rolled_back_is_noticed(town: Home) -> None:
    old = store_of(town)
    note(town)
    new = store_of(town)
    (town.store / "register.age").write_bytes(old["register.age"])
    for command in (("verify",), ("due", "--check", "--quiet")):
        assert "rolled back" in town.fails(32, *command)
    (town.store / "2026-0001.yaml.age").write_bytes(old["2026-0001.yaml.age"])
    words = town.fails(32, "create", "--from", "-", typed=json.dumps(invented.create()))
    assert "verify --accept" in words
    for name, data in new.items():
        (town.store / name).write_bytes(data)
    assert town.ok("verify")


def test_a_rollback_can_be_accepted_and_what_is_lost_is_told(town: Home) -> None:
    old = store_of(town)
    town.ok("create", "--from", "-", typed=json.dumps(invented.create()))
    for path in town.sealed():
        path.unlink() if path.name not in old else path.write_bytes(old[path.name])
    number = int(town.fails(32, "list").partition("register ")[2].split(",")[0])
    town.fails(32, "verify", "--accept", str(number + 7))
    answer = town.run("verify", "--accept", str(number))
    assert answer.code == 2  # nobody can be asked, and nobody agreed
    assert "2026-0010: 1 entry is lost" in answer.err
    assert "rolled back" in town.fails(32, "list")
    answer = town.run("verify", "--accept", str(number), "--yes")
    assert answer.code == 0
    assert f"register {number} of " in answer.err
    assert "2026-0010: 1 entry is lost" in answer.err
    # The lost number is not given to somebody else.
    assert town.ok("create", "--from", "-", typed=json.dumps(invented.create())) == "2026-0011\n"
    assert town.ok("verify")


def test_two_histories_of_one_store_are_a_fork(town: Home, place: Path) -> None:
    other = town.copied(place / "other")
    note(town)
    note(other, "2026-0002")
    shutil.rmtree(town.store)
    shutil.copytree(other.store, town.store)
    for command in (("list",), ("verify",)):
        assert "forked" in town.fails(32, *command)


def test_without_an_anchor_nothing_is_believed_until_it_is_accepted(town: Home) -> None:
    number = town.workspace().store.register.number
    town.anchor.unlink()
    for command in (("verify",), ("due", "--check", "--quiet")):
        assert f"verify --accept {number}" in town.fails(32, *command)
    answer = town.run("verify", "--accept", str(number), "--yes")
    assert answer.code == 0
    assert "would be the newest" in answer.err
    assert town.ok("list")
    assert [row[1:3] for row in town.workspace().store.register.accepted] == [(0, number)]


def test_only_the_register_that_is_there_can_be_accepted(town: Home) -> None:
    number = town.workspace().store.register.number
    assert f"the register there is number {number}" in town.fails(2, "verify", "--accept", str(number + 1))


def test_a_copy_elsewhere_reads_fine_and_is_never_written(town: Home, place: Path) -> None:
    copy, fresh = place / "copy", place / "fresh"
    shutil.copytree(town.store, copy)
    note(town)
    shutil.copytree(town.store, fresh)
    for one in (copy, fresh):  # one older than what was seen, one as new
        for command in (("show", "1"), ("verify",)):
            assert town.ok("--store", one, *command)
        town.fails(32, "--store", one, "note", "1", "--from", "-", typed=NOTE)
    assert len(json.loads(town.ok("--store", copy, "show", "1", "--format", "json"))["entries"]) == 1
    assert town.ok("verify"), "looking at a copy does not move what was seen"


def test_a_damaged_copy_is_noticed(town: Home, place: Path) -> None:
    copy = place / "copy"
    shutil.copytree(town.store, copy)
    flip(copy / "2026-0003.yaml.age")
    assert town.run("--store", copy, "verify").code == 3
    town.fails(31, "--store", copy, "show", "3")


def test_a_store_of_somebody_else_is_not_read(town: Home, home: Home) -> None:
    home.ok("init", home.store, "--as", "berit", "--no-passphrase", "--recovery-file", "rec.txt")
    town.fails(30, "--store", home.store, "list")
    (town.store / "register.age").write_bytes((home.store / "register.age").read_bytes())
    town.fails(30, "list")


def test_leftovers_of_an_interrupted_save_are_no_alarm_and_go_with_the_next_one(town: Home) -> None:
    for name in (f".{'0' * 64}.new", f".{'a' * 64}.new"):
        (town.store / name).write_bytes(b"half")
        (town.store / name).chmod(0o640)
    assert town.ok("verify")
    note(town)
    assert not list(town.store.glob(".*.new"))


# --- signed, but nonsense ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("frobnicate", {"text": "kanariefugl"}),
        ("plan", invented.plan()),
        ("note", {"tekst": "kanariefugl"}),
        ("triage", {"gate": "police", "outcome": "kanariefugl"}),
        ("triage", {"kanariefugl": "x"}),
    ],
    ids=["unknown-step", "illegal-step", "unknown-field", "wrong-code", "no-fields"],
)
def test_signed_entries_that_no_command_writes_break_the_record(town: Home, step: str, body: invented.Body) -> None:
    workspace = town.workspace()
    row = workspace.store.register.journals["cases/2026-0001"]
    change = Change(
        journal="cases/2026-0001", drafts=[Draft(step=step, at=WRITTEN.at, body=body)], state=row.state, due=row.due
    )
    with writing(workspace.store):
        commit(workspace.store, [change], at=WRITTEN.at)
    answer = town.run("verify")
    assert answer.code == 3
    assert "2026-0001.yaml.age: entry 2: " in answer.out
    shown = town.run("show", "1", "--format", "json")
    assert shown.code in (0, 21), shown
    assert "kanariefugl" not in answer.out + answer.err + shown.err


def test_a_register_that_says_another_state_than_the_case_is_found(town: Home) -> None:
    workspace = town.workspace()
    with writing(workspace.store):
        draft = Draft(step="note", at=WRITTEN.at, body={"text": "x"})
        commit(workspace.store, [Change(journal="cases/2026-0001", drafts=[draft], state="planned")], at=WRITTEN.at)
    answer = town.run("verify")
    assert (answer.code, answer.out) == (
        3, "2026-0001.yaml.age: entry 2: the state is not what the register says\n"
    )  # fmt: skip
