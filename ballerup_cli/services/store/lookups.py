"""The log: who looked at what and why, and what left the store in plain text; listed, and drawn by lot.

A look stands in an access journal of whoever looked (``access_log``); what left, in the journal ``log``. Neither
holds a word of a record.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store import access_log
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft

LOG, ACCESS = "log", "access"
DOCUMENT, UNMASK, READING, EXPIRE = "document", "unmask", "look", "expire"


Row = dict[str, Any]


def document_left(workspace: Workspace, case: str, kind: str, entry: int, moment: Moment) -> None:
    """Write down that a document about a case is about to leave in plain text, and from which entry it was made.

    Raises:
        ReadOnlyKeyError: this key may not write, and so may not take anything out in plain text.
        BallerupError: the store cannot be read or written.
    """
    body = {"case": case, "document": kind, "entry": entry}
    with writing(workspace.store):
        commit(
            workspace.store, [Change(journal=LOG, drafts=[Draft(step=DOCUMENT, at=moment.at, body=body)])], at=moment.at
        )


def record_lookup(workspace: Workspace, what: str, cases: Sequence[str], purpose: str, moment: Moment) -> None:
    """Write down that this user is about to read something, of which cases, and why; no case for a search in all.

    Raises:
        CopyNotWritableError: the store is a copy, whose log nobody writes.
        BallerupError: the log is not as it was written, or cannot be written; then nothing may be shown.
    """
    bodies: list[Row] = [{"what": what, "purpose": purpose, "case": case} for case in cases]
    drafts = [Draft(step=READING, at=moment.at, body=body) for body in bodies or [{"what": what, "purpose": purpose}]]
    access_log.append(workspace.store, drafts)


def first_kept(workspace: Workspace, moment: Moment) -> str:
    """Return the first month of which the log is kept by the settings; the real day counts, no other can be told."""
    year, month = divmod(int(moment.at[:4]) * 12 + int(moment.at[5:7]) - 1 - workspace.settings["log_months"], 12)
    return f"{max(year, 0):04d}-{month + 1:02d}"


def outlived(workspace: Workspace, moment: Moment) -> list[str]:
    """Return the months whose log has been kept for as long as the settings say, and is still there."""
    first = first_kept(workspace, moment)
    return sorted({name[-7:] for name in access_log.names(workspace.store) if name[-7:] < first})


def expire(workspace: Workspace, moment: Moment) -> list[str]:
    """Delete the log of the months that have been kept long enough, and write down that it was; return the months.

    Raises:
        ReadOnlyKeyError: this key may not write.
        BallerupError: the store cannot be read or written.
    """
    with writing(workspace.store):
        months, first = outlived(workspace, moment), first_kept(workspace, moment)
        if months:
            body = {"before": first, "months": workspace.settings["log_months"]}
            change = Change(journal=LOG, drafts=[Draft(step=EXPIRE, at=moment.at, body=body)])
            commit(workspace.store, [change], at=moment.at, logged=first)
    return months


def log(workspace: Workspace, case: str | None = None) -> list[Row]:
    """Return what the log holds, of one case or of all, by moment: who, what, why, and which document left.

    Raises:
        BallerupError: a journal of the log is missing, damaged or shortened.
    """
    rows = [row for row in (*_looks(workspace), *_documents(workspace)) if case in (None, row["case"])]
    return sorted(rows, key=lambda row: (row["at"], row["by"], row["case"] or ""))


def sample(workspace: Workspace, count: int, seed: int, *, without: str | None = None) -> tuple[list[Row], int]:
    """Draw ``count`` looks by lot, the same for the same seed and log; return them and how many there were.

    ``without`` leaves out whose looks these are: nobody looks himself over.

    Raises:
        BallerupError: as ``log``.
    """
    rows = [row for row in log(workspace) if row["by"] != without]
    from random import Random

    drawn = Random(seed).sample(range(len(rows)), min(count, len(rows)))  # noqa: S311  (a lot anybody can repeat)
    return [rows[index] for index in sorted(drawn)], len(rows)


def _looks(workspace: Workspace) -> Iterator[Row]:
    for name in access_log.names(workspace.store):
        for entry in access_log.entries(workspace.store, name):
            body = {"case": entry.body.get("case"), "what": entry.body["what"], "purpose": entry.body["purpose"]}
            yield {"at": entry.at, "by": entry.by, **body, "document": None}


def _documents(workspace: Workspace) -> Iterator[Row]:
    if LOG not in workspace.store.register.journals:
        return
    for entry in workspace.entries(LOG):
        if entry.step == UNMASK:
            named = {"case": entry.body["case"], "what": "named", "purpose": None, "document": None}
            yield {"at": entry.at, "by": entry.by, **named}
        if entry.step != DOCUMENT:
            continue
        body = {"case": entry.body["case"], "what": "left", "purpose": None, "document": entry.body["document"]}
        yield {"at": entry.at, "by": entry.by, **body}
