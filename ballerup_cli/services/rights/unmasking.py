"""Naming others to the person concerned: only for a reason that names nobody, which the log keeps (GDPR art. 15(4))."""

from ballerup_cli.services.documents.anonymity import find_identifiers
from ballerup_cli.services.forms import pipeline
from ballerup_cli.services.store.lookups import LOG, UNMASK
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft


def unmask(workspace: Workspace, case: str, data: bytes, moment: Moment, source: str = "") -> list[str]:
    """Write down why others are named to the person concerned; return who, by the codes of ``masked``.

    Raises:
        InvalidFormError: with the place of everything that is wrong; a reason that names somebody is.
        BallerupError: the store cannot be read or written.
    """
    document, text = pipeline.read_one(UNMASK, data, source), data.decode("utf-8-sig", errors="replace")
    row = pipeline.sound(UNMASK, document, source, lambda settled: find_identifiers(workspace, settled, text))
    body = {"case": case, **row}
    with writing(workspace.store):
        commit(
            workspace.store, [Change(journal=LOG, drafts=[Draft(step=UNMASK, at=moment.at, body=body)])], at=moment.at
        )
    return [*row["named"]]
