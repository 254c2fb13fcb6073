"""Meetings of the core group: an agenda from the register, and minutes that go into each case's own journal.

What puts a case on the agenda is ``meeting``'s; how a step is checked and written is ``casework``'s.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from ballerup_cli.core.cases.meeting import MEETINGS, MINUTES, OPEN, Meeting, Standing, call, fold_meetings, lines
from ballerup_cli.core.deadlines import Due
from ballerup_cli.errors import N_, Finding, RestrictedError, UnknownMeetingError
from ballerup_cli.services.cases import casework
from ballerup_cli.services.cases.casework import Form, StepResult
from ballerup_cli.services.forms import pipeline
from ballerup_cli.services.store.index import restricted
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.soundness import folded
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.store.members import READERS
from ballerup_cli.storage.store.store import case_journal, case_of
from ballerup_cli.storage.text.codec import Document

_ITEM = "meeting-item"
_NAMED = ("case", "step")
_USUAL = "note"  # the step of a document that names none


def meetings(workspace: Workspace) -> tuple[Meeting, ...]:
    """Return all meetings, in the order they were opened."""
    return folded(fold_meetings, workspace.entries(MEETINGS) if MEETINGS in workspace.store.register.journals else ())


def find(workspace: Workspace, number: int) -> Meeting:
    """Return the meeting of this number.

    Raises:
        UnknownMeetingError: there is none.
    """
    known = meetings(workspace)
    if number > len(known):
        raise UnknownMeetingError(number=number)
    return known[number - 1]


def planned(workspace: Workspace, moment: Moment, within: int) -> list[Meeting]:
    """Return the meetings of the days ahead; none for a key that opens no records."""
    if workspace.store.me.role not in READERS:
        return []
    return [
        meeting
        for meeting in meetings(workspace)
        if 0 <= (date.fromisoformat(meeting.date) - moment.today).days <= within
    ]


def open_meeting(workspace: Workspace, chosen: Sequence[str], on: date, within: int, moment: Moment) -> Meeting:
    """Open a meeting: the chosen cases, and all that have something due within so many days of it.

    Raises:
        BallerupError: the store cannot be read or written.
    """
    _refuse_restricted(workspace, chosen, "meeting open")
    with writing(workspace.store):
        number = len(meetings(workspace)) + 1
        until = on + min(timedelta(days=within), date.max - on)
        agenda = call(_standings(workspace), chosen, until.isoformat())
        called = [{"case": case, **({"clocks": clocks} if clocks else {})} for case, clocks in agenda.items()]
        body = {"number": number, "date": on.isoformat(), "cases": called}
        commit(workspace.store, [_change(OPEN, body, moment)], at=moment.at)
    return Meeting(number=number, date=on.isoformat(), agenda=agenda)


def agenda(workspace: Workspace, meeting: Meeting) -> list[dict[str, Any]]:
    """Return the lines of the agenda as its cases stand now."""
    return lines(meeting, _standings(workspace))


def row(meeting: Meeting) -> dict[str, Any]:
    """Return the line of ``meeting list``."""
    return {
        "meeting": meeting.number,
        "date": meeting.date,
        "cases": list(meeting.agenda),
        "held": meeting.held,
        "written": list(meeting.written),
    }


def read_minutes(meeting: Meeting, data: bytes, source: str = "") -> list[Form]:
    """Read a stream of minutes: one document a case, which names the case, the step, and the step's own fields.

    Raises:
        InvalidFormError: with the place of every document that is for no case of the agenda, or for one twice.
    """
    documents = pipeline.read(_ITEM, data, source)
    forms: list[Form] = []
    found: list[tuple[int, Finding]] = []
    for serial, document in enumerate(documents, 1):
        item = {name: document.value[name] for name in _NAMED if name in document.value}
        rule = partial(_misplaced, meeting, [form.number for form in forms])
        named, wrong = pipeline.judged(_ITEM, replace(document, value=item), rule)
        found += [(serial, finding) for finding in wrong]
        step, number = named.value.get("step", _USUAL), named.value.get("case")
        forms.append(Form(step=step, number=number, document=_own_fields(document)))
    pipeline.refuse("", found, len(documents), source)
    return forms


def _misplaced(meeting: Meeting, before: Sequence[str | None], document: Document) -> Iterator[Finding]:
    """Each case of the agenda gets minutes once."""
    case = document.value["case"]
    facts = {"meeting": meeting.number, "cases": ", ".join(meeting.unwritten) or "–"}
    if case not in meeting.agenda:
        message = N_("not on the agenda of meeting {meeting}; on it: {cases}; 'ballerup meeting open' makes a new one")
        yield Finding(message=message, path=("case",), facts=facts)
    elif case in meeting.written:
        message = N_("has its minutes of meeting {meeting} already; still without: {cases}")
        yield Finding(message=message, path=("case",), facts=facts)
    elif case in before:
        yield Finding(message=N_("the same case stands here twice; one document is for one case"), path=("case",))


def _own_fields(document: Document) -> Document:
    return replace(document, value={name: item for name, item in document.value.items() if name not in _NAMED})


def write_minutes(
    workspace: Workspace,
    meeting: Meeting,
    forms: Sequence[Form],
    moment: Moment,
    source: str = "",
    *,
    held: date | None = None,
    present: Sequence[str] = (),
    agreed: bool = False,
) -> list[StepResult]:
    """Write each form in its own case, and in the meeting's journal which cases those were: all of it or nothing.

    Raises:
        As ``casework.take``.
    """
    cases = sorted(form.number for form in forms if form.number)
    _refuse_restricted(workspace, cases, "meeting minutes")
    body = {
        "number": meeting.number,
        "held": held.isoformat() if held else meeting.date,
        **({"participants": list(present)} if present else {}),
        "cases": cases,
    }
    minutes = _change(MINUTES, body, moment)

    def still() -> bool:
        return set(cases).isdisjoint(find(workspace, meeting.number).written)

    return casework.take_many(workspace, forms, moment, source, agreed=agreed, also=[minutes], still=still)


def _refuse_restricted(workspace: Workspace, numbers: Sequence[str], step: str) -> None:
    """Refuse to bring up a case that may only be kept (GDPR art. 18).

    Raises:
        RestrictedError: one of them is.
    """
    for number in sorted(restricted(workspace).intersection(numbers)):
        state = workspace.store.register.journals[case_journal(number)].state
        raise RestrictedError(case=number, step=step, state=state, possible=())


def core_group(workspace: Workspace) -> list[str]:
    """Return the functions of the core group, as the settings name them."""
    return [member["function"] for member in workspace.settings["core_group"] if "function" in member]


def _standings(workspace: Workspace) -> Mapping[str, Standing]:
    """Return what the register says of every case that may be worked on: no record is opened for an agenda."""
    kept = restricted(workspace)
    return {
        case: Standing(state=row.state or "", due=tuple(Due(clock=clock, due=due) for clock, due, _ in row.due))
        for name, row in workspace.store.register.journals.items()
        for case in [case_of(name)]
        if case is not None and case not in kept
    }


def _change(step: str, body: Mapping[str, Any], moment: Moment) -> Change:
    return Change(journal=MEETINGS, drafts=[Draft(step=step, at=moment.at, body=body)])
