"""Erasing what need not be kept: which cases have had their time, and what is left when one goes.

What is left is a tombstone in the register, a certificate, and counts in which nobody is named (docs/format.md).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.clocks import retention_rule, unanswered
from ballerup_cli.core.cases.persons import with_others
from ballerup_cli.core.cases.steps import possible
from ballerup_cli.core.deadlines import Due
from ballerup_cli.core.entry import Body
from ballerup_cli.core.periods import add
from ballerup_cli.errors import (
    Finding,
    IllegalStepError,
    OpenRequestError,
    RecordBreaksSchemaError,
    RestrictedError,
)
from ballerup_cli.services.cases.erased import ADD, ERASURES, counting
from ballerup_cli.services.documents.anonymity import find_identifiers
from ballerup_cli.services.documents.letter_facts import disclosure, receivers
from ballerup_cli.services.forms import drafts, pipeline
from ballerup_cli.services.forms.pipeline import ERASE
from ballerup_cli.services.rights import requests
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.index import concerns, purge
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.records import cases, clocks, open_case
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, Erasure, commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.store.store import case_journal

_CLOCK = "retention"


def proposals(workspace: Workspace, moment: Moment, within: int) -> list[dict[str, Any]]:
    """Return the closed cases whose time is up, or is within so many days: what the rules propose, and until when.

    A case with a child's notice that nobody has answered is not among them.
    """
    until = (moment.today + min(timedelta(days=within), date.max - moment.today)).isoformat()
    asked = requests.waiting_cases(workspace)
    found = cases(workspace, [number for number in _kept_until(workspace, until) if number not in asked])
    rows = [_proposal(workspace, case, moment) for case in found if not unanswered(case)]
    return sorted((row for row in rows if row["days_overdue"] >= -within), key=lambda row: (row["due"], row["case"]))


def _kept_until(workspace: Workspace, day: str) -> list[str]:
    """Return the cases whose time is up by a day: the register knows the clocks of each."""
    return [
        number
        for number in workspace.store.readable()
        for clock, due, _about in workspace.store.register.journals[case_journal(number)].due
        if clock == _CLOCK and due[:10] <= day
    ]


def _proposal(workspace: Workspace, case: Case, moment: Moment) -> dict[str, Any]:
    rule = retention_rule(case, workspace.settings)
    (due,) = [item.due for item in clocks(workspace, case) if item.clock == _CLOCK]
    return {
        "case": case.number,
        "gate": (case.closing or {}).get("gate"),
        "rule": rule,
        "action": workspace.settings["retention"][rule]["action"],
        "due": due,
        "days_overdue": Due(clock="retention", due=due).days_overdue(moment.today.isoformat()),
        "extensions": len(case.written("extend")),
    }


def still_owed(workspace: Workspace, numbers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return which statutory clocks about a child are unanswered in cases that are to go, where any are."""
    found = {number: unanswered(case) for number in numbers if (case := _folded(workspace, number)).state}
    return {number: clocks for number, clocks in found.items() if clocks}


def check_form(workspace: Workspace, text: str) -> list[Finding]:
    """Return everything that is wrong with a form as typed; nothing is erased."""
    return pipeline.findings(lambda: _sound(workspace, text.encode(), ""))


def erase(
    workspace: Workspace, numbers: Sequence[str], data: bytes, moment: Moment, source: str = ""
) -> list[dict[str, Any]]:
    """Erase closed cases for good, all of them or none, for one and the same reason; return their certificates.

    Raises:
        UnknownCaseError, IllegalStepError: there is no such case, or it is open.
        RestrictedError: it may only be kept; erasing is processing too (GDPR art. 4 and 18).
        OpenRequestError: somebody's request about it waits for its answer.
        InvalidFormError: with the place of everything that is wrong; a reason that names somebody is.
        BallerupError: the store cannot be read or written.
    """
    with writing(workspace.store):
        going = [_closed(workspace, number) for number in numbers]
        body = _sound(workspace, data, source)
        items = [{**body, **_certified(workspace, case, moment)} for case in going]
        written = [Draft(step=ADD, at=moment.at, body=certificate) for certificate in items]
        erased = {case.number for case in going}
        counts = [found for number, found in with_others(concerns(workspace), erased).items() if number in erased]
        changes = [Change(journal=ERASURES, drafts=written), *counting(counts, moment.at)]
        commit(workspace.store, changes, at=moment.at, erase=[tombstone(certificate) for certificate in items])
    purge(workspace)
    for number in numbers:
        drafts.drop_all(workspace, number)
    return items


def _month(workspace: Workspace, case: Case) -> str:
    """Return the month of receipt; of a case that cannot be folded the one it was written in."""
    if case.state:
        return case.received_day[:7]
    return workspace.store.records(case_journal(case.number))[0].head.at[:7]


def _folded(workspace: Workspace, number: str) -> Case:
    """Return a case, a blank one where what was signed makes none: that must not stay for ever."""
    try:
        return open_case(workspace, number)
    except RecordBreaksSchemaError:
        return Case(number=number)


def _certified(workspace: Workspace, case: Case, moment: Moment) -> Body:
    """Return what a certificate says of a case beside the form: why it may go and what was shared, not about whom."""
    shared = [disclosure(workspace, entry.body) for entry in case.written("share")]
    body = {"case": case.number, "month": _month(workspace, case), "code": _code(workspace, case, moment)}
    return {**body, **({"disclosures": shared} if shared else {})}


def _code(workspace: Workspace, case: Case, moment: Moment) -> str:
    """Name why a case may go: the row of retention that has run out, a request that was granted, or another reason."""
    if any(
        row["case"] == case.number and row["kind"] == "erasure" and row["outcome"] == "granted"
        for row in requests.rows(workspace)
    ):
        return "request"
    if not case.state:
        return "other"
    return retention_rule(case, workspace.settings) if _early(workspace, case, moment) <= 0 else "other"


def _early(workspace: Workspace, case: Case, moment: Moment) -> int:
    """Return how many days are left of the time a closed case is kept."""
    (due,) = [item for item in clocks(workspace, case) if item.clock == _CLOCK]
    return -due.days_overdue(moment.today.isoformat())


def consequences(workspace: Workspace, numbers: Sequence[str], language: str, moment: Moment) -> list[dict[str, Any]]:
    """Return what erasing means, case by case: how many days too early it is, and who is to be told by when."""
    until = add(moment.today.isoformat(), workspace.settings["clocks"]["correction"], Calendar(workspace.settings))
    found = [(number, case) for number in numbers if (case := _folded(workspace, number)).state]
    return [
        {
            "case": number,
            "early": _early(workspace, case, moment) if case.closing else 0,
            "recipients": [row["name"] for row in receivers(workspace, case, language)],
            "until": until,
        }
        for number, case in found
    ]


def certificates(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what was erased: number, day, what the archive rules said, by which rule and why; nothing of the case."""
    if ERASURES not in workspace.store.register.journals:
        return []
    names = ("case", "month", "archive", "receipt", "rule", "code", "reason")
    return [
        {"erased": entry.at[:10], "by": entry.by, **{name: entry.body.get(name) for name in names}}
        for entry in workspace.entries(ERASURES)
    ]


def _closed(workspace: Workspace, number: str) -> Case:
    case = _folded(workspace, number)
    if not case.state:
        return case
    body = {"case": number, "step": ERASE, "state": case.state, "possible": possible(case)}
    if case.state != "closed":
        raise IllegalStepError(**body)
    if case.restricted:
        raise RestrictedError(**body)
    if asked := requests.waiting(workspace, number):
        raise OpenRequestError(**body, requests=asked, first=asked[0])
    return case


def tombstone(certificate: Body) -> Erasure:
    """Return what the register keeps: the month of receipt, and the code of why it went; the rule stays sealed."""
    return Erasure(case=certificate["case"], month=certificate["month"], provision=certificate.get("code", "other"))


def _sound(workspace: Workspace, data: bytes, source: str) -> Body:
    document, text = pipeline.read_one(ERASE, data, source), data.decode(errors="replace")
    return pipeline.sound(ERASE, document, source, lambda settled: find_identifiers(workspace, settled, text))
