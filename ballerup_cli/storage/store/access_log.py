"""Access journals: who looked at what and why, one file a person and month, outside the register so that no look waits.

The next register carries the length and the last digest of each, which none may fall short of. What a look says belongs
to ``services``; rules and reasons: docs/format.md.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from ballerup_cli.core.entry import Entry
from ballerup_cli.errors import (
    N_,
    BallerupError,
    CopyNotWritableError,
    DamagedFileError,
    DiskError,
    OldRevisionError,
    WrongKeyError,
)
from ballerup_cli.storage.crypto.age import parse_recipient, seal
from ballerup_cli.storage.files import Folder
from ballerup_cli.storage.store import journal
from ballerup_cli.storage.store.journal import Draft, Record, head_of
from ballerup_cli.storage.store.members import READERS, Roster
from ballerup_cli.storage.store.store import Holder, Store, entry_of, file_of, open_sealed
from ballerup_cli.storage.text import codec

_FILE = re.compile(rf"({journal.ACCESS})\.yaml\.age")
_OF_A_JOURNAL = re.compile(rf"\.?({journal.ACCESS})\.(?:yaml\.age|lock|draft)")


def names(store: Store) -> list[str]:
    """Return the access journals there are, or should be, sorted."""
    return sorted({*_present(store), *store.register.access})


def records(store: Store, name: str, holder: Holder | None = None) -> list[Record]:
    """Return the verified records of an access journal.

    Raises:
        MissingFileError, OldRevisionError: the register knows of it, or of more of it.
        DamagedFileError, WrongKeyError: it is not what was written; it is sealed to others.
    """
    found = _verified(store, name, store.folder.read(file_of(name)), holder or store.holder)
    count, head = store.register.access.get(name, (0, ""))
    if count and len(found) < count:
        raise OldRevisionError(file=file_of(name))
    if count and found[count - 1].head.digest() != head:
        raise DamagedFileError(file=file_of(name), reason=N_("not what the register says"))
    return found


def entries(store: Store, name: str) -> list[Entry]:
    """Return what an access journal says.

    Raises:
        MalformedRecordError: a signed look cannot be read.
        BallerupError: as ``records``.
    """
    found = records(store, name)
    return [entry_of(record, name, found) for record in found]


def append(store: Store, drafts: Sequence[Draft]) -> None:
    """Write looks of one moment into this user's journal of that month.

    Raises:
        CopyNotWritableError: the store is a copy.
        DamagedFileError, OldRevisionError, MissingFileError: that journal is not as it was written.
        DiskError, StoreLockedError: it cannot be written.
    """
    if store.copy:
        raise CopyNotWritableError(path=str(store.folder.path))
    me = store.me
    name = f"access-{me.name}-{drafts[0].at[:7]}"
    with _writing(store.folder, name):
        store.follow()  # keys may have come or gone since: it is sealed to those of now
        known = name in store.register.access or name in _present(store)
        items = records(store, name) if known else []
        for draft in drafts:
            head = head_of(draft, store.pin, name, me.name, store.register.number)
            items = journal.extend(items, head, codec.encode(draft.body), store.holder.key)
        _put(store.folder, name, _sealed(items, store.roster))


def counted(store: Store, at: str) -> Mapping[str, tuple[int, str]]:
    """Return what the next register says of the access journals: length and last digest, never less than before.

    Journals of months gone by are not opened again: nobody writes them any more.
    """
    body, open_months = dict(store.register.access), {store.register.at[:7], at[:7]}
    for name in _present(store):
        if name in body and name[-7:] not in open_months:
            continue
        with suppress(BallerupError):  # one that is not as it was written is told by `verify`, and stops nobody's work
            found = records(store, name)
            body[name] = (len(found), found[-1].head.digest())
    return body


def unproven(store: Store) -> list[str]:
    """Return the files of journals that nobody whom the store knows can have written so."""
    found = []
    for name in _present(store):
        try:
            records(store, name)
        except DamagedFileError:
            found.append(file_of(name))
    return found


def reseal(store: Store, *, also: Sequence[str] = (), before: Holder | None = None) -> None:
    """Seal every access journal to the readers of today, and to the recipients of those about to become some.

    ``before`` holds this user's keys of before they were renewed: a look that was being written then is sealed to them.

    Raises:
        DiskError, StoreLockedError: one cannot be written.
    """
    for name in _present(store):
        with _writing(store.folder, name), suppress(DamagedFileError, OldRevisionError, WrongKeyError):
            _put(store.folder, name, _sealed(_opened(store, name, before), store.roster, also))


def _opened(store: Store, name: str, before: Holder | None) -> list[Record]:
    try:
        return records(store, name)
    except WrongKeyError:
        if before is None:
            raise
        return records(store, name, before)


def bring(source: Store, target: Folder, around: list[BallerupError] | None = None) -> None:
    """Bring every access journal into another folder, where a longer one of the same beginning stands.

    With ``around``, what is wrong with one is kept there, and the others are brought.

    Raises:
        BallerupError: one of the source is not as it was written.
        DiskError, StoreLockedError: one cannot be written.
    """
    for name in names(source):
        try:
            ours, data = records(source, name), source.folder.read(file_of(name))
        except BallerupError as wrong:
            if around is None:
                raise
            around.append(wrong)
            continue
        with _writing(target, name):
            theirs = _framed(source, name, target)
            if not (len(theirs) > len(ours) and theirs[: len(ours)] == ours):
                _put(target, name, data)


def outdated(names: Iterable[str], first: str) -> set[str]:
    """Return the files of months before ``first``, with their locks: the log of those is given up."""
    found = {(name, match[1]) for name in names if (match := _OF_A_JOURNAL.fullmatch(name))}
    return {name for name, journal_name in found if journal_name[-7:] < first}


def is_file(name: str) -> bool:
    """Tell whether a file of the store is an access journal by its name."""
    return _FILE.fullmatch(name) is not None


def _present(store: Store) -> list[str]:
    found = (match[1] for match in map(_FILE.fullmatch, store.folder.names()) if match)
    return sorted(name for name in found if name[-7:] >= store.register.logged)


def _verified(store: Store, name: str, data: bytes, holder: Holder) -> list[Record]:
    file = file_of(name)
    try:
        found = journal.frame(open_sealed(data, file, holder))
        journal.verify(found, store=store.pin, name=name, key_of=store.roster.reader_key_of)
    except journal.BadJournalError as bad:
        raise DamagedFileError(file=file, reason=bad.args[0]) from None
    return found


def _framed(store: Store, name: str, folder: Folder) -> list[Record]:
    """Return what can be read of a journal that may be another's, newer than all we know of members, or damaged."""
    with suppress(BallerupError, journal.BadJournalError):
        return journal.frame(open_sealed(folder.read(file_of(name)), file_of(name), store.holder))
    return []


def _sealed(items: Sequence[Record], roster: Roster, also: Sequence[str] = ()) -> bytes:
    readers = [member.recipient for member in roster.current(READERS)]
    return seal(journal.join(items), [parse_recipient(text) for text in dict.fromkeys([*readers, *also])])


@contextmanager
def _writing(folder: Folder, name: str) -> Iterator[None]:
    """Hold one journal; the disk's failures come as ours."""
    with folder.locked(f".{name}.lock", needed=False):
        try:
            yield
        except OSError as problem:
            raise DiskError(path=str(folder.path), reason=problem.strerror) from None


def _put(folder: Folder, name: str, data: bytes) -> None:
    draft = f".{name}.draft"  # not `.new`: whoever completes a save takes away all of those that no register names
    folder.unlink(draft)
    folder.create(draft, data)
    folder.rename(draft, file_of(name))
    folder.sync()
