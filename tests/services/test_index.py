"""The index is disposable and never believed over the store: every answer is the one that the journals give."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import invented
import pytest
from cli_kit import CASES, Home
from store_kit import ONE, found_office

from ballerup_cli.core.cases.case import Case
from ballerup_cli.errors import WrongKeyError
from ballerup_cli.services.store import index
from ballerup_cli.services.store.identity import Places, open_holder
from ballerup_cli.services.store.workspace import Workspace, open_workspace
from ballerup_cli.storage.cache.image import Image
from ballerup_cli.storage.crypto.age import seal, unseal
from ballerup_cli.storage.store.store import case_journal

ANSWERS = (
    ("list", "--format", "json"),
    ("list", "--restricted", "--format", "json"),
    ("report", "--internal", "--format", "json"),
    ("today", "--format", "json"),
    ("retention", "--within", "36500", "--format", "json"),
)


def answers(home: Home, **environment: str) -> list[str]:
    told = [home.ok("--today", "2026-07-01", *question, **environment) for question in ANSWERS]
    return [*told, home.ok("search", "--from", "-", "--format", "json", typed="skole", **environment)]


def wrote(home: Home, step: str, number: str | None, form: invented.Body) -> str:
    answer = home.write(step, number, form)
    assert answer.code == 0, answer
    return answer.out.strip()


def without_an_index(home: Home) -> list[str]:
    return answers(home, BALLERUP_CACHE_DIR="/dev/null/nowhere")


def images(home: Home) -> list[Path]:
    return sorted((home.path / "cache").rglob("*.age"))


def desk_of(home: Home) -> Workspace:
    places = Places(config=home.path / "config", state=home.path / "state", cache=home.path / "cache")
    return open_workspace(places, folder=None, identity=None, passphrase=lambda: "")


def opened(home: Home, image: Path) -> bytes:
    return unseal(image.read_bytes(), [open_holder(home.identity, lambda: "").identity])


def test_an_index_changes_no_answer(town: Home) -> None:
    told = without_an_index(town)
    assert answers(town) == told  # filled
    assert answers(town) == told  # believed
    assert [image.name for image in images(town)] == ["facts.age", "text.age"]
    assert json.loads(told[0]) and json.loads(told[5])


def test_after_every_step_the_answers_are_those_of_the_journals(town: Home) -> None:
    answers(town)
    wrote(town, "create", None, invented.create(received="2026-06-30T09:00"))
    wrote(town, "triage", "2026-0001", invented.police())
    wrote(town, "restrict", "2026-0002", {"restricted": True, "reason": "Den unge har gjort indsigelse"})
    wrote(town, "close", "2026-0003", invented.close())
    assert answers(town) == without_an_index(town)


def test_only_what_changed_is_read_again(town: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(town)
    read: list[str] = []
    monkeypatch.setattr(index, "open_case", lambda workspace, number: read.append(number) or real(workspace, number))
    workspace = desk_of(town)
    index.index(workspace)
    assert read == []
    wrote(town, "triage", "2026-0001", invented.police())
    workspace.store.reload()
    index.index(workspace)
    assert read == ["2026-0001"]


def test_what_was_read_before_it_was_stopped_is_not_read_again(town: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for image in images(town):
        image.unlink()
    read: list[str] = []

    def stopped(workspace: Workspace, number: str) -> Case:
        if len(read) == 1:
            raise KeyboardInterrupt
        read.append(number)
        return real(workspace, number)

    monkeypatch.setattr(index, "open_case", stopped)
    with pytest.raises(KeyboardInterrupt):
        index.index(desk_of(town))
    monkeypatch.setattr(index, "open_case", lambda workspace, number: read.append(number) or real(workspace, number))
    index.index(desk_of(town))
    assert sorted(read) == desk_of(town).store.cases()
    assert len(read) > 1


real = index.open_case


@pytest.mark.parametrize("command", [("list",), ("report", "--internal"), ("search", "--from", "-")])
@pytest.mark.parametrize("damage", ["changed", "older", "gone"])
def test_a_warm_index_hides_no_damage(town: Home, command: tuple[str, ...], damage: str) -> None:
    before = (town.store / "2026-0001.yaml.age").read_bytes()
    wrote(town, "triage", "2026-0001", invented.police())
    answers(town)
    file = town.store / "2026-0001.yaml.age"
    facts = file.stat()
    match damage:
        case "changed":
            data = bytearray(file.read_bytes())
            data[-1] ^= 1
            file.write_bytes(data)
        case "older":
            file.write_bytes(before)
        case "gone":
            file.unlink()
    if damage != "gone":
        os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # who changes a file can set its date back
    answer = town.run(*command, typed="skole")
    assert answer.code in {31, 32, 33}
    assert "2026-0001.yaml.age" in answer.err


def test_a_file_that_was_only_copied_back_is_no_alarm(town: Home) -> None:
    told = answers(town)
    for file in town.sealed():
        data = file.read_bytes()
        file.unlink()
        file.write_bytes(data)
        file.chmod(0o640)
    assert answers(town) == told


def test_a_damaged_image_costs_time_and_nothing_else(town: Home) -> None:
    told = answers(town)
    for image in images(town):
        whole = image.read_bytes()
        for damaged in (b"", whole[:-1], whole[:500], bytes([*whole[:-1], whole[-1] ^ 1])):
            image.write_bytes(damaged)
            assert town.ok("--today", "2026-07-01", *ANSWERS[0]) == told[0]
        image.unlink()
    assert answers(town) == told


def test_an_image_in_which_nothing_is_new_is_not_written_again(tmp_path: Path) -> None:
    store, path = found_office(tmp_path / "office").open("anna"), tmp_path / "image.age"
    first = Image(path, store.holder, "1", ["told"])
    first.put(store, case_journal(ONE), "", ["x"])
    first.save()
    written = path.read_bytes()
    again = Image(path, store.holder, "1", ["told"])
    again.save()
    assert (again.read("told"), path.read_bytes()) == ([("x",)], written)


def test_an_image_that_somebody_else_sealed_is_not_believed(town: Home) -> None:
    """Who knows the public key can seal to it; only its user can sign."""
    told, (facts, _) = answers(town), images(town)
    signature, _, content = opened(town, facts).partition(b"\n")
    lie = content.replace(b"2026-0001", b"2026-0099")
    assert lie != content
    holder = open_holder(town.identity, lambda: "")
    for forged in (signature + b"\n" + lie, b"\n" + content, content):
        facts.write_bytes(seal(forged, [holder.identity.recipient]))
        assert town.ok("--today", "2026-07-01", *ANSWERS[0]) == told[0]


def test_an_image_of_another_program_is_filled_anew(town: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = desk_of(town)
    rows = index.index(workspace).read("name", "state")
    monkeypatch.setattr(index, "_edition", lambda: "another")
    facts = index._image(workspace, "facts.age")
    assert facts.read("name") == []
    assert index.index(workspace).read("name", "state") == rows


def test_a_copy_of_the_store_leaves_the_index_alone(town: Home) -> None:
    told = answers(town)
    before = [image.read_bytes() for image in images(town)]
    town.ok("backup", town.path / "copy")
    wrote(town, "triage", "2026-0001", invented.police())
    assert town.ok("--store", town.path / "copy", "--today", "2026-07-01", *ANSWERS[0]) == told[0]
    assert [image.read_bytes() for image in images(town)] == before


@pytest.mark.parametrize("how", ["redact", "erase"])
def test_what_is_taken_out_of_the_store_is_taken_out_of_the_index(town: Home, how: str) -> None:
    canary = "kanariefugl"
    number = wrote(town, "create", None, invented.create(concern=f"En {canary} sang."))
    town.ok("search", "--from", "-", typed=canary)
    town.ok("list")
    assert any(canary.encode() in opened(town, image) for image in images(town))
    if how == "redact":
        wrote(town, "redact", number, {"entry": 1, "path": "concern", "reason": "Nævner en uvedkommende"})
    else:
        wrote(town, "close", number, invented.close("entered-in-error"))
        town.ok("erase", number, "--yes", "--from", "-", typed=json.dumps(ERASE))
    for image in images(town):
        content = opened(town, image)
        assert canary.encode() not in content
    told = index.index(desk_of(town)).read("name")
    assert ((f"cases/{number}",) in told) == (how == "redact")


ERASE = {"archive": "discarded", "rule": "arkivloven § 21", "reason": "Opbevaringen er udløbet"}


def test_nothing_of_an_image_is_in_the_clear(town: Home) -> None:
    answers(town)
    for image in images(town):
        assert b"SQLite" in opened(town, image)
        assert not any(word in image.read_bytes() for word in (b"SQLite", b"2026-0001", b"skole"))
        assert image.stat().st_mode & 0o777 == 0o600


def test_a_deleted_row_leaves_no_bytes_behind(town: Home) -> None:
    workspace, path = desk_of(town), town.path / "image.age"
    image = Image(path, workspace.store.holder, "test", ("text",))
    for number in CASES:
        image.put(workspace.store, f"cases/{number}", "", ["kanariefugl" * 500])
    image.save()
    image._change("DELETE FROM rows WHERE name = ?", "cases/2026-0001")
    image.save()
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(opened(town, path).split(b"\n", 2)[2])
        assert base.execute("PRAGMA freelist_count").fetchone() == (0,)
    assert opened(town, path).count(b"kanariefugl") == 500 * (len(CASES) - 1)


@pytest.mark.parametrize("before", ["another program", "damage"])
def test_what_is_erased_goes_from_an_image_that_cannot_be_read_any_more(
    town: Home, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    answers(town)
    old = {image: image.read_bytes() for image in images(town)}
    workspace = desk_of(town)
    if before == "damage":
        for image in old:
            image.write_bytes(image.read_bytes()[:-1])
    else:
        monkeypatch.setattr(index, "_edition", lambda: "another")
    index.purge(workspace)
    assert not [image for image in old if b"2026-0001" in opened(town, image)]


def test_new_keys_leave_no_image_that_the_old_ones_open(town: Home) -> None:
    answers(town)
    old = open_holder(town.identity, lambda: "").identity
    town.ok("keys", "rotate", "--yes")
    assert len(images(town)) == 2
    for image in images(town):
        with pytest.raises(WrongKeyError):
            unseal(image.read_bytes(), [old])
