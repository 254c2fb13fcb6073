"""The index: what lists, reports, warnings and a search need of every case, so that they open only what has changed.

It is derived from the journals and never believed over the register (docs/format.md).
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ballerup_cli
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.facts import Facts, facts
from ballerup_cli.core.cases.persons import Concern, marks
from ballerup_cli.core.cases.search import texts
from ballerup_cli.errors import BallerupError
from ballerup_cli.services.store.records import around_damage, open_case
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.cache.image import Image
from ballerup_cli.storage.parallel import parallel_map
from ballerup_cli.storage.store.store import case_of, file_of

_FACTS, _TEXT = "facts.age", "text.age"
_COLUMNS = {
    _FACTS: (
        *("state", "tier", "member", "received", "closed", "responsible", "restricted"),
        *("reference", "telling", "facts"),
    ),
    _TEXT: ("text",),
}
_WORKED_OUT_BY = "core/**/*.py", "schemas/vocabulary.yaml"


def index(workspace: Workspace) -> Image:
    """Return the image of codes, days and counts, as the cases stand.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is skipped silently.
    """
    return _current(workspace, _FACTS, _as_row)


def texts_of_all(workspace: Workspace) -> Image:
    """Return the image of all texts as a search compares them, as the cases stand.

    Raises:
        BallerupError: as ``index``.
    """
    return _current(workspace, _TEXT, lambda case: ("\n".join(text for _, text in texts(case)),))


def purge(workspace: Workspace) -> None:
    """Take out of this user's images what has just been erased or redacted, and all that older keys opened."""
    for name in _COLUMNS:
        image = _image(workspace, name)
        image.drop_stale(workspace.store)
        image.save()


def cases_told(workspace: Workspace) -> dict[str, list[tuple[str, str]]]:
    """Return for each case what tells whom it is about, as ``oddities.telling`` does."""
    rows = index(workspace).read("name", "telling")
    return {str(case_of(name)): [(kind, text) for kind, text in json.loads(item)] for name, item in rows}


def references(workspace: Workspace) -> dict[str, str]:
    """Return the case of every reference to another system."""
    rows = index(workspace).read("reference", "name")
    return {reference: str(case_of(name)) for reference, name in rows if reference is not None}


def restricted(workspace: Workspace) -> set[str]:
    """Return the numbers of the cases that may only be kept for the time being."""
    return {str(case_of(name)) for name, is_restricted in index(workspace).read("name", "restricted") if is_restricted}


def concerns(workspace: Workspace) -> list[Concern]:
    """Return what is counted of each case; a restricted one is kept, and not used (GDPR art. 18)."""
    rows = index(workspace).read("name", "facts", "telling", "restricted")
    return [
        Concern(str(case_of(name)), Facts._make(json.loads(item)), [(kind, text) for kind, text in json.loads(marks)])
        for name, item, marks, is_restricted in rows
        if item and not is_restricted
    ]


def _as_row(case: Case) -> tuple[Any, ...]:
    found = facts(case)
    return (
        case.state,
        case.tier,
        case.intake["referrer"].get("member"),
        case.intake["received"],
        case.closing["closed"] if case.closing else None,
        case.responsible,
        case.restricted,
        case.intake.get("reference"),
        json.dumps(marks(case), ensure_ascii=False),
        json.dumps(found) if found else None,
    )


def _current(workspace: Workspace, name: str, of: Callable[[Case], tuple[Any, ...]]) -> Image:
    image = _image(workspace, name)
    stale, damaged = image.stale(workspace.store)
    rows = parallel_map(partial(_row, workspace, of), stale)
    try:
        for journal, row in zip(stale, workspace.watched(rows, len(stale)), strict=True):
            if isinstance(row, BallerupError):
                damaged.append(row)
            elif row is not None:
                image.put(workspace.store, journal, *row)
    finally:  # whatever stops it: what was read need not be read again
        image.save()
    for wrong in damaged:
        with around_damage(workspace):
            raise wrong
    return image


def _row(
    workspace: Workspace, of: Callable[[Case], tuple[Any, ...]], journal: str
) -> tuple[str, tuple[Any, ...]] | BallerupError | None:
    """Return what is told of a case, or why it cannot be read; None when it was erased meanwhile."""
    seen = workspace.store.folder.seen(file_of(journal))  # before it is read: what changes meanwhile is looked at again
    try:
        return seen, of(open_case(workspace, str(case_of(journal))))
    except BallerupError as wrong:
        return wrong if journal in workspace.store.register.journals else None


def _image(workspace: Workspace, name: str) -> Image:
    cache = None if workspace.store.copy else workspace.cache
    return Image(cache and cache / name, workspace.store.holder, _edition(), _COLUMNS[name])


def _edition() -> str:
    """Return what tells this program from one that might work out other rows."""
    root = Path(ballerup_cli.__file__).parent
    newest = max(path.stat().st_mtime_ns for pattern in _WORKED_OUT_BY for path in root.glob(pattern))
    return f"{ballerup_cli.__version__}-{newest}"
