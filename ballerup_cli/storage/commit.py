"""Saving: one or many journals in one step, with the register as the one commit point (docs/format.md).

The order of the disk operations here is what the crash tests enumerate. What is written belongs to ``core``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from types import MappingProxyType

from ballerup_cli.core.entry import Body
from ballerup_cli.errors import AlreadyThere, BallerupError, CopyNotWritable, DiskFailed, ReadOnlyKey, SaveUnsure
from ballerup_cli.storage import anchor as anchors
from ballerup_cli.storage import codec, journal, looks, members
from ballerup_cli.storage import register as registers
from ballerup_cli.storage.age import parse_recipient, seal
from ballerup_cli.storage.anchor import AnchorFile
from ballerup_cli.storage.files import Folder
from ballerup_cli.storage.journal import Draft, Record, head_of
from ballerup_cli.storage.members import Member, Roster
from ballerup_cli.storage.register import Register, Row, blank
from ballerup_cli.storage.signing import digest
from ballerup_cli.storage.store import REGISTER, Holder, Store, View, case_journal, case_of, file_of, pending_name

Due = tuple[str, str, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """New entries of one journal, and what the register shall say of it afterwards."""

    journal: str
    drafts: Sequence[Draft]
    state: str | None = None
    due: tuple[Due, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """A case whose file goes; month and provision are all that stays of it."""

    case: str
    month: str
    provision: str


@contextmanager
def writing(store: Store) -> Iterator[None]:
    """Hold the store for writing, at its newest register and with any interrupted save completed.

    Raises:
        CopyNotWritable: it is a copy of the configured store.
        ReadOnlyKey: its owner is not one of those who keep the store.
        BallerupError: 30-33 and 40-43 as on opening.
    """
    if store.copy:
        raise CopyNotWritable(path=str(store.folder.path))
    with store.folder.locked():
        store.reload()
        if store.roster.keeper(store.me.name) is None:
            raise ReadOnlyKey
        complete(store)
        yield


def complete(store: Store) -> None:
    """Finish what an interrupted save left: files into place, erased ones out, drafts nobody named away.

    Raises:
        DiskFailed: the next command tries again.
    """
    folder, names = store.folder, store.folder.names()
    drafts = {name for name in names if name.startswith(".") and name.endswith(".new")}
    wanted = {pending_name(row.now): file_of(name) for name, row in store.register.journals.items()}
    moves = {draft: wanted[draft] for draft in sorted(drafts & wanted.keys()) if _is_true(folder, draft)}
    gone = sorted(drafts - moves.keys() | names & store.erased_files())
    if not moves and not gone:
        return
    try:
        _place(folder, moves, gone)
        folder.sync()
    except OSError as problem:
        raise DiskFailed(path=str(folder.path), reason=problem.strerror) from None


def _is_true(folder: Folder, draft: str) -> bool:
    """Tell whether a draft holds what its name says; anybody may have put a file of that name there."""
    try:
        return pending_name(digest(folder.read(draft))) == draft
    except BallerupError:
        return False


def commit(
    store: Store,
    changes: Sequence[Change],
    *,
    at: str,
    erase: Sequence[Erasure] = (),
    reseal: bool = False,
    accepted: tuple[int, int] | None = None,
    renewed: Holder | None = None,
    leaked: str | None = None,
) -> None:
    """Write all of it or nothing. Only within ``writing``; ``reseal`` seals every journal anew (members changed).

    A case shielded from this user stays as it is: the next save of one who opens it seals it anew.

    ``renewed`` holds this user's new keys where one of the changes puts them in place of the old ones: the register is
    signed by whoever is a member after its last entry. ``leaked`` is the signing key of a member whose keys others
    have: one of the changes gives it up, and the register says so from then on.

    Raises:
        DiskFailed: before the commit; nothing was changed.
        SaveUnsure: at or after it; the old or the new state stands.
    """
    # After an older register was accepted, what was erased since is erased again: the anchor remembers it.
    anchor = store.keeper.load() or anchors.BLANK
    erased = {**anchor.erased, **{e.case: (e.month, e.provision) for e in erase}}
    given_up = {**anchor.leaked, **({leaked: store.register.number + 1} if leaked else {})}
    gone = {case_journal(case) for case in erased}
    again = _openable(store) if reseal else _outdated(store)
    records = {name: store.records(name) for name in sorted(again - gone)}
    for change in changes:
        records[change.journal] = _extended(store, change, records.get(change.journal))
    if reseal:  # before the commit for the keys to come, after it for them alone: whoever holds a key can read on
        looks.reseal(store, also=_recipients(changes))
    _write(store, changes, records, at=at, erased=erased, leaked=given_up, accepted=accepted, signer=renewed)
    store.holder = renewed or store.holder
    if reseal:
        looks.reseal(store)


def _openable(store: Store) -> set[str]:
    """Return the journals that can be sealed anew: all but the cases shielded from this user."""
    return {name for name in store.register.journals if store.opens(case_of(name) or "")}


def _outdated(store: Store) -> set[str]:
    """Return the shielded cases that this user opens and that were sealed before the keys of one of them changed.

    Whoever changed them could not seal these cases anew, if they are shielded from him.
    """
    present = {member.name: member.since for member in store.roster.current(members.READERS)}
    spare = max((member.since for member in store.roster.current(frozenset({members.RECOVERY}))), default=0)
    return {
        case_journal(case)
        for case, (number, names) in store.register.shielded.items()
        if store.opens(case) and max([spare, *(present.get(name, number + 1) for name in names)]) > number
    }


def _recipients(changes: Sequence[Change]) -> list[str]:
    bodies = [draft.body for change in changes if change.journal == members.JOURNAL for draft in change.drafts]
    return [body["recipient"] for body in bodies if body.get("role") in members.READERS]


def found(
    folder: Folder,
    keeper_of: Callable[[str], AnchorFile],
    holder: Holder,
    founding: Body,
    changes: Sequence[Change],
    *,
    at: str,
) -> Store:
    """Found a store: ``founding`` is the body of the member journal's first entry, whose first member is the holder.

    Raises:
        AlreadyThere: the folder holds a store.
        DiskFailed, SaveUnsure: as ``commit``.
    """
    head = head_of(
        Draft(step=members.FOUND, at=at, body=founding), "", members.JOURNAL, founding["members"][0]["name"], 0
    )
    records = journal.extend([], head, codec.encode(founding), holder.key)
    pin = members.identity_of(records)
    view = View(raw=b"", register=blank(pin), roster=members.fold(records, pin, codec.decode))
    store = Store(folder, keeper_of(pin), pin, holder, view)
    written = {change.journal: _extended(store, change, None) for change in changes}
    with folder.locked():
        if REGISTER in folder.names():
            raise AlreadyThere(path=str(folder.path))
        _write(store, changes, {members.JOURNAL: records, **written}, at=at)
    return store


def _extended(store: Store, change: Change, records: list[Record] | None) -> list[Record]:
    if records is None:
        records = store.records(change.journal) if change.journal in store.register.journals else []
    for draft in change.drafts:
        head = head_of(draft, store.pin, change.journal, store.me.name, store.register.number)
        if change.journal != members.JOURNAL and store.roster.key_of(head) != store.holder.key.public:
            raise ReadOnlyKey
        records = journal.extend(records, head, codec.encode(draft.body), store.holder.key)
    return records


def _write(
    store: Store,
    changes: Sequence[Change],
    records: Mapping[str, list[Record]],
    *,
    at: str,
    erased: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    leaked: Mapping[str, int] = MappingProxyType({}),
    accepted: tuple[int, int] | None = None,
    signer: Holder | None = None,
) -> None:
    roster = store.roster
    if members.JOURNAL in records:
        roster = members.fold(records[members.JOURNAL], store.pin, codec.decode)
    sealed = {name: _seal(journal.join(rows), _readers(name, rows, roster)) for name, rows in records.items()}
    gone = sorted(store.register.journals.keys() & {case_journal(case) for case in erased})
    rows = {name: row for name, row in store.register.journals.items() if name not in gone}
    rows |= {name: _row(rows.get(name), records[name], data) for name, data in sealed.items()}
    for change in changes:
        rows[change.journal] = replace(rows[change.journal], state=change.state, due=change.due)
    successor = _successor(store, rows, erased, at, accepted)
    shielded = _shielded(successor, records, roster)
    told = {**successor.leaked, **leaked}
    register = replace(successor, shielded=shielded, leaked=told).sign((signer or store.holder).key)
    _refuse_unbelievable(register, roster)
    view = View(raw=_seal(register.to_bytes(), roster.current()), register=register, roster=roster)
    _save(store, view, {file_of(name): data for name, data in sealed.items()}, [file_of(name) for name in gone])


def _refuse_unbelievable(register: Register, roster: Roster) -> None:
    """Read the register as everybody will, before it can shut them out; what fails here is a bug.

    Raises:
        RuntimeError: it would not be believed, for its spelling or its signer.
    """
    try:
        registers.read(register.to_bytes()).prove(roster.keeper(register.by))
    except registers.BadRegister:
        raise RuntimeError("register would not be believed") from None


def _readers(name: str, records: Sequence[Record], roster: Roster) -> Iterator[Member]:
    # Register and member list are also sealed to the watch key, which opens nothing else (docs/format.md).
    return roster.current() if name == members.JOURNAL else roster.openers(journal.readers(records))


def _seal(plaintext: bytes, readers: Iterable[Member]) -> bytes:
    return seal(plaintext, [parse_recipient(member.recipient) for member in readers])


def _shielded(
    register: Register, records: Mapping[str, list[Record]], roster: Roster
) -> Mapping[str, tuple[int, tuple[str, ...]]]:
    """Return what the register says of shielded cases: since which register each is sealed as it is, and to whom."""
    told = {case: row for case, row in register.shielded.items() if case_journal(case) in register.journals}
    for name in records:
        if (case := case_of(name)) is None:
            continue
        told.pop(case, None)
        if (named := journal.readers(records[name])) is not None:
            readers = (member for member in roster.openers(named) if member.role != members.RECOVERY)
            told[case] = (register.number, tuple(sorted(member.name for member in readers)))
    return told


def _row(before: Row | None, records: Sequence[Record], data: bytes) -> Row:
    was, state, due = (before.now, before.state, before.due) if before else ("", None, ())
    head = records[-1].head.digest()
    return Row(now=digest(data), was=was, entries=len(records), head=head, state=state, due=due)


def _successor(
    store: Store,
    rows: Mapping[str, Row],
    erased: Mapping[str, tuple[str, str]],
    at: str,
    accepted: tuple[int, int] | None,
) -> Register:
    old = store.register
    last = {old.by: (old.number, old.digest())} if old.number else {}
    return Register(
        store=store.pin,
        number=old.number + 1,
        previous=old.digest() if old.number else "",
        at=at,
        by=store.me.name,
        seen={**old.seen, **last},
        journals=rows,
        erased={**old.erased, **erased},
        access=looks.counted(store, at),
        shielded=old.shielded,
        leaked=old.leaked,
        accepted=accepted,
    )


def _save(store: Store, view: View, files: Mapping[str, bytes], gone: Sequence[str]) -> None:
    folder, anchor = store.folder, store.keeper.load() or anchors.BLANK
    drafts = {pending_name(digest(data)): data for data in files.values()}
    moves = dict(zip(drafts, files, strict=True))
    register = pending_name(digest(view.raw))
    try:
        for name, data in drafts.items():
            folder.create(name, data)
        folder.sync()
        folder.create(register, view.raw)
        store.keeper.save(replace(anchor, pending=(view.register.number, view.register.digest())))
    except (OSError, BallerupError) as problem:
        _discard(folder, [*drafts, register])
        raise DiskFailed(path=str(folder.path), reason=_reason(problem)) from None
    try:
        folder.rename(register, REGISTER)
        folder.sync()  # the one commit: before it the old state stands, after it the new one
        _place(folder, moves, gone)
        folder.sync()
        store.view = view
        store.keeper.save(anchor.moved(view.register, view.roster))
    except (OSError, BallerupError) as problem:
        raise SaveUnsure(path=str(folder.path), reason=_reason(problem)) from None


def _place(folder: Folder, moves: Mapping[str, str], gone: Sequence[str]) -> None:
    for draft, file in moves.items():
        folder.rename(draft, file)
    for file in gone:
        folder.unlink(file)


def _discard(folder: Folder, names: Sequence[str]) -> None:
    for name in names:
        with suppress(OSError):
            folder.unlink(name)


def _reason(problem: OSError | BallerupError) -> object:
    return problem.strerror if isinstance(problem, OSError) else problem.facts.get("reason", problem.message)
