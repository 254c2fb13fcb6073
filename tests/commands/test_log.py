"""The log: every look stands in it before anything is shown; it loses nothing, and says nothing of a record."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import invented
import pytest
from cli_kit import WRITTEN, Home

from ballerup_cli.errors import DamagedFileError, ForkError, OldRevisionError
from ballerup_cli.services.keys import membership
from ballerup_cli.services.store import identity, lookups
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.storage.store import access_log
from ballerup_cli.storage.store import commit as saving
from ballerup_cli.storage.store.anchor import BLANK
from ballerup_cli.storage.store.commit import commit, writing
from ballerup_cli.storage.store.register import blank

CASE = "2026-0003"


def log(home: Home, case: str = CASE) -> list[dict[str, str | None]]:
    return json.loads(home.ok("log", "show", case, "--format", "json"))


def journal_of(home: Home, name: str = "anna") -> Path:
    (found,) = home.store.glob(f"access-{name}-*.yaml.age")
    return found


def colleague(home: Home, name: str, role: str = "coordinator") -> Home:
    """Let somebody join the store from a machine of his own."""
    other = Home.make(home.path / name)
    card = home.path / f"{name}.yaml"
    card.write_text(other.ok("keys", "new", "--as", name, "--no-passphrase"))
    code = home.path / f"{name}.code"
    code.write_text(home.ok("members", "add", "--from", card, "--role", role, "--yes"))
    other.ok("members", "join", home.store, "--from", code)
    return other


def look(home: Home, *words: str) -> None:
    home.ok("show", CASE, "--format", "json", *words)


def test_the_log_of_months_before_the_first_that_is_kept_is_given_up():
    months = [f"access-anna-{month}" for month in ("2025-12", "2026-01", "2026-02")]
    files = [name for month in months for name in (access_log.file_of(month), f".{month}.lock")]
    others = ["2026-0001.yaml.age", "register.age", ".lock"]
    gone = access_log.outdated([*files, *others], "2026-01")
    assert gone == {access_log.file_of(months[0]), f".{months[0]}.lock"}
    assert access_log.outdated(files, "2025-12") == set()


def test_a_look_tells_moment_case_purpose_and_who(town: Home):
    look(town, "--purpose", "oversight")
    (row,) = log(town)
    assert row.pop("at")
    assert row == {"by": "anna", "case": CASE, "what": "show", "purpose": "oversight", "document": None}


def test_every_way_to_read_a_record_is_logged(town: Home):
    look(town)
    town.ok("export", CASE, "--out", town.path / "out")
    town.ok("document", CASE, "case-sheet", "--out", town.path / "sheet.age")
    town.ok("access", CASE, "--out", town.path / "access.age")
    assert [row["what"] for row in log(town)] == ["show", "export", "document", "document"]
    assert [row["purpose"] for row in log(town)] == ["case-work"] * 3 + ["data-subject"]
    town.run("search", "--from", "-", typed="noget")
    rows = lookups.log(town.workspace())
    assert [row["case"] for row in rows if row["what"] == "search"] == [None]


def test_what_left_in_plain_text_stands_beside_the_looks(town: Home):
    town.ok("document", CASE, "case-sheet", "--plain")
    assert {(row["what"], row["document"]) for row in log(town)} == {("document", None), ("left", "case-sheet")}


def test_a_purpose_is_one_of_the_list(town: Home):
    assert "oversight" in town.fails(2, "show", CASE, "--purpose", "oversigt")


def test_looking_at_lists_and_counts_is_no_look_at_a_record(town: Home):
    for words in (("list",), ("due",), ("report",), ("verify",)):
        town.run(*words)
    assert not list(town.store.glob("access-*"))


def test_names_are_not_listed_into_a_pipe(town: Home):
    town.fails(2, "list", "--names")


def test_nothing_is_shown_that_cannot_be_logged(town: Home):
    look(town)
    path = journal_of(town)
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert path.name in town.fails(31, "show", CASE)
    assert town.run("verify").code == 3
    assert path.name in town.run("verify").out


def test_a_log_cannot_be_shortened_taken_away_or_forged(town: Home):
    look(town)
    path, old = journal_of(town), journal_of(town).read_bytes()
    look(town)
    assert town.write("note", CASE, invented.note()).code == 0
    path.write_bytes(old)
    assert path.name in town.fails(32, "log", "show", CASE)
    path.unlink()
    listed = town.run("list")
    assert (listed.code, path.name in listed.err) == (0, True), "it is named, and stops nobody's work"
    assert path.name in town.fails(33, "log", "show", CASE)
    shutil.copy(town.store / "pladen.yaml.age", path)
    assert town.fails(31, "log", "show", CASE)
    with pytest.raises(DamagedFileError):
        access_log.records(town.workspace().store, path.name.removesuffix(".yaml.age"))


def test_work_goes_on_beside_a_broken_log_and_the_register_forgets_nothing(town: Home):
    look(town)
    old = journal_of(town).read_bytes()
    look(town)
    town.write("note", CASE, invented.note())
    journal_of(town).write_bytes(old)
    assert town.write("note", CASE, invented.note()).code == 0
    store = town.workspace().store
    assert [count for count, _head in store.register.access.values()] == [2]
    with pytest.raises(OldRevisionError):
        access_log.records(store, next(iter(store.register.access)))


def test_looks_of_the_same_moment_are_all_kept(town: Home):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: look(town), range(12)))
    assert len(log(town)) == 12
    assert town.run("verify").code == 0
    assert not list(town.store.glob(".*.draft"))


def test_a_reader_who_signs_no_steps_is_logged_too(town: Home):
    bo = colleague(town, "bo", "reader")
    look(bo)
    assert [row["by"] for row in log(town)] == ["bo"]
    assert bo.run("verify").code == 0


def test_the_log_holds_no_word_of_a_record_and_the_watch_key_none_of_it(town: Home):
    watch = colleague(town, "vagt", "watch")
    look(town)
    text = json.dumps(lookups.log(town.workspace()))
    assert "Tænkt" not in text
    assert watch.run("show", CASE).code == 30
    assert watch.run("due").code == 0, "it only sees that the file is there"


def test_new_keys_open_the_log_and_a_former_one_no_look_from_then_on(town: Home):
    look(town)
    old = town.path / "old.age"
    shutil.copy(town.identity, old)
    town.ok("keys", "rotate", "--yes")
    assert len(log(town)) == 1
    assert town.run("verify").code == 0
    assert town.run("--identity", old, "log", "show", CASE).code == 30


def test_somebody_new_opens_the_log_of_before(town: Home):
    look(town)
    bo = colleague(town, "bo")
    assert len(log(bo)) == 1


def test_a_copy_holds_the_log_and_coming_back_keeps_the_longer_one(town: Home):
    look(town)
    copy = town.path / "copy"
    town.ok("backup", copy)
    assert (copy / journal_of(town).name).exists()
    assert town.run("--store", copy, "verify").code == 0
    look(town)
    town.ok("restore", copy, "--yes")
    assert len(log(town)) == 2
    journal_of(town).unlink()
    town.ok("restore", copy, "--yes")
    assert len(log(town)) == 1
    assert town.run("verify").code == 0
    town.ok("backup", copy)


def test_looks_go_on_after_an_older_copy_has_come_back(town: Home):
    """Looks that were written on top of registers since given up are followed by others: a random life found it."""
    town.ok("backup", town.path / "copy")
    for _ in range(3):
        assert town.write("note", CASE, invented.note()).code == 0
    look(town)
    town.ok("restore", town.path / "copy", "--yes")
    look(town)
    assert len(log(town)) == 2 and town.ok("verify")
    assert town.write("note", CASE, invented.note()).code == 0
    look(town)
    assert len(log(town)) == 3 and town.ok("verify")


def test_the_log_of_somebody_whom_the_copy_that_came_back_does_not_know_is_kept(town: Home):
    """Who holds keys never goes back, so he is known."""
    town.ok("backup", town.path / "copy")
    look(colleague(town, "bo"))
    town.ok("restore", town.path / "copy", "--yes")
    assert len(log(town)) == 1 and town.ok("verify")


def test_a_colleague_who_only_reads_is_told_that_an_older_copy_has_come_back(town: Home):
    bo = colleague(town, "bo")
    town.ok("backup", town.path / "copy")
    assert town.write("note", CASE, invented.note()).code == 0
    bo.ok("list")
    town.ok("restore", town.path / "copy", "--yes")
    assert bo.run("list").code == 32


def test_a_look_into_a_copy_is_said_to_stand_nowhere(town: Home):
    town.ok("backup", town.path / "copy")
    answer = town.run("--store", town.path / "copy", "show", CASE, "--format", "json")
    assert answer.code == 0 and "copy" in answer.err
    assert not list((town.path / "copy").glob("access-*"))


def test_the_person_concerned_is_told_of_looks_and_not_of_names(town: Home):
    look(town, "--purpose", "stand-in")
    told = town.ok("access", CASE, "--plain")
    assert "standing in for whoever answers" in told
    assert "anna" not in told.partition("Looks at the case")[2].partition("For how long")[0]


def test_a_sample_is_drawn_the_same_again_and_signed_by_somebody_else(town: Home):
    bo = colleague(town, "bo")
    for _ in range(6):
        look(town)
    look(bo)
    drawn = [town.ok("log", "sample", "--count", "3", "--seed", "7", "--format", "json") for _ in range(2)]
    assert drawn[0] == drawn[1] and len(json.loads(drawn[0])) == 3
    signed = json.loads(bo.ok("log", "sample", "--sign", "--format", "json"))
    assert {row["by"] for row in signed} == {"anna"} and len(signed) == 6
    (proof,) = json.loads(town.ok("proof", "list", "--format", "json"))
    assert proof["what"] == "log-sample" and proof["note"].endswith("6/6")


def test_nobody_signs_for_his_own_looks(town: Home):
    look(town)
    town.fails(2, "log", "sample", "--sign")


def test_the_log_of_an_erased_case_stays(town: Home):
    look(town)
    town.ok("show", "2026-0006", "--format", "json")
    form = {"archive": "discarded", "rule": "art. 17", "reason": "Udløbet"}
    town.ok("erase", "2026-0006", "--from", "-", "--yes", typed=json.dumps(form))
    assert [row["what"] for row in log(town, "2026-0006")] == ["show"]


# --- how long it is kept ----------------------------------------------------------------------------------------------

OLD = Moment(at="2020-03-02T10:00:00+01:00", today=date(2020, 3, 2))


def looked_long_ago(home: Home) -> Path:
    """Let somebody have looked years ago, so that a register knows of it."""
    workspace = home.workspace()
    lookups.record_lookup(workspace, "show", [CASE], "case-work", OLD)
    with writing(workspace.store):
        commit(workspace.store, [], at=OLD.at)
    return home.store / "access-anna-2020-03.yaml.age"


def test_what_has_been_kept_long_enough_is_deleted_and_missed_by_nobody(town: Home):
    old, bo = looked_long_ago(town), colleague(town, "bo")
    look(town)
    assert "access-anna-2020-03" in dict(town.workspace().store.register.access)
    town.fails(2, "log", "expire")
    assert "2020-03" in town.ok("log", "expire", "--yes")
    assert not old.exists() and not list(town.store.glob(".access-*2020*"))
    assert len(log(town)) == 1
    for home in (town, bo):
        assert home.ok("verify")
    assert town.workspace().store.register.logged == lookups.first_kept(
        town.workspace(), Moment(at=now(), today=date.today())
    )
    (told,) = [entry for entry in town.workspace().store.entries("log") if entry.step == "expire"]
    assert told.body["months"] == 60
    assert "nothing of the log" in town.run("log", "expire", "--yes").err


def now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def test_what_comes_back_of_it_is_not_looked_at_and_goes_again(town: Home):
    old = looked_long_ago(town)
    data = old.read_bytes()
    town.ok("log", "expire", "--yes")
    old.write_bytes(data)
    old.chmod(0o640)
    assert log(town) == [] and town.ok("verify")
    assert town.write("note", CASE, invented.note()).code == 0
    assert not old.exists()


def test_a_copy_that_is_brought_back_brings_none_of_it(town: Home):
    looked_long_ago(town)
    town.ok("backup", town.path / "copy")
    town.ok("log", "expire", "--yes")
    town.ok("restore", town.path / "copy", "--yes")
    assert log(town) == [] and town.ok("verify")
    assert not list(town.store.glob("access-*"))
    town.ok("backup", town.path / "copy")
    assert not list((town.path / "copy").glob("access-*"))


def test_no_other_day_and_no_short_setting_cuts_the_log_short(town: Home):
    look(town)
    town.ok("--today", "2099-01-01", "log", "expire", "--yes")
    assert len(log(town)) == 1
    assert town.run("settings", "set", "--from", "-", typed=json.dumps({"log_months": 11})).code == 12
    town.ok("settings", "set", "--from", "-", typed=json.dumps({"log_months": 12}))
    town.ok("log", "expire", "--yes")
    assert len(log(town)) == 1


def test_a_log_that_is_kept_too_long_is_found_by_the_doctor(town: Home):
    looked_long_ago(town)
    assert "2020-03 is kept longer" in town.run("doctor").out
    town.ok("log", "expire", "--yes")
    assert "kept longer" not in town.run("doctor").out


def test_a_reader_deletes_nothing_of_it(town: Home):
    looked_long_ago(town)
    assert colleague(town, "bo", "reader").run("log", "expire", "--yes").code == 30


def test_a_register_that_takes_the_log_back_is_another_history(town: Home):
    store = town.workspace().store
    later = replace(store.register, logged="2021-01")
    anchor = BLANK.moved(later, store.roster)
    anchor.check(later, store.roster, "anna")
    with pytest.raises(ForkError):
        anchor.check(replace(later, number=later.number + 2, logged=""), store.roster, "anna")
    assert blank("0" * 64).logged == ""


@pytest.mark.parametrize("when", ["before the keys count", "after they count"])
def test_a_look_written_while_a_colleague_renews_her_keys_stays_open_to_her(
    town: Home, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    reading = colleague(town, "bodil", "reader").workspace()
    step = {"before the keys count": "_announced", "after they count": "_save"}[when]
    real = getattr(saving, step)

    def meanwhile(*told: object) -> object:
        done = real(*told)
        lookups.record_lookup(reading, "show", [CASE], "case-work", WRITTEN)
        return done

    monkeypatch.setattr(saving, step, meanwhile)
    places = identity.Places(config=town.path / "config", state=town.path / "state")
    membership.rotate(town.workspace(), places, None, WRITTEN)
    assert town.run("verify").code == 0
    assert "bodil" in {row["by"] for row in log(town)}


def test_true_counts_are_logged_and_controlled_ones_are_not(town: Home):
    town.ok("report")
    assert looks_at_all(town) == []
    town.ok("report", "--internal", "--format", "json")
    assert looks_at_all(town) == [("counts", "oversight")]


def looks_at_all(home: Home) -> list[tuple[str, str]]:
    return [(row["what"], row["purpose"]) for row in lookups.log(home.workspace()) if row["case"] is None]
