"""What a municipality sets: show it, change it, and let every deadline follow in the same save.

How settings are laid over the shipped ones is ``workspace``'s; what may be set, ``shape``'s.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.core.cases.clocks import due_on
from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network.network import PLADEN, due_on_network, fold_network
from ballerup_cli.core.profile import PROFILE
from ballerup_cli.errors import N_, Finding, ManyCasesError
from ballerup_cli.services.cases.casework import MANY
from ballerup_cli.services.documents import templates
from ballerup_cli.services.forms import pipeline
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.records import cases
from ballerup_cli.services.store.soundness import settings_faults
from ballerup_cli.services.store.workspace import SETTINGS, Workspace, without_none
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.store.store import case_journal
from ballerup_cli.storage.text import schema
from ballerup_cli.storage.text.codec import Document
from ballerup_cli.storage.text.schema import layered

SET = "set"
Row = Mapping[str, Any]


def rows(workspace: Workspace) -> list[Row]:
    """Return every setting as its path, its value, and whether this store has set it itself."""
    own = {path for path, _ in _leaves(workspace.own_settings)}
    return [{"path": path, "value": value, "own": path in own} for path, value in _leaves(workspace.settings)]


def check_form(workspace: Workspace, text: str) -> list[Finding]:
    """Return everything that is wrong with settings as typed; nothing is written."""
    return pipeline.findings(lambda: _sound(workspace, text.encode(), ""))


def change(workspace: Workspace, data: bytes, moment: Moment, source: str = "", *, agreed: bool = False) -> list[str]:
    """Set what is told, and count every deadline anew; return the numbers of the cases whose deadlines moved.

    Raises:
        InvalidFormError: with the place of everything that cannot be set.
        ManyCasesError: more existing cases would change than may without ``agreed``.
        BallerupError: the store cannot be read or written.
    """
    return write(workspace, _sound(workspace, data, source), moment, agreed=agreed)


def write(
    workspace: Workspace, body: Row, moment: Moment, members: Sequence[Draft] = (), *, agreed: bool = False
) -> list[str]:
    """Write what is set, and the members that change with it, in one save; return the cases whose deadlines moved.

    Raises:
        ManyCasesError, BallerupError: as ``change``.
    """
    with writing(workspace.store):
        settings = layered(schema.defaults(), without_none(layered(workspace.own_settings, body)))
        moved = list(_moved(workspace, settings))
        if len(moved) > MANY and not agreed:
            raise ManyCasesError(count=len(moved))
        changes = [Change(journal=SETTINGS, drafts=[Draft(step=SET, at=moment.at, body={"set": body})])]
        commit(workspace.store, [*changes, *moved, *_network(workspace, settings, members)], at=moment.at)
    return [change.journal.rpartition("/")[2] for change in moved]


def _moved(workspace: Workspace, settings: Mapping[str, Any]) -> Iterator[Change]:
    """Give a change without an entry for each case whose deadlines are other ones now."""
    calendar = Calendar(settings)
    for case in cases(workspace):
        name = case_journal(case.number)
        due = tuple((item.clock, item.due, item.about) for item in due_on(case, settings, calendar))
        if due != workspace.store.register.journals[name].due:
            yield Change(journal=name, drafts=[], state=case.state, due=due)


def _network(workspace: Workspace, settings: Mapping[str, Any], members: Sequence[Draft]) -> Iterator[Change]:
    journals = dict(workspace.journals)
    first = len(journals[PLADEN]) + 1
    journals[PLADEN] += [
        Entry(number=at, step=draft.step, at=draft.at, by="", body=draft.body)
        for at, draft in enumerate(members, first)
    ]
    due = due_on_network(fold_network(journals), settings, Calendar(settings))
    items = tuple((item.clock, item.due, item.about) for item in due)
    if members or items != workspace.store.register.journals[PLADEN].due:
        yield Change(journal=PLADEN, drafts=list(members), due=items)


def _sound(workspace: Workspace, data: bytes, source: str) -> Mapping[str, Any]:
    document = pipeline.read_one(SETTINGS, data, source)
    return pipeline.sound(
        SETTINGS,
        document,
        source,
        _keeps_the_profile,
        lambda typed: settings_faults(typed.value),
        lambda typed: templates.faults(workspace, typed.value),
    )


def _keeps_the_profile(document: Document) -> Iterator[Finding]:
    if isinstance(document.value, Mapping) and PROFILE in document.value:
        yield Finding(message=N_("'ballerup settings profile' changes the profile"), path=(PROFILE,))


def _leaves(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if (above, name) == ("", PROFILE):  # shown and changed by itself
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
