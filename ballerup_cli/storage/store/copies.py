"""Copies of a store: make one that is whole at every moment, and bring one back in its place.

Both go the way of a save: new files under names of their own first, then the register, then everything into place
(docs/format.md). Which copy may be brought back, and what its user is told before, belongs to ``services``.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import TypeVar

from ballerup_cli.errors import (
    AlreadyThereError,
    BallerupError,
    DiskError,
    ForkError,
    HeaderError,
    MissingFileError,
    ReadOnlyKeyError,
)
from ballerup_cli.storage.crypto.age import readers
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.files import Folder
from ballerup_cli.storage.store import access_log, members, replaced
from ballerup_cli.storage.store.anchor import BLANK, AnchorFile
from ballerup_cli.storage.store.commit import Change, Erasure, Taken, commit, complete
from ballerup_cli.storage.store.journal import ACCESS
from ballerup_cli.storage.store.store import REGISTER, Store, View, case_journal, case_of, file_of, find, pending_name

T = TypeVar("T")

_SEALED = ".age"
_BEGUN = re.compile(rf"\.lock|\.[0-9a-f]{{64}}\.new|\.{ACCESS}\.(?:lock|draft)|{ACCESS}\.yaml\.age")


def copy(store: Store, target: Folder, around: list[BallerupError] | None = None) -> int:
    """Copy the store as it is now into ``target``, an empty folder or an older copy; return how many files were new.

    With ``around``, what is wrong with a file is kept there, and the copy goes on: its own last file of it stays.

    Raises:
        AlreadyThereError: the folder holds something else.
        DiskError: the copy could not be written; an older one in its place still stands.
        BallerupError: a file of the store is not what was written.
    """
    refuse_others(target)
    with nullcontext() if store.copy else store.folder.locked(), target.locked():
        store.reload()
        try:
            new = _bring(store, target, store.register.journals, around)
            access_log.bring(store, target, around)
            _put_register(target, store.view.raw)
            complete(Store(target, store.keeper, store.pin, store.holder, store.view))
            _drop_strays(store, target)
        except OSError as problem:
            raise DiskError(path=str(target.path), reason=problem.strerror) from None
    return new


# --- going back -------------------------------------------------------------------------------------------------------

_NEVER_BACK = frozenset({members.JOURNAL, "erasures", "counters", "log", "published", "requests", "requesters"})
"""Journals that only grow: who holds keys, what was erased, what went out, and what somebody asked for."""


def standing(taken: Store, there: Store) -> frozenset[str]:
    """Return the journals of the store that is there which stand when the copy ``taken`` takes its place.

    Those that only grow; cases in which a text was taken out since, or which were shielded since; and those shielded
    from this user, which he cannot judge.

    Raises:
        ForkError: the members of the copy and those of the store are of two histories.
    """
    now, then = there.roster.heads, taken.roster.heads
    if now[: len(then)] != then and then[: len(now)] != now:
        raise ForkError(number=taken.register.number)
    return frozenset(name for name in there.register.journals if _stands(taken, there, name))


def _stands(taken: Store, there: Store, name: str) -> bool:
    case, before, now = case_of(name), taken.register.journals.get(name), there.register.journals[name]
    if case is not None and not there.opens(case):
        return True
    if case is not None and (before is None or before.head == now.head):
        return False
    if case is None and name not in _NEVER_BACK:
        return False
    with suppress(BallerupError):
        known = [record.head for record in taken.records(name)] if before else []
        since = [record.head for record in there.records(name)]
        is_longer = len(since) > len(known) and since[: len(known)] == known
        return is_longer and (case is None or any(head.redacts or head.readers for head in since[len(known) :]))
    return False


class _Composed(Store):
    """A store put together of a copy and what stands of the store that was there; no writer moves it on."""

    def _followed(self, read: Callable[[], T]) -> T:
        return read()

    def _count_readers(self, file: str, sealed: bytes, count: int) -> None:
        """What a copy was sealed to is about to be sealed to the members of today."""


def restore(
    taken: Store,
    target: Folder,
    keeper: AnchorFile,
    changes: Sequence[Change],
    erase: Sequence[Erasure],
    *,
    at: str,
    given_up: int,
    there: Store | None = None,
    lost: Mapping[str, int] | None = None,
) -> Store:
    """Put the copy ``taken`` in the place of a store, and say so in its next register; return the store.

    Whatever this user's anchor or ``erase`` knows as erased stays erased. ``given_up`` is the number of the register
    that was ``there``, of which some journals stand; what it replaces of the others is set aside.

    Raises:
        ReadOnlyKeyError: its owner is not one of those who keep the store.
        ForkError: as ``standing``.
        DiskError, SaveUnsureError: the disk failed; the same command tries again.
    """
    stands = standing(taken, there) if there else frozenset()
    store = _Composed(target, keeper, taken.pin, taken.holder, _together(taken, there, stands))
    store.given_up = max((keeper.load() or BLANK).number, given_up)
    if store.roster.keeper(store.me.name) is None:
        raise ReadOnlyKeyError
    with target.locked():
        try:
            if there:
                _bring(there, target, stands)
            _bring(taken, target, store.register.journals.keys() - stands)
            access_log.bring(taken, target)
            _set_aside(store, {case.case for case in erase})
        except OSError as problem:
            raise DiskError(path=str(target.path), reason=problem.strerror) from None
        strange = access_log.unproven(store)
        accepted = Taken(given_up=store.given_up, taken=taken.register.number, lost=lost or {})
        commit(store, changes, at=at, erase=erase, accepted=accepted, reseal=True)
        complete(store)
        _drop_strays(store, target)
        _drop(target, strange)
    return Store(target, keeper, taken.pin, taken.holder, store.view)


def _together(taken: Store, there: Store | None, stands: Collection[str]) -> View:
    """Return what is to be believed of a copy with what stands beside it: it is read, and never written as it is."""
    if there is None:
        return taken.view
    old, now = taken.register, there.register
    shielded = {case: row for case, row in old.shielded.items() if case_journal(case) not in stands}
    shielded |= {case: row for case, row in now.shielded.items() if case_journal(case) in stands}
    made = replace(
        old,
        journals={**old.journals, **{name: now.journals[name] for name in stands}},
        shielded=shielded,
        seen={**old.seen, **_later(old.seen, now.seen), **_later(old.seen, {now.by: (now.number, now.digest)})},
        leaked={**old.leaked, **now.leaked},
        logged=max(old.logged, now.logged),
    )
    vars(made).update(digest=old.digest)
    roster = max(taken.roster, there.roster, key=lambda roster: len(roster.heads))
    return replace(taken.view, register=made, roster=roster)


def _later(known: Mapping[str, tuple[int, str]], now: Mapping[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    return {name: row for name, row in now.items() if row[0] > known.get(name, (0, ""))[0]}


def _set_aside(store: Store, erased: Collection[str]) -> None:
    """Keep what is about to be replaced, but for cases that are erased, and those of which a text was taken out."""
    folder, names = store.folder, store.folder.names()
    if REGISTER not in names:
        return
    spared = {file_of(case_journal(case)) for case in (*erased, *store.register.erased)}
    for name in store.register.journals:
        with suppress(BallerupError):
            if case_of(name) and any(record.head.redacts for record in store.records(name)):
                spared.add(file_of(name))
    files = {name for name in names if name.endswith(_SEALED) and not access_log.is_file(name)}
    replaced.set_aside(folder, store.given_up, files - spared)


def has(store: Store, folder: Folder, name: str) -> bool:
    """Tell whether a folder has the very file that the register names, sealed to those it should be sealed to."""
    with suppress(MissingFileError, HeaderError):
        data = folder.read(file_of(name))
        return digest(data) == store.register.journals[name].now and readers(data) == store.readers_of(name)
    return False


def put_back(store: Store, source: Folder, name: str) -> None:
    """Put the very file that the register names back in its place.

    Raises:
        DiskError: it cannot be written.
    """
    draft = pending_name(store.register.journals[name].now)
    try:
        store.folder.unlink(draft)
        store.folder.create(draft, source.read(file_of(name)))
        store.folder.sync()
        complete(store)
    except OSError as problem:
        raise DiskError(path=str(store.folder.path), reason=problem.strerror) from None


def refuse_others(target: Folder) -> None:
    """Refuse a folder that holds something else than a copy of a store; one that is not there yet may be made.

    A first copy that was cut off has no register yet: then all that lies there is its drafts and the lock.

    Raises:
        AlreadyThereError: it holds something else.
        CannotReadError: it cannot be listed.
    """
    names = target.names() if target.path.exists() else frozenset()
    if REGISTER not in names and not all(_BEGUN.fullmatch(name) for name in names):
        raise AlreadyThereError(path=str(target.path))


def _bring(store: Store, target: Folder, names: Iterable[str], around: list[BallerupError] | None = None) -> int:
    """Lay every file that is not there yet beside its place; it counts when a register names it.

    Raises:
        BallerupError: one is not what was written, and the copy is not to go on ``around`` it.
    """
    new = 0
    for name in sorted(names):
        row = store.register.journals[name]
        file, draft = file_of(name), pending_name(row.now)
        is_there = _has(target, file, row.now) or _has(target, draft, row.now)
        if is_there and around is None:
            continue
        try:
            data = find(store.folder, file, row)
        except BallerupError as wrong:
            if around is None or name == members.JOURNAL:
                raise
            around.append(wrong)
            continue
        if is_there:
            continue
        target.unlink(draft)
        target.create(draft, data)
        new += 1
    target.sync()
    return new


def _has(folder: Folder, name: str, mark: str) -> bool:
    try:
        return digest(folder.read(name)) == mark
    except MissingFileError:
        return False


def _put_register(target: Folder, raw: bytes) -> None:
    draft = pending_name(digest(raw))
    target.unlink(draft)
    target.create(draft, raw)
    target.rename(draft, REGISTER)
    target.sync()


def _drop_strays(store: Store, target: Folder) -> None:
    """Take away sealed files that the register does not name: what was erased, or is given up by going back."""
    named = {REGISTER, *(file_of(name) for name in store.register.journals)}
    strays = (name for name in target.names() - named if name.endswith(_SEALED) and not access_log.is_file(name))
    _drop(target, strays)


def _drop(target: Folder, names: Iterable[str]) -> None:
    for name in sorted(names):
        target.unlink(name)
    target.sync()
