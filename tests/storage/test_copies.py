"""Copies of a store: a copy or restore cut off at any moment leaves what was there; done again, it is complete."""

from dataclasses import replace
from pathlib import Path

import pytest
from store_kit import AT, ONE, THREE, case, change, person
from test_crash import Disk, Keeper, State, memory_store

from ballerup_cli.errors import AlreadyThereError, MissingFileError, ReadOnlyKeyError, UnknownFileError
from ballerup_cli.storage.files import Folder
from ballerup_cli.storage.store import copies
from ballerup_cli.storage.store.commit import Erasure, commit, writing
from ballerup_cli.storage.store.store import REGISTER, Store, file_of

NEW = "2026-0004"


def opened(pin: str, disk: Disk, anchors: Disk, *, copy: bool = False) -> Store:
    return Store.open(disk, Keeper(anchors, "anna"), pin, person("anna"), copy=copy, with_erased=copy)


def contents(store: Store) -> dict[str, int]:
    return {name: len(store.entries(name)) for name in store.register.journals}


def files(store: Store) -> set[str]:
    return {REGISTER, *(file_of(name) for name in store.register.journals)}


def cut_off(run: Disk) -> list[State]:
    """Every state that a power cut at any moment of a run leaves on the disk."""
    return list(dict.fromkeys(after for state in run.crashes for after in state.power_cuts()))


def write(store: Store, **more: object) -> None:
    with writing(store):
        commit(store, [case(ONE, "igen", step="note"), case(NEW)], at=AT, **more)  # type: ignore[arg-type]


def test_a_copy_that_is_cut_off_leaves_the_older_copy_or_the_new_one() -> None:
    pin, disk = memory_store(ONE, THREE)
    store, older = opened(pin, disk, disk), Disk()
    copies.copy(store, older)
    old = contents(opened(pin, older, disk, copy=True))
    write(store, erase=[Erasure(case=THREE, month="2026-11", provision="art. 5")])
    run = Disk(older.state())
    copies.copy(store, run)
    new = contents(opened(pin, run, disk, copy=True))
    assert old != new and run.names() == files(store)
    states = cut_off(run)
    for state in states:
        found = Disk(state)
        assert contents(opened(pin, found, disk, copy=True)) in (old, new)
        copies.copy(store, found)
        assert contents(opened(pin, found, disk, copy=True)) == new
        assert found.names() == files(store), "nothing erased, no draft"
    assert len(states) > 20


def test_a_copy_brings_what_is_not_there_yet() -> None:
    pin, disk = memory_store(ONE, THREE)
    store, target = opened(pin, disk, disk), Disk()
    assert copies.copy(store, target) == len(store.register.journals)
    assert copies.copy(store, target) == 0
    write(store)
    assert copies.copy(store, target) == 2


def test_a_first_copy_that_is_cut_off_can_be_done_again_into_the_same_folder(tmp_path: Path) -> None:
    """A copy onto a full disk leaves drafts and the lock: ours, and no reason to refuse the folder for ever."""
    pin, disk = memory_store(ONE, THREE)
    store = opened(pin, disk, disk)
    run = Disk()
    copies.copy(store, run)
    for state in cut_off(run):
        left = Folder(tmp_path / str(hash(state)))
        left.path.mkdir(mode=0o770)
        for name, data in {**dict(state.durable), ".lock": b""}.items():
            left.create(name, data)
        copies.copy(store, left)
        assert left.names() - {".lock"} == files(store)


@pytest.mark.parametrize("name", ["letter.txt", ".bashrc", ".new", ".letter.new"])
def test_a_folder_with_anything_else_in_it_is_never_made_a_copy(tmp_path: Path, name: str) -> None:
    pin, disk = memory_store(ONE)
    (tmp_path / name).write_text("")
    with pytest.raises(AlreadyThereError):
        copies.copy(opened(pin, disk, disk), Folder(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("lost", [False, True])
def test_a_restore_that_is_cut_off_can_be_done_again(lost: bool) -> None:
    pin, disk = memory_store(ONE, THREE)
    store, copy = opened(pin, disk, disk), Disk()
    copies.copy(store, copy)
    old = contents(store)
    write(store, erase=[Erasure(case=THREE, month="2026-11", provision="art. 5")])
    newer, given_up = contents(store), store.register.number
    start = replace(disk.state(), durable=frozenset(), unsynced=()) if lost else disk.state()
    run = Disk(start)

    def restore(target: Disk) -> Store:
        taken = opened(pin, copy, target, copy=True)
        counters = [change("counters", {"received": "2026-11"})]
        return copies.restore(taken, target, Keeper(target, "anna"), counters, [], at=AT, given_up=0)

    restored = restore(run)
    back = {name: count for name, count in old.items() if name != f"cases/{THREE}"} | {"counters": 1}
    assert contents(restored) == back, "what was erased since stays erased"
    assert restored.register.number == given_up + 1, "the anchor knows the last one"
    assert run.names() == files(restored), "and what came after the copy is given up"
    states = cut_off(run)
    for state in states:
        found = Disk(state)
        if REGISTER in found.names():
            seen = opened(pin, found, found)
            assert contents(seen) in (newer, back)
            assert all(isinstance(alarm, UnknownFileError) for alarm in seen.alarms()), (
                "at most what is given up lies there"
            )
        else:
            assert lost
        again = restore(found)
        assert contents(again) == back and again.alarms() == []
        write(opened(pin, found, found))
    assert len(states) > 20


def test_only_who_keeps_the_store_restores_it() -> None:
    pin, disk = memory_store(ONE)
    store, copy = opened(pin, disk, disk), Disk()
    copies.copy(store, copy)
    taken = Store.open(copy, Keeper(disk, "anna"), pin, person("anna"), copy=True)
    readers = tuple(replace(member, role="reader") for member in taken.roster.members)
    taken.view = replace(taken.view, roster=replace(taken.roster, members=readers))
    with pytest.raises(ReadOnlyKeyError):
        copies.restore(taken, Disk(), Keeper(disk, "anna"), [], [], at=AT, given_up=0)


def test_a_restore_is_numbered_above_what_others_may_have_seen() -> None:
    pin, disk = memory_store(ONE)
    store, copy = opened(pin, disk, disk), Disk()
    copies.copy(store, copy)
    taken = opened(pin, copy, disk, copy=True)
    restored = copies.restore(taken, Disk(), Keeper(disk, "anna"), [], [], at=AT, given_up=store.register.number + 9)
    assert restored.register.number == store.register.number + 10


def test_a_copy_misses_nothing_that_the_register_names() -> None:
    pin, disk = memory_store(ONE, THREE)
    store = opened(pin, disk, disk)
    broken = Disk(disk.state())
    broken.unlink(file_of(f"cases/{ONE}"))
    with pytest.raises(MissingFileError):
        copies.copy(Store(broken, store.keeper, pin, store.holder, store.view), Disk())
