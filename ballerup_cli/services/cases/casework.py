"""Work on concerns: open them, take the next step, look at one, list them, say what is due.

Which step is legal and what it does is ``core``'s; where records live is ``storage``'s; here they meet.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from textwrap import shorten
from typing import Any

from ballerup_cli.core.cases.amend import CORRECT, REDACT
from ballerup_cli.core.cases.case import Case, Item, named_by, shield_of
from ballerup_cli.core.cases.oddities import telling
from ballerup_cli.core.cases.prefill import part_of
from ballerup_cli.core.cases.rules import Context, answerable
from ballerup_cli.core.cases.steps import STEPS, breaches, oddities, permit
from ballerup_cli.core.deadlines import Due
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.errors import Finding, IllegalStepError, InvalidFormError, ManyCasesError, MovedOnError
from ballerup_cli.services.cases import amending
from ballerup_cli.services.cases.amending import Written
from ballerup_cli.services.forms import pipeline, understanding
from ballerup_cli.services.forms.pipeline import CREATE
from ballerup_cli.services.forms.reading import reader
from ballerup_cli.services.forms.understanding import Reader
from ballerup_cli.services.store import records
from ballerup_cli.services.store.index import cases_told, purge
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft, readers_line
from ballerup_cli.storage.store.members import READERS, RECOVERY
from ballerup_cli.storage.store.store import case_journal
from ballerup_cli.storage.text import schema
from ballerup_cli.storage.text.codec import Document
from ballerup_cli.values import value

LINK = "link"
HAND_OVER = "hand-over"
CONFIRM = "confirm"
COORDINATORS = frozenset({"coordinator"})

KnownBefore = Mapping[tuple[str, str], Sequence[str]]

MANY = 3  # existing cases that one command changes without being asked twice

_LEGEND = 60  # signs of a text that tell which one it is


@value
class StepResult:
    """A step that was written: the case as it is now, and what is odd about it, but lawful."""

    case: Case = field(repr=False)
    written: tuple[Written, ...] = field(repr=False)
    due: tuple[Due, ...]
    warnings: tuple[Finding, ...]


@value
class Form:
    """A form that was handed in: its step and its case, none for a new concern."""

    step: str
    number: str | None
    document: Document = field(repr=False)


def read_forms(data: bytes, step: str, source: str = "", body: Body | None = None) -> list[Document]:
    """Read what was typed or handed in; ``told`` stands in each form that does not say otherwise.

    Raises:
        InvalidFormError: with the place of everything that is wrong.
    """
    return [_completed(step, document, body or {}) for document in pipeline.read(step, data, source)]


def _completed(step: str, document: Document, body: Body) -> Document:
    if not body or not isinstance(document.value, Mapping):
        return document
    typed = {understanding.code_of(step, (), name) for name in document.value}
    left = {name: value for name, value in body.items() if name not in typed}
    return replace(document, value={**left, **document.value})


def open_concerns(
    workspace: Workspace,
    documents: Sequence[Document],
    moment: Moment,
    source: str = "",
    *,
    agreed: bool = False,
    still: Callable[[], bool] = lambda: True,
) -> list[StepResult]:
    """Write one new case a form, all of them or none; cases they name are told of them.

    Raises:
        InvalidFormError: with the place of everything that is wrong in any of them.
        ManyCasesError: more existing cases would change than may without ``agreed``.
        BallerupError: the store cannot be read or written.
    """
    with writing(workspace.store):
        _refuse_unless(still)
        forms = [Form(step=CREATE, number=None, document=document) for document in documents]
        bodies = [body for _, body in _sound(workspace, forms, moment, source)]
        numbers = _free_numbers(workspace, [str(body["received"])[:4] for body in bodies])
        numbered = dict(zip(numbers, bodies, strict=True))
        earlier = _known_before(workspace, numbered)
        taken = [
            result_of(workspace, CREATE, Case(number=number), body, moment, earlier)
            for number, body in numbered.items()
        ]
        write(workspace, taken, moment, agreed=agreed)
    return taken


def take(
    workspace: Workspace,
    step: str,
    number: str,
    document: Document,
    moment: Moment,
    source: str = "",
    *,
    agreed: bool = False,
) -> StepResult:
    """Write the next step of a case; cases it names are told of it.

    Raises:
        UnknownCaseError, IllegalStepError, InvalidFormError: the request cannot be done.
        ManyCasesError: more existing cases would change than may without ``agreed``.
        BallerupError: the store cannot be read or written.
    """
    (taken,) = take_many(workspace, [Form(step=step, number=number, document=document)], moment, source, agreed=agreed)
    return taken


def take_many(
    workspace: Workspace,
    forms: Sequence[Form],
    moment: Moment,
    source: str = "",
    *,
    agreed: bool = False,
    also: Sequence[Change] = (),
    still: Callable[[], bool] = lambda: True,
) -> list[StepResult]:
    """Write the next step of several cases, each in its own journal, and ``also`` with them: all of it or nothing.

    ``still`` is asked once nobody else can write any more: whether what was decided before still holds.

    A step that a case does not allow is a finding where there are several forms, so that it has a place.

    Raises:
        As ``take``.
    """
    with writing(workspace.store):
        _refuse_unless(still)
        sound = zip(forms, _sound(workspace, forms, moment, source), strict=True)
        taken = [result_of(workspace, form.step, case, body, moment) for form, (case, body) in sound]
        write(workspace, taken, moment, agreed=agreed, also=also)
    return taken


def confirm(workspace: Workspace, number: str, moment: Moment) -> StepResult:
    """Confirm the extension of a case's retention that waits for another member.

    Raises:
        As ``take``.
    """
    waiting = {"entry": 1, **known(workspace, CONFIRM, number, moment)}
    return take(workspace, CONFIRM, number, Document(value=waiting, marks={(): (1, 1)}), moment)


def inherited(workspace: Workspace, group: str) -> Body:
    """Return what a new case on one person of a group knows from the group's case.

    Raises:
        UnknownCaseError: there is none of that number.
    """
    return part_of(records.open_case(workspace, group))


def known(workspace: Workspace, step: str, number: str | None, moment: Moment) -> Body:
    """Return what is already known of a step's form.

    Raises:
        IllegalStepError: the case does not allow the step.
    """
    case = Case(number="") if number is None else records.open_case(workspace, number)
    permit(step, case, {})
    return STEPS[step].known(case, moment.at, workspace.settings)


def legend(workspace: Workspace, number: str | None, language: str) -> list[str]:
    """Return one short line for each number of a case that a form may refer to: what is observation 1?"""
    if number is None:
        return []
    return [
        f"{_POINT[language][kind]} {serial}: {text}" for (kind, serial), text in _texts(workspace, number, language)
    ]


def points(workspace: Workspace, number: str, language: str) -> dict[tuple[str, int], str]:
    """Return the text of each observation, risk and measure of a case, to be shown beside a question about it."""
    return {
        (kind, serial): f"{_POINT[language][kind].capitalize()} {serial}: {text}"
        for (kind, serial), text in _texts(workspace, number, language)
    }


def absent(workspace: Workspace, number: str) -> tuple[str, ...]:
    """Return the fields that have no place in a form of this case: a group has no view of its own."""
    is_group = records.open_case(workspace, number).intake["subject"]["kind"] == "group"
    return ("view_of_subject", "view_of_guardians") if is_group else ()


_POINT = {
    "da": {"observation": "iagttagelse", "risk": "risiko", "measure": "indsats"},
    "en": {"observation": "observation", "risk": "risk", "measure": "measure"},
}


def _texts(workspace: Workspace, number: str, language: str) -> Iterator[tuple[tuple[str, int], str]]:
    for kind, items in answerable(records.open_case(workspace, number)).items():
        for item in items:
            yield (kind, item["number"]), _reminder(workspace, kind, item, language)


def _reminder(workspace: Workspace, kind: str, item: Item, language: str) -> str:
    """Tell which one it is, and how it stands: an observation's status, a measure's sessions held and planned."""
    label = partial(workspace.vocabulary.label, lang=language)
    text = shorten(item.get("text") or label("measure", item["measure"]), _LEGEND, placeholder=" …")
    if kind == "measure":
        sessions = f"{item['sessions_held']}/{item.get('sessions_planned', '–')}"
        return f"{text} ({label('measure-status', item['status'])}, {sessions})"
    return f"{text} ({label('observation-status', item['status'])})" if "status" in item else text


def check_form(workspace: Workspace, step: str, number: str | None, text: str, moment: Moment) -> list[Finding]:
    """Return everything that is wrong with a form as typed, with line and column; nothing is written.

    A step the case does not allow any more is a finding too: the form comes back, and no text is lost.
    """
    try:
        documents = read_forms(text.encode(), step)
        _sound(workspace, [Form(step=step, number=number, document=document) for document in documents], moment)
    except InvalidFormError as invalid:
        return list(invalid.findings)
    except IllegalStepError as refusal:
        return [_refused(documents[0], refusal)]
    return []


def faults(workspace: Workspace, document: Document, moment: Moment) -> list[Finding]:
    """Return everything that is wrong with the form of a new concern, each at its place; nothing is written."""
    form = Form(step=CREATE, number=None, document=document)
    return pipeline.findings(lambda: _sound(workspace, [form], moment))


def _sound(workspace: Workspace, forms: Sequence[Form], moment: Moment, source: str = "") -> list[tuple[Case, Body]]:
    """Return the cases and the settled bodies of forms that break no rule."""
    sound: list[tuple[Case, Body]] = []
    found: list[tuple[int, Finding]] = []
    for serial, form in enumerate(forms, 1):
        case = Case(number="") if form.number is None else records.open_case(workspace, form.number)
        try:
            permit(form.step, case, {})  # what cannot be done now need not be filled in correctly
            document, wrong = _checked(workspace, form.step, case, form.document, moment)
        except IllegalStepError as refusal:
            if len(forms) == 1:
                raise
            document, wrong = form.document, [_refused(form.document, refusal)]
        found += [(serial, finding) for finding in wrong]
        sound.append((case, document.value))
    steps = {form.step for form in forms}
    pipeline.refuse(steps.pop() if len(steps) == 1 else "", found, len(forms), source)
    return sound


def _checked(
    workspace: Workspace, step: str, case: Case, document: Document, moment: Moment
) -> tuple[Document, list[Finding]]:
    """Return a form settled, and everything that is wrong with it."""
    reads = reader(workspace, moment)
    document, found = pipeline.judged(step, document, reader=reads, meant=partial(_pointing, step, case, reads))
    if found:
        return document, found
    permit(step, case, document.value)
    if step == CORRECT:
        document = replace(document, value=amending.settled(case, document.value))
    context = _context(workspace, moment)
    found = breaches(step, case, document.value, context)
    if not found and step in (CORRECT, REDACT):
        found = amending.faults(step, case, document.value, context)
    return document, [schema.place(document, finding) for finding in found]


def _pointing(step: str, case: Case, reads: Reader, document: Document) -> Document:
    """Return a correction or redaction whose field is named, and its new value written, in codes."""
    body: Any = document.value
    at = body.get("entry") if step in (CORRECT, REDACT) and isinstance(body, dict) else None
    if not isinstance(at, int) or not 1 <= at <= len(case.originals) or not isinstance(body.get("path"), str):
        return document
    form = case.originals[at - 1].step
    path = understanding.path_of(form, body["path"])
    steps = tuple(int(part) if part.isdecimal() else part for part in path.split("."))
    new = {"value": reads.value_of(form, steps, body["value"])} if "value" in body else {}
    return replace(document, value={**body, "path": path, **new})


def _refused(document: Document, refusal: IllegalStepError) -> Finding:
    finding = Finding(message=refusal.message, path=("gate",), facts=refusal.facts)
    return replace(schema.place(document, finding), path=())


def _context(workspace: Workspace, moment: Moment, earlier: KnownBefore | None = None) -> Context:
    names, roster = workspace.settings["authorities"], workspace.store.roster
    return Context(
        pladen=workspace.pladen,
        vocabulary=workspace.vocabulary,
        today=moment.today.isoformat(),
        networks=tuple(names[network][language] for network in ("network", "pladen") for language in ("da", "en")),
        coordinators=tuple(member.name for member in roster.current(COORDINATORS)),
        openers=tuple(member.name for member in roster.current(READERS) if member.role != RECOVERY),
        me=workspace.store.me.name,
        has_case=workspace.store.has,
        earlier=earlier or {},
    )


def result_of(
    workspace: Workspace, step: str, case: Case, body: Body, moment: Moment, earlier: KnownBefore | None = None
) -> StepResult:
    """Return what a sound form of a step makes of a case, to be written."""
    if step == CORRECT and body["entry"] == 1:
        earlier = _known_before(workspace, {case.number: amending.corrected_form(case, body)})
    entry = Entry(number=len(case.originals) + 1, step=step, at=moment.at, by=workspace.store.me.name, body=body)
    context = _context(workspace, moment, earlier)
    written = amending.entries_of(case, entry, context)
    odd = amending.odd(case, body, context) if step == CORRECT else oddities(step, case, body, context)
    return _result(workspace, case, written, odd)


def _result(workspace: Workspace, case: Case, written: Sequence[Written], odd: Iterable[Finding] = ()) -> StepResult:
    after = amending.after(case, written)
    due = records.clocks(workspace, after)
    return StepResult(case=after, written=tuple(written), due=due, warnings=tuple(odd))


def taken_out(workspace: Workspace, case: Case, number: int, reason: str, moment: Moment) -> StepResult:
    """Return a case without what one of its entries says, to be written."""
    body = {"entry": number, "path": next(iter(case.originals[number - 1].body)), "reason": reason}
    entry = Entry(number=len(case.originals) + 1, step=REDACT, at=moment.at, by=workspace.store.me.name, body=body)
    return _result(workspace, case, amending.taken_out(case, entry))


def _refuse_unless(still: Callable[[], bool]) -> None:
    if not still():
        raise MovedOnError


def rule_context(workspace: Workspace, moment: Moment) -> Context:
    """Return what rules may know when they look back: all cases by what tells whom they are about."""
    context = _context(workspace, moment, _by_telling(cases_told(workspace)))
    erased = workspace.store.register.erased
    return replace(context, has_case=lambda number: workspace.store.has(number) or number in erased, me="")


def _known_before(workspace: Workspace, new: Mapping[str, Body]) -> KnownBefore:
    """Return all cases, the new ones too, by what tells whom they are about; none are read when nothing new tells."""
    row = {number: telling(body["subject"]) for number, body in new.items()}
    return _by_telling(cases_told(workspace) | row if any(row.values()) else row)


def _by_telling(body: Mapping[str, Iterable[tuple[str, str]]]) -> KnownBefore:
    known: dict[tuple[str, str], list[str]] = {}
    for number, facts in body.items():
        for fact in facts:
            known.setdefault(fact, []).append(number)
    return known


def write(
    workspace: Workspace,
    taken: Sequence[StepResult],
    moment: Moment,
    *,
    agreed: bool = False,
    also: Sequence[Change] = (),
) -> None:
    """Commit the steps together with the references back that they bring about in other cases."""
    items = list(_referring_back(workspace, taken, moment))
    existing = sum(item.written[0].entry.number > 1 for item in (*taken, *items))
    if existing > MANY and not agreed:
        raise ManyCasesError(count=existing)
    changes = [*(_change(item) for item in (*taken, *items)), *also]
    commit(workspace.store, changes, at=moment.at)
    if any(draft.redacts for change in changes for draft in change.drafts):
        purge(workspace)


def _referring_back(workspace: Workspace, taken: Sequence[StepResult], moment: Moment) -> Iterator[StepResult]:
    """Link every case that is named to those that name it, unless it names them already."""
    written = {item.case.number: item.case for item in taken}
    naming: dict[str, list[str]] = {}
    for item in taken:
        named = item.written[-1].entry
        for number in item.case.related if named.step == CORRECT else named_by(named.body):
            naming.setdefault(number, []).append(item.case.number)
    for number in sorted(naming.keys() & set(workspace.store.readable())):
        case = written.get(number) or records.open_case(workspace, number)
        new = [other for other in naming[number] if other not in case.related]
        if new:
            yield result_of(workspace, LINK, case, {"related": new}, moment)


def _change(taken: StepResult) -> Change:
    due = tuple((item.clock, item.due, item.about) for item in taken.due)
    drafts = [_draft(items) for items in taken.written]
    return Change(journal=case_journal(taken.case.number), drafts=drafts, state=taken.case.state, due=due)


def _draft(items: Written) -> Draft:
    entry, shield = items.entry, shield_of(items.entry)
    readers = "" if shield is None else readers_line(shield.get("for", ()))
    return Draft(step=entry.step, at=entry.at, body=entry.body, redacts=items.redacts, readers=readers)


def _free_numbers(workspace: Workspace, years: Sequence[str]) -> list[str]:
    following = dict(workspace.store.next_serials())
    numbers = []
    for year in years:
        serial = following.get(year, 1)
        following[year] = serial + 1
        numbers.append(f"{year}-{serial:04d}")
    return numbers
