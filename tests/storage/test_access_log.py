"""Access journals in the store: which of them the next register counts, and who opens them from when on."""

import pytest
from store_kit import ONE, Office, case, found_office, joining, leaving, person

from ballerup_cli.errors import SaveUnsureError, WrongKeyError
from ballerup_cli.storage.crypto.age import unseal
from ballerup_cli.storage.files import Folder, shared_folder
from ballerup_cli.storage.store import access_log, copies
from ballerup_cli.storage.store.commit import commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.store.store import REGISTER, Store

NOVEMBER, DECEMBER, JANUARY, FEBRUARY = (
    f"{month}-20T10:00:00+01:00" for month in ("2026-11", "2026-12", "2027-01", "2027-02")
)


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    return found_office(tmp_path_factory.mktemp("looks") / "office")


@pytest.fixture
def office(origin, tmp_path) -> Office:
    return origin.copy(tmp_path / "office")


def look(office: Office, at: str, store: Store | None = None) -> None:
    access_log.append(store or office.open("bo"), [Draft(step="show", at=at, body={"case": ONE})])


def save(office: Office, at: str, **more: str) -> dict[str, int]:
    """Save something; return how many looks of each month the register counts."""
    store = office.open("anna")
    with writing(store):
        commit(store, [case(ONE, "igen", step="note")], at=at, **more)
    return {name[-7:]: count for name, (count, _) in office.register().access.items()}


def test_a_look_after_the_last_save_of_a_month_is_counted_by_the_next_month(office):
    look(office, NOVEMBER)
    assert save(office, NOVEMBER) == {"2026-11": 1}
    look(office, NOVEMBER)
    assert save(office, DECEMBER) == {"2026-11": 2}


def test_a_look_by_a_clock_that_is_ahead_is_counted_again_when_its_month_has_come(office):
    look(office, DECEMBER)
    assert save(office, NOVEMBER) == {"2026-12": 1}
    look(office, DECEMBER)
    assert save(office, DECEMBER) == {"2026-12": 2}


def test_a_look_in_a_month_without_a_save_is_counted(office):
    save(office, NOVEMBER)
    look(office, JANUARY)
    assert save(office, FEBRUARY) == {"2027-01": 1}


def test_the_first_month_that_is_kept_is_counted_on(office):
    look(office, NOVEMBER)
    look(office, DECEMBER)
    assert save(office, DECEMBER, logged="2026-12") == {"2026-12": 1}
    look(office, DECEMBER)
    assert save(office, DECEMBER) == {"2026-12": 2}


def test_a_look_is_sealed_to_those_who_read_when_it_is_written(office):
    store = office.open("bo")
    office.write("anna", joining("carl"), reseal=True)
    office.welcome("carl")
    look(office, NOVEMBER, store)
    assert len(access_log.entries(office.open("carl"), "access-bo-2026-11")) == 1


def test_what_is_brought_gives_way_to_a_longer_log_of_the_same_beginning_only(office):
    branch = office.copy(office.root.with_name("branch"))
    look(office, NOVEMBER)
    later = office.copy(office.root.with_name("later"))
    for other, stays in ((branch, False), (later, True)):
        look(other, NOVEMBER)
        look(other, NOVEMBER)
        before = other.files()
        access_log.bring(office.open("anna"), other.folder)
        assert (other.files() == before) is stays
    assert branch.files()["access-bo-2026-11.yaml.age"] == office.files()["access-bo-2026-11.yaml.age"]


def test_a_copy_holds_the_log_as_it_is_sealed_today(office):
    target, name = Folder(shared_folder(office.root / "copy")), "access-bo-2026-11.yaml.age"
    look(office, NOVEMBER)
    for come in ("carl", "dorte"):
        office.write("anna", joining(come), reseal=True)
        copies.copy(office.open("anna"), target)
        assert target.read(name) == office.files()[name]


def test_who_has_left_opens_no_look_any_more(office):
    look(office, NOVEMBER)
    file = office.path / "access-bo-2026-11.yaml.age"
    unseal(file.read_bytes(), [person("bo").identity])
    office.write("anna", leaving("bo"), reseal=True)
    with pytest.raises(WrongKeyError):
        unseal(file.read_bytes(), [person("bo").identity])
    assert len(access_log.entries(office.open("anna"), "access-bo-2026-11")) == 1, "what he looked at stays"


def test_who_comes_opens_the_log_from_the_moment_that_counts(office):
    class Stops(Folder):
        def rename(self, old: str, new: str) -> None:
            super().rename(old, new)
            if new == REGISTER:
                raise OSError

    look(office, NOVEMBER)
    store = office.open("anna")
    store.folder = Stops(office.path)
    with pytest.raises(SaveUnsureError), writing(store):
        commit(store, [joining("carl")], at=NOVEMBER, reseal=True)
    office.welcome("carl")
    assert len(access_log.entries(office.open("carl"), "access-bo-2026-11")) == 1
