"""Cases as they stand: open one, find it by what was typed, give them all, say what is due.

Taking the next step belongs to ``casework``.
"""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from ballerup_cli.core.cases.amend import typed
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.clocks import Due, due_on
from ballerup_cli.core.cases.steps import fold
from ballerup_cli.errors import IllegalStepError, RecordBreaksSchemaError, UnknownCaseError
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.store import case_journal, file_of
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
    entries = workspace.store.entries(case_journal(number))
    try:
        return fold(number, entries)
    except IllegalStepError as refusal:
        entry = refusal.facts["entry"]
    except (AttributeError, KeyError, TypeError, ValueError):
        entry = next(
            (told.number for told in entries if schema.check(told.step, typed(told.step, told.body))), len(entries)
        )
    raise RecordBreaksSchemaError(file=file_of(case_journal(number)), entry=entry)


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


def cases(workspace: Workspace) -> Iterator[Case]:
    """Give all cases, by number; but those that are shielded from this user.

    Raises:
        BallerupError: one is missing, damaged or forged; nothing is skipped silently.
    """
    return (open_case(workspace, number) for number in workspace.store.readable())


def names(workspace: Workspace, numbers: Iterable[str]) -> dict[str, str | None]:
    """Return for each case the name of the person concerned, None where none is known."""
    return {number: open_case(workspace, number).intake["subject"].get("name") for number in numbers}


def sheet(workspace: Workspace, case: Case, today: str = "") -> dict[str, Any]:
    """Return the case sheet of ``show``, as it stands on a day; by default on that of the receipt."""
    return case.to_dict([{"clock": item.clock, "due": item.due} for item in clocks(workspace, case)], today)


def clocks(workspace: Workspace, case: Case) -> tuple[Due, ...]:
    """Return what is due in a case."""
    return due_on(case, workspace.settings, Calendar(workspace.settings))


def _nearest(workspace: Workspace, number: str) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(number, workspace.store.cases(), n=3, cutoff=0))
