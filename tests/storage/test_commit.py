"""Saving and reading back: what stands in the register, who can open what, and reading while somebody writes."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from store_kit import (
    AT,
    ONE,
    THREE,
    TWO,
    Office,
    case,
    change,
    code_of,
    found_office,
    founding,
    joining,
    leaving,
    person,
)

from ballerup_cli.errors import (
    AlreadyThereError,
    CannotReadError,
    DamagedFileError,
    MalformedRecordError,
    MissingFileError,
    OldRevisionError,
    ReadOnlyKeyError,
)
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.files import Folder, shared_folder
from ballerup_cli.storage.store.anchor import AnchorFile
from ballerup_cli.storage.store.as_of import Earlier
from ballerup_cli.storage.store.commit import Erasure, Taken, commit, found, writing
from ballerup_cli.storage.store.register import Row
from ballerup_cli.storage.store.store import REGISTER, Store, case_journal, file_of, find, pending_name

FIRST, SECOND = case_journal(ONE), case_journal(TWO)
ERASURE = Erasure(case=THREE, month="2026-11", provision="art. 5")


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    return found_office(tmp_path_factory.mktemp("commit") / "office")


@pytest.fixture
def office(origin, tmp_path) -> Office:
    return origin.copy(tmp_path / "office")


def steps(office: Office, name: str = FIRST, who: str = "anna") -> list[tuple[int, str, str]]:
    return [(entry.number, entry.step, entry.by) for entry in office.open(who).entries(name)]


# --- what is written --------------------------------------------------------------------------------------------------


def test_a_case_reads_back_as_it_was_written(office):
    office.write("bo", case(ONE, "Mor ringer.\n\nHun er bekymret: æøå\n", step="note"))
    first, second = office.open("anna").entries(FIRST)
    assert (first.number, first.step, first.by, first.body) == (1, "create", "anna", {"concern": "Lærken ringer"})
    assert (second.number, second.at, second.by) == (2, AT, "bo")
    assert second.body == {"concern": "Mor ringer.\n\nHun er bekymret: æøå\n"}


def test_the_register_says_what_changed(office):
    before = office.register()
    office.write("bo", case(ONE, "to", step="note"))
    after = office.register()
    assert (after.number, after.previous, after.by) == (before.number + 1, before.digest, "bo")
    assert after.seen == {"anna": (before.number, before.digest)}
    assert after.journals[FIRST] == Row(
        now=digest(office.files()[file_of(FIRST)]),
        was=before.journals[FIRST].now,
        entries=2,
        head=office.records(FIRST)[-1].head.digest(),
        state="received",
        clocks=[["receipt", "2026-12-01"]],
    )
    assert {name: row for name, row in after.journals.items() if name != FIRST} == {
        name: row for name, row in before.journals.items() if name != FIRST
    }


def test_two_changes_of_one_journal_are_both_written(office):
    office.write("anna", case(ONE, "to", step="note"), case(TWO), case(ONE, "tre", step="note"))
    assert [entry.body["concern"] for entry in office.open("bo").entries(FIRST)] == ["Lærken ringer", "to", "tre"]


def test_a_change_may_hold_several_entries(office):
    office.write("anna", change("pladen", {"c": "d"}, {"e": "f"}))
    assert [entry.body for entry in office.open("bo").entries("pladen")] == [{"a": "b"}, {"c": "d"}, {"e": "f"}]


def test_files_are_for_the_group_and_nobody_else(office):
    office.write("anna", case(ONE, "to", step="note"))
    assert {path.stat().st_mode & 0o777 for path in office.path.iterdir() if path.name != ".lock"} == {0o640}


def test_an_erased_case_leaves_its_number_and_nothing_else(office):
    office.write("anna", case(ONE, "to", step="note"), erase=[ERASURE])
    assert office.register().erased == {THREE: ("2026-11", "art. 5")}
    assert office.open("bo").cases() == [ONE, TWO]
    assert office.open("bo").next_serials() == {"2026": 4}
    assert file_of(case_journal(THREE)) not in office.files()


def test_erasing_while_everything_is_sealed_anew_leaves_no_draft_of_it(office):
    office.write("anna", joining("carl"), reseal=True, erase=[ERASURE])
    assert office.files().keys() == {REGISTER, *(file_of(name) for name in office.register().journals)}
    assert not office.register().journals.keys() & {case_journal(THREE)}


def test_everything_is_sealed_anew_for_a_new_member(office):
    before = office.files()
    office.write("anna", joining("carl"), reseal=True)
    office.welcome("carl")
    assert all(before[name] != data for name, data in office.files().items())
    assert steps(office, who="carl") == [(1, "create", "anna")]
    office.write("carl", case(ONE, "to", step="note"))
    assert steps(office, who="bo") == [(1, "create", "anna"), (2, "note", "carl")]


def test_what_nobody_may_have_signed_stops_no_sealing_anew_and_stays_an_alarm(office):
    office.put_journal(FIRST, office.entry(FIRST, office.records(FIRST), "rita"), "bo")
    assert code_of(lambda: office.open("anna").records(FIRST)) == 31
    office.write("anna", leaving("rita"), reseal=True)
    assert code_of(lambda: office.open("anna").records(FIRST)) == 31


def test_who_has_left_opens_nothing_written_afterwards(office):
    office.write("anna", leaving("bo"), reseal=True)
    assert code_of(lambda: office.open("bo")) == 30
    assert steps(office, who="anna") == [(1, "create", "anna")]


def test_the_register_after_a_going_back_is_numbered_above_what_was_given_up(office):
    number = office.register().number
    assert (
        office.write("anna", case(ONE, "to", step="note"), accepted=Taken(given_up=number + 7, taken=2)).register.number
        == number + 8
    )


def test_numbers_once_seen_are_not_forgotten_by_a_save(office):
    keeper = office.keeper("anna")
    keeper.save(replace(keeper.load(), next={"2025": 31, "2026": 9}))
    office.write("anna", case(ONE, "to", step="note"))
    assert keeper.load().next == office.open("anna").next_serials() == {"2025": 31, "2026": 9}


def test_a_store_is_founded_on_top_of_nothing(tmp_path):
    keeper = AnchorFile(tmp_path / "anchor.json")
    folder = Folder(shared_folder(tmp_path / "store"))
    store = found(folder, lambda _: keeper, person("anna"), founding("anna"), [change("pladen", {"a": "b"})], at=AT)
    assert store.register.number == 1
    for seen in (store, Store.open(folder, keeper, store.pin, person("anna"))):
        heads = [seen.records(name)[0].head for name in ("members", "pladen")]
        assert [(head.register, head.by) for head in heads] == [(0, "anna")] * 2


def test_a_link_that_is_named_as_what_is_to_come_takes_nobodys_place(office):
    link = office.path / pending_name(office.register().journals[FIRST].now)
    link.symlink_to(office.path / file_of(FIRST))
    office.write("anna", case(TWO, "to", step="note"))
    assert not link.is_symlink() and not (office.path / file_of(FIRST)).is_symlink()
    assert steps(office) == [(1, "create", "anna")]


def test_nothing_but_drafts_is_tidied_away(office):
    others = {".lock", ".nfs0001", ".access-bo-2026-11.lock", "letter.new"}
    for name in others | {f".{64 * '0'}.new"}:
        (office.path / name).write_bytes(b"")
    office.write("anna", case(ONE, "to", step="note"))
    left = {path.name for path in office.path.iterdir()} - {REGISTER, *map(file_of, office.register().journals)}
    assert left == others


def test_a_store_is_not_founded_over_another(office):
    before = office.files()
    with pytest.raises(AlreadyThereError):
        found(office.folder, lambda pin: office.keeper(pin), person("anna"), founding("anna"), [], at=AT)
    assert office.files() == before
    assert steps(office) == [(1, "create", "anna")]


def test_reading_alone_writes_nothing_but_ones_own_anchor(office):
    office.write("anna", case(ONE, "to", step="note"))
    before = {path: path.stat().st_mtime_ns for path in office.path.iterdir()}
    for who in ("bo", "rita", "cron"):
        assert list(office.open(who).alarms()) == []
        assert office.keeper(who).load().number == office.register().number
    assert {path: path.stat().st_mtime_ns for path in office.path.iterdir()} == before


def test_a_store_is_seen_as_it_was_known_on_a_day(office):
    office.write("anna", change("pladen", {"c": "d"}))
    store = office.open("bo")
    for day, cases, pladen in (("2026-11-22", 1, 2), ("2026-11-21", 0, 1)):
        then = Earlier(store, day)
        assert (len(then.entries(FIRST)), len(then.entries("pladen"))) == (cases, pladen), "Pladen is always there"


def test_what_was_seen_before_is_seen_again_without_waiting_for_the_disk(office):
    class Failing(Folder):
        def sync(self) -> None:
            raise OSError

    def look(**more: bool) -> int:
        store = Store.open(Failing(office.path), office.keeper("bo"), office.pin, person("bo"), **more)
        return store.register.number

    seen = office.open("bo").register.number
    assert look() == seen
    office.write("anna", case(ONE, "to", step="note"))
    with pytest.raises(CannotReadError):
        look()
    assert look(copy=True) == seen + 1
    assert office.keeper("bo").load().number == seen, "a copy is not what was seen of the store"


def test_the_recovery_key_says_who_belongs_to_the_store_and_writes_no_record(office):
    office.welcome("recovery")
    office.write("recovery", joining("carl"), reseal=True)
    assert office.open("recovery").roster.keeper("carl") == person("carl").key.public
    with pytest.raises(ReadOnlyKeyError):
        office.write("recovery", case(ONE, "to", step="note"))


def test_a_key_that_may_not_write_says_so(office):
    for who in ("rita", "cron"):
        with pytest.raises(ReadOnlyKeyError):
            office.write(who, case(ONE, "to", step="note"))


def test_a_signed_text_that_cannot_be_read_is_the_programs_fault(office):
    office.put_journal(FIRST, office.entry(FIRST, office.records(FIRST), "bo", text="a: [\n"), "bo")
    with pytest.raises(MalformedRecordError) as told:
        office.open("anna").entries(FIRST)
    assert told.value.facts == {"file": file_of(FIRST), "entry": 2}


def test_an_entry_was_written_on_top_of_a_register_before_the_one_that_names_it(office):
    for register, code in ((office.register().number, 0), (office.register().number + 2, 31)):
        office.put_journal(FIRST, office.entry(FIRST, office.records(FIRST), "bo", register=register), "bo")
        assert code_of(lambda: office.open("anna").records(FIRST)) == code


def test_a_journal_is_as_long_as_the_register_says(office):
    rows = office.register().journals
    longer = {**rows, FIRST: rows[FIRST]._replace(entries=2)}
    office.put_register(office.next_register(journals=longer, by="bo"), "bo")
    assert code_of(lambda: office.open("anna").records(FIRST)) == 31


def test_a_signed_member_that_cannot_be_understood_is_told_by_the_entry(office):
    told = office.entry("members", office.records("members"), "bo", step="join", text="name: carl\n")
    office.put_journal("members", told, "bo")
    with pytest.raises(MalformedRecordError) as refused:
        office.open("anna")
    assert refused.value.facts == {"file": "members.yaml.age", "entry": 5}


# --- while somebody writes --------------------------------------------------------------------------------------------


class Busy(Folder):
    """A folder in which something happens at a certain look."""

    __setattr__ = object.__setattr__

    def __init__(self, path: Path, at: str, deed) -> None:
        super().__init__(path)
        self.at, self.deed = at, deed

    def read(self, name: str) -> bytes:
        try:
            return super().read(name)
        finally:
            self.happens(name)

    def names(self) -> frozenset[str]:
        names = super().names()
        self.happens("names")
        return names

    def happens(self, at: str) -> None:
        if self.deed and at == self.at:
            deed, self.deed = self.deed, None
            deed()


def open_busy(office: Office, at: str, deed) -> Store:
    store = office.open("bo")
    store.folder = Busy(office.path, at, deed)
    store.view = replace(store.view, raw=b"")  # what is known already would not be read again
    return store


def test_a_file_that_comes_into_place_between_two_looks_is_found(tmp_path):
    new, old = b"new", b"old"
    (tmp_path / "file").write_bytes(old)
    (tmp_path / pending_name(digest(new))).write_bytes(new)
    for path in tmp_path.iterdir():
        path.chmod(0o640)
    row = Row(now=digest(new), was=digest(old), entries=1, head="", state=None)
    folder = Busy(tmp_path, "file", lambda: (tmp_path / pending_name(digest(new))).rename(tmp_path / "file"))
    assert find(folder, "file", row) == new
    assert folder.deed is None


@pytest.mark.parametrize(
    ("present", "error"),
    [(b"old", OldRevisionError), (b"", DamagedFileError), (b"other", DamagedFileError), (None, MissingFileError)],
)
def test_what_is_not_the_named_revision_is_told_apart(tmp_path, present, error):
    row = Row(now=digest(b"new"), was=digest(b"old"), entries=1, head="", state=None)
    if present is not None:
        Folder(tmp_path).create("file", present)
    with pytest.raises(error):
        find(Folder(tmp_path), "file", row)


@pytest.mark.parametrize("at", [REGISTER, "members.yaml.age", file_of(FIRST), "names"])
def test_a_save_between_two_looks_raises_no_alarm(office, at):
    def save() -> None:
        office.write(
            "anna", case(ONE, "to", step="note"), case("2026-0004"), joining("carl"), reseal=True, erase=[ERASURE]
        )

    store = open_busy(office, at, save)
    assert list(store.alarms()) == []
    assert len(store.entries(FIRST)) in (1, 2)
    store.reload()
    assert list(store.alarms()) == []
    assert len(store.entries(FIRST)) == 2
    assert store.cases() == [ONE, TWO, "2026-0004"]
    assert store.folder.deed is None


def test_a_save_while_a_store_is_opened_raises_no_alarm(office):
    folder = Busy(office.path, REGISTER, lambda: office.write("anna", joining("carl"), reseal=True))
    store = Store.open(folder, office.keeper("bo"), office.pin, person("bo"))
    assert folder.deed is None
    assert store.register.number == office.register().number


def test_a_file_is_missed_unless_it_waits_to_come_into_place(office):
    file, store = office.path / file_of(FIRST), office.open("bo")
    waiting = file.rename(office.path / pending_name(office.register().journals[FIRST].now))
    assert store.alarms() == []
    waiting.unlink()
    assert [(type(alarm), alarm.facts) for alarm in store.alarms()] == [(MissingFileError, {"file": file.name})]


def test_a_name_missed_while_listing_raises_no_alarm(office):
    class Blinking(Folder):
        looks = 0

        def names(self) -> frozenset[str]:
            Blinking.looks += 1
            return super().names() - ({file_of(FIRST)} if Blinking.looks == 1 else set())

    store = office.open("bo")
    store.folder = Blinking(office.path)
    assert list(store.alarms()) == []


def test_a_case_erased_while_it_is_looked_at_is_missing(office):
    store = office.open("bo")
    office.write("anna", erase=[ERASURE])
    with pytest.raises(MissingFileError):
        store.entries(case_journal(THREE))
    with pytest.raises(MissingFileError):
        store.entries(case_journal("2026-0099"))


def test_a_store_that_is_open_follows_those_who_write(office):
    store = office.open("bo")
    office.write("anna", case(ONE, "to", step="note"))
    assert len(store.entries(FIRST)) == 2
    assert store.register.number == office.register().number
    assert store.records(FIRST) is store.records(FIRST), "it is read once"


def test_writers_and_readers_do_not_disturb_each_other(office):
    done = threading.Event()

    def write(who: str, number: str) -> None:
        for turn in range(6):
            store = Store.open(Folder(office.path), office.keeper(who), office.pin, person(who))
            with writing(store):
                commit(store, [case(ONE, str(turn), step="note"), case(number, str(turn), step="note")], at=AT)

    def read(who: str) -> None:
        while not done.is_set():
            store = office.open(who)
            assert list(store.alarms()) == []
            for name in sorted(store.register.journals):
                store.check_file(name)
            assert who == "cron" or store.entries(FIRST)

    with ThreadPoolExecutor() as threads:
        readers = [threads.submit(read, who) for who in ("rita", "cron", "bo")]
        writers = [threads.submit(write, *pair) for pair in (("anna", TWO), ("bo", THREE))]
        wait(writers)
        done.set()
        assert [future.exception() for future in (*writers, *readers)] == [None] * 5
    assert sorted(by for _, _, by in steps(office)) == ["anna"] * 7 + ["bo"] * 6
    assert len(office.open("rita").entries(SECOND)) == 7


def test_a_writer_interrupted_by_hand_leaves_the_store_as_it_was(office):
    class Interrupted(Folder):
        def sync(self) -> None:
            raise KeyboardInterrupt

    before = office.files()
    store = office.open("anna")
    store.folder = Interrupted(office.path)
    with suppress(KeyboardInterrupt), writing(store):
        commit(store, [case(ONE, "to", step="note")], at=AT)
    assert steps(office, who="bo") == [(1, "create", "anna")]
    with writing(office.open("bo")):
        assert office.files() == before
