"""Verification of a whole store: every byte, signature, chain, schema and transition; what is wrong comes as findings.

A register that cannot be believed is no finding but an error: then nothing else can be judged.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from ballerup_cli.core.cases.amend import typed
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.meeting import MEETINGS, MINUTES, OPEN
from ballerup_cli.core.cases.steps import STEPS, advance, permit
from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.core.network.network import PLADEN
from ballerup_cli.errors import (
    N_,
    BallerupError,
    Finding,
    IllegalStepError,
    RecordBreaksSchemaError,
    ShieldedError,
    WrongKeyError,
)
from ballerup_cli.services.reports import publishing
from ballerup_cli.services.rights import access, erasure, requests
from ballerup_cli.services.store.records import clocks, sheet
from ballerup_cli.services.store.settings import SET, wrong
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
        entries = workspace.store.entries(name)
    except ShieldedError:  # not opened, and as it was sealed: that is all that can be said
        return
    except BallerupError as error:
        yield _broken(workspace, name, error)
        return
    number = case_of(name)
    for entry in entries:
        yield from _schema_faults(name, entry)
    if number is not None:
        yield from _case_faults(workspace, name, number, entries)


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
        told = access_log.entries(workspace.store, name)
    except BallerupError as error:
        yield _broken(workspace, name, error)
        return
    for entry in told:
        form = access.FORMS.get((access.ACCESS, entry.step), "")
        found = schema.check(form, entry.body) if form else [_UNKNOWN_STEP]
        yield from (_fault(name, entry.number, finding) for finding in found)


def _schema_faults(name: str, entry: Entry) -> Iterator[Fault]:
    if (name, entry.step) == (SETTINGS, SET):
        yield from (_fault(name, entry.number, finding) for finding in wrong(entry.body.get("set")))
        return
    form = entry.step if case_of(name) is not None else _PAGES.get((name, entry.step), "")
    if case_of(name) is None and name not in _JOURNALS:
        return
    found = schema.check(form, typed(entry.step, entry.body)) if form in _FORMS else [_UNKNOWN_STEP]
    yield from (_fault(name, entry.number, finding) for finding in found)


def _case_faults(workspace: Workspace, name: str, number: str, entries: list[Entry]) -> Iterator[Fault]:
    case = Case(number=number)
    for entry in entries:
        try:
            permit(entry.step, case, entry.body)
            case = advance(case, entry)
        except (IllegalStepError, KeyError, TypeError, ValueError):
            yield _fault(name, entry.number, _NOT_POSSIBLE)
            return
    try:
        due = tuple((item.clock, item.due, item.about) for item in clocks(workspace, case))
    except BallerupError:
        return  # the settings are broken, which is told of themselves; without them no deadline can be judged
    row = workspace.store.register.journals[name]
    if (row.state, row.due) != (case.state, due) and not _lags(workspace, case):
        yield _fault(name, len(entries), _OTHER_STATE)
    if not _shielded_as_told(workspace, case):
        yield _fault(name, len(entries), _OTHER_READERS)
    if number[:4] != case.received_day[:4]:
        yield _fault(name, 1, _OTHER_YEAR)
    for finding in schema.check("case", sheet(workspace, case)):
        yield _fault(name, len(entries), finding)


def _shielded_as_told(workspace: Workspace, case: Case) -> bool:
    sealed, told = workspace.store.register.shielded.get(case.number), case.shield["for"] if case.shield else None
    return {*(sealed[1] if sealed else ())} <= {*(told or ())} and (sealed is None) is (told is None)


def _lags(workspace: Workspace, case: Case) -> bool:
    """Tell whether settings were changed since by somebody from whom this case is shielded: its deadlines wait."""
    others = {entry.by for entry in workspace.store.entries(SETTINGS) if entry.at >= case.entries[-1].at}
    return case.shield is not None and not others <= {*case.shield["for"]}


def _fault(name: str, entry: int, finding: Finding) -> Fault:
    error = RecordBreaksSchemaError(file=file_of(name), entry=entry)
    return Fault(file=file_of(name), error=error, entry=entry, finding=finding)


_PAGES = {(page.journal, page.step): page.name for page in PAGES.values()} | {(PLADEN, "found"): f"{PLADEN}-found"}
_PAGES |= {(MEETINGS, step): f"meeting-{step}" for step in (OPEN, MINUTES)}
_PAGES |= {**access.FORMS, **erasure.FORMS, **publishing.FORMS, **requests.FORMS}
_JOURNALS = frozenset(journal for journal, _step in _PAGES)
_FORMS = frozenset({*STEPS, *_PAGES.values()})
_UNKNOWN_STEP = Finding(message=N_("a step this program does not know"))
_NOT_POSSIBLE = Finding(message=N_("a step that is not possible in the state of the case"))
_OTHER_STATE = Finding(message=N_("state or deadlines are not what the register says"))
_OTHER_READERS = Finding(message=N_("the case is not sealed to those it says it is shielded for"))
_OTHER_YEAR = Finding(message=N_("the number is not of the year the concern was received"))
