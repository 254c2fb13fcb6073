"""Copies of a store: make one that is whole at every moment, and bring one back in its place.

Both go the way of a save: new files under names of their own first, then the register, then everything into place
(docs/format.md). Which copy may be brought back, and what its user is told before, belongs to ``services``.
"""

import re
from collections.abc import Iterable, Sequence

from ballerup_cli.errors import AlreadyThereError, DiskError, MissingFileError, ReadOnlyKeyError
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.store import access_log
from ballerup_cli.storage.store.anchor import BLANK, AnchorFile
from ballerup_cli.storage.store.commit import Change, Erasure, commit, complete
from ballerup_cli.storage.store.files import Folder
from ballerup_cli.storage.store.journal import ACCESS
from ballerup_cli.storage.store.store import REGISTER, Store, file_of, find, pending_name

_SEALED = ".age"
_BEGUN = re.compile(rf"\.lock|\.[0-9a-f]{{64}}\.new|\.{ACCESS}\.(?:lock|draft)|{ACCESS}\.yaml\.age")


def copy(store: Store, target: Folder) -> int:
    """Copy the store as it is now into ``target``, an empty folder or an older copy; return how many files were new.

    Raises:
        AlreadyThereError: the folder holds something else.
        DiskError: the copy could not be written; an older one in its place still stands.
        BallerupError: a file of the store is not what was written.
    """
    refuse_others(target)
    with store.folder.locked(), target.locked():
        store.reload()
        try:
            new = _bring(store, store.folder, target)
            access_log.bring(store, target)
            _put_register(target, store.view.raw)
            complete(Store(target, store.keeper, store.pin, store.holder, store.view))
            _drop_strays(store, target)
        except OSError as problem:
            raise DiskError(path=str(target.path), reason=problem.strerror) from None
    return new


def restore(
    taken: Store,
    target: Folder,
    keeper: AnchorFile,
    changes: Sequence[Change],
    erase: Sequence[Erasure],
    *,
    at: str,
    given_up: int,
) -> Store:
    """Put the copy ``taken`` in the place of a store, and say so in its next register; return the store.

    Whatever this user's anchor or ``erase`` knows as erased stays erased. ``given_up`` is the number of the register
    that was there.

    Raises:
        ReadOnlyKeyError: its owner is not one of those who keep the store.
        DiskError, SaveUnsureError: the disk failed; the same command tries again.
    """
    store = Store(target, keeper, taken.pin, taken.holder, taken.view)
    if store.roster.keeper(store.me.name) is None:
        raise ReadOnlyKeyError
    with target.locked():
        try:
            _bring(taken, taken.folder, target)
            access_log.bring(taken, target)
        except OSError as problem:
            raise DiskError(path=str(target.path), reason=problem.strerror) from None
        strange, last = access_log.unproven(store), max((keeper.load() or BLANK).number, given_up)
        commit(store, changes, at=at, erase=erase, accepted=(last, taken.register.number))
        complete(store)
        _drop_strays(store, target)
        _drop(target, strange)
    return store


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


def _bring(store: Store, source: Folder, target: Folder) -> int:
    """Lay every file that is not there yet beside its place; it counts when a register names it."""
    new = 0
    for name, row in sorted(store.register.journals.items()):
        file, draft = file_of(name), pending_name(row.now)
        if _has(target, file, row.now) or _has(target, draft, row.now):
            continue
        target.unlink(draft)
        target.create(draft, find(source, file, row))
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
