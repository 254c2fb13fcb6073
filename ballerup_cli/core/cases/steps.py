"""THE table of steps: when each is legal, what it does to a case, and what its form must not and should not say.

A step's name is the name of its command, its schema and its form. Nothing else in the house knows the list of steps.
An assessment is made once from ``accepted``: what is learnt later comes with follow-ups, and only a case reopened after
gate C is assessed again.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ballerup_cli.core.cases import fold as folds
from ballerup_cli.core.cases import oddities as odd
from ballerup_cli.core.cases import prefill, rules
from ballerup_cli.core.cases.amend import CORRECT, REDACT, UNDO, amended, undone, whole
from ballerup_cli.core.cases.case import NEXT_GATE, UNREADABLE, Case
from ballerup_cli.core.cases.prefill import Known
from ballerup_cli.core.cases.rules import Context, Draft, Rule
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.errors import N_, Finding, IllegalStepError, RestrictedError, WrongGateError
from ballerup_cli.values import value

OPEN = frozenset(NEXT_GATE)
ANY = OPEN | {"closed"}


@value
class Step:
    """One row of the table; ``happened`` names the field that says when it happened, if the form has one."""

    name: str
    help: str
    states: frozenset[str]
    fold: Callable[[Case, Entry], Case]
    known: Known = prefill.nothing
    happened: str | None = None
    amends: bool = False
    """Whether it changes what another entry of the case says."""
    works: bool = False
    """Whether it works on the case and not only keeps it: not while processing is restricted (GDPR art. 18)."""
    commanded: bool = True
    """Whether it has a command of its own name; else another command writes it."""
    rules: tuple[Rule, ...] = ()
    oddities: tuple[Rule, ...] = ()


CLOSES = (rules.heir_may_know, rules.answered_exist, rules.unfounded_is_refuted)
"""The rules of every step that can close a case."""

STEPS: Mapping[str, Step] = {
    step.name: step
    for step in (
        Step(
            name="create",
            help=N_("Write down a new concern; prints its number."),
            known=prefill.intake,
            states=frozenset({""}),
            fold=folds.receive,
            happened="received",
            rules=(rules.members_are_current, rules.shield_leaves_a_coordinator),
            oddities=(
                odd.happened_in_time,
                odd.shield_keeps_its_keeper,
                odd.notice_is_answered,
                odd.person_is_new,
                odd.related_are_there,
                odd.age_band_fits,
                odd.address_stays_protected,
                odd.cpr_fits,
            ),
        ),
        Step(
            name="triage",
            help=N_("Take the next gate: the police's answer, then the joint decision."),
            known=prefill.triage,
            states=frozenset({"received", "screened"}),
            works=True,
            fold=folds.triage,
            happened="decided",
            rules=(rules.checked_exist, *CLOSES),
            oddities=(
                odd.happened_in_time,
                odd.right_ones_decide,
                odd.disclosure_is_written,
                odd.notice_is_asked_again,
                odd.child_is_answered,
            ),
        ),
        Step(
            name="assess",
            help=N_("Write down the core group's analysis and assessment."),
            known=prefill.assess,
            states=frozenset({"accepted"}),
            works=True,
            fold=folds.assess,
            happened="held",
            rules=(rules.checked_exist, rules.cited_stand, rules.persons_only, *CLOSES),
            oddities=(odd.happened_in_time, odd.core_group_assesses, odd.subject_is_heard, odd.child_is_answered),
        ),
        Step(
            name="plan",
            help=N_("Start the case plan with its measures, or revise it."),
            known=prefill.plan,
            states=frozenset({"assessed", "planned"}),
            works=True,
            fold=folds.plan,
            happened="decided",
            rules=(rules.coordinator_stays, rules.exception_has_its_provision),
            oddities=(
                odd.happened_in_time,
                odd.authority_decides,
                odd.catalogue_fits,
                odd.party_is_heard,
                odd.measures_end_later,
                odd.next_lies_ahead,
            ),
        ),
        Step(
            name="follow-up",
            help=N_("Write down how the measures go, and when to look again."),
            known=prefill.follow_up,
            states=frozenset({"planned"}),
            works=True,
            fold=folds.follow_up,
            happened="held",
            rules=(rules.checked_exist, rules.followed_exist, rules.raising_is_proportionate),
            oddities=(odd.happened_in_time, odd.next_lies_ahead, odd.sessions_only_grow),
        ),
        Step(
            name="close",
            help=N_("Close the case and answer what once was raised."),
            known=prefill.close,
            works=True,
            states=OPEN,
            fold=folds.close,
            happened="closed",
            rules=CLOSES,
            oddities=(odd.happened_in_time, odd.notice_is_asked_again, odd.child_is_answered, odd.all_is_answered),
        ),
        Step(
            name="reopen",
            help=N_("Take a closed case back to where it was."),
            states=frozenset({"closed"}),
            fold=folds.reopen,
        ),
        Step(
            name="extend",
            help=N_("Keep a closed case longer than its retention says, for a necessity written down."),
            states=frozenset({"closed"}),
            fold=folds.keep,
            rules=(rules.third_extension_has_a_second_person,),
            oddities=(odd.extension_lies_ahead, odd.third_extension_is_confirmed),
        ),
        Step(
            name="confirm",
            help=N_("Confirm the third extension that another member wrote; it counts from then on."),
            states=frozenset({"closed"}),
            known=prefill.confirm,
            fold=folds.keep,
            rules=(rules.another_confirms,),
        ),
        Step(
            name="note",
            help=N_("Keep a note, new observations, or what became of old ones."),
            states=ANY,
            fold=folds.note,
            happened="when",
            rules=(rules.checked_exist,),
            oddities=(odd.happened_in_time,),
        ),
        Step(
            name="contact",
            help=N_("Keep a contact: notice, receipt, information, consent, feedback."),
            states=ANY,
            fold=folds.keep,
            happened="at",
            oddities=(odd.happened_in_time, odd.silence_has_its_reason, odd.contact_settles),
        ),
        Step(
            name="share",
            help=N_("Keep what was given to, received from or refused to another authority (§ 115)."),
            known=prefill.share,
            states=ANY,
            works=True,
            fold=folds.keep,
            happened="date",
            rules=(rules.party_may_know,),
            oddities=(odd.happened_in_time, odd.party_is_in_the_cooperation),
        ),
        Step(
            name="correct",
            help=N_("Correct what an entry says; the old text is kept, struck, and never used again."),
            states=ANY,
            fold=folds.keep,
            known=prefill.correct,
            amends=True,
            rules=(rules.amended_exists, rules.numbers_stay, rules.shield_stands),
        ),
        Step(
            name="undo",
            help=N_("Undo the last entry of a case, if it is your own; it is kept, struck."),
            states=ANY,
            fold=folds.keep,
            amends=True,
            rules=(rules.last_is_own,),
        ),
        Step(
            name="restrict",
            help=N_("Restrict a case to being kept, or lift the restriction."),
            states=ANY,
            fold=folds.keep,
            oddities=(odd.lifting_is_told,),
        ),
        Step(
            name="shield",
            help=N_("Shield a case: only the members you name open it from then on; or lift the shield."),
            states=ANY,
            fold=folds.keep,
            rules=(rules.shield_leaves_a_coordinator,),
            oddities=(odd.shield_keeps_its_keeper,),
        ),
        Step(
            name="redact",
            help=N_("Take a text out of an entry for good; that something was taken out stays to be seen."),
            states=ANY,
            fold=folds.keep,
            amends=True,
            rules=(rules.amended_exists, rules.redaction_stays, rules.shield_stands),
        ),
        Step(
            name="link",
            help=N_("Link a case to others about the same person or group; they name each other from then on."),
            states=ANY,
            fold=folds.keep,
            rules=(rules.related_exist, rules.duplicate_is_another),
        ),
        Step(
            name="hand-over",
            help=N_("Hand a case over to another coordinator, who answers for it from then on."),
            states=ANY,
            fold=folds.keep,
            rules=(rules.heir_can_answer,),
        ),
        Step(
            name="request-open",
            help=N_("Write down that somebody uses a right: access, correction, erasure; prints its number."),
            states=ANY,
            fold=folds.keep,
            commanded=False,
        ),
        Step(
            name="request-decide",
            help=N_("Decide passage by passage what is given, or that the answer takes longer."),
            states=ANY,
            fold=folds.keep,
            commanded=False,
        ),
        Step(
            name="request-answer",
            help=N_("Write down the answer; its clock stops, and what it held up may go on."),
            states=ANY,
            fold=folds.keep,
            commanded=False,
        ),
    )
}


def possible(case: Case | None) -> tuple[str, ...]:
    """Return the names of the steps that are legal now and have a command of their name."""
    state = case.state if case else ""
    return tuple(step.name for step in STEPS.values() if step.commanded and state in step.states)


def permit(name: str, case: Case | None, body: Body) -> None:
    """Let a step through that the case flow allows now, and refuse any other.

    Raises:
        IllegalStepError: the state does not allow the step.
        WrongGateError: the form is for another gate than the next one.
    """
    if name in KEPT:
        return
    case = case or Case(number="")
    facts = {"case": case.number, "step": name, "state": case.state, "possible": possible(case)}
    if name not in STEPS or case.state not in STEPS[name].states:
        raise IllegalStepError(**facts)
    if case.restricted and STEPS[name].works and not _tells_of_it(name, body):
        raise RestrictedError(**facts)
    expected = NEXT_GATE.get(case.state)
    if body.get("gate", expected) != expected:
        raise WrongGateError(**facts, gate=body["gate"], next=expected)


RESTORED = "restored"
"""What says that a case was brought back from a copy."""
KEPT = frozenset({UNREADABLE, RESTORED})
"""Entries that are no step of the case flow: they change nothing."""


def fold_sound(number: str, entries: Sequence[Entry], is_sound: Callable[[Entry], bool]) -> tuple[Case, list[int]]:
    """Add up the entries that make sense where they stand; return the case, and the numbers of those that do not.

    What makes no sense has no effect, whoever signed it; it keeps its number, and is there for nobody to read.
    """
    case, nonsense = Case(number=number), list[int]()
    for entry in entries:
        try:
            if entry.step == UNREADABLE or not is_sound(entry) or not _is_about_something(entry):
                raise ValueError
            permit(entry.step, case, entry.body)
            case = advance(case, entry)
        except (IllegalStepError, AttributeError, ArithmeticError, LookupError, TypeError, ValueError):
            nonsense.append(entry.number)
            void = replace(entry, step=UNREADABLE, body={})
            case = replace(case, originals=(*case.originals, void))
    return case, nonsense


def _is_about_something(entry: Entry) -> bool:
    """Tell whether what amends another entry names one before it."""
    return entry.step not in (CORRECT, REDACT) or 1 <= entry.body["entry"] < entry.number


def _tells_of_it(name: str, body: Body) -> bool:
    """Whoever has the information is told that it may only be kept (GDPR art. 19): nothing else is shared then."""
    return name == "share" and (not body or bool(re.search(r"\b19\b", body.get("provision", ""))))


def fold(number: str, entries: Sequence[Entry]) -> Case:
    """Add up the entries of one case, in order.

    Raises:
        IllegalStepError: an entry the case flow does not allow where it stands; the fact ``entry`` is its number.
    """
    case = Case(number=number)
    for entry in entries:
        try:
            permit(entry.step, case, entry.body)
        except IllegalStepError as refusal:
            refusal.facts["entry"] = entry.number
            raise
        case = advance(case, entry)
    return case


def advance(case: Case, entry: Entry) -> Case:
    """Return the case with one more entry, already permitted.

    Raises:
        IllegalStepError: it amends an entry so that a later one would not have been possible.
    """
    case = replace(case, originals=(*case.originals, entry))
    return _anew(case) if entry.step in (CORRECT, UNDO) else follow(case, entry)


def follow(case: Case, entry: Entry) -> Case:
    """Return the case with one more entry, whose own words are all that counts: it amends no other."""
    if entry.step == UNREADABLE:
        return case
    seen = replace(entry, body=whole(entry.body))
    if entry.step in KEPT:
        return replace(case, entries=(*case.entries, seen))
    return STEPS[entry.step].fold(replace(case, entries=(*case.entries, seen)), entry)


def _anew(case: Case) -> Case:
    """Fold the case anew, with what its entries correct in its place; what stood there is kept, struck."""
    anew, (entries, struck), gone = Case(number=case.number), amended(case.originals), undone(case.originals)
    for entry in entries:
        if entry.number in gone:
            anew = folds.undo(anew, entry)
        else:
            permit(entry.step, anew, entry.body)
            anew = follow(anew, entry)
    return replace(anew, originals=case.originals, struck=tuple(struck))


def before(case: Case, number: int) -> Case:
    """Return the case as it was when an entry was written, with what is known by now of the entries before it."""
    early, gone = Case(number=case.number), undone(case.originals)
    for entry in amended(case.originals)[0][: number - 1]:
        early = folds.undo(early, entry) if entry.number in gone else follow(early, entry)
    return replace(early, originals=case.originals[: number - 1])


def breaches(name: str, case: Case | None, body: Body, context: Context) -> list[Finding]:
    """Find what the form must not say; it is permitted and its schema is satisfied."""
    draft = _draft(name, case, body, context)
    return [finding for rule in STEPS[name].rules for finding in rule(draft)]


def oddities(name: str, case: Case | None, body: Body, context: Context) -> list[Finding]:
    """Find what is odd but lawful in a form without breaches."""
    draft = _draft(name, case, body, context)
    return [finding for rule in STEPS[name].oddities for finding in rule(draft)]


def _draft(name: str, case: Case | None, body: Body, context: Context) -> Draft:
    """Return the case before and after the step, as if it were written today."""
    known = case or Case(number="")
    entry = Entry(number=len(known.originals) + 1, step=name, at=context.today, by="", body=body)
    happened = body.get(STEPS[name].happened or "")
    after = known if STEPS[name].amends else advance(known, entry)  # what is amended may not be there
    return Draft(before=known, after=after, body=body, happened=happened[:10] if happened else None, context=context)
