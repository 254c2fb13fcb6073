"""Crashes and power cuts while saving: all states there can be, and what everybody finds in them afterwards.

A disk in memory keeps what is durable apart from the directory operations nobody has synced. From the state after each
operation of a save, everything that can happen next is followed to its end: a power cut that keeps any subset of the
unsynced operations; somebody who reads; somebody who writes, and completes the save; a crash inside of that, and so on.
"""

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import combinations
from pathlib import Path

import pytest
from store_kit import (
    AT,
    ONE,
    THREE,
    case,
    change,
    found_office,
    founding,
    joining,
    person,
)

from ballerup_cli.errors import BallerupError, DiskError, MissingFileError, SaveUnsureError
from ballerup_cli.storage.files import Folder
from ballerup_cli.storage.store import journal
from ballerup_cli.storage.store import register as registers
from ballerup_cli.storage.store import store as stores
from ballerup_cli.storage.store.anchor import BLANK, Anchor, AnchorFile
from ballerup_cli.storage.store.commit import Erasure, commit, found, writing
from ballerup_cli.storage.store.members import Roster
from ballerup_cli.storage.store.register import Register
from ballerup_cli.storage.store.store import REGISTER, Store, case_journal, file_of
from ballerup_cli.storage.text import codec

Names = dict[str, bytes]


@dataclass(frozen=True)
class Op:
    """One change of the folder that is visible and may not be on the disk yet; what moves is a file, not a name."""

    new: str
    data: bytes | None
    old: str = ""

    def apply(self, names: Names) -> None:
        if self.old and names.get(self.old) == self.data:
            del names[self.old]
        if self.data is None:
            names.pop(self.new, None)
        else:
            names[self.new] = self.data


@dataclass(frozen=True)
class State:
    """All there is after a crash: what is durable, what is only visible, and everybody's anchors."""

    durable: frozenset[tuple[str, bytes]]
    unsynced: tuple[Op, ...]
    anchors: tuple[tuple[str, str], ...]  # who: repr of the anchor, for telling states apart
    held: Mapping[str, Anchor] = field(compare=False)

    def power_cuts(self) -> Iterator["State"]:
        """Give what can be found after the power went: each subset of the operations that were not synced."""
        for size in range(len(self.unsynced) + 1):
            for kept in combinations(self.unsynced, size):
                names = dict(self.durable)
                for op in kept:
                    op.apply(names)
                yield replace(self, durable=frozenset(names.items()), unsynced=())


class Disk(Folder):
    """A folder in memory, with the anchors beside it; it notes every state in which a crash could leave them."""

    __setattr__ = object.__setattr__  # the folder it stands in for never changes; a disk does

    def __init__(self, state: State | None = None) -> None:
        super().__init__(Path("/in-memory"))
        self.durable = dict(state.durable) if state else {}
        self.unsynced = list(state.unsynced) if state else []
        self.anchors = dict(state.held) if state else {}
        self.crashes: list[State] = [self.state()]

    def state(self) -> State:
        marks = tuple(sorted((who, repr(anchor)) for who, anchor in self.anchors.items()))
        return State(frozenset(self.durable.items()), tuple(self.unsynced), marks, dict(self.anchors))

    def note(self) -> None:
        self.crashes.append(self.state())

    def visible(self) -> Names:
        names = dict(self.durable)
        for op in self.unsynced:
            op.apply(names)
        return names

    def do(self, op: Op) -> None:
        self.unsynced.append(op)
        self.note()

    def names(self) -> frozenset[str]:
        return frozenset(self.visible())

    def read(self, name: str) -> bytes:
        try:
            return self.visible()[name]
        except KeyError:
            raise MissingFileError(file=name) from None

    def create(self, name: str, data: bytes) -> None:
        if name in self.visible():
            raise FileExistsError(errno.EEXIST, "File exists")
        for torn in (b"", data[: len(data) // 2]):
            self.do(Op(name, torn))
            self.unsynced.pop()
        self.do(Op(name, data))

    def rename(self, old: str, new: str) -> None:
        self.do(Op(new, self.visible()[old], old))

    def unlink(self, name: str) -> None:
        if name in self.visible():
            self.do(Op(name, None))

    def sync(self) -> None:
        self.durable, self.unsynced = self.visible(), []
        self.note()

    def check_rights(self) -> None:
        pass

    def below(self, _name: str, *, make: bool = False) -> "Disk":  # noqa: ARG002  (what is set aside is no part of a save)
        return Disk()

    @contextmanager
    def locked(self, _name: str = "") -> Iterator[None]:
        yield


class Keeper(AnchorFile):
    """Somebody's anchor beside the disk in memory: it is written whole and at once, or not."""

    __setattr__ = object.__setattr__

    def __init__(self, disk: Disk, who: str) -> None:
        super().__init__(Path(f"/in-memory/{who}"))
        self.disk, self.who = disk, who

    def load(self) -> Anchor | None:
        return self.disk.anchors.get(self.who)

    def save(self, anchor: Anchor) -> None:
        self.disk.anchors[self.who] = anchor
        self.disk.note()

    def keep(self, raw: bytes) -> None:
        """It counts only while the anchor names it, and nothing depends on it."""

    def move(self, register: Register, roster: Roster) -> None:
        anchor = self.load()
        if anchor is not None and anchor.number < register.number:
            self.save(anchor.moved(register, roster))


@dataclass
class Work:
    """A save to crash in: who does it, on what, and which contents count as before and after."""

    pin: str
    start: State
    save: Callable[[Store], None]

    def open(self, disk: Disk, who: str) -> Store:
        return Store.open(disk, Keeper(disk, who), self.pin, person(who))

    def saving(self, disk: Disk, who: str = "anna") -> Store:
        store = self.open(disk, who)
        with writing(store):
            self.save(store)
        return store


def contents(store: Store) -> dict[str, int]:
    """Read every journal whole and return what is in the store."""
    assert [str(alarm) for alarm in store.alarms()] == []
    return {name: len(store.entries(name)) for name in store.register.journals}


def follow(first: list[State], actions: list[Callable[[State], list[State]]]) -> set[State]:
    """Return every state that can be reached from ``first`` by power cuts and the actions, crashing anywhere."""
    found, left = set(first), list(first)
    while left:
        state = left.pop()
        reached = [*state.power_cuts(), *(after for action in actions for after in action(state))]
        new = [after for after in dict.fromkeys(reached) if after not in found]
        found.update(new)
        left += new
    return found


def memory_store(*cases: str) -> tuple[str, Disk]:
    """Found a store in memory, with anna, bo and these cases."""
    disk, pins = Disk(), []

    def keeper_of(pin: str) -> AnchorFile:
        pins.append(pin)
        return Keeper(disk, "anna")

    store = found(disk, keeper_of, person("anna"), founding("anna", "bo"), [change("pladen", {"a": "b"})], at=AT)
    with writing(store):
        commit(store, [case(number) for number in cases], at=AT)
    Keeper(disk, "bo").save(BLANK.moved(store.register, store.roster))
    return pins[0], disk


def one_journal(store: Store) -> None:
    commit(store, [case(ONE, "igen", step="note")], at=AT)


def batch_and_erasure(store: Store) -> None:
    changes = [case(ONE, "igen", step="note"), case("2026-0004"), change("pladen", {"c": "d"})]
    commit(store, changes, at=AT, erase=[Erasure(case=THREE, month="2026-11", provision="art. 5")])


def joining_and_reseal(store: Store) -> None:
    commit(store, [joining("carl")], at=AT, reseal=True)


@pytest.fixture
def quick(monkeypatch):
    """Remember what pure functions returned: the same few files are opened thousands of times here."""
    for module, name in ((stores, "open_sealed"), (journal, "holds"), (registers, "holds"), (codec, "decode")):
        monkeypatch.setattr(module, name, cache(getattr(module, name)))


SAVES = [(one_journal, 14, 61), (batch_and_erasure, 23, 402), (joining_and_reseal, 26, 677)]
FOUNDING = (22, 72)
"""What is tried: a save, how often it can be cut off, and how many different states can come of it."""


def test_the_page_of_the_format_counts_the_states():
    page = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
    assert f"these are {sum(states for *_, states in SAVES) + FOUNDING[1]} different states" in page


@pytest.mark.parametrize(("save", "crashes", "states"), SAVES)
def test_after_any_crash_all_is_old_or_all_is_new(quick, save, crashes, states):
    pin, disk = memory_store(ONE, THREE)
    work = Work(pin, disk.state(), save)
    old = contents(work.open(Disk(work.start), "anna"))
    run = Disk(work.start)
    new = contents(work.saving(run))
    repaired: set[State] = set()

    def read(state: State, who: str) -> list[State]:
        disk = Disk(state)
        assert contents(work.open(disk, who)) in (old, new)
        return disk.crashes

    def repair(state: State, who: str) -> list[State]:
        disk = Disk(state)
        store = work.open(disk, who)
        with writing(store):
            now = contents(store)
        assert now in (old, new)
        assert disk.names() == {REGISTER, *(file_of(name) for name in now)}  # no draft, nothing erased
        crashes = list(disk.crashes)
        disk.sync()
        repaired.add(disk.state())
        return crashes

    everything = follow(run.crashes, [partial(act, who=who) for act in (read, repair) for who in ("anna", "bo")])
    for state in repaired:
        for first, second in (("anna", "bo"), ("bo", "anna")):
            disk, expected = Disk(state), dict(new)
            if contents(work.open(disk, first)) == old:
                assert contents(work.saving(disk, first)) == new
            for who in (first, second):  # the other one has not looked since the crash
                with writing(store := work.open(disk, who)):
                    one_journal(store)
                expected[case_journal(ONE)] += 1
                assert contents(work.open(disk, who)) == expected
            assert contents(work.open(disk, first)) == expected
    assert (len(run.crashes), len(everything)) == (crashes, states)


def test_after_any_crash_while_founding_there_is_a_whole_store_or_none(quick):
    def founded(disk: Disk, who: str = "anna") -> Store:
        settings = [change("pladen", {"a": "b"}), change("settings", {"set": {}})]
        return found(disk, lambda _: Keeper(disk, who), person("anna"), founding("anna"), settings, at=AT)

    run = Disk()
    store = founded(run)
    new = contents(store)

    def read(state: State) -> list[State]:
        disk = Disk(state)
        if REGISTER in disk.names():
            assert contents(Store.open(disk, Keeper(disk, "anna"), store.pin, person("anna"))) == new
        return disk.crashes

    def repair(state: State) -> list[State]:
        disk = Disk(state)
        if REGISTER not in disk.names():
            again, crashes = founded(disk, "anna once more"), []
        else:
            again, crashes = Store.open(disk, Keeper(disk, "anna"), store.pin, person("anna")), disk.crashes
        with writing(again):
            assert contents(again) == new
        assert disk.names() == {REGISTER, *(file_of(name) for name in new)}
        return crashes

    everything = follow(run.crashes, [read, repair])
    assert (len(run.crashes), len(everything)) == FOUNDING


class Fuse:
    """Lets so many operations pass, then fails once or for good."""

    def __init__(self, passes: int, code: int, *, for_good: bool) -> None:
        self.left, self.code, self.for_good = passes, code, for_good

    def burn(self) -> None:
        self.left -= 1
        if self.left == -1 or (self.left < 0 and self.for_good):
            raise OSError(self.code, os.strerror(self.code))


class FailingFolder(Folder):
    """A real folder on a disk that fails at one operation."""

    __setattr__ = object.__setattr__

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self.fuse = fuse

    def create(self, name: str, data: bytes) -> None:
        self.fuse.burn()
        super().create(name, data)

    def rename(self, old: str, new: str) -> None:
        self.fuse.burn()
        super().rename(old, new)

    def unlink(self, name: str) -> None:
        self.fuse.burn()
        super().unlink(name)

    def sync(self) -> None:
        self.fuse.burn()
        super().sync()


class FailingKeeper(AnchorFile):
    """A real anchor on the same disk."""

    __setattr__ = object.__setattr__

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self.fuse = fuse

    def save(self, anchor: Anchor) -> None:
        try:
            self.fuse.burn()
        except OSError as problem:
            raise DiskError(path="anchor", reason=problem.strerror) from None
        super().save(anchor)


@pytest.mark.parametrize(("code", "for_good"), [(errno.ENOSPC, False), (errno.EROFS, True), (errno.EIO, False)])
def test_a_disk_that_fails_changes_nothing_or_says_that_it_may_have(tmp_path, code, for_good):
    origin = found_office(tmp_path / "origin")
    old = contents(origin.open("anna"))
    outcomes = []
    for passes in range(100):
        office = origin.copy(tmp_path / str(passes))
        fuse = Fuse(passes, code, for_good=for_good)
        folder, keeper = FailingFolder(office.path, fuse), FailingKeeper(office.keeper("anna").path, fuse)
        before, store = office.files(), Store.open(folder, keeper, office.pin, person("anna"))
        outcomes.append(_outcome(store, os.strerror(code)))
        now = {name: data for name, data in office.files().items() if not for_good or not name.endswith(".new")}
        if outcomes[-1] is DiskError:
            assert now == before
        seen = contents(office.open("bo"))
        assert outcomes[-1] is SaveUnsureError or (seen == old) == (outcomes[-1] is DiskError)
        with writing(mended := office.open("anna")):
            assert contents(mended) == seen
            assert office.files().keys() == {REGISTER, *(file_of(name) for name in seen)}
            if seen == old:
                batch_and_erasure(mended)
        assert len(contents(office.open("bo"))) == len(old)  # one case more, one erased
        if outcomes[-1] is None:
            break
    # three drafts, a sync, the register's draft, the anchor; then the rename, a sync, three moves, an erasure, a sync,
    # the anchor
    assert outcomes == [DiskError] * 6 + [SaveUnsureError] * 8 + [None]


def _outcome(store: Store, reason: str) -> type[BallerupError] | None:
    try:
        with writing(store):
            batch_and_erasure(store)
    except BallerupError as error:
        assert error.facts["reason"] == reason
        return type(error)
    return None


def test_a_disk_that_fails_during_the_repair_leaves_it_to_the_next_command(tmp_path):
    office = found_office(tmp_path / "office")
    fuse = Fuse(8, errno.EIO, for_good=True)  # the register is in place, and one of three files
    store = Store.open(FailingFolder(office.path, fuse), office.keeper("anna"), office.pin, person("anna"))
    with pytest.raises(SaveUnsureError), writing(store):
        batch_and_erasure(store)
    new = contents(office.open("bo"))
    for passes in range(3):  # two moves, an erasure, a sync; each time it gets a little further
        folder = FailingFolder(office.path, Fuse(passes, errno.EROFS, for_good=True))
        store = Store.open(office.folder, office.keeper("bo"), office.pin, person("bo"))
        store.folder = folder
        with pytest.raises(DiskError), writing(store):
            pass
        assert contents(office.open("bo")) == new
    with writing(office.open("anna")):
        assert office.files().keys() == {REGISTER, *(file_of(name) for name in new)}
