"""Naming others to the person concerned: only for a reason that names nobody, which the log keeps (GDPR art. 15(4))."""

from ballerup_cli.errors import InvalidFormError
from ballerup_cli.services.cases.casework import read_forms
from ballerup_cli.services.documents.anonymity import find_identifiers
from ballerup_cli.services.forms import understanding
from ballerup_cli.services.forms.understanding import Reader
from ballerup_cli.services.rights.access import LOG, UNMASK
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.text import schema


def unmask(workspace: Workspace, case: str, data: bytes, moment: Moment, source: str = "") -> list[str]:
    """Write down why others are named to the person concerned; return who, by the codes of ``masked``.

    Raises:
        InvalidFormError: with the place of everything that is wrong; a reason that names somebody is.
        BallerupError: the store cannot be read or written.
    """
    (document,) = read_forms(data, UNMASK, source)
    settled, twice = understanding.settled(UNMASK, document, Reader())
    found = twice or [schema.place(settled, finding) for finding in schema.check(UNMASK, settled.value)]
    if found := found or find_identifiers(workspace, settled, data.decode("utf-8-sig", errors="replace")):
        raise InvalidFormError(findings=found, step=UNMASK, source=source)
    body = {"case": case, **settled.value}
    with writing(workspace.store):
        commit(
            workspace.store, [Change(journal=LOG, drafts=[Draft(step=UNMASK, at=moment.at, body=body)])], at=moment.at
        )
    return [*settled.value["named"]]
