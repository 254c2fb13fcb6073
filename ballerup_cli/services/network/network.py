"""The network: Pladen, activities, other networks, plans and proofs, from forms like a case, in their own journals."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network.kinds import PAGES, Page
from ballerup_cli.core.network.network import PLADEN, Network, care, due_on_network, fold_network, reaches
from ballerup_cli.errors import Finding
from ballerup_cli.services.forms import pipeline
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.text.codec import Document

Row = Mapping[str, Any]


def read_forms(data: bytes, name: str, source: str = "") -> list[Document]:
    """Read one form or a stream of them.

    Raises:
        InvalidFormError: with the place of everything that is wrong.
    """
    return pipeline.read(name, data, source)


def write(workspace: Workspace, name: str, documents: Sequence[Document], moment: Moment, source: str = "") -> Network:
    """Write forms of one page of the network, all of them or none; return the network as it is then.

    Raises:
        InvalidFormError: with the place of everything that is wrong in any of them.
        BallerupError: the store cannot be read or written.
    """
    page = PAGES[name]
    with writing(workspace.store):
        journals, new = _followed(workspace, page, documents, moment, source)
        drafts = [Draft(step=entry.step, at=entry.at, body=entry.body) for entry in new]
        network = fold_network(journals)
        commit(workspace.store, _changes(workspace, page, drafts, network), at=moment.at)
    return network


def _followed(
    workspace: Workspace, page: Page, documents: Sequence[Document], moment: Moment, source: str
) -> tuple[dict[str, list[Entry]], list[Entry]]:
    """Return the journals with an entry for each form, and those entries: each form is judged after the ones before.

    Raises:
        InvalidFormError: with the place of everything that is wrong in any of them.
    """
    journals = {page.journal: [], **workspace.journals}
    new: list[Entry] = []
    found: list[tuple[int, Finding]] = []
    for serial, document in enumerate(documents, 1):
        network = fold_network(journals)
        settled, wrong = pipeline.judged(page.name, document, partial(_breaches, page, network))
        found += [(serial, finding) for finding in wrong]
        if not wrong:
            body = {**page.known(settled.value, workspace.settings), **settled.value}
            new.append(Entry(number=0, step=page.step, at=moment.at, by=workspace.store.me.name, body=body))
            journals[page.journal] = [*journals[page.journal], new[-1]]
    pipeline.refuse(page.name, found, len(documents), source)
    return journals, new


def _breaches(page: Page, network: Network, document: Document) -> list[Finding]:
    return [finding for rule in page.rules for finding in rule(document.value, network)]


def _changes(workspace: Workspace, page: Page, drafts: Sequence[Draft], network: Network) -> list[Change]:
    """Return the new entries, and Pladen's row with every deadline of the network."""
    clocks = due_on_network(network, workspace.settings, Calendar(workspace.settings))
    due = tuple((item.clock, item.due, item.about) for item in clocks)
    if page.journal == PLADEN:
        return [Change(journal=PLADEN, drafts=drafts, due=due)]
    return [Change(journal=page.journal, drafts=drafts), Change(journal=PLADEN, drafts=[], due=due)]


def check_form(workspace: Workspace, name: str, text: str, moment: Moment) -> list[Finding]:
    """Return everything that is wrong with a form as typed; nothing is written."""
    return pipeline.findings(lambda: _followed(workspace, PAGES[name], read_forms(text.encode(), name), moment, ""))


def members(workspace: Workspace) -> list[Row]:
    """Return the members of the network, retired ones too, ring by ring."""
    rings = workspace.vocabulary.codes("ring")
    return sorted(
        (member.to_dict() for member in workspace.pladen.members.values()),
        key=lambda row: (rings.index(str(row["ring"])), str(row["code"])),
    )


def cared_for(workspace: Workspace, moment: Moment, *, everybody: bool) -> list[Row]:
    """Return the organisations that lack a talk, an action card or contact, or every one with what it last got."""
    rows = care(workspace.network, workspace.settings, Calendar(workspace.settings), moment.today.isoformat())
    return [row for row in rows if everybody or row["wanting"]]


def activities(
    workspace: Workspace,
    *,
    kind: str | None = None,
    start: str | None = None,
    end: str | None = None,
    member: str | None = None,
) -> list[Row]:
    """Return the activities by date: of one kind, of a period, those that were for one member."""
    ring = workspace.pladen.members[member].ring if member else ""
    chosen = (
        row
        for row in workspace.network.activities
        if (kind or row["kind"]) == row["kind"]
        and (start or row["date"]) <= row["date"] <= (end or row["date"])
        and (member is None or reaches(row, member, ring))
    )
    return sorted(chosen, key=lambda row: (row["date"], row["number"]))


def networks(workspace: Workspace) -> list[Row]:
    """Return the other networks by code, those that came to an end too."""
    return [*workspace.network.networks.values()]


def adoptions(workspace: Workspace) -> list[Row]:
    """Return the adopted plans by date."""
    return sorted(workspace.network.adoptions, key=lambda row: (row["adopted"], row["document"]))


def proofs(workspace: Workspace) -> list[Row]:
    """Return the proofs by the day they were done."""
    return sorted(workspace.network.proofs, key=lambda row: (row["done"], row["what"]))


def breaches(workspace: Workspace) -> list[Row]:
    """Return the breaches in the order they were written down."""
    return [*workspace.network.breaches]
