"""A right that somebody uses: one record each, from its coming in to the answer, and the register of a year.

Who asks and what is decided stands in the case, or beside the cases where it is about none; the journal ``requests``
holds number, kind, days and outcome only, so that it outlives the case (GDPR art. 5(2) and 12).
"""

from dataclasses import replace
from datetime import date
from typing import Any

from ballerup_cli.core.cases.clocks import REQUEST, answer_by
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding, InvalidFormError, MovedOnError, RequestAnsweredError, UnknownRequestError
from ballerup_cli.services.cases.casework import Form, take_many
from ballerup_cli.services.forms import pipeline
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.text import schema
from ballerup_cli.storage.text.codec import Document

REQUESTS, BESIDE = "requests", "requesters"
OPEN, EXTEND, ANSWER, DECIDE = "open", "extend", "answer", "decide"

Row = dict[str, Any]


def rows(workspace: Workspace, year: str | None = None) -> list[Row]:
    """Return the requests, of the year they were received in or of all, by number; never who asked.

    What is about a case that is shielded from this user is not there.
    """
    shut = set(workspace.store.cases()) - set(workspace.store.readable())
    known = [row for row in _folded(workspace).values() if row["case"] not in shut]
    return [row for row in known if year in (None, row["received"][:4])]


def _folded(workspace: Workspace) -> dict[str, Row]:
    """Return every request by its number, as its entries leave it."""
    calendar, settings = Calendar(workspace.settings), workspace.settings
    found: dict[str, Row] = {}
    for entry in workspace.entries(REQUESTS) if REQUESTS in workspace.store.register.journals else ():
        body = entry.body
        if entry.step == OPEN:
            row = {"request": body["number"], "kind": body["kind"], "who": body.get("who"), "case": body.get("case")}
            due = answer_by(body, settings, calendar)
            empty = {"extended": False, "answered": None, "days": None, "outcome": None, "refused": None}
            found[body["number"]] = {**row, "received": body["received"], "due": due, **empty, "provisions": []}
        elif entry.step == EXTEND:
            found[body["number"]] |= {"due": body["until"], "extended": True}
        else:
            row = found[body["number"]]
            days = (date.fromisoformat(body["answered"]) - date.fromisoformat(row["received"])).days
            refused = body["outcome"] != "granted"
            row |= {"answered": body["answered"], "days": days, "outcome": body["outcome"], "refused": refused}
            row["provisions"] = body.get("provisions", [])
    return found


def waiting(workspace: Workspace, case: str) -> list[str]:
    """Return the numbers of the requests about a case that are not answered."""
    return [row["request"] for row in _folded(workspace).values() if row["case"] == case and row["answered"] is None]


def waiting_cases(workspace: Workspace) -> set[str]:
    """Return the numbers of the cases about which a request is not answered."""
    return {row["case"] for row in _folded(workspace).values() if row["answered"] is None}


def check_form(step: str, number: str | None, text: str) -> list[Finding]:
    """Return everything that is wrong with a form as typed; nothing is written."""
    try:
        _sound(step, text.encode(), "", number or "")
    except InvalidFormError as invalid:
        return list(invalid.findings)
    return []


def open_request(workspace: Workspace, case: str | None, data: bytes, moment: Moment, source: str = "") -> str:
    """Write down that somebody uses a right, in a case or beside the cases; return its number.

    Raises:
        InvalidFormError: with the place of everything that is wrong.
        BallerupError: the store cannot be read or written.
    """
    document = _sound(OPEN, data, source, "")
    number = _next(workspace, document.value["received"][:4])
    document = _numbered(document, number)
    body = document.value
    facts = {"number": number, "kind": body["kind"], "who": body["requester"]["who"], "received": body["received"]}
    row = {**facts, **({"case": case} if case else {})}
    _write(workspace, OPEN, case, document, row, moment, source)
    return number


def decide(workspace: Workspace, number: str, data: bytes, moment: Moment, source: str = "") -> Row:
    """Write down what is given and withheld, or that the answer takes longer.

    Raises:
        UnknownRequestError, RequestAnsweredError: there is no such request, or it is answered.
        InvalidFormError: with the place of everything that is wrong.
        BallerupError: the store cannot be read or written.
    """
    row = find(workspace, number, unanswered=True)
    document = _sound(DECIDE, data, source, number)
    if not document.value.keys() & {"decisions", "extended"}:
        finding = schema.place(document, Finding(message=_NOTHING, path=("decisions",)))
        raise InvalidFormError(findings=[finding], step=f"{REQUEST}-{DECIDE}", source=source)
    until = document.value.get("extended", {}).get("until")
    _write(
        workspace,
        DECIDE,
        row["case"],
        document,
        {"number": number, "until": until} if until else {},
        moment,
        source,
    )
    return find(workspace, number)


def answer(workspace: Workspace, number: str, data: bytes, moment: Moment, source: str = "") -> Row:
    """Write the answer down: its clock stops, and what it held up may go on.

    Raises:
        UnknownRequestError, RequestAnsweredError: there is no such request, or it is answered.
        InvalidFormError: with the place of everything that is wrong; an outcome that no decision tells is.
        BallerupError: the store cannot be read or written.
    """
    row = find(workspace, number, unanswered=True)
    document = _sound(ANSWER, data, source, number)
    body, decided = document.value, _decisions(workspace, row)
    outcome = body.get("outcome") or _outcome(decided)
    wanting = "outcome" if not outcome else "reasons" if outcome != "granted" and not body.get("reasons") else ""
    if wanting:
        finding = schema.place(document, Finding(message=_MISSING, path=(wanting,)))
        raise InvalidFormError(findings=[finding], step=f"{REQUEST}-{ANSWER}", source=source)
    document = replace(document, value={**body, "outcome": outcome})
    withheld = [item["provision"] for item in decided if item["decision"] == "withheld"]
    provisions = list(dict.fromkeys([*withheld, *([body["provision"]] if "provision" in body else [])]))
    facts = {"number": number, "answered": body["answered"], "outcome": outcome}
    _write(
        workspace,
        ANSWER,
        row["case"],
        document,
        {**facts, **({"provisions": provisions} if provisions else {})},
        moment,
        source,
    )
    return find(workspace, number)


_NOTHING = N_("is missing, and the answer does not take longer either")
_MISSING = N_("is missing: no decision tells it")


def find(workspace: Workspace, number: str, *, unanswered: bool = False) -> Row:
    """Return one request.

    Raises:
        UnknownRequestError: there is none of that number, or it is about a case that is shielded from this user.
        RequestAnsweredError: it is answered, and must not be.
    """
    row = next((row for row in rows(workspace) if row["request"] == number.upper()), None)
    if row is None:
        raise UnknownRequestError(request=number)
    if unanswered and row["answered"]:
        raise RequestAnsweredError(request=row["request"])
    return row


def _decisions(workspace: Workspace, row: Row) -> list[Body]:
    """Return everything that was decided of a request, passage by passage; the last word about a passage counts."""
    journal = f"cases/{row['case']}" if row["case"] else BESIDE
    decided: dict[tuple[Any, Any], Body] = {}
    for entry in workspace.store.entries(journal) if journal in workspace.store.register.journals else ():
        if entry.step == f"{REQUEST}-{DECIDE}" and entry.body["number"] == row["request"]:
            decided |= {(item.get("entry"), item.get("field")): item for item in entry.body.get("decisions", ())}
    return list(decided.values())


def _outcome(decided: list[Body]) -> str | None:
    said = {item["decision"] for item in decided}
    return {frozenset({"given"}): "granted", frozenset({"withheld"}): "refused"}.get(
        frozenset(said), "partly" if said else None
    )


def _next(workspace: Workspace, year: str) -> str:
    """Return the next number of a year; none is ever used twice, since nothing leaves the journal."""
    serial = 1 + sum(number[1:5] == year for number in _folded(workspace))
    return f"R{year}-{serial:03d}"


def _sound(step: str, data: bytes, source: str, number: str) -> Document:
    name = f"{REQUEST}-{step}"
    settled, found = pipeline.judged(name, pipeline.read_one(name, data, source))
    pipeline.refuse(name, [(1, finding) for finding in found], 1, source)
    return _numbered(settled, number) if number else settled


def _numbered(document: Document, number: str) -> Document:
    return replace(document, value={**document.value, "number": number})


def _write(
    workspace: Workspace, step: str, case: str | None, document: Document, row: Body, moment: Moment, source: str
) -> None:
    """Write the form where it belongs, and its days in the journal of requests: both or neither."""
    name = f"{REQUEST}-{step}"
    drafts = [Draft(step={DECIDE: EXTEND}.get(step, step), at=moment.at, body=dict(row))] if row else []
    read = workspace.store.register.number

    def still() -> bool:
        return workspace.store.register.number == read

    if case:
        also = [_requests(workspace, drafts)] if drafts else []
        form = Form(step=name, number=case, document=document)
        take_many(workspace, [form], moment, source, also=also, still=still)
        return
    with writing(workspace.store):
        if not still():
            raise MovedOnError
        beside = Change(journal=BESIDE, drafts=[Draft(step=name, at=moment.at, body=dict(document.value))])
        commit(workspace.store, [beside, _requests(workspace, drafts)] if drafts else [beside], at=moment.at)


def _requests(workspace: Workspace, drafts: list[Draft]) -> Change:
    """Return the change of the journal of requests, with a deadline for each that is about no case."""
    calendar, settings = Calendar(workspace.settings), workspace.settings
    open_now = {
        number: row["due"] for number, row in _folded(workspace).items() if not row["case"] and not row["answered"]
    }
    for draft in drafts:
        body = draft.body
        if draft.step == OPEN and "case" not in body:
            open_now[body["number"]] = answer_by(body, settings, calendar)
        elif draft.step == EXTEND and body["number"] in open_now:
            open_now[body["number"]] = body["until"]
        elif draft.step == ANSWER:
            open_now.pop(body["number"], None)
    due = tuple((REQUEST, day, number) for number, day in sorted(open_now.items(), key=lambda item: (item[1], item[0])))
    return Change(journal=REQUESTS, drafts=drafts, due=due)
