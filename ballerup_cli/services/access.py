"""The log: what left the store in plain text, by whom and when, in a signed and sealed journal of its own."""

from collections.abc import Mapping

from ballerup_cli.services.casework import Moment
from ballerup_cli.services.workspace import Workspace
from ballerup_cli.storage.commit import Change, Draft, commit, writing

LOG = "log"
DOCUMENT = "document"

FORMS: Mapping[tuple[str, str], str] = {(LOG, DOCUMENT): f"{LOG}-{DOCUMENT}"}
"""The schema of each step of this journal."""


def document_left(desk: Workspace, case: str, kind: str, entry: int, moment: Moment) -> None:
    """Write down that a document about a case is about to leave in plain text, and from which entry it was made.

    Raises:
        ReadOnlyKey: this key may not write, and so may not take anything out in plain text.
        BallerupError: the store cannot be read or written.
    """
    body = {"case": case, "document": kind, "entry": entry}
    with writing(desk.store):
        commit(desk.store, [Change(journal=LOG, drafts=[Draft(step=DOCUMENT, at=moment.at, body=body)])], at=moment.at)
