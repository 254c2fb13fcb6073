"""Lists of cases: numbers, states, dates and codes, never a name; read from the index and the register."""

from collections.abc import Iterator, Mapping
from typing import Any

from ballerup_cli.services.index import index
from ballerup_cli.services.workspace import Workspace
from ballerup_cli.storage.store import case_of

Row = dict[str, Any]

_COLUMNS = ("state", "tier", "member", "received", "closed")


def rows(desk: Workspace, filters: Mapping[str, str | None]) -> list[Row]:
    """Return the lines of ``list`` that agree with every filter that is set; restricted cases only where asked for.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is skipped silently.
    """
    wanted = {name: value for name, value in filters.items() if value is not None}
    answering = wanted.pop("responsible", None)
    restricted = wanted.pop("restricted", None) is not None
    lines = [line for line, name, held in _lines(desk) if held == restricted and answering in (None, name)]
    return [line for line in lines if all(line[name] == value for name, value in wanted.items())]


def every(desk: Workspace) -> list[Row]:
    """Return the lines of all cases, restricted ones too, by number.

    Raises:
        BallerupError: as ``rows``.
    """
    return [line for line, _name, _held in _lines(desk)]


def answered_for(desk: Workspace, name: str) -> list[str]:
    """Return the numbers of the cases that a coordinator answers for, closed ones too.

    Raises:
        BallerupError: as ``rows``.
    """
    return [str(case_of(journal)) for journal, known in index(desk).read("name", "responsible") if known == name]


def _lines(desk: Workspace) -> Iterator[tuple[Row, str, bool]]:
    """Give the lines, each with the name of who answers for the case, and whether it is restricted."""
    for name, responsible, held, *values in index(desk).read("name", "responsible", "restricted", *_COLUMNS):
        yield _line(desk, name, dict(zip(_COLUMNS, values, strict=True))), responsible, bool(held)


def _line(desk: Workspace, journal: str, told: Row) -> Row:
    """Return the line of a case: the member as Pladen knows it now, the next deadline as the register has it."""
    member = desk.pladen.members.get(told["member"] or "")
    due = (when for _clock, when, _about in desk.store.register.journals[journal].due)
    return {
        "case": case_of(journal),
        "state": told["state"],
        "tier": told["tier"],
        "member": member.code if member else None,
        "ring": member.ring if member else None,
        "received": told["received"],
        "closed": told["closed"],
        "next_due": min(due, default=None),
    }
