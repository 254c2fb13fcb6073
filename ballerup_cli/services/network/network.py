"""The network: Pladen, activities, other networks, plans and proofs, from forms like a case, in their own journals."""

from collections.abc import Mapping, Sequence
from typing import Any

from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.network.kinds import PAGES, Page
from ballerup_cli.core.network.network import PLADEN, Network, care, due_on_network, fold_network, reaches
from ballerup_cli.errors import Finding, InvalidFormError
from ballerup_cli.services.forms import understanding
from ballerup_cli.services.forms.understanding import Reader
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.text import codec, schema
from ballerup_cli.storage.text.codec import Document

Row = Mapping[str, Any]


def read_forms(data: bytes, name: str, source: str = "") -> list[Document]:
    """Read one form or a stream of them.

    Raises:
        InvalidFormError: with the place of everything that is wrong.
    """
    try:
        return codec.read_forms(data)
    except InvalidFormError as invalid:
        raise InvalidFormError(findings=invalid.findings, step=name, source=source) from None


def write(workspace: Workspace, name: str, documents: Sequence[Document], moment: Moment, source: str = "") -> Network:
    """Write forms of one page of the network, all of them or none; return the network as it is then.

    Raises:
        InvalidFormError: with the place of everything that is wrong in any of them.
        BallerupError: the store cannot be read or written.
    """
    page = PAGES[name]
    with writing(workspace.store):
        journals = {page.journal: [], **workspace.journals}
        known = len(journals[page.journal])
        for document in documents:
            form = _sound(page, document, fold_network(journals), source)
            body = {**page.known(form, workspace.settings), **form}
            entry = Entry(number=0, step=page.step, at=moment.at, by=workspace.store.me.name, body=body)
            journals[page.journal] = [*journals[page.journal], entry]
        drafts = [Draft(step=entry.step, at=entry.at, body=entry.body) for entry in journals[page.journal][known:]]
        network = fold_network(journals)
        commit(workspace.store, _changes(workspace, page, drafts, network), at=moment.at)
    return network


def _changes(workspace: Workspace, page: Page, drafts: Sequence[Draft], network: Network) -> list[Change]:
    """Return the new entries, and Pladen's row with every deadline of the network."""
    clocks = due_on_network(network, workspace.settings, Calendar(workspace.settings))
    due = tuple((item.clock, item.due, item.about) for item in clocks)
    if page.journal == PLADEN:
        return [Change(journal=PLADEN, drafts=drafts, due=due)]
    return [Change(journal=page.journal, drafts=drafts), Change(journal=PLADEN, drafts=[], due=due)]


def check_form(workspace: Workspace, name: str, text: str) -> list[Finding]:
    """Return everything that is wrong with a form as typed; nothing is written."""
    try:
        for document in read_forms(text.encode(), name):
            _sound(PAGES[name], document, workspace.network, "")
    except InvalidFormError as invalid:
        return list(invalid.findings)
    return []


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


def _sound(page: Page, document: Document, network: Network, source: str) -> Body:
    pladen = {code: member.name for code, member in network.pladen.members.items()}
    settled, twice = understanding.settled(page.name, document, Reader(pladen=pladen))
    found = twice or schema.check(page.name, settled.value)
    found = found or [finding for rule in page.rules for finding in rule(settled.value, network)]
    if found:
        placed = [schema.place(settled, finding) for finding in found]
        raise InvalidFormError(findings=placed, step=page.name, source=source)
    return dict(settled.value)
