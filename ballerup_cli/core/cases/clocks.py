"""What is due on a case, and when: every clock that lives on a case is a row of one table.

Lengths are settings; the clocks of the network, the preparedness plan and the store's care live elsewhere. A deadline
is counted anew from the entries each time, so it moves with its anchor. A clock that waits in a state counts from the
day the case came into it, by a reopening too; whatever was not done before a closing is due again after a reopening.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ballerup_cli.core.cases.case import GROWN, NOTICE_IS_FOR, Case, birthday
from ballerup_cli.core.cases.fold import plan_day
from ballerup_cli.core.cases.recipients import Recipient, head, recipients
from ballerup_cli.core.deadlines import Due, Settings
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.periods import Calendar, add
from ballerup_cli.values import value


@value
class Clock:
    """One row of the table.

    ``starts`` yields the days or moments the clock runs from, none while it does not run; ``stopped`` tells whether a
    deadline has been met; ``ends`` counts the deadline, by default by the length in the settings. ``step`` is the step
    by which the core group stops the clock, none where it can do nothing about it. ``after_closing`` tells whether it
    runs on once the case is closed.
    """

    name: str
    starts: Callable[[Case], Iterable[str]]
    stopped: Callable[[Case, str], bool] = lambda _case, _due: False
    ends: "Callable[[Clock, Case, str, Settings, Calendar], str]" = lambda *facts: _counted(*facts)
    after_closing: Callable[[Case], bool] = lambda _case: False
    step: str | None = None


def due_on(case: Case, settings: Settings, calendar: Calendar) -> tuple[Due, ...]:
    """Return everything that is due on the case, the nearest first, each deadline once."""
    running = [clock for clock in CLOCKS if case.state != "closed" or clock.after_closing(case)]
    found = {
        (due, clock.name)
        for clock in running
        for due in (clock.ends(clock, case, anchor, settings, calendar) for anchor in clock.starts(case))
        if not clock.stopped(case, due)
    }
    dues = [Due(clock=name, due=due) for due, name in found]
    dues += [*_asked(case, settings, calendar), *_to_be_told(case, settings, calendar)]
    return tuple(sorted(dues, key=lambda item: (item.due, item.clock, item.about or "")))


def unanswered(case: Case) -> tuple[str, ...]:
    """Return the names of the statutory clocks about a child that run, or would run on after a closing, unanswered."""
    if not _child_is_owed(case):
        return ()
    statutory = (clock for clock in CLOCKS if clock.after_closing is _child_is_owed)
    return tuple(clock.name for clock in statutory if any(clock.starts(case)) and not clock.stopped(case, ""))


# --- What runs on after a closing -------------------------------------------------------------------------------------


def _always(_: Case) -> bool:
    return True


def _while_somebody_is_there(case: Case) -> bool:
    """Nobody is left to inform of a case about somebody who died, or that was entered in error."""
    return (case.closing or {}).get("outcome") not in _NOBODY_THERE


def _child_is_owed(case: Case) -> bool:
    """What the law owes a child is owed until it is answered, whatever becomes of the case; an unknown age is one."""
    return case.under_18 and case.intake["subject"]["kind"] == "person" and _while_somebody_is_there(case)


_NOBODY_THERE = frozenset({"deceased", "entered-in-error"})


# --- How a deadline is counted ----------------------------------------------------------------------------------------


def _counted(clock: Clock, _: Case, anchor: str, settings: Settings, calendar: Calendar) -> str:
    period = settings["clocks"][clock.name]
    return anchor if period["unit"] == "as-set" else add(anchor, period, calendar)


def _counted_back(clock: Clock, case: Case, anchor: str, settings: Settings, calendar: Calendar) -> str:
    """Count back from an event, but never to a day before the concern was known."""
    return max(case.received_day, _counted(clock, case, anchor, settings, calendar))


def _reviewed(clock: Clock, case: Case, anchor: str, settings: Settings, calendar: Calendar) -> str:
    """Take the review date the exception names, else count."""
    review = _contacts(case, "exception")[-1].body.get("review")
    return str(review) if review else _counted(clock, case, anchor, settings, calendar)


def _retained(_: Clock, case: Case, anchor: str, settings: Settings, calendar: Calendar) -> str:
    """Take the last extension since the closing, else count by its rule; a child's record is looked at at eighteen.

    What is owed to a child is answered first: the deadline is no earlier than the last answer.

    The eighteenth birthday is no extension's business: what was kept on purpose is kept until the day that was set.
    """
    if extended := _extensions(case):
        return str(extended[-1].body["until"])
    answered = [str(entry.body["at"])[:10] for entry in _contacts(case, *_ANSWERS)] if _child_is_owed(case) else []
    rules = settings["retention"]
    rule = rules[retention_rule(case, settings)]
    due = add(anchor, rule.get("under_18", rule) if case.under_18_on(anchor) else rule, calendar)
    grown = [add(day, rules["turned-18"], calendar) for day in _birthday_18(case) if day > anchor]
    return max([min([due, *grown]), *answered])


_ANSWERS = ("notice", "notice-not-needed", "notice-assessed", "receipt")
"""What answers the statutory clocks about a child: a record goes no earlier than that."""


def _extensions(case: Case) -> list[Entry]:
    closing = case.closing or {}
    return [entry for entry in case.extensions if entry.number > closing["entry"]]


def retention_rule(case: Case, settings: Settings) -> str:
    """Name the rule of a closed case: by outcome, else by gate, else by gate and level of effort (settings).

    Where no gate was decided, an assessed case is kept like one whose plan ended, any other by a rule of its own.
    """
    closing = case.closing or {}
    gate = closing.get("gate") or closing.get("closed_before")
    names = (closing.get("outcome"), closing.get("gate"), f"{gate}-{case.tier}")
    usual = "other" if closing.get("gate") else "before-gate"
    return next((str(name) for name in names if name in settings["retention"]), usual)


# --- What starts with the receipt -------------------------------------------------------------------------------------


def _received(case: Case) -> Iterator[str]:
    yield case.intake["received"]


def _received_on_person(case: Case) -> Iterator[str]:
    """GDPR art. 14 is owed to a person; a group has no one to inform."""
    if case.intake["subject"]["kind"] == "person":
        yield from _received(case)


def _received_on_child(case: Case) -> Iterator[str]:
    """Barnets lov § 136 counts from the notice, whoever sent it, unless none was needed."""
    notice = case.notice
    if case.under_18 and notice is not None and notice["status"] != "not-needed":
        yield from _received(case)


def _received_from_somebody(case: Case) -> Iterator[str]:
    """Barnets lov § 137: who sent a notice is told that it arrived; who is anonymous cannot be."""
    if not _is_anonymous(case):
        yield from _received_on_child(case)


def _notice_pending(case: Case) -> Iterator[str]:
    if case.notice and case.notice["status"] == "pending":
        yield from _received(case)


def _is_anonymous(case: Case) -> bool:
    return bool(case.intake["referrer"].get("other") == "anonymous")


def _came_into(state: str) -> Callable[[Case], Iterable[str]]:
    """Run while the case is in ``state``: the next gate stops it."""
    return lambda case: (case.since,) if case.state == state else ()


# --- Plan and follow-up -----------------------------------------------------------------------------------------------


def _first_decision_on_child(case: Case) -> Iterator[str]:
    plans = case.written("plan")
    if plans and case.under_18_on(plan_day(plans[0])):
        yield plan_day(plans[0])


def _names_statutory_plan(case: Case, _: str) -> bool:
    return any("statutory_plan" in entry.body for entry in case.written("plan"))


def _waiting_measures(case: Case) -> Iterator[str]:
    for measure in case.measures:
        if measure["status"] == "not-started" and is_to_start(measure):
            yield measure["starts"]


def _first_start(case: Case) -> Iterator[str]:
    yield from sorted(measure["starts"] for measure in case.measures if is_to_start(measure))[:1]


def is_to_start(measure: Mapping[str, Any]) -> bool:
    """Tell whether a measure of the plan has a first day: what a visitation committee refused never begins."""
    return bool(measure["in_plan"] and "starts" in measure and measure.get("visitation") != "refused")


def _withdrawn(case: Case) -> Iterator[str]:
    """Run from the day a consent is withdrawn, until the plan is revised or the consent given anew."""
    if case.state == "planned" and case.withdrawn_consent:
        yield case.withdrawn_consent


def _followed_up(case: Case, _: str) -> bool:
    return bool(case.written("follow-up"))


def follow_up_date(case: Case) -> Iterator[str]:
    """Take the date that was set last: a follow-up held on or after the day of the plan sets the next one, or none."""
    held = reviews(case)
    last = held[-1].body if held else {}
    if date_set := last.get("next", last.get("follow_up")):
        yield date_set


def _evaluation_date(case: Case) -> Iterator[str]:
    """Go through the agreements: an evaluation settles the date, and may set the next."""
    agreed: str | None = None
    for entry in reviews(case):
        standing = None if "evaluated" in entry.body else agreed
        agreed = entry.body.get("evaluation", entry.body.get("next_evaluation", standing))
    if agreed:
        yield agreed


def reviews(case: Case) -> list[Entry]:
    """Return plans and follow-ups in the order of the days they were held, not of the days they were written.

    A plan that does not say when it was decided was decided before the follow-ups written after it.
    """
    followed = [(entry.body["held"], entry.number, entry) for entry in case.written("follow-up")]
    items = list(followed)
    for entry in case.written("plan"):
        later = [] if "decided" in entry.body else [held for held, number, _ in followed if number > entry.number]
        items.append((min([plan_day(entry), *later]), entry.number, entry))
    return [entry for *_, entry in sorted(items, key=lambda review: review[:2])]


# --- What contacts start and stop -------------------------------------------------------------------------------------


def _contacted(*about: str) -> Callable[[Case, str], bool]:
    """Stop with any contact about these matters."""
    return lambda case, _: bool(_contacts(case, *about))


def _exception(case: Case) -> Iterator[str]:
    """Run from the last exception, until the person is informed after all."""
    entries = _contacts(case, "exception", "information")
    if entries and entries[-1].body["about"] == "exception":
        yield entries[-1].body["at"]


def closed_for_referrer(case: Case) -> Iterator[str]:
    """Run from the closing when the referrer wants to hear how it ended and can be reached."""
    if case.closing and case.intake["referrer"].get("wants_feedback") and not _is_anonymous(case):
        yield case.closing["closed"]


def feedback_settled(case: Case, _: str) -> bool:
    """A contact counts from the day of this closing on; an earlier one told of something else."""
    closing = case.closing or {}
    settled: bool = closing.get("feedback", {}).get("status", "pending") != "pending"
    return settled or any(
        entry.number > closing["entry"] or entry.body["at"] >= closing["closed"]
        for entry in _contacts(case, "feedback")
    )


def _asked(case: Case, settings: Settings, calendar: Calendar) -> Iterator[Due]:
    """Give a deadline for each request that is not answered: the last extension of it, else counted from its day."""
    for request in open_requests(case):
        yield Due(clock=REQUEST, due=answer_by(request, settings, calendar), about=request["number"])
    answers = [_moment_of(entry) for entry in _contacts(case, "answer")]
    for contact in _contacts(case, REQUEST):  # noted as a contact alone, it must be answered all the same
        if not any(items > _moment_of(contact) for items in answers):
            yield Due(clock=REQUEST, due=add(contact.body["at"], settings["clocks"][REQUEST], calendar))


def open_requests(case: Case) -> list[dict[str, Any]]:
    """Return what is asked for and not answered yet, each with the day its answer was put off to, if it was."""
    opened: dict[str, dict[str, Any]] = {}
    for entry in case.entries:
        body = entry.body
        if entry.step == "request-open":
            opened[body["number"]] = {**body}
        elif entry.step == "request-decide" and "extended" in body and body["number"] in opened:
            opened[body["number"]]["until"] = body["extended"]["until"]
        elif entry.step == "request-answer":
            opened.pop(body["number"], None)
    return list(opened.values())


REQUEST, PARTY_ACCESS = "request", "party-access"


def answer_by(request: Mapping[str, Any], settings: Settings, calendar: Calendar) -> str:
    """Return the day by which a request is to be answered (GDPR art. 12(3); forvaltningsloven § 16)."""
    period = settings["clocks"][REQUEST]
    period = period["party_access"] if request["kind"] == PARTY_ACCESS else period
    return str(request["until"]) if "until" in request else add(request["received"][:10], period, calendar)


def _to_be_told(case: Case, settings: Settings, calendar: Calendar) -> Iterator[Due]:
    """Give a deadline for each recipient that has not heard of a correction or restriction yet (GDPR art. 19)."""
    for entry in case.entries:
        for _ in unheard(case, entry, settings):
            yield Due(clock=CORRECTION, due=add(entry.at[:10], settings["clocks"][CORRECTION], calendar))


CORRECTION = "correction"


def unheard(case: Case, entry: Entry, settings: Settings) -> list[Recipient]:
    """Return who had what an entry corrects or restricts, or is named in it, and has not been told since."""
    if entry.step not in ("correct", "restrict") or not entry.body.get("restricted", True):
        return []
    named = (Recipient(day=entry.at[:10], how="share", name=name) for name in entry.body.get("tell", ()))
    before = [recipient for recipient in recipients(case) if recipient.entry < entry.number]
    heard = set(_heard(case, entry.number))
    owed = {recipient.key: recipient for recipient in (*before, *named)}
    return [recipient for recipient in owed.values() if not heard & _spoken(recipient, settings)]


def _spoken(recipient: Recipient, settings: Settings) -> set[str]:
    """Give everything by which an entry may name a recipient."""
    return {recipient.key, recipient.function} - {""} | {
        head(name) for name in settings["authorities"].get(recipient.authority, {}).values()
    }


def _heard(case: Case, since: int) -> Iterator[str]:
    """Give by which names somebody heard after an entry: in a sharing, a contact, or the answer to a request."""
    for entry in (later for later in case.entries if later.number > since):
        if entry.step == "share" and entry.body["direction"] == "given":
            party = entry.body["party"]
            yield from (head(party["organisation"]), party.get("function", ""))
        if entry.step == "contact" and entry.body["about"] == CORRECTION:
            yield from (entry.body["with"], head(entry.body.get("organisation", "")))
        if entry.step == "request-answer":
            yield from (head(item["organisation"]) for item in entry.body.get("told", ()))


def _contacts(case: Case, *about: str) -> list[Entry]:
    """Return the contacts about these matters, with those whom they concern, in the order they took place."""
    found = (entry for entry in case.written("contact") if entry.body["about"] in about and reaches(case, entry.body))
    return sorted(found, key=_moment_of)


def reaches(case: Case, contact: Body) -> bool:
    """Tell whether a contact was with somebody it can settle its matter with: who is informed, thanked or told."""
    match contact["about"]:
        case "information":
            return contact["with"] in _PERSON
        case "notice":
            return contact["with"] in NOTICE_IS_FOR
        case "receipt" | "feedback":
            return contact["with"] in {"referrer", "other", _REFERRER_IS.get(case.intake["referrer"].get("other"))}
        case _:
            return True


_PERSON = frozenset({"subject", "guardians"})
_REFERRER_IS = {"self": "subject", "relative": "guardians", "police": "police", "authority": "child-services"}
"""As whom else a contact may name the referrer."""


def _moment_of(entry: Entry) -> tuple[datetime, int]:
    """Order contacts by moment; moments on both sides of a clock change do not sort as text."""
    return datetime.fromisoformat(entry.body["at"]), entry.number


# --- What comes by itself ---------------------------------------------------------------------------------------------


def _closed(case: Case) -> Iterator[str]:
    if case.closing:
        yield case.closing["closed"]


def _birthday_18(case: Case) -> Iterator[str]:
    if case.born and case.under_18:
        yield birthday(case.born, GROWN)


def _release(case: Case) -> Iterator[str]:
    release = case.intake["subject"].get("release")
    if release and release >= case.received_day:
        yield release


def _looked_at(case: Case, due: str) -> bool:
    """Stop with a plan or a note on or after the deadline."""
    days = [plan_day(entry) for entry in case.written("plan")]
    days += [entry.body.get("when", entry.at)[:10] for entry in case.written("note")]
    return any(day >= due for day in days)


CLOCKS: tuple[Clock, ...] = (
    Clock(
        name="child-assessment",
        starts=_received_on_child,
        stopped=_contacted("notice-assessed"),
        after_closing=_child_is_owed,
    ),
    Clock(
        name="receipt",
        starts=_received_from_somebody,
        stopped=_contacted("receipt"),
        after_closing=_child_is_owed,
    ),
    Clock(name="notice", starts=_notice_pending, after_closing=_child_is_owed),
    Clock(name="police-answer", starts=_came_into("received"), step="triage"),
    Clock(name="joint-talk", starts=_came_into("screened"), step="triage"),
    Clock(name="core-group", starts=_came_into("accepted"), step="assess"),
    Clock(name="plan", starts=_came_into("assessed"), step="plan"),
    Clock(name="child-plan", starts=_first_decision_on_child, stopped=_names_statutory_plan, step="plan"),
    Clock(name="consent", starts=_withdrawn, step="plan"),
    Clock(name="measure-start", starts=_waiting_measures, step="follow-up"),
    Clock(name="first-follow-up", starts=_first_start, stopped=_followed_up, step="follow-up"),
    Clock(name="follow-up", starts=follow_up_date, step="follow-up"),
    Clock(name="evaluation", starts=_evaluation_date, step="follow-up"),
    Clock(
        name="information",
        starts=_received_on_person,
        stopped=_contacted("information", "exception"),
        after_closing=_while_somebody_is_there,
    ),
    Clock(name="exception-review", starts=_exception, ends=_reviewed, after_closing=_while_somebody_is_there),
    Clock(name="feedback", starts=closed_for_referrer, stopped=feedback_settled, after_closing=_always),
    Clock(name="retention", starts=_closed, ends=_retained, after_closing=_always),
    Clock(name="turns-18", starts=_birthday_18, stopped=_looked_at, ends=_counted_back, step="note"),
    Clock(name="release", starts=_release, stopped=_looked_at, ends=_counted_back, step="note"),
)
"""Every clock of a case, in the order of the case flow."""

OWED_TO_A_CHILD = tuple(clock.name for clock in CLOCKS if clock.after_closing is _child_is_owed)
"""The statutory clocks about a child."""
