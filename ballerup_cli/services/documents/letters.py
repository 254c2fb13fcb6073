"""THE table of letters: whom each is for, when it fits a case, and what it must say, and from where each element is.

A letter is a function of facts: what the record and the settings do not support stands in no letter, and one that would
lack what the law asks does not leave. Papers that are no letters belong to ``papers``; the words to the templates.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.entry import Body
from ballerup_cli.core.same import fold
from ballerup_cli.errors import N_, Finding, LetterLacksError, LetterUnfitError
from ballerup_cli.services.documents.letter_facts import GUARDIANS, SUBJECT, Facts
from ballerup_cli.services.forms import pipeline
from ballerup_cli.values import value

REFERRER, REQUESTER, GROUP = "referrer", "requester", "core-group"
"""Whom a letter is for, beside the subject and the guardians."""


@value
class Element:
    """Something a letter must say: from which setting or field it comes, and whether the facts hold it."""

    name: str
    missing: Callable[[Facts], Sequence[str]]
    """The settings or fields that would have to be filled in, none when it is there."""


@value
class Letter:
    """One row of the table: ``to`` whom, when it ``fits`` (a reason why not, else None), and what it must say."""

    name: str
    to: str
    fits: tuple[Callable[[Case, Facts], str | None], ...] = ()
    elements: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    """The steps whose latest entry it is made from; any when none is named."""


def _setting(*paths: str) -> Callable[[Facts], Sequence[str]]:
    """Want one of these settings to say something; the first is the one that is asked for."""
    return lambda facts: () if any(_at(facts["settings"], path) for path in paths) else paths[:1]


def _at(settings: Any, path: str) -> Any:
    for name in path.split("."):
        settings = settings[name]
    return any(settings.values()) if isinstance(settings, Mapping) else settings


def _reasons(facts: Facts) -> Sequence[str]:
    wanting = [number for number, item in enumerate(facts["measures"], 1) if item["decision"] and not item["reason"]]
    return [f"measures.{number}.reason" for number in wanting]


ELEMENTS: Mapping[str, Element] = {
    element.name: element
    for element in (
        Element(name="controller", missing=_setting("municipality")),
        Element(name="telephone", missing=_setting("contacts.phone")),
        Element(name="officer", missing=_setting("contacts.dpo.email", "contacts.dpo.phone")),
        Element(name="purposes", missing=_setting("letters.purposes")),
        Element(name="basis", missing=_setting("letters.basis")),
        Element(name="basis-special", missing=_setting("letters.basis_special")),
        Element(name="basis-offences", missing=_setting("letters.basis_offences")),
        Element(name="complaint", missing=_setting("letters.supervision")),
        Element(name="appeal", missing=_setting("letters.appeals")),
        Element(name="deadline", missing=_setting("letters.hearing_days")),
        Element(name="sentence", missing=_setting("sentences.feedback")),
        Element(name="sources", missing=lambda facts: () if facts["sources"] else ("referrer",)),
        Element(name="retention", missing=lambda facts: () if facts["kept"]["rules"] else ("retention",)),
        Element(name="measures", missing=lambda facts: () if facts["measures"] else ("measures",)),
        Element(name="reasons", missing=_reasons),
    )
}
"""Everything that some letter must say; what a template says without facts, such as the rights, is not in it."""


# --- When a letter fits -----------------------------------------------------------------------------------------------


def _person(case: Case, _: Facts) -> str | None:
    return None if case.intake["subject"]["kind"] == "person" else N_("a group has nobody to write to")


def _right_voice(_: Case, facts: Facts) -> str | None:
    grown = facts["to"]["code"].startswith(GUARDIANS) and not facts["child"]
    return N_("whom the case is about is of age: nobody else is written to") if grown else None


def _open(case: Case, _: Facts) -> str | None:
    return N_("the case is closed") if case.state == "closed" else None


def _closed(case: Case, _: Facts) -> str | None:
    return None if case.state == "closed" else N_("the case is open: nothing has ended yet")


def _reachable(case: Case, _: Facts) -> str | None:
    anonymous = case.intake["referrer"].get("other") == "anonymous"
    return N_("whoever came to us is anonymous: there is nobody to write to") if anonymous else None


def _wanted(case: Case, _: Facts) -> str | None:
    wanted = case.intake["referrer"].get("wants_feedback")
    return N_("whoever came to us asked for no feedback") if wanted is False else None


def _notice_needed(case: Case, facts: Facts) -> str | None:
    unneeded = facts["child_then"] and case.notice is not None and case.notice["status"] == "not-needed"
    return N_("no child notice was needed, so none is acknowledged (barnets lov § 137)") if unneeded else None


def _after_joint_gate(case: Case, _: Facts) -> str | None:
    early = case.state in ("received", "screened")
    return N_("the case is not the core group's yet: its agenda begins after gate B") if early else None


def _not_decided(_: Case, facts: Facts) -> str | None:
    drafted = facts["draft"]
    return None if drafted else N_("what is to be decided is not known: hand in the plan that is not decided yet")


def _decided(_: Case, facts: Facts) -> str | None:
    any_decision = any(item["decision"] for item in facts["measures"])
    return None if any_decision else N_("the plan holds no decision of ours: nothing but ordinary or foreign measures")


_ADDRESSED = (_person, _right_voice)
_RIGHTS = ("controller", "telephone", "officer", "complaint")

LETTERS: Mapping[str, Letter] = {
    letter.name: letter
    for letter in (
        Letter(
            name="information",
            to=SUBJECT,
            fits=_ADDRESSED,
            elements=(*(*_RIGHTS, "purposes", "basis", "basis-special", "basis-offences", "sources", "retention"),),
        ),
        Letter(name="receipt", to=REFERRER, fits=(_reachable, _notice_needed), elements=("controller",)),
        Letter(
            name="feedback",
            to=REFERRER,
            fits=(_closed, _reachable, _wanted),
            elements=("controller", "sentence"),
        ),
        Letter(name="invitation", to=GROUP, fits=(_open, _after_joint_gate), elements=("controller",)),
        Letter(name="consent", to=SUBJECT, fits=(*_ADDRESSED, _open), elements=("controller",)),
        Letter(
            name="hearing",
            to=SUBJECT,
            fits=(*_ADDRESSED, _open, _not_decided),
            elements=("controller", "telephone", "deadline", "measures"),
        ),
        Letter(
            name="decision",
            to=SUBJECT,
            fits=(*_ADDRESSED, _decided),
            elements=("controller", "telephone", "measures", "reasons", "appeal"),
            steps=("plan",),
        ),
        Letter(name="answer", to=REQUESTER, elements=_RIGHTS, steps=("request-answer",)),
    )
}


def require(name: str, case: Case, facts: Facts) -> None:
    """Let a letter leave that fits the case and lacks nothing.

    Raises:
        LetterUnfitError: it would not be true of this case as it stands.
        LetterLacksError: something that the law asks for is nowhere to be found.
    """
    letter = LETTERS[name]
    for fits in letter.fits:
        if reason := fits(case, facts):
            raise LetterUnfitError(case=case.number, paper=name, reason=reason)
    wanting = [path for element in letter.elements for path in ELEMENTS[element].missing(facts)]
    if wanting:
        raise LetterLacksError(case=case.number, paper=name, missing=list(dict.fromkeys(wanting)))


# --- What the sender is shown before it leaves ------------------------------------------------------------------------


def warnings(case: Case, name: str, body: Facts) -> Iterator[Finding]:
    """Give what a sender must know before a letter or package leaves: never a word of the record."""
    subject = case.intake["subject"]
    if subject.get("residence", {}).get("protected"):
        yield Finding(message=N_("the address is protected: see that no address or telephone number leaves with it"))
    if name not in LETTERS:  # the package is owed whatever the settings say
        for path in (path for element in _RIGHTS for path in ELEMENTS[element].missing(body)):
            yield Finding(message=N_("{setting} is not set: fill it in by hand"), facts={"setting": path})
    if name in _WITH_FREE_TEXT:
        yield from _others_named(case)
    letter = LETTERS.get(name)
    if letter and letter.to == SUBJECT and not body["to"]["names"]:
        field = "guardians" if body["to"]["parent"] else "subject.name"
        yield Finding(message=N_("no name is known to write to ({field}): fill it in by hand"), facts={"field": field})


_WITH_FREE_TEXT = frozenset({"access", "hearing"})


def _others_named(case: Case) -> Iterator[Finding]:
    """Give each place where the name of somebody else stands in words of people's own: it leaves with them."""
    own = fold(str(case.intake["subject"].get("name", "")))
    others = {name for entry in case.entries for key, name in _said(entry.body) if key == "name"} - {own}
    names = [name for name in others if len(name) >= _SHORTEST]
    for entry in case.entries:
        for key, text in _said(entry.body):
            if key not in _NAMING and any(name in text for name in names):
                message = N_("entry {entry}, {field}: somebody else is named in it")
                yield Finding(message=message, facts={"entry": entry.number, "field": key})


_SHORTEST = 3
_NAMING = frozenset({"name", "contact", "organisation"})


def _said(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Give every text of a form as it is compared, with its field."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _said(inner, str(name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _said(inner, key)
    elif isinstance(value, str):
        yield key, fold(value)


def draft_of(data: bytes, source: str = "") -> Body:
    """Read a plan that is not decided yet; nothing is written.

    Raises:
        InvalidFormError: with the place of everything that is wrong.
    """
    return pipeline.sound(_PLAN, pipeline.read_one(_PLAN, data, source), source)


_PLAN = "plan"
