"""What is odd but lawful in a form: warned about when it is written and in ``check``, never refused.

The functions have the shape of ``rules.Rule``.
"""

from collections.abc import Iterator

from ballerup_cli.core.cases.clocks import reaches, unanswered
from ballerup_cli.core.cases.rules import ACCURACY, NEED, OWN, Draft, answerable, confirmers, rule, shielding, waits
from ballerup_cli.core.entry import Body
from ballerup_cli.core.same import born_of, fold
from ballerup_cli.errors import N_, Finding


@rule(OWN, remedy="correct")
def happened_in_time(draft: Draft) -> Iterator[Finding]:
    """Nothing happens before the concern was received, nor after today."""
    if draft.happened is None:
        return
    if draft.happened > draft.context.today:
        yield Finding(message=N_("dated in the future"))
    if draft.before.entries and draft.happened < draft.before.received_day:
        yield Finding(message=N_("dated before the concern was received"))


@rule(NEED)
def shield_keeps_its_keeper(draft: Draft) -> Iterator[Finding]:
    """Whoever shields a case from himself cannot take that back, and whoever answers for it should open it."""
    items, path = shielding(draft.body)
    me = draft.context.me
    if not items or not me:
        return
    if me not in items:
        yield Finding(message=N_("you do not open this case any more"), path=path)
    if draft.before.entries and draft.before.responsible not in {me, *items}:
        yield Finding(message=N_("who answers for the case does not open it any more"), path=path)


@rule(N_("action plan: the case flow says who decides at each gate"), remedy="correct")
def right_ones_decide(draft: Draft) -> Iterator[Finding]:
    """The police decide at gate A, coordinator and police at B, the core group at C, persons with authority on a plan.

    Who answered at gate A goes without saying, and is held against the plan only where it is said.
    """
    here = draft.body.get("participants", ())
    if draft.body.get("gate") == "police" and here and not any(map(_is_police, here)):
        yield Finding(message=N_("decided without the police, whose gate it is"), path=("participants",))
    if draft.body.get("gate") == "joint":
        if not any(map(_is_police, here)):
            yield Finding(message=N_("a joint decision, and the police are not among them"), path=("participants",))
        if not any(_is(person, "tovholder") for person in here):
            message = N_("a joint decision, and the municipal coordinator is not among them")
            yield Finding(message=message, path=("participants",))


@rule(N_("action plan: the case flow says who decides at each gate"), remedy="correct")
def core_group_assesses(draft: Draft) -> Iterator[Finding]:
    """The core group analyses and assesses; those invited for what they know are there beside it."""
    if not any(person["role"] == "core-group" for person in draft.body["participants"]):
        yield Finding(message=N_("an assessment, and nobody of the core group took part"), path=("participants",))


@rule(N_("action plan: the case flow says who decides at each gate"), remedy="correct")
def authority_decides(draft: Draft) -> Iterator[Finding]:
    """A plan is decided by persons with authority; a function in words of one's own may have it."""
    functions = draft.context.vocabulary.lists["function"]
    items = [person["function"] for person in draft.body["decided_by"]]
    if not any(term.get("authority") for term in functions.values()):
        return  # a municipality whose profile does not say it
    if not any(functions.get(function, {"authority": True}).get("authority") for function in items):
        yield Finding(message=N_("decided by nobody with authority to decide it"), path=("decided_by",))


def _is_police(person: Body) -> bool:
    return _is(person, "politi") or _is(person, "police")


def _is(person: Body, word: str) -> bool:
    """Tell who somebody is by function or organisation, in codes or in words of one's own."""
    return any(word in fold(person.get(name, "")) for name in ("function", "organisation"))


@rule(N_("barnets lov § 133"), remedy="contact")
def notice_is_answered(draft: Draft) -> Iterator[Finding]:
    """Whether a child notice is due is asked at once when the subject is or may be under 18."""
    notice = draft.after.notice
    if notice and notice["status"] == "pending":
        yield Finding(message=N_("the statutory child notice is not answered"), path=("notice", "status"))


@rule(N_("barnets lov § 133"), remedy="contact")
def notice_is_asked_again(draft: Draft) -> Iterator[Finding]:
    """A concern the police take over leaves the other authorities' duties to a child as they were."""
    sent = (draft.after.notice or {}).get("status") == "sent"
    taken_over = draft.closing and draft.closing["outcome"] == "police-takes-over"
    if taken_over and draft.after.under_18_on(draft.happened or draft.context.today) and not sent:
        yield Finding(message=N_("under 18 and no child notice sent: the duties of other authorities go on"))


@rule(N_("barnets lov §§ 133, 136 and 137"), remedy="contact")
def child_is_answered(draft: Draft) -> Iterator[Finding]:
    """What the law owes a child does not end with the case: its clocks run on until they are answered."""
    if draft.closing and (clocks := unanswered(draft.after)):
        message = N_("closed, and not answered: {clocks}; these clocks run on: 'ballerup {step} {case}'")
        facts = {"clocks": clocks, "step": "contact", "case": draft.after.number}
        yield Finding(message=message, facts=facts)


@rule(OWN, remedy="contact")
def contact_settles(draft: Draft) -> Iterator[Finding]:
    """Who is informed, thanked or sent a notice is the one it is owed to, else the clock runs on."""
    if not reaches(draft.before, draft.body):
        yield Finding(message=N_("not with whom it is owed to: the clock runs on"), path=("with",))


@rule(N_("GDPR art. 18(3)"), remedy="contact")
def lifting_is_told(draft: Draft) -> Iterator[Finding]:
    """Whoever had processing restricted is told before it goes on."""
    if draft.before.restricted and not draft.body["restricted"] and "told" not in draft.body:
        yield Finding(message=N_("lifted without a word to whom it is about: say when they were told"), path=("told",))


@rule(N_("databeskyttelsesloven § 22"))
def address_stays_protected(draft: Draft) -> Iterator[Finding]:
    """A protected address that stands in a case leaves with its papers, if nobody looks."""
    subject = draft.body["subject"]
    if subject.get("residence", {}).get("protected"):
        item = subject.get("contact") or any(one.get("contact") for one in subject.get("guardians", ()))
        if item:
            message = N_("the address is protected and stands here: see that it leaves with no paper")
            yield Finding(message=message, path=("subject", "residence", "protected"))


@rule(OWN, remedy="link")
def person_is_new(draft: Draft) -> Iterator[Finding]:
    """Who is known from another case by number, name or birthday may be the same person, or another one."""
    items = {draft.before.number, *draft.after.related}
    for fact in telling(draft.body["subject"]):
        known = [number for number in draft.context.earlier.get(fact, ()) if number not in items]
        if known:
            name = fact[0]
            yield Finding(message=TELLING[name], path=("subject", name), facts={"cases": ", ".join(known)})
            items.update(known)


def telling(subject: Body) -> list[tuple[str, str]]:
    """Return what tells whom a case is about, the surest first, spelled so that it can be compared."""
    return [(name, fold(subject[name])) for name in TELLING if name in subject]


TELLING = {
    "cpr": N_("the same CPR number is known from {cases}"),
    "name": N_("the same name is known from {cases}"),
    "born": N_("the same date of birth is known from {cases}"),
}
"""What may tell a person, the surest first; each other case is named once."""


@rule(N_("GDPR article 5(1)(e)"))
def extension_lies_ahead(draft: Draft) -> Iterator[Finding]:
    """An extension that has run out already extends nothing."""
    if draft.body["until"] <= draft.context.today:
        yield Finding(message=N_("lies before the day it was agreed"), path=("until",))


@rule(N_("GDPR article 5(1)(e); own rule"), remedy="extend")
def third_extension_is_confirmed(draft: Draft) -> Iterator[Finding]:
    """A third extension counts once another member has confirmed it, or rests on a second person outside the store."""
    if not waits(draft):
        return
    is_typed = "waits" not in draft.body  # by the tool, when it writes
    if not draft.body.get("waits", confirmers(draft.before, draft.context)):
        yield Finding(message=N_("rests on a second person: no other member could confirm it"), path=("second_person",))
    elif is_typed or len(draft.after.extensions) < len(draft.after.written("extend")):
        message = N_("counts once another member has confirmed it: 'ballerup extend {case} --confirm'")
        yield Finding(message=message, facts={"case": draft.before.number})


@rule(OWN, remedy="correct")
def related_are_there(draft: Draft) -> Iterator[Finding]:
    """A number that no case has is a slip, or a case that is erased."""
    for index, number in enumerate(draft.body.get("related", ())):
        if not draft.context.has_case(number):
            yield Finding(message=N_("no such case"), path=("related", index))


@rule(N_("retsplejeloven § 115"), remedy="share")
def disclosure_is_written(draft: Draft) -> Iterator[Finding]:
    """The police's answer on a concern that the municipality received follows a first disclosure, which is written."""
    if (
        draft.body["gate"] == "police"
        and draft.before.intake["received_by"] == "municipality"
        and not draft.after.written("share")
    ):
        message = N_(
            "the police were told of this concern, and no disclosure is written down: 'ballerup {step} {case}'"
        )
        yield Finding(message=message, facts={"step": "share", "case": draft.before.number})


@rule(N_("retsplejeloven § 115"), remedy="correct")
def party_is_in_the_cooperation(draft: Draft) -> Iterator[Finding]:
    """Each cooperation of § 115 has parties of its own: a school is in no PSP, a private organisation in none."""
    party, basis = draft.body["party"], draft.body["basis"]
    known = draft.context.pladen.members.values()
    named = {fold(party["organisation"]), party.get("member", "")}
    sectors = {member.sector for member in known if member.code in named or fold(member.name) in named}
    if any(basis.startswith(f"rpl-115-{barred}") for sector in sectors for barred in _NOT_IN.get(sector, ())):
        message = N_("this party cannot be in the cooperation that is named: look for another basis")
        yield Finding(message=message, path=("basis",))


_SCHOOLS, _PRIVATE = ("psp", "ksp"), ("ssp", "psp", "ksp")
_NOT_IN = {
    **dict.fromkeys(("school", "daycare", "club", "education"), _SCHOOLS),
    **dict.fromkeys(("housing", "civil-society", "business"), _PRIVATE),
    "health": ("ksp",),
}
"""In which cooperations a member of a sector cannot be, as far as its sector tells."""


@rule(ACCURACY, remedy="correct")
def age_band_fits(draft: Draft) -> Iterator[Finding]:
    """The date of birth counts; an age band that says otherwise is a slip."""
    item = draft.body["subject"].get("age_band")
    if item and item != draft.after.age_band:
        yield Finding(message=N_("does not fit the date of birth, which counts"), path=("subject", "age_band"))


@rule(ACCURACY, remedy="correct")
def cpr_fits(draft: Draft) -> Iterator[Finding]:
    """A CPR number tells the date of birth: one that says another date, or none there is, is a slip."""
    subject = draft.body["subject"]
    number = subject.get("cpr", "")
    if not number[-4:].isdecimal():
        return  # none, or a replacement number that tells no date
    born = born_of(number, draft.after.received_day)
    if born is None:
        yield Finding(
            message=N_("tells no possible date of birth; the age is not known by it"), path=("subject", "cpr")
        )
    elif subject.get("born", born) != born:
        yield Finding(
            message=N_("tells another date of birth than the one written, which counts"), path=("subject", "cpr")
        )


@rule(N_("barnets lov § 5"), remedy="correct")
def subject_is_heard(draft: Draft) -> Iterator[Finding]:
    """The person's own view belongs in an assessment, or why it is missing."""
    if "view_of_subject" not in draft.body and draft.before.intake["subject"]["kind"] == "person":
        yield Finding(message=N_("neither the person's own view nor why it is missing"), path=("view_of_subject",))


@rule(N_("action plan: the two catalogues are possibilities, not the only ones"))
def catalogue_fits(draft: Draft) -> Iterator[Finding]:
    """A measure from the catalogue for another age is allowed; a hint tells of it."""
    band = draft.before.age_band_on(draft.happened or draft.context.today)
    for index, measure in enumerate(draft.body["measures"]):
        catalogue = draft.context.vocabulary.term("measure", measure["measure"])["catalogue"]
        if {catalogue, band} == {"under-18", "18-plus"}:
            path = ("measures", index, "measure")
            yield Finding(message=N_("from the catalogue for another age; that is allowed"), path=path)


@rule(N_("forvaltningsloven § 19"), remedy="contact")
def party_is_heard(draft: Draft) -> Iterator[Finding]:
    """Before an intrusive measure its party is heard, or it is said why not."""
    intrusive = [
        index
        for index, measure in enumerate(draft.body["measures"])
        if draft.context.vocabulary.term("measure", measure["measure"]).get("intrusive")
    ]
    if intrusive and draft.body.get("hearing", {}).get("status", "pending") == "pending":
        message = N_("an intrusive measure, and neither a hearing nor why there was none (forvaltningsloven § 19)")
        yield Finding(message=message, path=("hearing",))


@rule(N_("databeskyttelsesloven § 22"), remedy="correct")
def silence_has_its_reason(draft: Draft) -> Iterator[Finding]:
    """Information is left out only for a reason; without its provision the form is refused."""
    if draft.body["about"] == "exception" and "reason" not in draft.body:
        yield Finding(message=N_("information left out, and not why (databeskyttelsesloven § 22)"), path=("reason",))


@rule(OWN, remedy="correct")
def measures_end_later(draft: Draft) -> Iterator[Finding]:
    """A measure ends after it has started."""
    for index, measure in enumerate(draft.body["measures"]):
        if measure.get("ends", "9999") < measure.get("starts", ""):
            yield Finding(message=N_("ends before it starts"), path=("measures", index, "ends"))


@rule(OWN, remedy="correct")
def next_lies_ahead(draft: Draft) -> Iterator[Finding]:
    """The next follow-up or evaluation comes after the day it was agreed."""
    for name in ("follow_up", "evaluation", "next", "next_evaluation"):
        if (draft.body.get(name) or "9999") < (draft.happened or ""):
            yield Finding(message=N_("lies before the day it was agreed"), path=(name,))


@rule(OWN, remedy="correct")
def sessions_only_grow(draft: Draft) -> Iterator[Finding]:
    """Sessions are told in all, so the count cannot fall."""
    held = {measure["number"]: measure["sessions_held"] for measure in draft.before.measures}
    for index, measure in enumerate(draft.body["measures"]):
        before = held.get(measure["number"], 0)
        if measure.get("sessions_held", before) < before:
            path = ("measures", index, "sessions_held")
            yield Finding(message=N_("fewer than told before; sessions are told in all"), path=path)


@rule(OWN, remedy="correct")
def all_is_answered(draft: Draft) -> Iterator[Finding]:
    """Closing a planned case wants an answer for every observation, risk and measure."""
    if draft.closing is None or draft.before.state != "planned":
        return
    answers = draft.closing.get("answers", ())
    for name, items in answerable(draft.after).items():
        answered = {answer[name] for answer in answers if name in answer}
        missing = [str(item["number"]) for item in items if item["number"] not in answered]
        if missing:
            message = N_("no answer for {kind} {numbers}")
            yield Finding(message=message, path=("answers",), facts={"kind": name, "numbers": ", ".join(missing)})
