"""Attacks on a store by whoever can write to its folder, by outsiders with the public keys, and by former members.

Each ends in the exit code that docs/format.md gives for it, or is harmless: then everything reads as before.
"""

import json
import os
from dataclasses import replace

import pytest
from store_kit import (
    AT,
    ONE,
    THREE,
    TWO,
    Office,
    case,
    code_of,
    found_office,
    founding,
    joining,
    leaving,
    person,
    row,
)

from ballerup_cli.errors import DamagedFileError, JumpError, NoAnchorError
from ballerup_cli.storage.crypto.age import Stanza, encode64
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.files import Folder, shared_folder
from ballerup_cli.storage.store import commit as commits
from ballerup_cli.storage.store import journal, members
from ballerup_cli.storage.store.anchor import BLANK
from ballerup_cli.storage.store.commit import Erasure, Taken, commit, found, writing
from ballerup_cli.storage.store.register import Row
from ballerup_cli.storage.store.store import REGISTER, Store, case_journal, file_of, pending_name

FIRST, SECOND = case_journal(ONE), case_journal(TWO)
ERASURE = Erasure(case=THREE, month="2026-11", provision="art. 5")


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    return found_office(tmp_path_factory.mktemp("attacks") / "office")


@pytest.fixture
def office(origin, tmp_path) -> Office:
    return origin.copy(tmp_path / "office")


def read_all(office: Office, who: str = "bo") -> None:
    """Do what every command does, and read every journal."""
    store = office.open(who)
    for alarm in store.alarms():
        raise alarm
    if who == "cron":
        for name in sorted(store.register.journals):
            store.check_file(name)
    else:
        for name in store.register.journals:
            store.entries(name)


def codes(office: Office, *names: str) -> list[int]:
    return [code_of(lambda who=who: read_all(office, who)) for who in names or ("anna", "bo", "rita", "cron")]


def same_for_all(office: Office, *, meets: int) -> bool:
    return set(codes(office)) == {meets}


def later(office: Office) -> None:
    """Let time pass: both coordinators write, everybody looks."""
    office.write("bo", case(ONE, "Bo ser til", step="note"))
    office.write("anna", case(TWO, "Anna ser til", step="note"))
    assert same_for_all(office, meets=0)


# --- bytes ------------------------------------------------------------------------------------------------------------


def test_an_honest_store_reads_without_an_alarm(office):
    later(office)
    assert office.files().keys() == {REGISTER, *(file_of(name) for name in office.register().journals)}


def test_every_changed_byte_of_a_case_is_noticed(office):
    store, path = office.open("bo"), office.path / file_of(FIRST)
    data = path.read_bytes()
    found = set()
    with path.open("r+b", buffering=0) as file:
        for place, byte in enumerate(data):
            file.seek(place)
            file.write(bytes([byte ^ 1]))
            found.add(code_of(lambda: store.records(FIRST)))
            file.seek(place)
            file.write(bytes([byte]))
    assert found == {31}
    assert len(store.records(FIRST)) == 1


@pytest.mark.parametrize("file", [REGISTER, "members.yaml.age"])
def test_changed_bytes_of_register_and_member_list_are_noticed(office, file):
    data = (office.path / file).read_bytes()
    for place in {*range(160), *range(0, len(data), 61), *range(len(data) - 20, len(data))}:
        office.put(file, data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        assert code_of(lambda: office.open("bo")) in (30, 31), place


@pytest.mark.parametrize("file", [REGISTER, "members.yaml.age", file_of(FIRST)])
@pytest.mark.parametrize(
    "damage", [b"".join, lambda d: d[:-1], lambda d: d[:200], lambda d: d + b"\0", lambda d: d * 2]
)
def test_cut_emptied_and_grown_files_are_noticed(office, file, damage):
    data = (office.path / file).read_bytes()
    office.put(file, b"" if damage == b"".join else damage(data))
    assert codes(office, "anna", "bo") == [31, 31]


# --- one reader more --------------------------------------------------------------------------------------------------


class ClassicKey:
    """A recipient that a quantum computer opens."""

    def wrap(self, _file_key: bytes) -> Stanza:
        return Stanza(words=("X25519", encode64(bytes(32)).decode()), body=bytes(32))


STRANGERS = [person("mallory").identity.recipient, ClassicKey()]


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("file", [REGISTER, "members.yaml.age", file_of(FIRST)])
def test_a_member_who_seals_a_file_to_one_more_is_noticed(office, monkeypatch, stranger, file):
    seal, marks = commits.seal, {REGISTER: b'"journals":', "members.yaml.age": b'journal: "members"'}
    mark = marks.get(file, b"Hemmelig")
    sealing = lambda text, told: seal(text, [*told, stranger] if mark in text else told)  # noqa: E731
    monkeypatch.setattr(commits, "seal", sealing)
    office.write("anna", joining("carl") if file == "members.yaml.age" else case(ONE, "Hemmelig", step="note"))
    monkeypatch.undo()
    assert codes(office, "bo") == [31]


# --- files: taken away, put back, moved -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [FIRST, "pladen", "members"])
def test_a_deleted_file_is_missed(office, name):
    (office.path / file_of(name)).unlink()
    assert same_for_all(office, meets=33)


def test_a_store_without_its_register_is_no_empty_store(office):
    (office.path / REGISTER).unlink()
    assert same_for_all(office, meets=33)
    assert code_of(lambda: office.write("anna")) == 33


def test_a_store_that_is_gone(office):
    office.path.rename(office.root / "elsewhere")
    assert same_for_all(office, meets=40)
    office.path.write_text("a file in its place")
    assert same_for_all(office, meets=40)


def test_an_old_revision_of_a_case(office):
    old = office.files()[file_of(FIRST)]
    office.write("bo", case(ONE, "to", step="note"))
    office.put(file_of(FIRST), old)
    assert same_for_all(office, meets=32)


def test_a_case_two_revisions_behind(office):
    old = office.files()[file_of(FIRST)]
    office.write("bo", case(ONE, "to", step="note"))
    office.write("bo", case(ONE, "tre", step="note"))
    office.put(file_of(FIRST), old)
    assert same_for_all(office, meets=31)


def test_an_old_member_list_under_the_new_register(office):
    old = office.files()["members.yaml.age"]
    office.write("anna", joining("carl"), reseal=True)
    office.put("members.yaml.age", old)
    assert same_for_all(office, meets=32)


def test_two_cases_swapped(office):
    files = office.files()
    office.put(file_of(FIRST), files[file_of(SECOND)])
    office.put(file_of(SECOND), files[file_of(FIRST)])
    assert same_for_all(office, meets=31)


@pytest.mark.parametrize("name", ["2026-0009.yaml.age", "extra.yaml.age", ".hidden.age", "\x1b[2J.age", "\udcff.age"])
def test_a_case_copied_under_a_new_name(office, name):
    office.put(name, office.files()[file_of(FIRST)])
    assert same_for_all(office, meets=31)


def test_an_erased_case_under_its_old_name_is_ignored_and_goes(office):
    old = office.files()[file_of(case_journal(THREE))]
    office.write("anna", erase=[ERASURE])
    office.put(file_of(case_journal(THREE)), old)
    assert same_for_all(office, meets=0)
    assert THREE not in office.open("bo").cases()
    with writing(office.open("bo")):
        assert file_of(case_journal(THREE)) not in office.files()


def test_an_erased_case_under_a_new_name(office):
    old = office.files()[file_of(case_journal(THREE))]
    office.write("anna", erase=[ERASURE])
    office.put("2026-0009.yaml.age", old)
    assert same_for_all(office, meets=31)


def test_an_erased_case_in_place_of_another(office):
    old = office.files()[file_of(case_journal(THREE))]
    office.write("anna", erase=[ERASURE])
    office.put(file_of(FIRST), old)
    assert same_for_all(office, meets=31)


# --- time: older stores and second histories --------------------------------------------------------------------------


def put_back(office: Office, files: dict[str, bytes]) -> None:
    for name in office.files():
        (office.path / name).unlink()
    for name, data in files.items():
        office.put(name, data)


def test_the_old_register_alone(office):
    old = office.files()[REGISTER]
    later(office)
    office.put(REGISTER, old)
    assert same_for_all(office, meets=32)


def test_the_old_register_with_the_old_case(office):
    old = office.files()
    office.write("bo", case(ONE, "to", step="note"))
    assert same_for_all(office, meets=0)
    office.put(REGISTER, old[REGISTER])
    office.put(file_of(FIRST), old[file_of(FIRST)])
    assert same_for_all(office, meets=32)


def test_the_whole_store_rolled_back(office):
    old = office.files()
    later(office)
    put_back(office, old)
    assert same_for_all(office, meets=32)
    assert code_of(lambda: office.write("anna")) == 32


def test_a_register_that_calls_itself_the_first_is_older_too(office):
    store = office.open("anna")
    office.put_register(office.next_register(number=1, previous="", seen={}, by="bo"), "bo")
    assert same_for_all(office, meets=32)
    assert code_of(Store(store.folder, store.keeper, store.pin, store.holder, store.view).reload) == 32


@pytest.mark.parametrize("ahead", [1, 2, 4])
def test_a_fork_shows_to_both_sides_and_to_those_who_never_write(office, ahead):
    later(office)
    branch = office.copy(office.root.with_name("branch"))
    office.write("anna", case(ONE, "hos Anna", step="note"))
    assert same_for_all(office, meets=0)
    for _ in range(ahead):
        branch.write("bo", case(TWO, "hos Bo", step="note"))
    assert codes(branch) == [0, 0, 0, 0]  # with the anchors of a world in which Anna wrote nothing
    here, there = office.files(), branch.files()
    put_back(office, there)
    assert codes(office, "anna", "rita", "cron") == [32, 32, 32]
    put_back(branch, here)
    assert codes(branch, "bo", "rita", "cron") == [32, 32, 32]


def test_a_copy_may_be_older_and_of_no_other_history(office):
    old, branch = office.copy(office.root.with_name("old")), office.copy(office.root.with_name("branch"))
    office.write("anna", case(ONE, "hos Anna", step="note"))
    branch.write("bo", case(TWO, "hos Bo", step="note"))
    assert [code_of(lambda at=at: as_copy(office, at)) for at in (office, old, branch)] == [0, 0, 32]


def as_copy(office: Office, at: Office) -> Store:
    return Store.open(at.folder, office.keeper("anna"), office.pin, person("anna"), copy=True)


def test_a_fork_that_went_further_than_the_other_side(office):
    later(office)
    branch = office.copy(office.root.with_name("branch"))
    for _ in range(3):
        office.write("anna", case(ONE, "hos Anna", step="note"))
    branch.write("bo", case(TWO, "hos Bo", step="note"))
    put_back(branch, office.files())
    assert codes(branch, "bo") == [32]


def test_a_draft_of_a_register_that_was_never_committed_put_in_place_later(office):
    before = office.files()
    store = office.open("anna")
    with writing(store):
        commit(store, [case(ONE, "afbrudt", step="note")], at=AT)
    interrupted = office.files()
    put_back(office, before)  # as if the power went before the register was renamed
    office.keeper("anna").save(
        replace(BLANK.moved(*_seen(office)), pending=(store.register.number, "sha256:" + 64 * "0"))
    )
    office.write("anna", case(ONE, "gentaget", step="note"))
    put_back(office, interrupted)
    assert codes(office, "anna") == [32]


def _seen(office: Office) -> tuple:
    return office.register(), office.roster()


def test_without_an_anchor_nobody_can_tell(office):
    office.keeper("bo").path.unlink()
    with pytest.raises(NoAnchorError) as told:
        office.open("bo")
    found = office.register()
    assert told.value.facts == {"number": found.number, "at": "2026-11-22", "by": found.by}
    office.keeper("bo").path.write_text("{}")
    office.keeper("bo").path.chmod(0o600)
    assert codes(office, "bo") == [43]


def test_an_anchor_from_a_save_that_never_happened_is_none(office):
    office.keeper("bo").save(replace(BLANK, pending=(office.register().number, "sha256:" + 64 * "0")))
    assert codes(office, "bo") == [32]


def test_another_store_in_its_place(office, tmp_path):
    shared_folder(tmp_path / "other")
    keeper = office.keeper("elsewhere")
    found(Folder(tmp_path / "other"), lambda _: keeper, person("anna"), founding("anna", "bo"), [], at=AT)
    put_back(office, {file.name: file.read_bytes() for file in (tmp_path / "other").iterdir()})
    assert codes(office, "anna", "bo", "rita") == [32, 32, 30]


def test_an_outsider_founds_a_store_of_the_same_people(office, tmp_path):
    shared_folder(tmp_path / "forged")
    mallory = row("anna", signing=person("mallory").key.public)
    body = {"members": [mallory, row("bo")]}
    found(Folder(tmp_path / "forged"), lambda _: office.keeper("mallory"), person("mallory"), body, [], at=AT)
    put_back(office, {file.name: file.read_bytes() for file in (tmp_path / "forged").iterdir()})
    assert codes(office, "anna", "bo") == [32, 32]


# --- members, present and former --------------------------------------------------------------------------------------


@pytest.fixture
def without_bo(office) -> tuple[Office, dict[str, bytes]]:
    """Bo is removed; he kept a copy of everything."""
    later(office)
    kept = office.files()
    office.write("anna", leaving("bo"), reseal=True)
    assert codes(office, "anna", "rita", "cron", "bo") == [0, 0, 0, 30]
    return office, kept


def test_a_removed_member_puts_the_old_list_back_and_forges_a_register(without_bo):
    office, kept = without_bo
    number = office.register().number
    put_back(office, kept)
    office.put_register(office.next_register(number=number + 1, by="bo"), "bo")
    assert codes(office, "anna", "rita", "cron") == [32, 32, 32]


def test_a_removed_member_continues_the_old_list_with_a_friend(without_bo):
    office, kept = without_bo
    number = office.register().number
    put_back(office, kept)
    records = office.records("members")
    text = "".join(f'{name}: "{value}"\n' for name, value in row("mallory").items())
    records = office.entry("members", records, "bo", step="join", text=text)
    office.put_journal("members", records, "bo", number=number + 3)
    assert codes(office, "anna", "rita", "cron") == [32, 32, 32]


def test_a_removed_member_signs_an_entry_in_a_newer_register(without_bo):
    office, _ = without_bo
    office.put_journal(FIRST, office.entry(FIRST, office.records(FIRST), "bo"), "anna")
    assert codes(office, "anna", "rita") == [31, 31]


def test_a_removed_member_signs_a_newer_register(without_bo):
    office, _ = without_bo
    office.put_register(office.next_register(by="bo"), "bo")
    assert codes(office, "anna", "rita", "cron") == [31, 31, 31]


def test_a_removed_member_signs_himself_in_again(without_bo):
    office, _ = without_bo
    text = "".join(f'{name}: "{value}"\n' for name, value in row("bo").items())
    office.put_journal(
        "members", office.entry("members", office.records("members"), "bo", step="join", text=text), "bo"
    )
    assert codes(office, "anna", "rita", "cron") == [31, 31, 31]


def test_what_a_removed_member_wrote_before_still_stands(without_bo):
    office, _ = without_bo
    assert [entry.by for entry in office.open("anna").entries(FIRST)] == ["anna", "bo"]


def test_who_left_and_came_back_with_a_new_key_cannot_use_the_old_one(without_bo):
    office, _ = without_bo
    office.write("anna", joining("bo", signing=person("new bo").key.public), reseal=True)
    records = office.records(FIRST)
    office.put_journal(FIRST, office.entry(FIRST, records, "bo"), "anna")
    assert codes(office, "anna") == [31]
    office.put_journal(FIRST, office.entry(FIRST, records, "new bo", by="bo"), "anna")
    assert codes(office, "anna") == [0]


def test_an_entry_dated_before_its_signer_was_a_member(office):
    office.write("anna", joining("carl"), reseal=True)
    number = office.register().number
    office.put_journal("extra", office.entry("extra", [], "carl", register=number - 1), "anna")
    assert codes(office, "anna", "bo") == [31, 31]
    office.put_journal("extra", office.entry("extra", [], "carl", register=number), "anna")
    assert codes(office, "anna", "bo") == [0, 0]


def test_an_entry_dated_before_the_entry_it_follows(office):
    office.put_journal(FIRST, office.entry(FIRST, office.records(FIRST), "bo", register=2), "bo")
    assert codes(office, "anna", "bo") == [31, 31]


def test_an_entry_on_top_of_a_register_that_is_still_to_come(office):
    # It would read until its signer leaves, and never again after that.
    ahead = office.entry(FIRST, office.records(FIRST), "bo", register=office.register().number + 1)
    office.put_journal(FIRST, ahead, "bo")
    assert codes(office, "anna", "bo") == [31, 31]


@pytest.mark.parametrize("signer", ["rita", "cron", "recovery", "mallory"])
def test_only_coordinators_sign_records(office, signer):
    office.put_journal(FIRST, office.entry(FIRST, office.records(FIRST), signer), "bo")
    assert codes(office, "anna", "bo") == [31, 31]


@pytest.mark.parametrize("signer", ["rita", "cron", "mallory"])
def test_only_those_who_keep_the_store_sign_members(office, signer):
    records = office.entry("members", office.records("members"), signer, step="leave", text='name: "bo"\n')
    office.put_journal("members", records, "anna")
    assert codes(office, "anna", "bo") == [31, 31]


def test_the_recovery_key_signs_members_and_the_register_that_carries_them(office):
    records = office.entry("members", office.records("members"), "recovery", step="leave", text='name: "bo"\n')
    office.put_journal("members", records, "recovery")
    assert code_of(lambda: office.open("anna")) == 0
    assert codes(office, "anna") == [31], "whoever left can open the files still: they were not sealed anew"


@pytest.mark.parametrize("signer", ["rita", "cron", "mallory"])
@pytest.mark.parametrize("claimed", [False, True])
def test_only_those_who_keep_the_store_sign_registers(office, signer, claimed):
    office.put_register(office.next_register(by="anna" if claimed else signer), signer)
    assert same_for_all(office, meets=31)


@pytest.mark.parametrize(
    ("step", "body", "code"),
    [
        ("join", row("anna", signing=person("mallory").key.public), 31),  # there is one
        ("leave", {"name": "nobody"}, 31),
        ("found", founding("mallory"), 31),
        ("promote", row("rita"), 31),
        ("leave", {"name": 5}, 20),
        ("leave", {}, 20),
        ("join", {"name": "carl"}, 20),
        ("join", {**row("carl"), "until": 3}, 20),
        ("join", row("carl", role="king"), 20),
        ("join", {**row("carl"), "signing": 7}, 20),
        ("join", {**row("carl"), "name": "../carl"}, 20),
        ("found", {"members": 1}, 20),
    ],
)
def test_member_entries_that_make_no_sense(office, step, body, code):
    text = json.dumps(body) + "\n"  # JSON is YAML
    office.put_journal("members", office.entry("members", office.records("members"), "bo", step=step, text=text), "bo")
    assert same_for_all(office, meets=code)


def test_a_member_entry_that_is_no_yaml(office):
    office.put_journal(
        "members", office.entry("members", office.records("members"), "bo", step="join", text="{\n"), "bo"
    )
    assert same_for_all(office, meets=20)


@pytest.mark.parametrize("who", ["rita", "cron"])
def test_readers_and_the_watch_do_not_write(office, who):
    before = office.files()
    assert code_of(lambda: office.write(who, case(ONE))) == 30
    assert code_of(lambda: office.write(who)) == 30
    assert office.files() == before


def test_the_recovery_key_writes_members_but_no_record(office):
    office.welcome("recovery")
    before = office.files()
    assert code_of(lambda: office.write("recovery", case(ONE))) == 30
    assert office.files() == before
    office.write("recovery", leaving("bo"), reseal=True)
    assert codes(office, "anna", "rita", "cron") == [0, 0, 0]


def test_the_watch_opens_the_register_and_nothing_about_people(office):
    store = office.open("cron")
    assert store.register.journals[FIRST].due == (("receipt", "2026-12-01", None),)
    assert [code_of(lambda name=name: store.entries(name)) for name in (FIRST, "pladen", "members")] == [30, 30, 0]


def test_nobody_can_lock_everybody_out_by_leaving(office):
    before = office.files()
    with pytest.raises(RuntimeError):
        office.write("anna", leaving("anna"), reseal=True)
    assert office.files() == before
    assert same_for_all(office, meets=0)


# --- forged content ---------------------------------------------------------------------------------------------------


def test_a_forged_case_by_an_outsider(office):
    records = journal.frame(office.plaintext(file_of(FIRST)))
    forged = office.entry(FIRST, records, "mallory", by="anna")
    office.put(file_of(FIRST), office.seal(journal.join(forged)))
    assert same_for_all(office, meets=31)


def test_a_forged_case_even_if_a_member_signs_the_register_over_it(office):
    office.put_journal(FIRST, office.entry(FIRST, office.records(FIRST), "mallory", by="anna"), "bo")
    assert codes(office, "anna", "bo", "rita") == [31, 31, 31]


def test_a_forged_register_by_an_outsider(office):
    office.put_register(office.next_register(), "mallory")
    assert same_for_all(office, meets=31)
    office.put_register(office.next_register(by="mallory"), "mallory")
    assert same_for_all(office, meets=31)


def test_a_register_signed_by_one_member_in_the_name_of_another(office):
    office.put_register(office.next_register(by="anna"), "bo")
    assert same_for_all(office, meets=31)


def tamper_middle(records: list) -> list:
    return [records[0], replace(records[1], body=records[1].body + b"x: 1\n"), *records[2:]]


@pytest.mark.parametrize(
    "change_of",
    [
        pytest.param(lambda r: r[:-1], id="last entry cut off"),
        pytest.param(lambda r: r[1:], id="first entry cut off"),
        pytest.param(lambda r: [r[0], r[2]], id="middle entry taken out"),
        pytest.param(lambda r: [r[0], r[2], r[1]], id="entries swapped"),
        pytest.param(lambda r: [*r, r[-1]], id="entry doubled"),
        pytest.param(tamper_middle, id="body changed"),
        pytest.param(lambda r: [replace(r[0], body=r[1].body), *r[1:]], id="body of another entry"),
        pytest.param(
            lambda r: [replace(r[0], head=replace(r[0].head, at=AT.replace("10:", "11:"))), *r[1:]], id="head"
        ),
        pytest.param(lambda r: [replace(r[0], head=replace(r[0].head, by="bo")), *r[1:]], id="signer"),
    ],
)
def test_a_journal_that_a_member_rearranged(office, change_of):
    for text in ("to", "tre"):
        office.write("anna", case(ONE, text, step="note"))
    records = office.records(FIRST)
    rearranged = change_of(records)
    office.put_journal(FIRST, rearranged, "bo")
    shortened = len(rearranged) < 3 and rearranged == records[: len(rearranged)]
    if shortened:  # then only the register's own word for the length is left; it is the register that a member signed
        told = office.register().journals
        told = {**told, FIRST: told[FIRST]._replace(entries=3, head=records[-1].head.digest())}
        office.put_register(office.next_register(journals=told, by="bo"), "bo")
    assert codes(office, "anna", "bo", "rita") == [31, 31, 31]


def test_sealing_anew_carries_a_forgery_over_and_vouches_for_nothing(office):
    records = office.records(FIRST)
    forged = [replace(records[0], head=replace(records[0].head, by="bo")), *records[1:]]
    office.put_journal(FIRST, forged, "bo")
    office.write("anna", joining("carl"), reseal=True)  # whose keys got lost must not have to wait for a judgement
    assert office.records(FIRST) == forged
    assert codes(office, "anna", "bo", "rita") == [31, 31, 31]


def test_a_journal_of_another_kind_as_a_case(office):
    office.put_journal(FIRST, office.records("pladen"), "bo")
    assert codes(office, "anna", "bo") == [31, 31]


def test_the_member_list_as_a_case_and_a_case_as_the_member_list(office):
    kept = office.files()
    office.put_journal(FIRST, office.records("members"), "bo")
    assert codes(office, "anna", "bo") == [31, 31]
    put_back(office, kept)
    records = office.records(FIRST)
    data = office.seal(journal.join(records))
    told = Row(now=digest(data), was="", entries=1, head=records[0].head.digest(), state=None)
    rows = {**office.register().journals, "members": told}
    office.put_register(office.next_register(journals=rows, by="bo"), "bo")
    office.put("members.yaml.age", data)
    assert codes(office, "anna", "bo") == [32, 32]  # it does not begin with the founder's entry: another store


def test_an_entry_moved_between_cases(office):
    moved = office.records(SECOND)
    office.put_journal(FIRST, moved, "bo")
    assert codes(office, "anna", "bo") == [31, 31]


def test_a_case_of_another_store(office, tmp_path):
    other = found_office(tmp_path / "other")
    assert other.pin != office.pin
    office.put_journal(FIRST, other.records(FIRST), "bo")
    assert codes(office, "anna", "bo") == [31, 31]


def test_a_register_as_a_case_and_a_case_as_the_register(office):
    files = office.files()
    office.put(file_of(FIRST), files[REGISTER])
    assert codes(office, "anna", "bo") == [31, 31]
    put_back(office, files)
    office.put(REGISTER, files[file_of(FIRST)])
    assert codes(office, "anna", "bo") == [31, 31]


def test_an_entry_signature_is_no_register_signature(office):
    line = office.next_register(by="bo").line
    for label in (b"", b"ballerup/entry/1\n"):
        signature = person("bo").key.sign(label + line)
        office.put(REGISTER, office.seal(line + signature.encode() + b"\n"))
        assert codes(office, "anna", "bo") == [31, 31]


def test_a_register_for_another_store(office):
    office.put_register(office.next_register(store="0" * 64, by="bo"), "bo")
    assert codes(office, "anna", "bo") == [32, 32]


def test_a_register_of_a_later_format_says_so_once_its_signature_holds(office):
    content = json.loads(office.next_register(by="bo").line)
    content |= {"format": 3, "shields": {"2026-0001": ["anna"]}}
    content["journals"] = {name: [told[0], {"more": 1}] for name, told in content["journals"].items()}
    line = json.dumps(content).encode() + b"\n"
    for signer, code in (("bo", 22), ("mallory", 31)):
        signature = person(signer).key.sign(b"ballerup/register/1\n" + line).encode()
        office.put(REGISTER, office.seal(line + signature + b"\n"))
        assert codes(office, "anna", "bo") == [code, code]


# --- registers that only a member's own key could have signed ---------------------------------------------------------


@pytest.mark.parametrize("ahead", [1, 2, 7])
@pytest.mark.parametrize("seen", [{}, {"anna": (1, "sha256:" + 64 * "0")}])
def test_a_register_that_forgets_what_others_wrote(office, seen, ahead):
    later(office)
    number = office.register().number + ahead
    office.put_register(office.next_register(number=number, by="bo", seen=seen), "bo")
    assert codes(office, "anna", "rita", "cron") == [32, 32, 32]


def test_a_register_with_a_digest_that_nobody_signed(office):
    later(office)
    told = office.next_register(by="bo")
    seen = {**told.seen, "anna": (told.seen["anna"][0], "sha256:" + 64 * "0")}
    office.put_register(replace(told, number=told.number + 2, seen=seen), "bo")
    assert codes(office, "anna", "rita", "cron") == [32, 32, 32]


def test_a_register_that_does_not_name_the_one_before(office):
    office.open("anna")
    office.put_register(office.next_register(previous="sha256:" + 64 * "0", by="bo"), "bo")
    assert codes(office, "anna") == [32]


def test_another_register_of_the_same_number(office):
    later(office)
    office.put_register(replace(office.register(), at=AT.replace("10:", "11:")), office.register().by)
    assert same_for_all(office, meets=32)


def test_a_register_that_forgets_an_erasure(office):
    kept = office.files()[file_of(case_journal(THREE))]
    told = office.register().journals[case_journal(THREE)]
    office.write("anna", erase=[ERASURE])
    assert same_for_all(office, meets=0)
    office.put(file_of(case_journal(THREE)), kept)
    rows = {**office.register().journals, case_journal(THREE): told}
    office.put_register(office.next_register(journals=rows, erased={}, by="bo"), "bo")
    assert codes(office, "anna", "rita", "cron") == [32, 32, 32]


def test_a_register_without_members(office):
    rows = {name: told for name, told in office.register().journals.items() if name != members.JOURNAL}
    office.put_register(office.next_register(journals=rows, by="bo"), "bo")
    assert codes(office, "anna", "bo") == [31, 31]


A_ROW = '["sha256:' + 64 * "0" + '","",1,"sha256:' + 64 * "1" + '",null,[]]'
OUTSIDE = [
    "../outside", "cases/../outside", "cases/../../outside", "/etc/passwd", "cases//etc/passwd", "cases/", "", ".",
    "cases/2026-0001/../x", "2026-0001", "cases/members", "cases/register", "Members", "members\\u0000", "a/b",
    "members.yaml.age", "cases/2026-0001\\n", "cases/\\u0662026-0001",
]  # fmt: skip


def sign_line(office: Office, line: str, signer: str) -> None:
    data = line.encode() + b"\n"
    signature = person(signer).key.sign(b"ballerup/register/1\n" + data).encode() + b"\n"
    office.put(REGISTER, office.seal(data + signature))


def test_what_an_anchor_takes_for_known_is_still_judged_when_asked(office):
    store = office.open("bo")
    line = office.next_register(by="bo").line.decode().strip().replace('"erased":{}', '"erased":{ }')
    sign_line(office, line, "bo")
    spelled = office.plaintext(REGISTER)
    anchor = replace(
        BLANK.moved(store.register, store.roster), number=store.register.number + 1, digest=digest(spelled)
    )
    anchor = replace(anchor, seen={**anchor.seen, "bo": (anchor.number, anchor.digest)})
    office.keeper("bo").save(anchor)  # such as somebody's join code brings one
    known = office.open("bo")
    with pytest.raises(DamagedFileError):
        known.prove()


@pytest.mark.parametrize("signer", ["bo", "mallory"])
@pytest.mark.parametrize("name", OUTSIDE)
def test_no_name_in_a_register_leads_out_of_the_folder(office, name, signer):
    (office.root / "outside.yaml.age").write_bytes(office.files()[file_of(FIRST)])
    line = office.next_register(by="bo").line.decode().strip()
    sign_line(office, line.replace('"journals":{', f'"journals":{{"{name}":{A_ROW},'), signer)
    assert codes(office, "anna", "bo") == [31, 31]


SHAPES = [
    ('"number":6', '"number":NaN'),
    ('"number":6', '"number":Infinity'),
    ('"number":6', '"number":1e999'),
    ('"number":6', '"number":6.0'),
    ('"number":6', '"number":true'),
    ('"number":6', '"number":"6"'),
    ('"number":6', '"number":-6'),
    ('"number":6', '"number":06'),
    ('"number":6', '"number":' + 5000 * "9"),
    ('"number":6', '"number":6,"number":7'),
    ('"number":6', '"number":6,"extra":1'),
    ('"number":6', '"number" : 6'),
    ('"number":6', '"number":null'),
    ('"number":6', '"number":' + 100_000 * "[" + 100_000 * "]"),
    ('"format":2', '"format":0'),
    ('"format":2', '"format":-1'),
    ('"format":2', '"format":"3"'),
    ('"format":2', '"format":NaN'),
    ('"format":2', '"format":[3]'),
    ('"format":2', '"format":true'),
    ('"format":2,', ""),
    ('"by":"bo"', '"by":["bo"]'),
    ('"by":"bo"', '"by":"\\ud800"'),
    ('"at":"2026', '"at":"\\u001b[2J2026'),
    ('"accepted":[]', '"accepted":[1]'),
    ('"accepted":[]', '"accepted":[1,NaN]'),
    ('"erased":{}', '"erased":[]'),
    ('"erased":{}', '"erased":{"x":["2026-11","a"]}'),
    ('"erased":{}', '"erased":{"2026-0001":["2026-11","a"]}'),  # and its file is there
    ('"erased":{}', '"erased":{"2026-0009":["2026-11","\\u001b[2J"]}'),
    ('"erased":{}', '"erased":{"2026-0009":["2026-11","\\ud83d"]}'),
    ('"erased":{}', '"erased":{"2026-0009":["2026-11"]}'),
    ('"2026-12-01"', '"2026-02-30"'),
    ('"2026-12-01"', '"2026-12-01T25:00:00+01:00"'),
    ('"2026-12-01"', '"soon"'),
    ('"2026-12-01"', "20261201"),
    ('["receipt","2026-12-01"]', '["receipt"]'),
    ('["receipt","2026-12-01"]', '["receipt","2026-12-01",null]'),
    ('["receipt","2026-12-01"]', '["receipt","2026-12-01","a","b"]'),
    ('["receipt","2026-12-01"]', '["Maja, 14","2026-12-01"]'),
    ('"received"', '"Maja, 14"'),
    ('"received"', "{}"),
    ('"seen":{"anna"', '"seen":{"anna":[1,2],"anna"'),
    ('"seen":{"anna":[', '"seen":{"anna":[1e999,'),
    ('"store":"', '"store":"../'),
    ('"members":["sha256:', '"members":["sha256:/../../outside'),
    ('"members":["', '"members":[5,"'),
    ('"members":["', '"members":[null,"'),
    ('"members":[', '"members":"","other":['),
]  # fmt: skip


@pytest.mark.parametrize("signer", ["bo", "mallory"])
@pytest.mark.parametrize(("place", "instead"), SHAPES)
def test_a_register_is_spelled_in_one_way(office, place, instead, signer):
    line = office.next_register(by="bo").line.decode().strip()
    assert place in line
    sign_line(office, line.replace(place, instead, 1), signer)
    assert codes(office, "anna", "bo") == [31, 31]


@pytest.mark.parametrize("end", [b"", b"\n\n", b"\r\n", b"\n# more\n", b" \n"])
def test_a_register_ends_with_its_signature(office, end):
    honest = office.next_register(by="bo").sign(person("bo").key).to_bytes()
    office.put(REGISTER, office.seal(honest.removesuffix(b"\n") + end))
    assert codes(office, "anna", "bo") == [31, 31]


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b"{" * 100_000])
def test_a_register_that_is_none(office, line):
    office.put(REGISTER, office.seal(line + b"\n" + person("bo").key.sign(line).encode() + b"\n"))
    assert codes(office, "anna", "bo") == [31, 31]


def test_a_member_list_named_by_an_unproven_register_is_not_looked_for_elsewhere(office):
    told = office.register().journals
    office.put(pending_name("sha256:" + 64 * "0"), b"not what its name says")
    told = {**told, "members": told["members"]._replace(now="sha256:" + 64 * "0")}
    office.put_register(office.next_register(journals=told), "mallory")
    assert codes(office, "anna", "bo") == [31, 31]


# --- what else can lie in a folder ------------------------------------------------------------------------------------


def put_pending(office: Office, name: str, data: bytes = b"forged") -> str:
    draft = pending_name(office.register().journals[name].now)
    office.put(draft, data)
    return draft


@pytest.mark.parametrize("name", [FIRST, "members", "pladen"])
def test_a_forged_draft_is_ignored_and_goes(office, name):
    before = office.files()
    put_pending(office, name)
    put_pending(office, SECOND, before[file_of(FIRST)])
    office.put(pending_name(digest(b"x")), b"x")
    office.put(".anything.new", b"")
    assert same_for_all(office, meets=0)
    with writing(office.open("bo")):
        assert office.files() == before


def test_a_forged_draft_that_is_a_link_does_no_harm(office):
    before = office.files()
    draft = pending_name(office.register().journals[FIRST].now)
    (office.path / draft).symlink_to(office.root / "secret")
    (office.root / "secret").write_bytes(before[file_of(FIRST)])
    assert same_for_all(office, meets=0)
    with writing(office.open("bo")):
        assert office.files() == before
    assert (office.root / "secret").exists()


def test_a_forged_draft_does_not_stand_in_for_a_missing_file(office):
    put_pending(office, FIRST)
    (office.path / file_of(FIRST)).unlink()
    assert codes(office, "anna", "bo") == [31, 31]


@pytest.mark.parametrize("file", [REGISTER, "members.yaml.age", file_of(FIRST)])
@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "huge", "socket"])
def test_what_is_no_plain_file_is_not_read(office, file, kind):
    path = office.path / file
    kept = path.read_bytes()
    path.unlink()
    if kind == "link":
        (office.root / "elsewhere").write_bytes(kept)
        path.symlink_to(office.root / "elsewhere")
    elif kind == "folder":
        path.mkdir(mode=0o750)
    elif kind == "pipe":
        os.mkfifo(path, 0o640)
    elif kind == "huge":
        path.touch(0o640)
        os.truncate(path, 1 << 40)
    else:
        os.mknod(path, 0o140640)
    assert codes(office, "anna", "bo") == [43, 43]


@pytest.mark.parametrize("mode", [0o644, 0o642, 0o641])
@pytest.mark.parametrize("file", [REGISTER, "members.yaml.age", file_of(FIRST)])
def test_files_open_to_everybody(office, file, mode):
    (office.path / file).chmod(mode)
    assert codes(office, "anna", "bo") == [42, 42]


@pytest.mark.parametrize("mode", [0o2775, 0o2771, 0o2772])
def test_a_folder_open_to_everybody(office, mode):
    office.path.chmod(mode)
    assert same_for_all(office, meets=42)


def test_an_anchor_open_to_everybody(office):
    office.keeper("bo").path.chmod(0o644)
    assert codes(office, "bo") == [42]


def test_a_lock_that_is_a_link_harms_nothing_elsewhere(office):
    (office.root / "precious").write_text("precious")
    (office.path / ".lock").unlink()
    (office.path / ".lock").symlink_to(office.root / "precious")
    before = office.files()
    assert code_of(lambda: office.write("bo", case(ONE))) == 43
    assert (office.root / "precious").read_text() == "precious"
    assert office.files() == before


def test_a_file_of_the_name_of_a_new_case_is_not_taken_for_it(office):
    office.put("2026-0004.yaml.age", b"")
    assert same_for_all(office, meets=31)


# --- copies and accepted registers ------------------------------------------------------------------------------------


def test_a_copy_may_be_older_but_is_not_written_and_moves_no_anchor(office):
    copy = office.copy(office.root.with_name("copy"))
    later(office)
    older = replace(copy, root=copy.root)
    anchor = office.keeper("bo").load()
    store = Store.open(older.folder, office.keeper("bo"), office.pin, person("bo"), copy=True)
    assert store.cases() == [ONE, TWO, THREE]
    assert code_of(lambda: writing(store).__enter__()) == 32
    assert office.keeper("bo").load() == anchor


def test_erased_cases_stay_erased_when_an_older_register_is_accepted(office):
    old = office.files()
    office.write("anna", erase=[ERASURE])
    put_back(office, old)
    assert codes(office, "anna") == [32]
    store = office.open("anna", accept=office.register().number)
    with writing(store):
        commit(store, [], at=AT, accepted=Taken(given_up=7, taken=6))
    assert office.open("anna").cases() == [ONE, TWO]
    assert office.register().erased == {THREE: ("2026-11", "art. 5")}
    assert file_of(case_journal(THREE)) not in office.files()


def test_an_erased_number_is_not_used_again(office):
    office.write("anna", erase=[ERASURE])
    assert office.open("bo").next_serials() == {"2026": 4}
    before = office.files()
    with pytest.raises(RuntimeError):
        office.write("anna", case(THREE))
    assert office.files() == before


# --- numbers that jump -------------------------------------------------------------------------


def test_a_register_that_jumps_is_refused_and_its_number_is_never_taken(office):
    before = office.register().number
    office.put_register(office.next_register(by="bo", number=999_999_999_999), "bo")
    assert codes(office, "anna", "cron") == [32, 32]
    with pytest.raises(JumpError) as jumped:
        office.open("anna")
    assert jumped.value.facts["by"] == "bo"
    store = office.open("anna", accept=999_999_999_999)
    with writing(store):
        commit(store, [], at=AT, accepted=Taken(given_up=before, taken=999_999_999_999))
    assert office.register().number == before + 1
    assert office.write("anna", case(ONE, "igen", step="note")).register.number == before + 2
    office.write("anna", leaving("bo"), reseal=True)
    assert office.write("anna", case(ONE, "og igen", step="note")).register.number == before + 4
