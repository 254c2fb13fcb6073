"""One case brought back from a copy, losing nothing of the others: its file, or as much of it as was signed.

Putting a whole copy in the store's place belongs to ``backup``.
"""

from collections.abc import Callable
from pathlib import Path

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.steps import RESTORED, fold_sound
from ballerup_cli.errors import BallerupError, HealthyCaseError, ShieldedError, UnknownCaseError
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.records import clocks, is_sound, readable
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.files import Folder
from ballerup_cli.storage.store import copies
from ballerup_cli.storage.store.commit import Change, Taken, commit, writing
from ballerup_cli.storage.store.journal import Draft, Record
from ballerup_cli.storage.store.store import case_journal, file_of
from ballerup_cli.values import value


@value
class Found:
    """What a copy holds of a case: how many entries come back, and how many the register knows besides."""

    number: str
    kept: int
    lost: int
    records: tuple[Record, ...] | None
    """None when the copy has the very file that the register names."""


def find(workspace: Workspace, path: Path, number: str) -> Found:
    """Look what a copy holds of a case that is damaged or missing; nothing is changed.

    Raises:
        UnknownCaseError: it is erased, or there is none of that number.
        ShieldedError: this key is not among those that open it.
        HealthyCaseError: it is as it was written.
        BallerupError: the copy's file is missing, damaged or forged, or of another history.
    """
    store, name = workspace.store, case_journal(number)
    row = store.register.journals.get(name)
    if row is None:
        raise UnknownCaseError(case=number, nearest=())
    if not store.opens(number):
        raise ShieldedError(file=file_of(name))
    if _is_healthy(workspace, name):
        raise HealthyCaseError(case=number)
    Folder(path).check_rights()
    if copies.has(store, Folder(path), name):
        return Found(number=number, kept=row.entries, lost=0, records=None)
    records = store.signed_records(Folder(path), name)
    return Found(number=number, kept=len(records), lost=row.entries - len(records), records=tuple(records))


def _is_healthy(workspace: Workspace, name: str) -> bool:
    try:
        workspace.store.records(name)
    except ShieldedError:
        raise
    except BallerupError:
        return False
    return True


def bring_back(workspace: Workspace, path: Path, found: Found, moment: Moment, still: Callable[[], Found]) -> Case:
    """Bring a case back as it was found; what is lost of it stands in a signed entry.

    Raises:
        ReadOnlyKeyError: this key may not write.
        BallerupError: the store or the copy changed meanwhile, or cannot be read or written.
    """
    store, name = workspace.store, case_journal(found.number)
    with writing(store):
        found = still()
        if found.records is None:
            copies.put_back(store, Folder(path), name)
            return Case(number=found.number)
        body = {"kept": found.kept, "lost": found.lost}
        case, _ = fold_sound(found.number, list(readable(store.entries_of(name, found.records))), is_sound)
        due = tuple((item.clock, item.due, item.about) for item in clocks(workspace, case)) if case.state else ()
        draft = Draft(step=RESTORED, at=moment.at, body=body)
        change = Change(journal=name, drafts=[draft], state=case.state or None, due=due, base=found.records)
        number = store.register.number
        lost = {found.number: found.lost} if found.lost else {}
        accepted = Taken(given_up=number, taken=number, case=found.number, lost=lost)
        commit(store, [change], at=moment.at, accepted=accepted)
    return case
