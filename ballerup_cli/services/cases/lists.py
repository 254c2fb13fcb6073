"""Lists of cases: numbers, states, dates and codes, never a name; read from the index and the register."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.core.network.pladen import Member
from ballerup_cli.services.store.index import index
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store import register
from ballerup_cli.storage.store.store import case_of

Row = dict[str, Any]

_COLUMNS = ("state", "tier", "member", "received", "closed")


def rows(workspace: Workspace, filters: Mapping[str, str | None]) -> list[Row]:
    """Return the lines of ``list`` that agree with every filter that is set; restricted cases only where asked for.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is skipped silently.
    """
    wanted = {name: value for name, value in filters.items() if value is not None}
    answering = wanted.pop("responsible", None)
    restricted = wanted.pop("restricted", None) is not None
    lines = [line for line, name, held in _lines(workspace) if held == restricted and answering in (None, name)]
    return [line for line in lines if all(line[name] == value for name, value in wanted.items())]


def every(workspace: Workspace) -> list[Row]:
    """Return the lines of all cases, restricted ones too, by number.

    Raises:
        BallerupError: as ``rows``.
    """
    return [line for line, _name, _held in _lines(workspace)]


def answered_for(workspace: Workspace, name: str) -> list[str]:
    """Return the numbers of the cases that a coordinator answers for, closed ones too.

    Raises:
        BallerupError: as ``rows``.
    """
    return [str(case_of(journal)) for journal, known in index(workspace).read("name", "responsible") if known == name]


RESPONSIBLE = "responsible"


def caseload(workspace: Workspace, start: str, end: str) -> list[Row]:
    """Return for each coordinator how many cases received in a period he answers for, open and closed.

    Raises:
        BallerupError: as ``rows``.
    """
    items = index(workspace).read(RESPONSIBLE, "state", "received")
    within = [(name, state) for name, state, received in items if start <= received[:10] <= end]
    closed = Counter(name for name, state in within if state == "closed")
    return [
        {RESPONSIBLE: name, "received": count, "open": count - closed[name], "closed": closed[name]}
        for name, count in sorted(Counter(name for name, _state in within).items())
    ]


def _lines(workspace: Workspace) -> Iterator[tuple[Row, str, bool]]:
    """Give the lines, each with the name of who answers for the case, and whether it is restricted."""
    image, journals, members = index(workspace), workspace.store.register.journals, workspace.pladen.members
    for name, responsible, held, *values in image.read("name", "responsible", "restricted", *_COLUMNS):
        state, tier, member, received, closed = values
        yield _line(name, journals[name], members.get(member), (state, tier, received, closed)), responsible, bool(held)


def _line(journal: str, known: register.Row, member: Member | None, items: Sequence[str | None]) -> Row:
    """Return the line of a case: the member as Pladen knows it now, the next deadline as the register has it."""
    state, tier, received, closed = items
    return {
        "case": case_of(journal),
        "state": state,
        "tier": tier,
        "member": member.code if member else None,
        "ring": member.ring if member else None,
        "received": received,
        "closed": closed,
        "next_due": min((when for _clock, when, *_about in known.clocks), default=None),
    }
