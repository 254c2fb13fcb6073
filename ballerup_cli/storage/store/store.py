"""A store as one key holder sees it: what is believed, in which order, and how a file is found.

Saving belongs to ``commit``; what entries mean to ``core``. Rules and their reasons: docs/format.md.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from functools import partial
from typing import Any, TypeVar

from ballerup_cli.core.entry import Entry
from ballerup_cli.errors import (
    N_,
    BallerupError,
    CannotReadError,
    DamagedFileError,
    MalformedRecordError,
    MissingFileError,
    NewerFormatError,
    NoAnchorError,
    OlderFormatError,
    OldRevisionError,
    OtherStoreError,
    ShieldedError,
    UnknownFileError,
    WrongKeyError,
)
from ballerup_cli.storage import computed
from ballerup_cli.storage.crypto.age import HybridIdentity, readers, unseal
from ballerup_cli.storage.crypto.signing import SigningKey, digest
from ballerup_cli.storage.files import Folder
from ballerup_cli.storage.store import journal, members, register
from ballerup_cli.storage.store.anchor import BLANK, Anchor, AnchorFile, next_numbers
from ballerup_cli.storage.store.journal import Record
from ballerup_cli.storage.store.members import Member, Roster
from ballerup_cli.storage.store.register import Register
from ballerup_cli.storage.text import codec
from ballerup_cli.values import value

REGISTER = "register.age"
_SEALED = ".yaml.age"
_LOOKS = re.compile(f"{journal.ACCESS}{re.escape(_SEALED)}")
_CASES = "cases/"
_WRITERS_TO_OUTRUN = 50  # a store that changes under a reader more often than that is being played with

T = TypeVar("T")


def file_of(name: str) -> str:
    """Return the file name of a journal: a case's number, or the journal's own name."""
    return name.removeprefix(_CASES) + _SEALED


def case_journal(case: str) -> str:
    """Return the name of a case's journal."""
    return _CASES + case


def case_of(name: str) -> str | None:
    """Return the case number of a case's journal, None for any other journal."""
    return name.removeprefix(_CASES) if name.startswith(_CASES) else None


def pending_name(mark: str) -> str:
    """Return the name under which a file of this digest waits for the register to name it."""
    return f".{mark.removeprefix('sha256:')}.new"


@value
class Holder:
    """A key holder: what opens files and what signs."""

    identity: HybridIdentity = field(repr=False)
    key: SigningKey = field(repr=False)

    @classmethod
    def of(cls, identity: HybridIdentity) -> "Holder":
        """Return the holder of an identity."""
        return cls(identity=identity, key=SigningKey.derive(identity.secret))


@value
class View:
    """One believed moment of a store: the register's sealed bytes, the register and the roster."""

    raw: bytes = field(repr=False)
    register: Register
    roster: Roster


class Store:
    """An open store. Everything it returns has been verified; a writer that moves on meanwhile is followed."""

    def __init__(self, folder: Folder, keeper: AnchorFile, pin: str, holder: Holder, view: View) -> None:
        """Take ``view`` as what is believed; ``open`` finds out instead."""
        self.folder, self.keeper, self.pin, self.holder, self.view = folder, keeper, pin, holder, view
        self.copy, self.with_erased, self.accepted, self.given_up = False, False, 0, 0
        self.written = False
        self._last: tuple[str, str, list[Record]] = ("", "", [])

    @classmethod
    def open(
        cls,
        folder: Folder,
        keeper: AnchorFile,
        pin: str,
        holder: Holder,
        *,
        copy: bool = False,
        with_erased: bool = False,
        accept: int = 0,
    ) -> "Store":
        """Open the store whose identity is ``pin``; a ``copy`` may be older than the anchor and is never written.

        What was erased since a copy was made is not in it, unless it is to be brought back ``with_erased``: then it is
        counted and erased again. ``accept`` is the number of a register that its user takes as the newest, whatever the
        anchor says.

        Raises:
            BallerupError: 30-33 and 40-43, as docs/format.md says.
        """
        folder.check_rights()
        store = cls(folder, keeper, pin, holder, View(raw=b"", register=register.blank(pin), roster=Roster((), ())))
        store.copy, store.with_erased, store.accepted = copy, with_erased, accept
        store.reload()
        return store

    @property
    def register(self) -> Register:
        """The register this store is seen at."""
        return self.view.register

    @property
    def base(self) -> int:
        """The number of the register that entries are written on top of: one that is given up counts too."""
        return max(self.register.number, self.given_up)

    @property
    def roster(self) -> Roster:
        """The members as of that register."""
        return self.view.roster

    @property
    def me(self) -> Member:
        """The member whose key this is.

        Raises:
            WrongKeyError: he is no member any more.
        """
        member = self.roster.named(self.holder.key.public)
        if member is None:
            raise WrongKeyError(file=REGISTER)
        return member

    def cases(self) -> list[str]:
        """Return the case numbers, sorted."""
        return sorted(name.removeprefix(_CASES) for name in self.register.journals if name.startswith(_CASES))

    def readable(self) -> list[str]:
        """Return the numbers of the cases that this key opens: all but those shielded from its owner, sorted."""
        return [case for case in self.cases() if self.opens(case)]

    def has(self, case: str) -> bool:
        """Tell whether there is a case of this number that this key opens."""
        return case_journal(case) in self.register.journals and self.opens(case)

    def shielded_count(self) -> int:
        """Return how many cases are shielded from this key's owner."""
        return len(self.cases()) - len(self.readable())

    def opens(self, case: str) -> bool:
        """Tell whether this key opens a case's file as it was last sealed."""
        sealed = self.register.shielded.get(case)
        if sealed is None:
            return True
        me = self.roster.named(self.holder.key.public)
        return me is not None and me.since <= sealed[0] and (me.role == members.RECOVERY or me.name in sealed[1])

    def next_serials(self) -> dict[str, int]:
        """Return for each year the first case number that was never used."""
        anchor = self.keeper.load() or BLANK
        return next_numbers(self.register, anchor.next)

    def entries(self, name: str) -> list[Entry]:
        """Return a journal's entries, the whole of it verified first.

        Raises:
            BallerupError: missing, damaged, forged or older than the register says; or signed and unreadable (20).
        """
        records = self.records(name)
        return [entry_of(record, name, records) for record in records]

    def readable_entries(self, name: str) -> Iterator[Entry | MalformedRecordError]:
        """Give a journal's entries one by one; one that is signed and cannot be read as what is wrong with it.

        Raises:
            BallerupError: as ``records``.
        """
        yield from self.entries_of(name, self.records(name))

    def entries_of(self, name: str, records: Sequence[Record]) -> Iterator[Entry | MalformedRecordError]:
        """Give what verified records say, as ``readable_entries`` does."""
        for record in records:
            try:
                yield entry_of(record, name, records)
            except MalformedRecordError as malformed:
                yield malformed

    def signed_records(self, folder: Folder, name: str) -> list[Record]:
        """Return what was signed of a journal, from a file of another folder that the register may not name.

        Raises:
            MissingFileError, WrongKeyError: there is none; it is sealed to others.
            DamagedFileError: it is not what members of this store wrote, or not the beginning of what there was.
        """
        file = file_of(name)
        with self._blaming(file):
            records = journal.frame(open_sealed(folder.read(file), file, self.holder))
            journal.verify(records, store=self.pin, name=name, key_of=self.roster.key_of)
        row, last = self.register.journals.get(name), records[-1].head
        if last.register >= self.register.number or (row and len(records) > row.entries):
            raise DamagedFileError(file=file, reason=N_("not what the register says"))
        if row and len(records) == row.entries and last.digest() != row.head:
            raise DamagedFileError(file=file, reason=N_("not what the register says"))
        return records

    def records(self, name: str) -> list[Record]:
        """Return a journal's verified records; those read last are at hand, as long as the register names them."""
        row = self.register.journals.get(name)
        if row is None or self._last[:2] != (name, row.now):
            records = self._followed(partial(self._records, name))
            self._last = name, self.register.journals[name].now, records
        return self._last[2]

    def records_as_named(self, name: str) -> list[Record]:
        """Return a journal's records as the register names them, their signatures not looked at.

        They are to be sealed anew, and nothing else: what is carried over byte by byte is judged by whoever reads it.
        """
        return self._followed(partial(self._records, name, is_judged=False))

    def check_file(self, name: str) -> None:
        """Compare a journal's file with the digest in the register; it is not opened.

        Raises:
            MissingFileError, OldRevisionError, DamagedFileError: it is not what was written.
        """
        self._followed(partial(self._sealed, name))

    def _sealed(self, name: str) -> bytes:
        row, file = self.register.journals.get(name), file_of(name)
        if row is None:  # erased meanwhile
            raise MissingFileError(file=file)
        return find(self.folder, file, row)

    def reload(self) -> None:
        """See the store as it is now."""
        self.view = self._open_once()
        self._move_anchor()

    def prove(self) -> None:
        """Judge the register as if it had never been seen, its spelling and its signature too.

        Raises:
            BallerupError: 30-32, as on opening.
        """
        self.view = self._as_it_is(self._followed(lambda: self._proven(self.view.raw, None)), self.keeper.load())

    def follow(self) -> None:
        """See the store as it is now, if somebody has moved it on."""
        if self.folder.read(REGISTER) != self.view.raw:
            self.reload()

    def alarms(self) -> list[BallerupError]:
        """Return what the names in the folder alone tell: files that are missing, and sealed files nobody wrote.

        An alarm counts when a second look confirms it: names move while somebody saves.
        """
        before: dict[str, BallerupError] = {}
        for _ in range(_WRITERS_TO_OUTRUN):
            found = self._strays(self.folder.names())
            if self.folder.read(REGISTER) != self.view.raw:
                self.reload()
            elif found.keys() == before.keys():
                break
            before = found
        return list(before.values())

    def _strays(self, names: frozenset[str]) -> dict[str, BallerupError]:
        rows = {file_of(name): row for name, row in self.register.journals.items()}
        looks = {file_of(name) for name in self.register.access}
        missing = sorted(file for file in rows.keys() - names if pending_name(rows[file].now) not in names)
        missing += sorted(looks - names)
        sealed = (file for file in names if file.endswith(".age") and not _LOOKS.fullmatch(file))
        unknown = sorted({*sealed} - rows.keys() - {REGISTER} - self.erased_files())
        return {file: MissingFileError(file=file) for file in missing} | {
            file: UnknownFileError(file=file) for file in unknown
        }

    def erased_files(self) -> frozenset[str]:
        """Return the file names of erased cases: what is brought back under one of them is not looked at."""
        return frozenset(file_of(case_journal(case)) for case in self.register.erased)

    def _followed(self, read: Callable[[], T]) -> T:
        """Return what ``look`` finds; an alarm counts only when no writer has moved the register on meanwhile."""
        for _ in range(_WRITERS_TO_OUTRUN):
            try:
                return read()
            except BallerupError:
                if self.folder.read(REGISTER) == self.view.raw:
                    raise
                self.reload()
        return read()

    def _open_once(self) -> View:
        for _ in range(_WRITERS_TO_OUTRUN):
            raw = self.folder.read(REGISTER)
            try:
                return self._believe(raw)
            except BallerupError:
                if self.folder.read(REGISTER) == raw:
                    raise
        return self._believe(self.folder.read(REGISTER))

    def _believe(self, raw: bytes) -> View:
        anchor = self.keeper.load()
        view = self.view if raw and raw == self.view.raw else self._proven(raw, anchor)
        self._hold_against(anchor, view)
        return self._as_it_is(view, anchor)

    def _as_it_is(self, view: View, anchor: Anchor | None) -> View:
        return without(view, self._not_in_it(anchor)) if anchor and self.copy else view

    def _not_in_it(self, anchor: Anchor) -> Mapping[str, tuple[str, str]]:
        """Return the erased cases that are not in a copy: all, or those it was laid without."""
        if not self.with_erased:
            return anchor.erased
        names = self.folder.names()
        return {case: row for case, row in anchor.erased.items() if file_of(case_journal(case)) not in names}

    def _proven(self, raw: bytes, anchor: Anchor | None) -> View:
        try:
            unproven = register.read(open_sealed(raw, REGISTER, self.holder), known=anchor.digest if anchor else "")
            roster = self._roster(unproven.register)
            proven = unproven.prove(roster.keeper(unproven.register.by))
        except register.BadRegisterError as bad:
            raise DamagedFileError(file=REGISTER, reason=bad.args[0]) from None
        if proven.store != self.pin:
            raise OtherStoreError(path=str(self.folder.path))
        if unproven.is_newer:
            raise NewerFormatError(file=REGISTER)
        if unproven.is_older:
            raise OlderFormatError(file=REGISTER)
        self._count_readers(REGISTER, raw, len([*roster.current()]))
        return View(raw=raw, register=proven, roster=roster)

    def _count_readers(self, file: str, sealed: bytes, count: int) -> None:
        """Refuse a file that more can open, or others, than it should be sealed to.

        Raises:
            DamagedFileError: it is sealed to another number of keys.
        """
        if readers(sealed) != count:
            raise DamagedFileError(file=file, reason=N_("not sealed to those it should be"))

    def readers_of(self, name: str) -> int:
        """Return to how many keys a journal's file must be sealed."""
        if name == members.JOURNAL:
            return len([*self.roster.current()])
        shielded = self.register.shielded.get(case_of(name) or "")
        return len([*self.roster.current(members.READERS)]) if shielded is None else len(shielded[1]) + 1

    def _roster(self, claimed: Register) -> Roster:
        row = claimed.journals.get(members.JOURNAL)
        file = file_of(members.JOURNAL)
        if row is None:
            raise DamagedFileError(file=REGISTER, reason=N_("no members"))
        sealed = find(self.folder, file, row)
        with self._blaming(file):
            records = journal.frame(open_sealed(sealed, file, self.holder))
            roster = members.fold(records, self.pin, computed.decoded)
        self._count_readers(file, sealed, len([*roster.current()]))
        return roster

    def _hold_against(self, anchor: Anchor | None, view: View) -> None:
        found = view.register
        if self.accepted == found.number:
            return
        if anchor is None:
            raise NoAnchorError(number=found.number, at=found.at[:10], by=found.by)
        if self.copy and found.number < anchor.number:
            return
        anchor.check(found, view.roster, self._name(view.roster))

    def _name(self, roster: Roster) -> str:
        member = roster.named(self.holder.key.public)
        return member.name if member else ""

    def _move_anchor(self) -> None:
        anchor = self.keeper.load()
        if anchor is not None and not self.copy and anchor.number < self.register.number:
            self._sync()
            self.keeper.keep(self.view.raw)
            self.keeper.move(self.register, self.roster)

    def _sync(self) -> None:
        """Bring the register to the disk that may only be in memory yet: a power cut must not take it back behind us.

        Raises:
            CannotReadError: the disk fails.
        """
        try:
            self.folder.sync()
        except OSError as problem:
            raise CannotReadError(path=str(self.folder.path), reason=problem.strerror) from None

    def _records(self, name: str, *, is_judged: bool = True) -> list[Record]:
        file, sealed = file_of(name), self._sealed(name)
        if not self.opens(case_of(name) or ""):
            raise ShieldedError(file=file)
        plaintext = open_sealed(sealed, file, self.holder)
        self._count_readers(file, sealed, self.readers_of(name))
        with self._blaming(file):
            records = journal.frame(plaintext)
            if name == members.JOURNAL:
                members.fold(records, self.pin, computed.decoded)
            elif is_judged:
                journal.verify(records, store=self.pin, name=name, key_of=self.roster.key_of)
            else:
                journal.check_chain(records, stores=[self.pin] * len(records), name=name)
        row, last = self.register.journals[name], records[-1].head
        if (len(records), last.digest()) != (row.entries, row.head) or last.register >= self.base:
            raise DamagedFileError(file=file, reason=N_("not what the register says"))
        if not self._shielded_as_told(name, records):
            raise DamagedFileError(file=file, reason=N_("not what the register says"))
        return records

    def _shielded_as_told(self, name: str, records: Sequence[Record]) -> bool:
        """Tell whether a journal is sealed to no others than its own entries say: only who opens it can write that."""
        item, row = journal.readers(records), self.register.shielded.get(case_of(name) or "")
        if item is None or row is None:
            return item is None and row is None
        return {*row[1]} <= {*item[0]}

    @contextmanager
    def _blaming(self, file: str) -> Iterator[None]:
        try:
            yield
        except members.OtherIdentityError:
            raise OtherStoreError(path=str(self.folder.path)) from None
        except members.UnreadableError as unreadable:
            raise MalformedRecordError(file=file, entry=unreadable.args[0]) from None
        except journal.BadJournalError as bad:
            raise DamagedFileError(file=file, reason=bad.args[0]) from None


def without(view: View, erased: Mapping[str, tuple[str, str]]) -> View:
    """Return an older view of a store without what was erased since; it is no register that anybody signed."""
    content = view.register
    if erased.keys() <= content.erased.keys():
        return view
    left = {name: row for name, row in content.journals.items() if case_of(name) not in erased}
    shielded = {case: row for case, row in content.shielded.items() if case not in erased}
    made = replace(content, journals=left, shielded=shielded, erased={**content.erased, **erased})
    vars(made).update(digest=content.digest)
    return replace(view, register=made)


def find(folder: Folder, file: str, row: register.Row) -> bytes:
    """Return the bytes of the revision the register names, from its file or from an interrupted save.

    Raises:
        MissingFileError: neither is there.
        OldRevisionError: the file is the one before.
        DamagedFileError: it is something else.
    """
    present: bytes | None = None
    pending = pending_name(row.now)
    for name in (file, pending, file):  # again: it may have been put into place between the first two looks
        try:
            data = folder.read(name)
        except MissingFileError:
            continue
        if digest(data) == row.now:
            return data
        present = data
    if present is None:
        raise MissingFileError(file=file)
    if digest(present) == row.was:
        raise OldRevisionError(file=file)
    raise DamagedFileError(file=file, reason=N_("not what the register says"))


def open_sealed(data: bytes, file: str, holder: Holder) -> bytes:
    """Open a sealed file.

    Raises:
        WrongKeyError: it is sealed to somebody else.
        DamagedFileError: it is no sealed file, sealed to other kinds of keys than ours, or was changed.
    """
    try:
        readers(data)
        return unseal(data, [holder.identity])
    except WrongKeyError:
        raise WrongKeyError(file=file) from None
    except DamagedFileError as damage:
        raise DamagedFileError(file=file, reason=damage.facts["reason"]) from None


def entry_of(record: Record, name: str, records: Sequence[Record]) -> Entry:
    """Return what a verified record says; ``records`` is its whole journal.

    Raises:
        MalformedRecordError: its text cannot be read.
    """
    head = record.head
    try:
        body = _body(record, records)
    except (ValueError, LookupError, TypeError, RecursionError):
        raise MalformedRecordError(file=file_of(name), entry=head.entry) from None
    if not isinstance(body, dict):
        raise MalformedRecordError(file=file_of(name), entry=head.entry)
    return Entry(number=head.entry, step=head.step, at=head.at, by=head.by, body=body)


def _body(record: Record, records: Sequence[Record]) -> Any:
    """Return an entry's body; of a redacted one what its last redaction leaves of it, which may be redacted too."""
    if record.body != journal.STRUCK:
        return codec.decode(record.body)
    last = next((later for later in reversed(records) if later.head.redacts == record.head.entry), None)
    if last is None:  # signed by somebody who wrote the mark himself: it redacts nothing
        raise ValueError("nothing was redacted")
    return _body(last, records)["instead"]
