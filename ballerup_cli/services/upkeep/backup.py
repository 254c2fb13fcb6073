"""Copies of the store: make one, look what bringing it back would lose, bring it back, and prove that it could be.

How files travel safely belongs to ``copies``.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ballerup_cli.core.cases.facts import Facts, facts
from ballerup_cli.errors import (
    N_,
    AlreadyThereError,
    BadCopyError,
    BallerupError,
    CannotReadError,
    MissingFileError,
    OtherStoreError,
    WrongKeyError,
)
from ballerup_cli.services.cases.erased import ADD, ERASURES, counting, still_counted
from ballerup_cli.services.store.identity import Places
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.records import cases
from ballerup_cli.services.store.workspace import Workspace, configured_store
from ballerup_cli.services.upkeep.audit import verify
from ballerup_cli.storage.files import Folder, read_file, shared_folder, write_private
from ballerup_cli.storage.store import copies, replaced
from ballerup_cli.storage.store.anchor import BLANK
from ballerup_cli.storage.store.commit import Change, Erasure
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.store.register import Register, Row, blank
from ballerup_cli.storage.store.store import Store, case_journal, case_of
from ballerup_cli.values import value


@value
class Made:
    """A copy that was made and looked through: its register's number, its files, and how many of them were new."""

    number: int
    files: int
    new: int
    damaged: tuple[BallerupError, ...] = ()
    """What is wrong with single files of the store, which are not in the copy as they ought to be."""


@value
class Losses:
    """What bringing a copy back means: how old it is, what is lost by it, and what it brings back that was erased."""

    number: int
    at: str
    lost: tuple[str, ...]
    shorter: tuple[str, ...]
    """Cases that have more entries now than in the copy."""
    erased: tuple[str, ...]
    """Cases in the copy that are erased by now, and are erased again at once."""
    standing: tuple[str, ...]
    """Cases that stay as they are now: a text was taken out of them since, or they are shielded."""
    leaked: tuple[str, ...]
    """Members whose keys in the copy others have by now."""


def back_up(workspace: Workspace, path: Path) -> Made:
    """Copy the store to ``path`` and look through the copy, every byte of it.

    Raises:
        AlreadyThereError: the folder holds something else, or is the store's own.
        BadCopyError: the copy is not what was written.
        BallerupError: the store cannot be read, or the copy not be written.
    """
    own = workspace.store.folder.path.resolve()
    if own == path.resolve() or own in path.resolve().parents or path.resolve() in own.parents:
        raise AlreadyThereError(path=str(path))
    _refuse_other_store(workspace.store, path)
    damaged: list[BallerupError] = []
    new = copies.copy(workspace.store, Folder(shared_folder(path)), damaged)
    made = open_copy(workspace.store, path, {str(wrong.facts["file"]) for wrong in damaged})
    _remember(workspace.store, path)
    files = len(made.store.register.journals) + 1 - len(damaged)
    return Made(number=made.store.register.number, files=files, new=new, damaged=tuple(damaged))


def _refuse_other_store(store: Store, path: Path) -> int:
    """Refuse a folder that holds anything but a copy of this store; return the number of its register, or 0.

    Raises:
        AlreadyThereError: it holds something else, or another store.
    """
    copies.refuse_others(Folder(path))
    try:
        return Store.open(Folder(path), store.keeper, store.pin, store.holder, copy=True).register.number
    except (OtherStoreError, WrongKeyError) as problem:
        known = {made.path for made in _read_copies(store.keeper.path.with_name(_COPIES))}
        if isinstance(problem, OtherStoreError) or str(path.absolute()) not in known:
            raise AlreadyThereError(path=str(path)) from None
    except BallerupError:  # a copy that is damaged is made anew
        pass
    return 0


def lay(taken: Workspace, path: Path) -> Made:
    """Lay a copy that is only read into a folder, without what was erased since; nothing is signed, no anchor moves.

    Raises:
        AlreadyThereError: the folder holds something else, or a newer copy.
        BallerupError: the copy cannot be read, or this one not be written.
    """
    store = taken.store
    if _refuse_other_store(store, path) > store.register.number:
        raise AlreadyThereError(path=str(path))
    source = Store.open(store.folder, store.keeper, store.pin, store.holder, copy=True)
    new = copies.copy(source, Folder(shared_folder(path)))
    made = open_copy(store, path)
    return Made(number=made.store.register.number, files=len(made.store.register.journals) + 1, new=new)


@value
class Known:
    """A copy that this user made: where it lies, and the register it holds."""

    path: str
    number: int
    at: str


def known_copies(places: Places, pin: str) -> list[Known]:
    """Return the copies that this user made and that were there when last looked at, by path.

    Raises:
        CannotReadError: the list is there and cannot be understood.
    """
    return _read_copies(places.keeper(pin).path.with_name(_COPIES))


def _remember(store: Store, path: Path) -> None:
    """Note a copy beside the anchor: who renews keys is told which copies the old ones alone open."""
    file, register = store.keeper.path.with_name(_COPIES), store.register
    others = [made for made in _read_copies(file) if made.path != str(path.absolute())]
    made = [*others, Known(path=str(path.absolute()), number=register.number, at=register.at)]
    rows = sorted([known.path, known.number, known.at] for known in made)
    write_private(file, json.dumps(rows, indent=1).encode() + b"\n")


def _read_copies(file: Path) -> list[Known]:
    try:
        rows = json.loads(read_file(file, limit=1 << 20))
        return [Known(path=str(path), number=int(number), at=str(at)) for path, number, at in rows]
    except MissingFileError:
        return []
    except (ValueError, TypeError):
        raise CannotReadError(path=str(file), reason=N_("not a list of copies")) from None


_COPIES = "copies.json"


def open_copy(store: Store, path: Path, known: Collection[str] = ()) -> Workspace:
    """Open a copy of the store and look through it; what is wrong with the files ``known`` is known already.

    What was written and makes no sense is carried as it is: it says nothing of the copy.

    Raises:
        BadCopyError: something in it is not as it was written.
        BallerupError: it is no copy of this store, or cannot be read.
    """
    opened = Store.open(Folder(path), store.keeper, store.pin, store.holder, copy=True, with_erased=store.with_erased)
    made = Workspace(opened)
    if faults := sum(1 for fault in verify(made) if not fault.content and fault.file not in known):
        raise BadCopyError(path=str(path), count=faults)
    return made


def present(opened: Callable[[], Workspace]) -> Workspace | None:
    """Return the store that is there, None when it is gone or its register cannot be believed."""
    with suppress(BallerupError):
        return opened()
    return None


def losses(taken: Workspace, there: Workspace | None, places: Places) -> Losses:
    """Tell what bringing ``taken`` back would lose against the store that is there, or what was last seen of one."""
    anchor, register = places.keeper(taken.store.pin).load() or BLANK, taken.store.register
    present = there.store.register if there else None
    stands = copies.standing(taken.store, there.store) if there else frozenset()
    known = [f"{year}-{serial:04d}" for year, end in sorted(anchor.next.items()) for serial in range(1, end)]
    erased = {**anchor.erased, **(present.erased if present else {})}
    back = register.journals.keys() | stands
    now = {} if present is None else {name: row for name, row in present.journals.items() if name not in stands}
    return Losses(
        number=register.number,
        at=register.at,
        lost=tuple(case for case in known if case_journal(case) not in back and case not in erased),
        shorter=tuple(case for case in taken.store.cases() if _entries(now, case) > _entries(register.journals, case)),
        erased=tuple(case for case in taken.store.cases() if case in erased),
        standing=tuple(sorted(case for name in stands if (case := case_of(name)))),
        leaked=holders_of_leaked(taken, present),
    )


def holders_of_leaked(taken: Workspace, present: Register | None = None) -> tuple[str, ...]:
    """Return who is a member in a copy by keys that others have: whoever has them opens it, and could have written it.

    Which keys leaked, this user's anchor tells, and the register of the store that is there.
    """
    leaked = {*(taken.store.keeper.load() or BLANK).leaked, *(present.leaked if present else ())}
    return tuple(member.name for member in taken.store.roster.current() if member.signing in leaked)


def _entries(journals: Mapping[str, Row], case: str) -> int:
    row = journals.get(case_journal(case))
    return row.entries if row else 0


def bring_back(
    taken: Workspace, places: Places, there: Workspace | None, moment: Moment, path: Path | None = None
) -> Workspace:
    """Put a copy in the store's place, or in ``path``; what was erased since is erased again, and stays counted.

    Raises:
        ReadOnlyKeyError: its owner is not one of those who keep the store.
        BallerupError: it could not be written.
    """
    keeper = places.keeper(taken.store.pin)
    present = there.store.register if there else blank(taken.store.pin)
    erased = {**(keeper.load() or BLANK).erased, **present.erased}
    again = [case for case in taken.store.cases() if case in erased]
    erase = [Erasure(case=case, month=month, provision=rule) for case, (month, rule) in erased.items()]
    changes = [*_certified(again, erased, moment.at), *counting(_counts(taken, there, again), moment.at)]
    folder = Folder(shared_folder(path or configured_store(places)))
    now, number = there.store if there else None, present.number
    found = losses(taken, there, places)
    then = present.journals
    lost = {
        case: _entries(then, case) - _entries(taken.store.register.journals, case)
        for case in sorted((*found.lost, *found.shorter))
    }
    lost = {case: max(count, 0) for case, count in lost.items() if case not in found.standing}
    body: dict[str, Any] = {"at": moment.at, "given_up": number, "there": now, "lost": lost}
    return Workspace(copies.restore(taken.store, folder, keeper, changes, erase, **body))


def set_aside(workspace: Workspace) -> list[str]:
    """Return the folders in which what a restore replaced is kept for a time."""
    return [str(folder.path) for folder in replaced.folders(workspace.store.folder)]


def _counts(taken: Workspace, there: Workspace | None, again: Sequence[str]) -> list[Facts]:
    """Return what is counted of erased cases beside what the copy counts of them already.

    The store that is there knows it, if it goes on where the copy ends. Else the copy must: a case that it cannot open,
    or that was closed later, goes uncounted.
    """
    then, known = still_counted(taken), frozenset[str]()
    with suppress(BallerupError):
        if there and still_counted(there)[: len(then)] == then:  # its counters stand
            known = frozenset(there.store.register.erased)
    opened = cases(taken, [case for case in again if case not in known and taken.store.opens(case)])
    return [found for case in opened if (found := facts(case)) and found.closed]


def _certified(again: Sequence[str], erased: dict[str, tuple[str, str]], at: str) -> list[Change]:
    bodies = [
        {
            "case": case,
            "month": erased[case][0],
            "archive": "discarded",
            "rule": erased[case][1],
            "reason": _AGAIN,
        }
        for case in again
    ]
    return [Change(journal=ERASURES, drafts=[Draft(step=ADD, at=at, body=body) for body in bodies])] if bodies else []


_AGAIN = "Slettet igen efter gendannelse fra en kopi / erased again after a copy was restored"


def prove(store: Store, path: Path, folder: Path) -> int:
    """Bring a copy back into an empty folder and look through it there; return how many cases it holds.

    Raises:
        BadCopyError: something in it is not as it was written.
        BallerupError: it is no copy of this store, or cannot be read.
    """
    taken = Store.open(Folder(path), store.keeper, store.pin, store.holder, copy=True)
    copies.copy(taken, Folder(shared_folder(folder / "store")))
    tried = open_copy(store, folder / "store")
    return len(tried.store.cases())
