"""Verification of a whole store: every byte, signature, chain, schema and transition; what is wrong comes as findings.

A register that cannot be believed is no finding but an error: then nothing else can be judged.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain

from ballerup_cli.core.cases.amend import typed
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.steps import RESTORED, STEPS, fold_sound
from ballerup_cli.core.entry import Entry
from ballerup_cli.errors import (
    N_,
    BallerupError,
    Finding,
    MalformedRecordError,
    RecordBreaksSchemaError,
    ShieldedError,
    WrongKeyError,
)
from ballerup_cli.services.store.records import is_sound, readable, sheet
from ballerup_cli.services.store.soundness import FORMS, UNKNOWN_STEP, found_in
from ballerup_cli.services.store.workspace import SETTINGS, Workspace
from ballerup_cli.storage.parallel import parallel_map
from ballerup_cli.storage.store import access_log
from ballerup_cli.storage.store.store import case_of, file_of
from ballerup_cli.storage.text import schema
from ballerup_cli.values import value


@value
class Fault:
    """One thing wrong in one file; ``finding`` holds the place within its entry, ``error`` what broke the file."""

    file: str
    error: BallerupError
    entry: int | None = None
    finding: Finding | None = None
    content: bool = False
    """Whether the file is as it was written, and what was written makes no sense: it can be copied and kept."""


def verify(workspace: Workspace) -> Iterator[Fault]:
    """Give everything that is wrong with the store, file by file.

    Raises:
        BallerupError: the register itself cannot be believed.
    """
    workspace.store.prove()
    broken = set()
    for alarm in workspace.store.alarms():
        broken.add(alarm.facts["file"])
        yield Fault(file=str(alarm.facts["file"]), error=alarm)
    names = [name for name in sorted(workspace.store.register.journals) if file_of(name) not in broken]
    found = parallel_map(partial(_all, _journal_faults, workspace), names)
    yield from chain.from_iterable(workspace.watched(found, len(names)))
    for name in access_log.names(workspace.store):
        if file_of(name) not in broken:
            yield from _look_faults(workspace, name)


def _all(find: Callable[[Workspace, str], Iterator[Fault]], workspace: Workspace, name: str) -> list[Fault]:
    return list(find(workspace, name))


def _journal_faults(workspace: Workspace, name: str) -> Iterator[Fault]:
    try:
        items = list(workspace.store.readable_entries(name))
    except ShieldedError:  # not opened, and as it was sealed: that is all that can be said
        return
    except BallerupError as error:
        yield _broken(workspace, name, error)
        return
    yield from (Fault(file=file_of(name), error=wrong, content=True) for wrong in items if not isinstance(wrong, Entry))
    entries = [entry for entry in items if isinstance(entry, Entry)]
    number = case_of(name)
    for entry in entries:
        yield from _schema_faults(name, entry)
    if number is not None:
        yield from _case_faults(workspace, name, number, items)


def _broken(workspace: Workspace, name: str, error: BallerupError) -> Fault:
    """Return the fault of a file; while this user's keys are renewed in another window, nothing can be judged.

    Raises:
        WrongKeyError: the register is not opened any more, either.
    """
    if isinstance(error, WrongKeyError):
        workspace.store.reload()
    return Fault(file=file_of(name), error=error)


def _look_faults(workspace: Workspace, name: str) -> Iterator[Fault]:
    try:
        entries = access_log.entries(workspace.store, name)
    except BallerupError as error:
        yield _broken(workspace, name, error)
        return
    for entry in entries:
        yield from (_fault(name, entry.number, finding) for finding in found_in("access", entry))


def _schema_faults(name: str, entry: Entry) -> Iterator[Fault]:
    if case_of(name) is None:
        found = found_in(name, entry) if name in _JOURNALS else []
    elif entry.step == RESTORED:
        found = []
    else:
        found = schema.check(entry.step, typed(entry.step, entry.body)) if entry.step in STEPS else [UNKNOWN_STEP]
    yield from (_fault(name, entry.number, finding) for finding in found)


def _case_faults(
    workspace: Workspace, name: str, number: str, items: list[Entry | MalformedRecordError]
) -> Iterator[Fault]:
    case, nonsense = fold_sound(number, list(readable(items)), is_sound)
    for at in nonsense:
        entry = items[at - 1]
        if (
            isinstance(entry, Entry)
            and entry.step in STEPS
            and not schema.check(entry.step, typed(entry.step, entry.body))
        ):
            yield _fault(name, at, _NOT_POSSIBLE)
    if not case.state:
        return
    # Deadlines are a view: another edition of rules and calendar moves them, and that is no finding (format.md).
    if workspace.store.register.journals[name].state != case.state and not nonsense:
        yield _fault(name, len(items), _OTHER_STATE)
    if not _shielded_as_told(workspace, case):
        yield _fault(name, len(items), _OTHER_READERS)
    if number[:4] != case.received_day[:4]:
        yield _fault(name, 1, _OTHER_YEAR)
    with suppress(BallerupError):  # broken settings are told of themselves
        yield from (_fault(name, len(items), finding) for finding in schema.check("case", sheet(workspace, case)))


def _shielded_as_told(workspace: Workspace, case: Case) -> bool:
    sealed, item = workspace.store.register.shielded.get(case.number), case.shield["for"] if case.shield else None
    return {*(sealed[1] if sealed else ())} <= {*(item or ())} and (sealed is None) is (item is None)


def _fault(name: str, entry: int, finding: Finding) -> Fault:
    error = RecordBreaksSchemaError(file=file_of(name), entry=entry)
    return Fault(file=file_of(name), error=error, entry=entry, finding=finding, content=True)


_JOURNALS = frozenset({SETTINGS, *(journal for journal, _step in FORMS)})
_NOT_POSSIBLE = Finding(message=N_("a step that is not possible in the state of the case"))
_OTHER_STATE = Finding(message=N_("the state is not what the register says"))
_OTHER_READERS = Finding(message=N_("the case is not sealed to those it says it is shielded for"))
_OTHER_YEAR = Finding(message=N_("the number is not of the year the concern was received"))
