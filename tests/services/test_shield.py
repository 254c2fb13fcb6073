"""Shielded cases: sealed to few, shut to the others by their keys; and everybody's work goes on beside them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import invented
import pytest
from cli_kit import WRITTEN, Home
from store_kit import AT, TWO, change, found_office, joining, leaving, person, row
from test_membership import all_files, identity, newcomer, opened, small

from ballerup_cli.errors import DamagedFileError, ShieldedError
from ballerup_cli.services.store.identity import open_holder
from ballerup_cli.storage.crypto.age import unseal
from ballerup_cli.storage.store import journal, members
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.store.members import RENEW
from ballerup_cli.storage.store.store import Store, case_journal

__all__ = ["small"]
CASE, FILE = "2026-0001", "2026-0001.yaml.age"
NOT_COUNTED = "1 case not counted: it is shielded from you"


@pytest.fixture
def anna(small: Path, place: Path) -> Home:
    return Home(small).copied(place / "anna")


@pytest.fixture
def bodil(anna: Home) -> Home:
    """A coordinator from whom anna's case is shielded."""
    home = newcomer(anna, "bodil")
    shield(anna, "anna")
    return home


def shield(home: Home, *names: str, **more: object) -> None:
    answer = home.write("shield", CASE, invented.shield(*names, **more))
    assert answer.code == 0, answer


def is_open(home: Home, key: object) -> bool:
    return FILE in opened(home, key)


def paper(home: Home) -> object:
    return open_holder(home.path / "recovery.txt", lambda: "").identity


# --- what the others see ----------------------------------------------------------------------------------------------


def test_only_those_named_and_the_paper_open_the_file(anna: Home, bodil: Home) -> None:
    assert opened(anna, identity(bodil)) == all_files(anna) - {FILE}
    assert is_open(anna, identity(anna)) and is_open(anna, paper(anna))
    assert anna.show(CASE)["shielded"] == ["anna"]


@pytest.mark.parametrize(
    "words", [("show", CASE), ("access", CASE, "--plain"), ("export", CASE, "--out", "out"), ("form", "note", CASE)]
)
def test_the_others_are_refused_as_with_a_wrong_key(bodil: Home, words: tuple[str, ...]) -> None:
    if words[0] == "form":
        assert bodil.write("note", CASE, invented.note()).code == 30
    else:
        answer = bodil.run(*words)
        assert (answer.code, answer.out) == (30, "") and "shielded" in answer.err


def test_the_others_find_everything_as_it_was_written(anna: Home, bodil: Home) -> None:
    looked = bodil.run("verify")
    assert (looked.code, "1 shielded case was not opened" in looked.err) == (0, True)
    assert anna.run("verify").err == ""
    (anna.store / FILE).write_bytes((anna.store / "pladen.yaml.age").read_bytes())
    assert bodil.run("verify").code == 3, "its bytes are still held against the register"


@pytest.mark.parametrize("words", [("list",), ("report",), ("today",), ("retention",), ("disclosures",), ("check",)])
def test_lists_and_counts_say_what_is_not_in_them(anna: Home, bodil: Home, words: tuple[str, ...]) -> None:
    assert NOT_COUNTED in bodil.run(*words).err
    assert "not counted" not in anna.run(*words).err


def test_it_is_in_no_list_but_its_deadlines_are_everybodys(anna: Home, bodil: Home) -> None:
    assert json.loads(bodil.ok("list", "--format", "json")) == []
    assert json.loads(bodil.ok("search", "--from", "-", "--format", "json", typed="skolen")) == []
    due = ("due", "--within", "3650", "--format", "json")
    assert bodil.ok(*due) == anna.ok(*due)
    assert CASE in {line["case"] for line in json.loads(bodil.ok(*due))}
    totals = [json.loads(home.ok("report", "--internal", "--format", "json"))["totals"] for home in (anna, bodil)]
    assert [total["received"] for total in totals] == [1, 0]


def test_a_case_is_shielded_from_its_first_entry_on(anna: Home) -> None:
    bodil = newcomer(anna, "bodil")
    form = invented.create(shield={"for": ["anna"], "reason": "Kollegas søn"})
    assert anna.write("create", None, form).out == "2026-0002\n"
    assert "2026-0002.yaml.age" not in opened(anna, identity(bodil))
    assert bodil.write("create", None, invented.create()).out == "2026-0003\n", "its number is taken"
    assert bodil.ok("verify") and anna.ok("verify")


def test_who_does_not_open_all_cases_publishes_nothing(bodil: Home) -> None:
    """A published report is for good, and this one would not count all."""
    refused = bodil.run("report", "--publish")
    assert (refused.code, refused.out) == (30, "") and "shielded from you" in refused.err
    assert NOT_COUNTED in bodil.run("report").err


def test_a_shield_is_lifted(anna: Home, bodil: Home) -> None:
    shield(anna)
    assert is_open(anna, identity(bodil))
    assert bodil.show(CASE)["shielded"] == []
    assert bodil.run("list").err == ""


def test_a_reader_can_be_one_of_those_named(anna: Home) -> None:
    reader = newcomer(anna, "dorte", "reader")
    shield(anna, "anna", "dorte")
    assert reader.show(CASE)["shielded"] == ["anna", "dorte"]


# --- who may be named -------------------------------------------------------------------------------------------------


def test_it_is_shielded_for_members_who_open_records_and_one_can_work_on_it(anna: Home) -> None:
    newcomer(anna, "dorte", "reader")
    newcomer(anna, "vagt", "watch")
    for names in (("nobody",), ("vagt", "anna"), ("recovery", "anna"), ("dorte",)):
        assert anna.write("shield", CASE, invented.shield(*names)).code == 12, names


def test_whoever_shields_a_case_from_himself_is_told(anna: Home) -> None:
    bodil = newcomer(anna, "bodil")
    answer = anna.write("shield", CASE, invented.shield("bodil"))
    assert answer.code == 0
    assert "you do not open this case any more" in answer.err and "who answers for the case" not in answer.err
    anna.fails(30, "show", CASE)
    assert bodil.show(CASE)["shielded"] == ["bodil"]


def test_it_is_handed_to_nobody_who_does_not_open_it(anna: Home, bodil: Home) -> None:
    assert anna.write("hand-over", CASE, invented.hand_over(to="bodil")).code == 12
    shield(anna, "anna", "bodil")
    assert anna.write("hand-over", CASE, invented.hand_over(to="bodil")).code == 0


@pytest.mark.parametrize("step", ["correct", "redact"])
def test_no_correction_and_no_redaction_changes_for_whom(anna: Home, bodil: Home, step: str) -> None:
    entry = len(anna.show(CASE)["entries"])
    for path in ("for", "for.1", "shielded"):
        value = {"value": "bodil"} if step == "correct" else {}
        form = {"entry": entry, "path": path, "reason": "Forkert", **value}
        assert anna.write(step, CASE, form).code == 12
    assert not is_open(anna, identity(bodil))


def test_the_reason_can_be_taken_out(anna: Home, bodil: Home) -> None:
    entry = len(anna.show(CASE)["entries"])
    form = {"entry": entry, "path": "reason", "reason": "Nævner nogen"}
    assert anna.write("redact", CASE, form).code == 0
    assert anna.ok("verify")
    assert not is_open(anna, identity(bodil))


# --- members come, go and renew beside it -----------------------------------------------------------------------------


def test_it_stays_as_it_is_while_the_others_come_renew_and_go(anna: Home, bodil: Home) -> None:
    before = (anna.store / FILE).read_bytes()
    carl = newcomer(bodil_at(anna, bodil), "carl")
    bodil.ok("keys", "rotate", "--yes")
    assert carl.write("create", None, invented.create()).code == 0
    bodil.ok("members", "remove", "carl", "--yes")
    assert (anna.store / FILE).read_bytes() == before
    for home in (anna, bodil):
        assert home.ok("verify")
    assert not is_open(anna, identity(carl)) and not is_open(anna, identity(bodil))


def bodil_at(anna: Home, bodil: Home) -> Home:
    """Bodil's home, with the store where the kit looks for it."""
    (bodil.path / "store").symlink_to(anna.store)
    return bodil


def test_new_keys_of_somebody_named_open_it(anna: Home, bodil: Home) -> None:
    old = identity(anna)
    anna.ok("keys", "rotate", "--yes")
    assert is_open(anna, identity(anna)) and not is_open(anna, old) and not is_open(anna, identity(bodil))


def test_who_was_let_go_by_somebody_else_is_shut_out_by_the_next_save_of_one_who_opens_it(anna: Home) -> None:
    bodil, carl = newcomer(anna, "bodil"), newcomer(anna, "carl")
    shield(anna, "anna", "carl")
    bodil.ok("members", "remove", "carl", "--yes")
    assert is_open(anna, identity(carl)), "bodil could not seal it anew"
    assert anna.write("create", None, invented.create()).code == 0
    assert not is_open(anna, identity(carl)) and is_open(anna, identity(anna))
    assert anna.ok("verify") and bodil.ok("verify")


def test_a_new_paper_made_by_somebody_else_opens_it_from_the_next_save_on(anna: Home, bodil: Home) -> None:
    told = bodil.run("keys", "rotate", "--recovery", bodil.path / "paper.txt", "--yes")
    assert "keep the old one" in told.err
    new = open_holder(bodil.path / "paper.txt", lambda: "").identity
    assert not is_open(anna, new)
    anna.ok("keys", "drill", "--recovery-file", bodil.path / "paper.txt")
    assert is_open(anna, new) and not is_open(anna, paper(anna))


def test_when_none_of_them_is_left_the_paper_opens_it_to_others(anna: Home, bodil: Home) -> None:
    bodil.ok("members", "remove", "anna", "--yes")
    bodil.fails(30, "show", CASE)
    held = ("--identity", anna.path / "recovery.txt")
    assert json.loads(bodil.ok(*held, "show", CASE, "--format", "json"))["shielded"] == ["anna"]
    bodil.fails(12, *held, "shield", CASE, "--from", write(bodil, invented.shield("anna")))
    bodil.ok(*held, "shield", CASE, "--from", write(bodil, invented.shield("bodil")))
    assert bodil.show(CASE)["shielded"] == ["bodil"]
    assert bodil.run(*held, "note", CASE, "--from", write(bodil, invented.note())).code == 30, "nothing else is signed"
    assert bodil.ok("verify")


def write(home: Home, form: object) -> Path:
    path = home.work / "form.json"
    path.write_text(json.dumps(form))
    return path


# --- copies, erasure, settings ----------------------------------------------------------------------------------------


def test_others_copy_it_and_bring_it_back(anna: Home, bodil: Home) -> None:
    copy = bodil.path / "copy"
    bodil.ok("backup", copy)
    assert bodil.run("--store", copy, "verify").code == 0
    anna.write("note", CASE, invented.note())
    bodil.ok("restore", copy, "--yes")
    assert bodil.ok("verify")
    assert not is_open(anna, identity(bodil)) and is_open(anna, identity(anna))


def test_bringing_back_an_older_copy_lifts_no_shield(anna: Home) -> None:
    bodil, copy = newcomer(anna, "bodil"), anna.path / "copy"
    anna.ok("backup", copy)
    shield(anna, "anna")
    assert f"stay as they are now, since a text was taken out of them or they are shielded: {CASE}" in (
        bodil.run("restore", copy, "--yes").err
    )
    assert not is_open(anna, identity(bodil)) and is_open(anna, identity(anna))
    assert bodil.ok("verify")


def test_those_named_erase_it_and_it_stays_counted(anna: Home, bodil: Home) -> None:
    assert anna.write("close", CASE, invented.close("no-basis")).code == 0
    erase = {"archive": "discarded", "rule": "art. 17", "reason": "Udløbet"}
    assert bodil.run("erase", CASE, "--yes", "--from", write(bodil, erase)).code == 30
    copy = anna.path / "copy"
    anna.ok("backup", copy)
    anna.ok("erase", CASE, "--yes", "--from", "-", typed=json.dumps(erase))
    assert bodil.run("list").err == ""
    assert json.loads(bodil.ok("report", "--internal", "--format", "json"))["totals"]["received"] == 1
    assert "erased since" in bodil.run("restore", copy, "--yes").err
    assert bodil.ok("verify") and not (anna.store / FILE).exists()


def test_settings_changed_by_somebody_else_raise_no_alarm(anna: Home, bodil: Home) -> None:
    told = {"clocks": {"police-answer": {"length": 9}}}
    answer = bodil.run("settings", "set", "--from", "-", typed=json.dumps(told))
    assert answer.code == 0 and NOT_COUNTED in answer.err
    assert anna.ok("verify") and bodil.ok("verify")
    before = deadlines(anna)
    assert anna.write("note", CASE, invented.note()).code == 0
    assert deadlines(anna) != before
    assert anna.ok("verify")


def deadlines(home: Home) -> object:
    return home.workspace().store.register.journals[case_journal(CASE)].due


# --- what others may write in the register opens nothing --------------------------------------------------------------


def sealed_office(root: Path):
    office = found_office(root)
    name = case_journal(TWO)
    draft = Draft(step="shield", at=AT, body={"why": "family"}, readers="anna")
    office.write("anna", Change(journal=name, drafts=[draft], state="received"))
    return office, name


def test_a_register_that_forgets_or_widens_a_shield_is_an_alarm_and_opens_nothing(place: Path) -> None:
    office, name = sealed_office(place / "office")
    with pytest.raises(ShieldedError):
        office.open("bo").records(name)
    number = office.register().number + 1
    for claim in ({}, {TWO: (number, ("anna", "bo"))}):
        tried = office.copy(place / f"office-{len(claim)}")
        tried.put_register(tried.next_register(by="bo", shielded=claim), "bo")
        with pytest.raises(DamagedFileError):
            tried.open("anna").records(name)
        with pytest.raises(DamagedFileError):  # nothing is sealed anew on such a word
            tried.write("anna", joining("carl"), reseal=True)


def test_a_register_that_shields_what_is_not_is_an_alarm(place: Path) -> None:
    office, _ = sealed_office(place / "office")
    shielded = {**office.register().shielded, "2026-0001": (1, ("anna",))}
    office.put_register(office.next_register(by="bo", shielded=shielded), "bo")
    with pytest.raises(DamagedFileError):
        office.open("anna").records(case_journal("2026-0001"))


def test_a_key_is_known_to_open_a_case_before_it_is_tried(place: Path) -> None:
    office, name = sealed_office(place / "office")
    office.welcome("recovery")
    for who, shut in {"anna": 0, "recovery": 0, "bo": 1, "rita": 1, "cron": 1}.items():
        store = office.open(who)
        assert (store.opens(TWO), store.shielded_count(), opens(office, name, who)) == (not shut, shut, not shut)
        assert store.readable() == [case for case in store.cases() if case != TWO or not shut]
        assert [case for case in (*store.cases(), "2026-0099") if store.has(case)] == store.readable()


def test_keys_that_somebody_named_renews_herself_open_it_at_once(place: Path) -> None:
    office, name = sealed_office(place / "office")
    anew = person("anna anew")
    new = row("anna", recipient=anew.identity.recipient.text, signing=anew.key.public)
    office.write("anna", change(members.JOURNAL, new, step=RENEW), reseal=True, renewed=anew)
    assert Store.open(office.folder, office.keeper("anna"), office.pin, anew).records(name)


def test_what_is_sealed_to_new_keys_already_is_not_sealed_again(place: Path) -> None:
    office, name = sealed_office(place / "office")
    sheet = person("another sheet")
    new = row("recovery", "recovery", recipient=sheet.identity.recipient.text, signing=sheet.key.public)
    office.write("anna", change(members.JOURNAL, new, step=RENEW), reseal=True)
    before = office.files()[f"{TWO}.yaml.age"]
    assert opens(office, name, "another sheet") and not opens(office, name, "recovery")
    office.write("anna", change("pladen", {"a": "c"}))
    assert office.files()[f"{TWO}.yaml.age"] == before


def test_a_name_that_comes_back_is_somebody_else(place: Path) -> None:
    office, name = sealed_office(place / "office")
    office.write("bo", joining("carl"), reseal=True)
    draft = Draft(step="shield", at=AT, body={"why": "family"}, readers="anna carl")
    office.write("anna", Change(journal=name, drafts=[draft], state="received"))
    office.write("bo", leaving("carl"), reseal=True)
    other = row("carl", recipient=person("mallory").identity.recipient.text, signing=person("mallory").key.public)
    office.write("bo", change(members.JOURNAL, other, step=members.JOIN), reseal=True)
    office.write("anna", change("pladen", {"a": "c"}))
    assert office.register().shielded[TWO][1] == ("anna",)
    assert not opens(office, name, "mallory") and not opens(office, name, "carl") and opens(office, name, "anna")


def test_keys_that_somebody_else_gives_to_one_of_them_open_nothing(place: Path) -> None:
    office, name = sealed_office(place / "office")
    office.write("anna", joining("carl"), reseal=True)
    draft = Draft(step="shield", at=AT, body={"why": "family"}, readers="anna carl")
    office.write("anna", Change(journal=name, drafts=[draft], state="received"))
    stolen = row("carl", recipient=person("mallory").identity.recipient.text, signing=person("mallory").key.public)
    office.write("bo", change(members.JOURNAL, stolen, step=RENEW), reseal=True)
    office.write("anna", change("pladen", {"a": "c"}))
    assert not opens(office, name, "mallory") and not opens(office, name, "carl") and opens(office, name, "anna")


def opens(office, name: str, who: str) -> bool:
    try:
        unseal((office.path / f"{name.removeprefix('cases/')}.yaml.age").read_bytes(), [person(who).identity])
    except Exception as refused:
        assert "30" in str(getattr(refused, "exit_code", ""))
        return False
    return True


def test_heads_and_the_register_say_it_in_one_spelling(place: Path) -> None:
    office, name = sealed_office(place / "office")
    assert journal.readers(office.records(name)) == (("anna",), office.register().number - 1)
    assert journal.readers(office.records(case_journal("2026-0001"))) is None
    bad = replace(office.next_register(), shielded={"2026-0009": (1, ("anna",))})
    office.put_register(bad, "bo")
    with pytest.raises(DamagedFileError):
        office.open("anna")


def test_an_interrupted_save_is_completed_by_somebody_from_whom_it_is_shielded(place: Path) -> None:
    office, name = sealed_office(place / "office")
    store = office.open("anna")
    with writing(store):
        commit(store, [change(name, {"text": "Ringede"}, state="received")], at=WRITTEN.at)
    file = office.path / f"{TWO}.yaml.age"
    shutil.move(file, office.path / f".{store.register.journals[name].now.removeprefix('sha256:')}.new")
    office.write("bo", change("pladen", {"a": "c"}))
    assert file.exists()
    assert len(office.open("anna").records(name)) == 3
