"""What a form must not say though its schema allows it: rules that need the case, the network or the day.

A rule is a plain function from a draft to findings, with its source beside it; a breach refuses the form. What is odd
but lawful belongs to ``oddities``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from ballerup_cli.core.cases.amend import CORRECT, NEVER_UNDONE, REDACT, UNDO, Path, amended, find, path_of, undone
from ballerup_cli.core.cases.case import NUMBERED, SHIELD, Case, Item
from ballerup_cli.core.entry import Body
from ballerup_cli.core.network.pladen import Member, Pladen
from ballerup_cli.core.same import fold, names
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.errors import N_, Finding
from ballerup_cli.values import value


def _none(_number: str) -> bool:
    return False


@value
class Context:
    """What a rule may know besides the case: the network, the codes, the day, the coordinators and the other cases."""

    pladen: Pladen
    vocabulary: Vocabulary
    today: str
    networks: tuple[str, ...] = ()
    """Names of the networks that never receive personal data (a setting)."""
    coordinators: tuple[str, ...] = ()
    """Short names of those who can answer for a case."""
    openers: tuple[str, ...] = ()
    """Short names of those who open records."""
    me: str = ""
    """Short name of whoever writes; nobody when rules look back."""
    has_case: Callable[[str], bool] = _none
    """Whether there is a case of a number that the one who writes opens."""
    earlier: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict, repr=False)
    """The other cases by what tells whom they are about; read only for a form that may be about one of them."""


@value
class Draft:
    """A step about to be written: its form, the case before it, and the case as it would be after it."""

    before: Case
    after: Case
    body: Body = field(repr=False)
    happened: str | None
    """The day the form says it happened, None when it says none."""
    context: Context = field(repr=False)

    @property
    def closing(self) -> Item | None:
        """The closing this draft would make, None when it closes nothing."""
        return self.after.closings[-1] if len(self.after.closings) > len(self.before.closings) else None

    @property
    def closing_path(self) -> tuple[str, ...]:
        """Where the form holds the fields of its closing: `close` has them on the first level."""
        return ("closing",) if "closing" in self.body else ()


Rule = Callable[[Draft], Iterable[Finding]]
Checked = TypeVar("Checked", bound=Callable[..., Iterable[Finding]])


@value
class Reason:
    """Why a rule is there: what people are told of it, the law or plan behind it, the command that mends a breach."""

    name: str
    words: str
    source: str
    remedy: str | None


def rule(source: str, *, remedy: str | None = None) -> Callable[[Checked], Checked]:
    """Say where a rule comes from; what people are told of it is the first paragraph of its docstring, translated."""

    def explained(function: Checked) -> Checked:
        words = " ".join((function.__doc__ or "").partition("\n\n")[0].split())
        name = function.__name__.replace("_", "-")
        vars(function)["reason"] = Reason(name=name, words=words, source=source, remedy=remedy)
        return function

    return explained


def reason(function: Callable[..., Iterable[Finding]]) -> Reason:
    """Return what stands beside a rule."""
    found: Reason = vars(function)["reason"]
    return found


OWN = N_("own rule")
UNCONFIRMED = "not-confirmed"
"""Instead of the day on which a source was read: nobody has said that it was."""

ACCURACY = N_("GDPR article 5(1)(d)")
NEED = N_("GDPR article 32")


@rule(OWN)
def members_are_current(draft: Draft) -> Iterator[Finding]:
    """Only who was a member of the network when a concern came can have referred it, or be where it arose."""
    pladen, day = draft.context.pladen, str(draft.body["received"])[:10]
    for name in ("referrer", "place"):
        code = draft.body.get(name, {}).get("member")
        member = pladen.members.get(code)
        if code is None or (member and member.is_current(day)):
            continue
        message = (
            N_("this member has left the network; nearest: {nearest}")
            if member
            else N_("no member of the network has this code; nearest: {nearest}")
        )
        facts = {"nearest": ", ".join(pladen.nearest(code, day)) or "-"}
        yield Finding(message=message, path=(name, "member"), facts=facts)


@rule(N_("retsplejeloven § 115; action plan: the network never receives personal data"))
def party_may_know(draft: Draft) -> Iterator[Finding]:
    """Nothing goes to Infohus Netværk or to the professional network as such; a member must be party to the case."""
    party = draft.body["party"]
    if draft.body["direction"] == "refused":
        return
    if is_protected(party["organisation"], draft.context.networks):
        message = N_("this network never receives personal data; a refusal can be written down")
        yield Finding(message=message, path=("party", "organisation"))
    member = draft.context.pladen.members.get(party.get("member", ""))
    if "member" in party and (member is None or not _is_party(member, draft.before)):
        message = N_("no party to the case: not among those who took part, were invited or are in the team")
        yield Finding(message=message, path=("party", "member"))


def _is_party(member: Member, case: Case) -> bool:
    """Tell whether the member, by its code or name, took part in a step of the case or delivers one of its measures."""
    people = [person for entry in case.entries for field in _PEOPLE for person in entry.body.get(field, ())]
    named = {person.get("organisation", "") if isinstance(person, Mapping) else person for person in people}
    named |= {measure.get("delivered_by", "") for measure in case.measures}
    return bool({fold(member.code), fold(member.name)} & set(map(fold, named)))


def is_protected(destination: str, networks: Sequence[str]) -> bool:
    """Tell whether somebody is one of the networks that never receive personal data, whatever words are around it.

    Pladen as a network is known by its last word too.
    """
    short = {fold(name).split()[-1] for name in networks if "-" in name}
    return any(names(destination, name) for name in networks) or fold(destination) in short


_PEOPLE = ("participants", "invite", "decided_by", "team")


@rule(N_("forvaltningsloven § 19(2)"))
def exception_has_its_provision(draft: Draft) -> Iterator[Finding]:
    """A hearing is left out by a provision only."""
    hearing = draft.body.get("hearing", {})
    if hearing.get("status") == "exempt" and not hearing.get("provision"):
        yield Finding(message=N_("is missing: by which provision was nobody heard?"), path=("hearing", "provision"))


@rule(N_("GDPR article 16"))
def amended_exists(draft: Draft) -> Iterator[Finding]:
    """Only what an entry says, or could say in something it says, can be corrected or redacted."""
    number, written = draft.body["entry"], draft.before.originals
    if number > len(written):
        message = N_("the case has no such number; it has {count} of them")
        yield Finding(message=message, path=("entry",), facts={"count": len(written)})
        return
    path, adds = path_of(draft.body["path"]), draft.body.get("value") is not None
    if adds and isinstance(path[-1], str):
        path = path[:-1]
    bodies = [amended(written)[0][number - 1].body, *([] if adds else [written[number - 1].body])]
    if not any(_stands(body, path) for body in bodies):
        yield Finding(message=N_("nothing stands there in that entry"), path=("path",))


def _stands(body: Body, path: Path) -> bool:
    try:
        find(body, path)
    except LookupError:
        return False
    return True


@rule(OWN)
def numbers_stay(draft: Draft) -> Iterator[Finding]:
    """A number that was given means the same thing for ever; what an amendment does is no words to be corrected."""
    number, path, written = draft.body["entry"], path_of(draft.body["path"]), draft.before.originals
    step = written[number - 1].step if number <= len(written) else ""
    if step == "plan" and path[-1] == "number":
        yield Finding(message=N_("numbers are given by the tool and never change"), path=("path",))
    if number in undone(written):
        yield Finding(message=N_("this entry was undone"), path=("entry",))
    if step in (CORRECT, REDACT, UNDO) and path[0] not in ("reason", "tell"):
        yield Finding(
            message=N_("of an amendment only its reason can be corrected; amend the entry itself"), path=("path",)
        )


@rule(N_("GDPR article 5(2)"))
def redaction_stays(draft: Draft) -> Iterator[Finding]:
    """A redaction itself cannot be redacted: that something was taken out stays to be seen."""
    number, entries = draft.body["entry"], draft.before.originals
    if number <= len(entries) and entries[number - 1].step == REDACT:
        yield Finding(message=N_("a redaction itself cannot be redacted"), path=("entry",))


@rule(N_("GDPR article 5(1)(e); own rule"))
def third_extension_has_a_second_person(draft: Draft) -> Iterator[Finding]:
    """Whoever keeps a record for the third time does not decide that alone.

    Another member confirms it; where there is none, a second person is named.
    """
    second = draft.body.get("second_person")
    if not waits(draft) or confirmers(draft.before, draft.context):
        return
    if second is None:
        yield Finding(message=N_("a third extension needs a second person"), path=("second_person",))
    elif second.strip().casefold() == draft.context.me.casefold():
        yield Finding(message=N_("a second person is somebody else than you"), path=("second_person",))


def waits(draft: Draft) -> bool:
    """Tell whether this is an extension that nobody decides alone."""
    return len(draft.before.written("extend")) >= EXTENDED_ALONE


def confirmers(case: Case, context: Context) -> list[str]:
    """Return the other members who open the case and could confirm what the one who writes decides."""
    readers = case.shield["for"] if case.shield else context.openers
    return [name for name in readers if name in context.openers and name != context.me]


@rule(N_("GDPR article 5(1)(e); own rule"))
def another_confirms(draft: Draft) -> Iterator[Finding]:
    """Only another member than the one who wrote it confirms an extension, and only one that waits for it."""
    counted = {entry.number for entry in draft.before.extensions}
    item = next((entry for entry in draft.before.written("extend") if entry.number == draft.body["entry"]), None)
    if item is None:
        yield Finding(message=N_("no extension has this number"), path=("entry",))
    elif item.number in counted:
        yield Finding(message=N_("this extension counts already"), path=("entry",))
    elif item.by == draft.context.me:
        yield Finding(message=N_("somebody else than its writer confirms an extension"), path=("entry",))


@rule(OWN)
def last_is_own(draft: Draft) -> Iterator[Finding]:
    """Only one's own entry is undone, while it is the last one, and none that others were told of or rely on."""
    entry = draft.before.originals[-1]
    if entry.step in NEVER_UNDONE:
        yield Finding(
            message=N_("the last entry of the case is one that cannot be undone: {step}"), facts={"step": entry.step}
        )
    elif entry.by != draft.context.me:
        yield Finding(message=N_("the last entry of the case is not your own; correct it instead"))


@rule(OWN)
def duplicate_is_another(draft: Draft) -> Iterator[Finding]:
    """A duplicate is counted with another case, one that is there."""
    number = draft.body.get("duplicate_of")
    if number == draft.before.number:
        yield Finding(message=N_("this is the case itself"), path=("duplicate_of",))
    elif number and not draft.context.has_case(number):
        yield Finding(message=N_("no such case"), path=("duplicate_of",))


EXTENDED_ALONE = 2


@rule(OWN)
def related_exist(draft: Draft) -> Iterator[Finding]:
    """A case is linked to others that are there, and to one at least."""
    if not draft.body.keys() & {"related", "duplicate_of"}:
        yield Finding(message=N_("missing field {field}"), path=("related",), facts={"field": "related"})
    for index, number in enumerate(draft.body.get("related", ())):
        if number == draft.before.number:
            yield Finding(message=N_("this is the case itself"), path=("related", index))
        elif not draft.context.has_case(number):
            yield Finding(message=N_("no such case"), path=("related", index))


@rule(OWN)
def heir_can_answer(draft: Draft) -> Iterator[Finding]:
    """A case is handed to another coordinator of this store."""
    heir = draft.body["to"]
    if heir not in draft.context.coordinators:
        facts = {"names": ", ".join(draft.context.coordinators)}
        yield Finding(message=N_("no coordinator of this store; there are: {names}"), path=("to",), facts=facts)
    elif heir == draft.before.responsible:
        yield Finding(message=N_("answers for the case already"), path=("to",))
    elif draft.before.shield and heir not in draft.before.shield["for"]:
        yield Finding(message=N_("does not open this shielded case; shield it for both first"), path=("to",))


@rule(NEED)
def shield_leaves_a_coordinator(draft: Draft) -> Iterator[Finding]:
    """A case is shielded for members who open records, and one of them can work on it."""
    items, path = shielding(draft.body)
    for index, name in enumerate(items):
        if name not in draft.context.openers:
            facts = {"names": ", ".join(draft.context.openers)}
            message = N_("no member of this store who opens records; there are: {names}")
            yield Finding(message=message, path=(*path, index), facts=facts)
    if items and not {*items} & {*draft.context.coordinators}:
        yield Finding(message=N_("a coordinator must be among them"), path=path)


def shielding(body: Body) -> tuple[Sequence[str], tuple[str, ...]]:
    """Return for whom alone a form shields a case, and where it says so."""
    return (body[SHIELD]["for"], (SHIELD, "for")) if SHIELD in body else (body.get("for", ()), ("for",))


@rule(NEED)
def shield_stands(draft: Draft) -> Iterator[Finding]:
    """Who opens a case changes with what it is sealed to, and not by words put in the place of others."""
    number, entries, path = draft.body["entry"], draft.before.originals, path_of(draft.body["path"])
    of_shield = number <= len(entries) and entries[number - 1].step == SHIELD
    if (of_shield and path[0] in ("for", "shielded")) or path == (SHIELD,) or path[:2] == _NAMED:
        yield Finding(message=N_("whom a case is shielded for is changed by 'shield' only"), path=("path",))


_NAMED = (SHIELD, "for")


@rule(ACCURACY)
def checked_exist(draft: Draft) -> Iterator[Finding]:
    """Only an observation the case already has can be confirmed or refuted."""
    for index, check in enumerate(draft.body.get("checked", ())):
        yield from _refer(draft.before.observations, check["observation"], ("checked", index, "observation"))


@rule(ACCURACY)
def cited_stand(draft: Draft) -> Iterator[Finding]:
    """A refuted observation may not be cited in an assessment."""
    refuted = {item["number"] for item in draft.after.observations if item["status"] == "refuted"}
    for index, number in enumerate(draft.body.get("observations", ())):
        if not isinstance(number, int):
            continue
        path = ("observations", index)
        yield from _refer(draft.after.observations, number, path)
        if number in refuted:
            yield Finding(message=N_("a refuted observation cannot be cited in an assessment"), path=path)


@rule(OWN)
def persons_only(draft: Draft) -> Iterator[Finding]:
    """A group has no view of its own to write down: only a person's belongs in an assessment."""
    if "view_of_subject" in draft.body and draft.before.intake["subject"]["kind"] == "group":
        yield Finding(
            message=N_("only a person's own view belongs here, and this case is on a group"), path=("view_of_subject",)
        )


@rule(N_("Samarbejdsmodellen: one coordinator from start to end"))
def coordinator_stays(draft: Draft) -> Iterator[Finding]:
    """A plan has one coordinator from start to end: a change needs its reason."""
    earlier = draft.before.latest("plan")
    if earlier is None or "coordinator_reason" in draft.body:
        return
    old, new = earlier.body["coordinator"], draft.body["coordinator"]
    renamed = "name" in old and "name" in new and fold(old["name"]) != fold(new["name"])
    if renamed or fold(old["function"]) != fold(new["function"]):
        yield Finding(message=N_("a change of coordinator needs its reason"), path=("coordinator_reason",))


@rule(N_("action plan: follow-up and evaluation of the measures"))
def followed_exist(draft: Draft) -> Iterator[Finding]:
    """A follow-up speaks of the measures the case has, of each once."""
    numbers = [measure["number"] for measure in draft.body["measures"]]
    for index, number in enumerate(numbers):
        path = ("measures", index, "number")
        yield from _refer(draft.before.measures, number, path)
        if number in numbers[:index]:
            yield Finding(message=N_("this number stands here twice"), path=path)


@rule(N_("action plan: proportionality"))
def raising_is_proportionate(draft: Draft) -> Iterator[Finding]:
    """A higher level of effort needs the sentence on the least that could work."""
    levels = (None, *draft.context.vocabulary.codes("tier"))
    raised = levels.index(draft.after.tier) > levels.index(draft.before.tier)
    if raised and "proportionality" not in draft.body:
        yield Finding(message=N_("raising the level of effort needs its proportionality"), path=("proportionality",))


@rule(N_("action plan: the network never receives personal data"))
def heir_may_know(draft: Draft) -> Iterator[Finding]:
    """No case is handed over to Infohus Netværk or to Pladen as a network."""
    if draft.closing and is_protected(draft.closing.get("handed_to", ""), draft.context.networks):
        message = N_("this network never receives personal data; a refusal can be written down")
        yield Finding(message=message, path=(*draft.closing_path, "handed_to"))


@rule(OWN)
def answered_exist(draft: Draft) -> Iterator[Finding]:
    """The answers of a closing speak of observations, risks and measures the case has."""
    answered = set[tuple[str, int]]()
    for index, answer in enumerate((draft.closing or {}).get("answers", ())):
        for name, items in answerable(draft.after).items():
            if name not in answer:
                continue
            path: tuple[str | int, ...] = (*draft.closing_path, "answers", index, name)
            yield from _refer(items, answer[name], path)
            if (name, answer[name]) in answered:
                yield Finding(message=N_("this number stands here twice"), path=path)
            answered.add((name, answer[name]))


@rule(ACCURACY)
def unfounded_is_refuted(draft: Draft) -> Iterator[Finding]:
    """A concern is unfounded only when its core is refuted.

    The core is what the concern came with: the observations of the intake that carry an attention point, or all of
    them when none does, or all of the case when the intake had none. A remark that is true and harmless need not be
    declared false, and a concern of which nothing was refuted had no basis, which is another outcome.
    """
    if draft.closing is None or draft.closing["outcome"] != "unfounded":
        return
    body = draft.after.observations
    first = [item for item in body if item["entry"] == 1]
    core = [item for item in first if "sign" in item] or first or list(body)
    if not core or any(item["status"] != "refuted" for item in core):
        message = N_("unfounded means that the core of the concern is refuted: check or answer its observations first")
        yield Finding(message=message, path=(*draft.closing_path, "outcome"))


def answerable(case: Case) -> Mapping[str, tuple[Item, ...]]:
    """Return what a closing answers, under the names its answers use."""
    return {kind: getattr(case, name) for kind, name in NUMBERED.items()}


def _refer(items: tuple[Item, ...], number: int, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """Find a number that no item has, or has any more."""
    known = [item["number"] for item in items]
    if number in known:
        return
    message = N_("the case has no such number; it has {count} of them")
    if number < max(known, default=0):
        message = N_("what had this number was taken out")
    yield Finding(message=message, path=path, facts={"count": max(known, default=0)})
