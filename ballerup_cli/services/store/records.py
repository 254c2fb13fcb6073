"""Cases as they stand: open one, find it by what was typed, give them all, say what is due.

Taking the next step belongs to ``casework``.
"""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ballerup_cli.core.cases.amend import REDACT, typed
from ballerup_cli.core.cases.case import UNREADABLE, Case
from ballerup_cli.core.cases.clocks import due_on
from ballerup_cli.core.cases.steps import RESTORED, STEPS, fold_sound
from ballerup_cli.core.deadlines import Due
from ballerup_cli.core.entry import Entry
from ballerup_cli.errors import (
    DamagedFileError,
    MalformedRecordError,
    MissingFileError,
    OldRevisionError,
    RecordBreaksSchemaError,
    ShieldedError,
    UnknownCaseError,
    WrongKeyError,
)
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.store import case_journal
from ballerup_cli.storage.store.store import file_of as _file_of
from ballerup_cli.storage.text import schema


def open_case(workspace: Workspace, number: str) -> Case:
    """Return a case, folded from its whole journal.

    Raises:
        UnknownCaseError: there is none of that number.
        RecordBreaksSchemaError: one of its entries is signed, but not what the case flow or the form allows.
        BallerupError: its journal is missing, damaged or forged.
    """
    if case_journal(number) not in workspace.store.register.journals:
        raise UnknownCaseError(case=number, nearest=_nearest(workspace, number))
    case, nonsense = fold_sound(
        number, list(readable(workspace.store.readable_entries(case_journal(number)))), is_sound
    )
    if nonsense and not case.state:
        raise RecordBreaksSchemaError(file=_file_of(case_journal(number)), entry=1)
    if nonsense:
        workspace.notice(RecordBreaksSchemaError(file=_file_of(case_journal(number)), entry=nonsense[0]))
    return case


def readable(items: Iterable[Entry | MalformedRecordError]) -> Iterator[Entry]:
    """Give entries, with something that nobody reads in the place of each that cannot be read."""
    for number, entry in enumerate(items, 1):
        yield entry if isinstance(entry, Entry) else Entry(number=number, step=UNREADABLE, at="", by="", body={})


def is_sound(entry: Entry) -> bool:
    """Tell whether an entry of a case says what its form may say; what a redaction leaves is judged as that form."""
    if entry.step == REDACT and "instead" not in entry.body:
        return False
    return entry.step == RESTORED or (
        entry.step in STEPS and not schema.check(entry.step, typed(entry.step, entry.body))
    )


def file_of(case: Case) -> str:
    """Return the name of a case's file."""
    return _file_of(case_journal(case.number))


def find_number(workspace: Workspace, typed: str) -> str:
    """Return the exact number for ``7`` (the newest case of that serial) or ``2026-7``.

    Raises:
        UnknownCaseError: no case answers to it.
    """
    year, _, serial = typed.rpartition("-")
    ending = f"-{int(serial):04d}"
    fitting = [case for case in workspace.store.cases() if case.endswith(ending) and case.startswith(year)]
    if not fitting:
        raise UnknownCaseError(case=typed, nearest=_nearest(workspace, f"{year or '0000'}{ending}"))
    return fitting[-1]


def cases(workspace: Workspace, numbers: Iterable[str] | None = None) -> Iterator[Case]:
    """Give these cases, or all, by number; but those that are shielded from this user.

    One that is missing, damaged or forged is noticed and left out: it stops nobody's work on the others.
    """
    for number in workspace.store.readable() if numbers is None else numbers:
        with around_damage(workspace):
            yield open_case(workspace, number)


@contextmanager
def around_damage(workspace: Workspace) -> Iterator[None]:
    """Notice what is wrong with a case, and go on without it.

    Raises:
        BallerupError: the store itself cannot be read any more.
    """
    try:
        yield
    except (DamagedFileError, MissingFileError, OldRevisionError, MalformedRecordError, RecordBreaksSchemaError) as bad:
        workspace.leave_out(bad)
    except WrongKeyError as closed:
        if not isinstance(closed, ShieldedError):
            workspace.store.reload()  # while this user's keys are renewed in another window, nothing can be judged
        workspace.leave_out(closed)


def names(workspace: Workspace, numbers: Iterable[str]) -> dict[str, str | None]:
    """Return for each case the name of the person concerned, None where none is known."""
    return {case.number: case.intake["subject"].get("name") for case in cases(workspace, numbers)}


def sheet(workspace: Workspace, case: Case, today: str = "") -> dict[str, Any]:
    """Return the case sheet of ``show``, as it stands on a day; by default on that of the receipt."""
    return case.to_dict([{"clock": item.clock, "due": item.due} for item in clocks(workspace, case)], today)


def clocks(workspace: Workspace, case: Case) -> tuple[Due, ...]:
    """Return what is due in a case."""
    return due_on(case, workspace.settings, Calendar(workspace.settings))


def _nearest(workspace: Workspace, number: str) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(number, workspace.store.cases(), n=3, cutoff=0))
