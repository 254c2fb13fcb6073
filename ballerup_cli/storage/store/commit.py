"""Saving: one or many journals in one step, with the register as the one commit point (docs/format.md).

The order of the disk operations here is what the crash tests enumerate. What is written belongs to ``core``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field, replace
from functools import partial
from math import inf

from ballerup_cli.core.entry import Body
from ballerup_cli.errors import (
    AlreadyThereError,
    BallerupError,
    CopyNotWritableError,
    DamagedFileError,
    DiskError,
    MissingFileError,
    OldRevisionError,
    ReadOnlyKeyError,
    SaveUnsureError,
)
from ballerup_cli.storage.crypto.age import parse_recipient, seal
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.files import Folder
from ballerup_cli.storage.parallel import parallel_map
from ballerup_cli.storage.store import access_log, journal, members, replaced
from ballerup_cli.storage.store import anchor as anchors
from ballerup_cli.storage.store import register as registers
from ballerup_cli.storage.store.anchor import AnchorFile
from ballerup_cli.storage.store.journal import Draft, Record, head_of
from ballerup_cli.storage.store.members import Member, Roster
from ballerup_cli.storage.store.register import Due, GoingBack, Register, Row, blank, clocks
from ballerup_cli.storage.store.store import REGISTER, Holder, Store, View, case_journal, case_of, file_of, pending_name
from ballerup_cli.storage.text import codec
from ballerup_cli.values import value


@value
class Change:
    """New entries of one journal, and what the register shall say of it afterwards."""

    journal: str
    drafts: Sequence[Draft]
    state: str | None = None
    due: tuple[Due, ...] = ()
    base: Sequence[Record] | None = field(default=None, repr=False)
    """What they are added to, where that is not what lies in the store: a journal that is brought back."""


@value
class Erasure:
    """A case whose file goes; month and provision are all that stays of it."""

    case: str
    month: str
    provision: str


@contextmanager
def writing(store: Store) -> Iterator[None]:
    """Hold the store for writing, at its newest register and with any interrupted save completed.

    Raises:
        CopyNotWritableError: it is a copy of the configured store.
        ReadOnlyKeyError: its owner is not one of those who keep the store.
        BallerupError: 30-33 and 40-43 as on opening.
    """
    if store.copy:
        raise CopyNotWritableError(path=str(store.folder.path))
    with store.folder.locked():
        store.reload()
        if store.roster.keeper(store.me.name) is None:
            raise ReadOnlyKeyError
        complete(store)
        yield


def complete(store: Store) -> None:
    """Finish what an interrupted save left: files into place, erased ones out, drafts nobody named away.

    Raises:
        DiskError: the next command tries again.
    """
    folder, names = store.folder, store.folder.names()
    drafts = set(filter(_is_draft, names))
    wanted = {pending_name(row.now): file_of(name) for name, row in store.register.journals.items()}
    moves = {draft: wanted[draft] for draft in sorted(drafts & wanted.keys()) if _is_true(folder, draft)}
    gone = sorted(
        drafts - moves.keys() | names & store.erased_files() | access_log.outdated(names, store.register.logged)
    )
    if not moves and not gone:
        return
    try:
        _place(folder, moves, gone)
        folder.sync()
    except OSError as problem:
        raise DiskError(path=str(folder.path), reason=problem.strerror) from None


def _is_true(folder: Folder, draft: str) -> bool:
    """Tell whether a draft holds what its name says; anybody may have put a file of that name there."""
    try:
        return pending_name(digest(folder.read(draft))) == draft
    except BallerupError:
        return False


@value
class Taken:
    """An older register that is taken as the newest, or one case of it: what is given up, and what is lost by it."""

    given_up: int
    taken: int
    case: str | None = None
    lost: Mapping[str, int] = field(default_factory=dict)


@value
class _Lost:
    """What is given up for good: no later register takes it back, and none that is brought back either."""

    erased: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    leaked: Mapping[str, int] = field(default_factory=dict)
    logged: str = ""


def commit(
    store: Store,
    changes: Sequence[Change],
    *,
    at: str,
    erase: Sequence[Erasure] = (),
    reseal: bool = False,
    accepted: Taken | None = None,
    renewed: Holder | None = None,
    leaked: str | None = None,
    logged: str = "",
) -> None:
    """Write all of it or nothing. Only within ``writing``; ``reseal`` seals every journal anew (members changed).

    A case shielded from this user stays as it is: the next save of one who opens it seals it anew.

    ``renewed`` holds this user's new keys where one of the changes puts them in place of the old ones: the register is
    signed by whoever is a member after its last entry. ``leaked`` is the signing key of a member whose keys others
    have: one of the changes gives it up, and the register says so from then on. ``logged`` is the first month of which
    the log is kept: access journals of earlier ones go.

    Raises:
        DiskError: before the commit; nothing was changed.
        SaveUnsureError: at or after it; the old or the new state stands.
    """
    # After an older register was accepted, what was given up since is given up again: the anchor remembers it.
    anchor, old = store.keeper.load() or anchors.BLANK, store.register
    lost = _Lost(
        erased={**old.erased, **anchor.erased, **{e.case: (e.month, e.provision) for e in erase}},
        leaked={**old.leaked, **anchor.leaked, **({leaked: _number_after(old, accepted)} if leaked else {})},
        logged=max(old.logged, anchor.logged, logged),
    )
    kept = old.journals.keys() - {case_journal(case) for case in lost.erased}
    again = kept & (_openable(store) if reseal else _outdated(store))
    body = _gathered(changes)
    with _tidied(store.folder):
        drafts, roster = _write_members(store, body.pop(members.JOURNAL, []))
        bases = {change.journal: change.base for change in changes if change.base is not None}
        drafts += parallel_map(partial(_drafted_longer, store, roster, bases), body.items())
        left = sorted(again - {draft.name for draft in drafts})
        drafts += filter(None, parallel_map(partial(_drafted_again, store, roster), left))
        if reseal:  # before the commit for the keys to come, after it for them alone: whoever holds a key can read on
            access_log.reseal(store, also=_recipients(changes))
        view = _view(store, roster, drafts, changes, lost, at=at, accepted=accepted, signer=renewed)
        register = _announced(store, view)
    _save(store, view, register, {pending_name(draft.now): file_of(draft.name) for draft in drafts})
    replaced.let_go(store.folder, _hidden(store, changes), at, everything=bool(leaked) or _anybody_left(changes))
    store.written = True
    before, store.holder = store.holder, renewed or store.holder
    if reseal:
        access_log.reseal(store, before=before)


def _hidden(store: Store, changes: Sequence[Change]) -> set[str]:
    """Return the files of which no older revision may be kept: cases erased, redacted or shielded."""
    items = {change.journal for change in changes if any(draft.redacts or draft.readers for draft in change.drafts)}
    return {*store.erased_files(), *(file_of(name) for name in items)}


def _anybody_left(changes: Sequence[Change]) -> bool:
    return any(draft.step == members.LEAVE for change in changes for draft in change.drafts)


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
        if store.opens(case) and max([spare, *(present.get(name, inf) for name in names)]) > number
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
        AlreadyThereError: the folder holds a store.
        DiskError, SaveUnsureError: as ``commit``.
    """
    head = head_of(
        Draft(step=members.FOUND, at=at, body=founding), "", members.JOURNAL, founding["members"][0]["name"], 0
    )
    records = journal.extend([], head, codec.encode(founding), holder.key)
    pin = members.identity_of(records)
    roster = members.fold(records, pin, codec.decode)
    store = Store(folder, keeper_of(pin), pin, holder, View(raw=b"", register=blank(pin), roster=roster))
    others = {name: _extended(store, name, items) for name, items in _gathered(changes).items()}
    written = {members.JOURNAL: records, **others}
    with folder.locked():
        if REGISTER in folder.names():
            raise AlreadyThereError(path=str(folder.path))
        with _tidied(folder):
            drafts = [_drafted(store, roster, name, rows) for name, rows in written.items()]
            view = _view(store, roster, drafts, changes, _Lost(), at=at)
            register = _announced(store, view)
        _save(store, view, register, {pending_name(draft.now): file_of(draft.name) for draft in drafts})
    return store


def _gathered(changes: Sequence[Change]) -> dict[str, list[Draft]]:
    """Return what is to be written in each journal, in order."""
    body: dict[str, list[Draft]] = {}
    for change in changes:
        body.setdefault(change.journal, []).extend(change.drafts)
    return body


def _extended(store: Store, name: str, drafts: Sequence[Draft], base: Sequence[Record] | None = None) -> list[Record]:
    if base is None:
        base = store.records(name) if name in store.register.journals else []
    records = [*base]
    for draft in drafts:
        head = head_of(draft, store.pin, name, store.me.name, store.base)
        if name != members.JOURNAL and store.roster.key_of(head) != store.holder.key.public:
            raise ReadOnlyKeyError
        records = journal.extend(records, head, codec.encode(draft.body), store.holder.key)
    return records


@value
class _Sealed:
    """A journal as it lies in the folder, under its pending name: its digest, length and last head, and its readers."""

    name: str
    now: str
    entries: int
    head: str
    readers: tuple[str, ...] | None


def _drafted(store: Store, roster: Roster, name: str, records: Sequence[Record]) -> _Sealed:
    data = _seal(journal.join(records), _readers(name, records, roster))
    store.folder.create(pending_name(digest(data)), data)
    named = journal.readers(records)
    readers = (member.name for member in roster.openers(named) if member.role != members.RECOVERY)
    return _Sealed(
        name=name,
        now=digest(data),
        entries=len(records),
        head=records[-1].head.digest(),
        readers=None if named is None else tuple(sorted(readers)),
    )


def _write_members(store: Store, drafts: Sequence[Draft]) -> tuple[list[_Sealed], Roster]:
    """Write the member journal if anything is to be written in it; return the members as they are after it."""
    if not drafts:
        return [], store.roster
    records = _extended(store, members.JOURNAL, drafts)
    roster = members.fold(records, store.pin, codec.decode)
    return [_drafted(store, roster, members.JOURNAL, records)], roster


def _drafted_longer(
    store: Store, roster: Roster, bases: Mapping[str, Sequence[Record]], items: tuple[str, Sequence[Draft]]
) -> _Sealed:
    name, drafts = items
    return _drafted(store, roster, name, _extended(store, name, drafts, bases.get(name)))


def _drafted_again(store: Store, roster: Roster, name: str) -> _Sealed | None:
    """Seal a journal anew; one that is damaged is carried as it lies, and stops nobody's coming or going."""
    try:
        store.check_file(name)
    except (DamagedFileError, MissingFileError, OldRevisionError):
        return None
    return _drafted(store, roster, name, store.records_as_named(name))


@contextmanager
def _tidied(folder: Folder) -> Iterator[None]:
    """Leave no drafts behind where a save fails before its commit.

    Raises:
        DiskError: the disk did.
    """
    try:
        yield
    except BaseException as problem:
        _discard(folder)
        if isinstance(problem, OSError):
            raise DiskError(path=str(folder.path), reason=problem.strerror) from None
        raise


def _view(
    store: Store,
    roster: Roster,
    drafts: Sequence[_Sealed],
    changes: Sequence[Change],
    lost: _Lost,
    *,
    at: str,
    accepted: Taken | None = None,
    signer: Holder | None = None,
) -> View:
    """Return the store as it will be seen once the register is in place."""
    rows = {name: row for name, row in store.register.journals.items() if (case_of(name) or "") not in lost.erased}
    rows |= {draft.name: _row(rows.get(draft.name), draft) for draft in drafts}
    for change in changes:
        rows[change.journal] = rows[change.journal]._replace(state=change.state, clocks=clocks(change.due))
    successor = _successor(store, rows, lost, at, accepted)
    register = replace(successor, shielded=_shielded(successor, drafts)).sign((signer or store.holder).key)
    _refuse_unbelievable(register, roster)
    return View(raw=_seal(register.to_bytes(), roster.current()), register=register, roster=roster)


def _refuse_unbelievable(register: Register, roster: Roster) -> None:
    """Read the register as everybody will, before it can shut them out; what fails here is a bug.

    Raises:
        RuntimeError: it would not be believed, for its spelling or its signer.
    """
    try:
        registers.check(register, roster.keeper(register.by))
    except ValueError:
        raise RuntimeError("register would not be believed") from None


def _readers(name: str, records: Sequence[Record], roster: Roster) -> Iterator[Member]:
    # Register and member list are also sealed to the watch key, which opens nothing else (docs/format.md).
    return roster.current() if name == members.JOURNAL else roster.openers(journal.readers(records))


def _seal(plaintext: bytes, readers: Iterable[Member]) -> bytes:
    return seal(plaintext, [parse_recipient(member.recipient) for member in readers])


def _shielded(register: Register, drafts: Sequence[_Sealed]) -> Mapping[str, tuple[int, tuple[str, ...]]]:
    """Return what the register says of shielded cases: since which register each is sealed as it is, and to whom."""
    body = {case: row for case, row in register.shielded.items() if case_journal(case) in register.journals}
    for draft in drafts:
        if (case := case_of(draft.name)) is None:
            continue
        body.pop(case, None)
        if draft.readers is not None:
            body[case] = (register.number, draft.readers)
    return body


def _row(before: Row | None, draft: _Sealed) -> Row:
    before = before or Row(now="", was="", entries=0, head="", state=None)
    return before._replace(now=draft.now, was=before.now, entries=draft.entries, head=draft.head)


def _successor(store: Store, rows: Mapping[str, Row], lost: _Lost, at: str, accepted: Taken | None) -> Register:
    old = store.register
    number = _number_after(old, accepted)
    last = {old.by: (old.number, old.digest)} if 0 < old.number < number else {}
    return Register(
        store=store.pin,
        number=number,
        previous=old.digest if old.number else "",
        at=at,
        by=store.me.name,
        seen={**old.seen, **last},
        journals=rows,
        erased=lost.erased,
        access={name: last for name, last in access_log.counted(store, at).items() if name[-7:] >= lost.logged},
        shielded=old.shielded,
        leaked=lost.leaked,
        logged=lost.logged,
        accepted=_goings_back(store, number, at, accepted),
    )


def _goings_back(store: Store, number: int, at: str, accepted: Taken | None) -> tuple[GoingBack, ...]:
    """Return every going back of the store and of what was seen of it, and the one that this save is."""
    anchor = store.keeper.load() or anchors.BLANK
    known = [*store.register.accepted, *(row for row in anchor.accepted if row not in store.register.accepted)]
    known = sorted((row for row in known if row.number < number), key=lambda row: row.number)
    if accepted is None:
        return tuple(known)
    items = (accepted.given_up, accepted.taken, at, store.me.name, accepted.case, dict(sorted(accepted.lost.items())))
    return (*known, GoingBack(number, *items))


def _number_after(register: Register, accepted: Taken | None) -> int:
    """Return the number of the next register: above those given up too, on top of which somebody may have looked."""
    if accepted and register.number > accepted.given_up + anchors.MOST_AHEAD:
        return accepted.given_up + 1  # one that jumped: what it says is taken, its number is not
    return max(register.number, accepted.given_up if accepted else 0) + 1


def _announced(store: Store, view: View) -> str:
    """Bring the drafts and the register's to the disk, and tell the anchor of it; return the register's draft.

    Raises:
        DiskError: one of them is not there.
    """
    anchor, draft = store.keeper.load() or anchors.BLANK, pending_name(digest(view.raw))
    store.folder.sync()
    store.folder.create(draft, view.raw)
    try:
        store.keeper.save(replace(anchor, pending=(view.register.number, view.register.digest)))
    except BallerupError as problem:
        raise DiskError(path=str(store.folder.path), reason=_reason(problem)) from None
    return draft


def _save(store: Store, view: View, register: str, moves: Mapping[str, str]) -> None:
    folder, anchor = store.folder, store.keeper.load() or anchors.BLANK
    gone = {file_of(name) for name in store.register.journals.keys() - view.register.journals.keys()}
    gone |= access_log.outdated(folder.names(), view.register.logged)
    try:
        folder.rename(register, REGISTER)
        folder.sync()  # the one commit: before it the old state stands, after it the new one
        _place(folder, moves, sorted(gone))
        folder.sync()
        store.view = view
        store.keeper.keep(view.raw)
        store.keeper.save(anchor.moved(view.register, view.roster))
    except (OSError, BallerupError) as problem:
        raise SaveUnsureError(path=str(folder.path), reason=_reason(problem)) from None


def _place(folder: Folder, moves: Mapping[str, str], gone: Sequence[str]) -> None:
    for draft, file in moves.items():
        folder.rename(draft, file)
    for file in gone:
        folder.unlink(file)


def _discard(folder: Folder) -> None:
    """Take away all drafts: what an earlier save left was put into place before this one began."""
    with suppress(BallerupError, OSError):
        for name in filter(_is_draft, folder.names()):
            folder.unlink(name)


def _is_draft(name: str) -> bool:
    return name.startswith(".") and name.endswith(".new")


def _reason(problem: OSError | BallerupError) -> object:
    return problem.strerror if isinstance(problem, OSError) else problem.facts.get("reason", problem.message)
