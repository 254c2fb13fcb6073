"""Meetings of the core group: which cases come on the agenda, which step each waits for, and what was written.

A meeting knows numbers and clocks, never a word of a case: what is said about a case stands in that case's own journal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ballerup_cli.core.cases.clocks import CLOCKS
from ballerup_cli.core.deadlines import Due
from ballerup_cli.core.entry import Entry
from ballerup_cli.values import value

MEETINGS = "meetings"
"""The journal of the meetings."""

OPEN, MINUTES = "open", "minutes"
"""Its steps: an agenda is made, and minutes are written."""

_STEPS: Mapping[str, str] = {clock.name: clock.step for clock in CLOCKS if clock.step}
_OF_THE_GROUP = frozenset({"accepted", "assessed", "planned"})
"""The states of cases that are the core group's business: it begins after gate B."""

_NOTE = "note"  # always possible, and what is left when nothing else is due


@value
class Meeting:
    """One meeting as its entries leave it: the clocks that brought each case on, and the cases it has written in."""

    number: int
    date: str
    agenda: Mapping[str, Sequence[str]]
    held: str | None = None
    written: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    """The functions of those who were there."""

    @property
    def unwritten(self) -> tuple[str, ...]:
        """The cases of the agenda that have no minutes yet."""
        return tuple(case for case in self.agenda if case not in self.written)


@value
class Standing:
    """What the register says of a case: its state, and its deadlines, the nearest first."""

    state: str
    due: tuple[Due, ...]

    @property
    def waiting(self) -> tuple[Due, ...]:
        """The deadlines that the core group can do something about."""
        return tuple(item for item in self.due if item.clock in _STEPS)

    @property
    def step(self) -> str:
        """The step the case waits for: the one that stops the nearest of these clocks; a note when none does more."""
        steps = (_STEPS[item.clock] for item in self.waiting)
        return next((step for step in steps if step != _NOTE), _NOTE)


def fold_meetings(entries: Iterable[Entry]) -> tuple[Meeting, ...]:
    """Fold the journal of the meetings, in the order they were opened."""
    known: list[Meeting] = []
    for entry in entries:
        body = entry.body
        if entry.step == OPEN:
            agenda = {item["case"]: tuple(item.get("clocks", ())) for item in body["cases"]}
            known.append(Meeting(number=body["number"], date=body["date"], agenda=agenda))
        else:
            index = body["number"] - 1
            written = (*known[index].written, *body["cases"])
            present = tuple(dict.fromkeys((*known[index].present, *body.get("participants", ()))))
            known[index] = replace(known[index], held=body["held"], written=written, present=present)
    return tuple(known)


def call(standings: Mapping[str, Standing], chosen: Iterable[str], until: str) -> dict[str, list[str]]:
    """Return the agenda by case number: the chosen cases, and those past gate B with something due by ``until``."""
    clocks = {
        case: list(dict.fromkeys(item.clock for item in standing.waiting if item.due[:10] <= until))
        for case, standing in standings.items()
    }
    wanted = set(chosen)
    called = {case for case, found in clocks.items() if found and standings[case].state in _OF_THE_GROUP}
    return {case: found for case, found in sorted(clocks.items()) if case in called | wanted}


def lines(meeting: Meeting, standings: Mapping[str, Standing]) -> list[dict[str, Any]]:
    """Return the agenda as the cases stand now; a case that was erased since is left out."""
    return [
        {
            "case": case,
            "state": standings[case].state,
            "due": [item.to_dict() for item in standings[case].waiting if item.clock in clocks],
            "step": standings[case].step,
            "written": case in meeting.written,
        }
        for case, clocks in meeting.agenda.items()
        if case in standings
    ]
