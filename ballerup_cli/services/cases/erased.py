"""What is left of erased cases for those who count and list: nameless counts, and what was shared of them.

Erasing itself belongs to ``rights``.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ballerup_cli.core.cases.facts import Facts, counted, counter
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change
from ballerup_cli.storage.store.journal import Draft

COUNTERS, ERASURES, ADD = "counters", "erasures", "add"


def erased_disclosures(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what was shared in cases that are erased by now: the yearly list still answers for it."""
    if ERASURES not in workspace.store.register.journals:
        return []
    return [
        {"case": entry.body["case"], "citation": None, "provision": None, **row}
        for entry in workspace.entries(ERASURES)
        for row in entry.body.get("disclosures", ())
    ]


def counting(erased: Sequence[Facts], at: str) -> Iterator[Change]:
    """Give the change by which erased cases stay counted, none when there is none of them."""
    if erased:
        yield Change(journal=COUNTERS, drafts=[Draft(step=ADD, at=at, body=counter(found)) for found in erased])


def still_counted(workspace: Workspace) -> list[Facts]:
    """Return what is counted of erased cases."""
    if COUNTERS not in workspace.store.register.journals:
        return []
    return [counted(entry.body) for entry in workspace.entries(COUNTERS)]
