"""Work on concerns: open them, take the next step, look at one, list them, say what is due.

Which step is legal and what it does is ``core``'s; where records live is ``storage``'s; here they meet.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from textwrap import shorten
from typing import Any

from ballerup_cli.core.case import Case, row
from ballerup_cli.core.clocks import Due, due_on
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.rules import Context, answerable
from ballerup_cli.core.steps import STEPS, advance, breaches, fold, oddities, permit
from ballerup_cli.errors import N_, Finding, IllegalStep, InvalidForm, RecordBreaksSchema, UnknownCase
from ballerup_cli.services.calendar import Calendar
from ballerup_cli.services.workspace import Workspace
from ballerup_cli.storage import codec, schema
from ballerup_cli.storage.codec import Document
from ballerup_cli.storage.commit import Change, Draft, commit, writing
from ballerup_cli.storage.store import case_journal, file_of

CREATE = next(iter(STEPS))

_LEGEND = 60  # signs of a text that tell which one it is


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When a command runs: ``at``, the moment entries are written, and ``today``, the day clocks are held against."""

    at: str
    today: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A step that was written: the case as it is now, and what is odd about it, but lawful."""

    case: Case = field(repr=False)
    due: tuple[Due, ...]
    warnings: tuple[Finding, ...]


def read_forms(data: bytes, step: str, source: str = "") -> list[Document]:
    """Read what was typed or handed in; only ``create`` takes more than one form.

    Raises:
        InvalidForm: with the place of everything that is wrong.
    """
    try:
        documents = codec.read_forms(data)
    except InvalidForm as invalid:
        raise InvalidForm(findings=invalid.findings, step=step, source=source) from None
    if step != CREATE and len(documents) > 1:
        line, column = documents[1].marks[()]
        extra = Finding(message=N_("one form only; a stream of them is for 'create'"), line=line, column=column)
        raise InvalidForm(findings=[extra], step=step, source=source)
    return documents


def open_concerns(desk: Workspace, documents: Sequence[Document], moment: Moment, source: str = "") -> list[Taken]:
    """Write one new case a form, all of them or none.

    Raises:
        InvalidForm: with the place of everything that is wrong in any of them.
        BallerupError: the store cannot be read or written.
    """
    with writing(desk.store):
        bodies = _sound(desk, CREATE, None, documents, moment, source)
        numbers = _free_numbers(desk, [str(body["received"])[:4] for body in bodies])
        numbered = zip(numbers, bodies, strict=True)
        taken = [_taken(desk, CREATE, Case(number=number), body, moment) for number, body in numbered]
        commit(desk.store, [_change(item) for item in taken], at=moment.at)
    return taken


def take(desk: Workspace, step: str, number: str, document: Document, moment: Moment, source: str = "") -> Taken:
    """Write the next step of a case.

    Raises:
        UnknownCase, IllegalStep, InvalidForm: the request cannot be done.
        BallerupError: the store cannot be read or written.
    """
    with writing(desk.store):
        case = open_case(desk, number)
        permit(step, case, {})  # before anything is said about the form: it may be the wrong one
        (body,) = _sound(desk, step, case, [document], moment, source)
        taken = _taken(desk, step, case, body, moment)
        commit(desk.store, [_change(taken)], at=moment.at)
    return taken


def open_case(desk: Workspace, number: str) -> Case:
    """Return a case, folded from its whole journal.

    Raises:
        UnknownCase: there is none of that number.
        RecordBreaksSchema: one of its entries is signed, but not what the case flow or the form allows.
        BallerupError: its journal is missing, damaged or forged.
    """
    if number not in desk.store.cases():
        raise UnknownCase(case=number, nearest=_nearest(desk, number))
    entries = desk.store.entries(case_journal(number))
    try:
        return fold(number, entries)
    except IllegalStep as refusal:
        entry = refusal.facts["entry"]
    except (AttributeError, KeyError, TypeError, ValueError):
        entry = next((told.number for told in entries if schema.check(told.step, told.body)), len(entries))
    raise RecordBreaksSchema(file=file_of(case_journal(number)), entry=entry)


def find_number(desk: Workspace, typed: str) -> str:
    """Return the exact number for ``7`` (the newest case of that serial) or ``2026-7``.

    Raises:
        UnknownCase: no case answers to it.
    """
    year, _, serial = typed.rpartition("-")
    ending = f"-{int(serial):04d}"
    fitting = [case for case in desk.store.cases() if case.endswith(ending) and case.startswith(year)]
    if not fitting:
        raise UnknownCase(case=typed, nearest=_nearest(desk, f"{year or '0000'}{ending}"))
    return fitting[-1]


def cases(desk: Workspace) -> Iterator[Case]:
    """Give all cases, by number.

    Raises:
        BallerupError: one is missing, damaged or forged; nothing is skipped silently.
    """
    return (open_case(desk, number) for number in desk.store.cases())


def rows(desk: Workspace, filters: Mapping[str, str | None]) -> list[dict[str, str | None]]:
    """Return the lines of ``list`` that agree with every filter that is set."""
    wanted = {name: value for name, value in filters.items() if value is not None}
    lines = [row(case, desk.pladen, _next_due(desk, case)) for case in cases(desk)]
    return [line for line in lines if all(line[name] == value for name, value in wanted.items())]


def sheet(desk: Workspace, case: Case) -> dict[str, Any]:
    """Return the case sheet of ``show``."""
    return case.to_dict([{"clock": item.clock, "due": item.due} for item in clocks(desk, case)])


def clocks(desk: Workspace, case: Case) -> tuple[Due, ...]:
    """Return what is due in a case."""
    return due_on(case, desk.settings, Calendar(desk.settings))


def known(desk: Workspace, step: str, number: str | None, moment: Moment) -> Body:
    """Return what is already known of a step's form.

    Raises:
        IllegalStep: the case does not allow the step.
    """
    case = Case(number="") if number is None else open_case(desk, number)
    permit(step, case, {})
    return STEPS[step].known(case, moment.at, desk.settings)


def legend(desk: Workspace, number: str | None, language: str) -> list[str]:
    """Return one short line for each number of a case that a form may refer to: what is observation 1?"""
    case = Case(number="") if number is None else open_case(desk, number)
    lines = [
        (kind, item["number"], item.get("text") or desk.vocabulary.label("measure", item["measure"], language))
        for kind, items in answerable(case).items()
        for item in items
    ]
    return [f"{kind} {serial}: {shorten(text, _LEGEND, placeholder=' …')}" for kind, serial, text in lines]


def check_form(desk: Workspace, step: str, number: str | None, text: str, moment: Moment) -> list[Finding]:
    """Return everything that is wrong with a form as typed, with line and column; nothing is written.

    A step the case does not allow any more is a finding too: the form comes back, and no text is lost.
    """
    case = None if number is None else open_case(desk, number)
    try:
        documents = read_forms(text.encode(), step)
        _sound(desk, step, case, documents, moment)
    except InvalidForm as invalid:
        return list(invalid.findings)
    except IllegalStep as refusal:
        refused = Finding(message=refusal.message, path=("gate",), facts=refusal.facts)
        return [replace(schema.place(documents[0], refused), path=())]
    return []


def _sound(
    desk: Workspace, step: str, case: Case | None, documents: Sequence[Document], moment: Moment, source: str = ""
) -> list[Body]:
    """Return the settled bodies of forms that break no rule."""
    permit(step, case, {})  # what cannot be done now need not be filled in correctly
    settled = [schema.settle_form(step, document) for document in documents]
    findings: list[Finding] = []
    for number, document in enumerate(settled, 1):
        found = schema.check(step, document.value)
        if not found:
            permit(step, case, document.value)
            found = breaches(step, case, document.value, _context(desk, moment))
        stream = number if len(settled) > 1 else None
        findings += [replace(schema.place(document, finding), document=stream) for finding in found]
    if findings:
        in_order = sorted(findings, key=lambda found: (found.document or 0, found.line or 0, found.column or 0))
        raise InvalidForm(findings=in_order, step=step, source=source)
    return [document.value for document in settled]


def _context(desk: Workspace, moment: Moment, namesakes: tuple[str, ...] = ()) -> Context:
    today = moment.today.isoformat()
    names = desk.settings["authorities"]
    networks = tuple(names[network][language] for network in ("network", "pladen") for language in ("da", "en"))
    return Context(pladen=desk.pladen, vocabulary=desk.vocabulary, today=today, networks=networks, namesakes=namesakes)


def _taken(desk: Workspace, step: str, case: Case, body: Body, moment: Moment) -> Taken:
    entry = Entry(number=len(case.entries) + 1, step=step, at=moment.at, by=desk.store.me.name, body=body)
    namesakes = _namesakes(desk, body["subject"]) if step == CREATE else ()
    after = advance(case, entry)
    odd = oddities(step, case, body, _context(desk, moment, namesakes))
    return Taken(case=after, due=clocks(desk, after), warnings=tuple(odd))


def _namesakes(desk: Workspace, subject: Body) -> tuple[str, ...]:
    name = subject.get("name", "").casefold()
    subjects = ((case.number, case.intake["subject"].get("name", "")) for case in cases(desk)) if name else ()
    return tuple(number for number, other in subjects if other.casefold() == name)


def _change(taken: Taken) -> Change:
    entry = taken.case.entries[-1]
    draft = Draft(step=entry.step, at=entry.at, body=entry.body)
    due = tuple((item.clock, item.due, item.about) for item in taken.due)
    return Change(journal=case_journal(taken.case.number), drafts=[draft], state=taken.case.state, due=due)


def _free_numbers(desk: Workspace, years: Sequence[str]) -> list[str]:
    following = dict(desk.store.next_serials())
    numbers = []
    for year in years:
        serial = following.get(year, 1)
        following[year] = serial + 1
        numbers.append(f"{year}-{serial:04d}")
    return numbers


def _nearest(desk: Workspace, number: str) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(number, desk.store.cases(), n=3, cutoff=0))


def _next_due(desk: Workspace, case: Case) -> str | None:
    return min((item.due for item in clocks(desk, case)), default=None)
