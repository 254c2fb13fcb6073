"""Who has got something of a case, who is to be expected to, and where what is in it came from: read from its entries.

Letters, access packages, corrections and erasures say the same of it (GDPR art. 13-15 and 19), because they ask here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.same import fold
from ballerup_cli.values import value

Settings = Mapping[str, Any]

GATE, SHARED, HANDED, PRESENT, TEAM, MEASURE, NOTICE, CONTACT, MEETING = (
    "gate",
    "share",
    "handed-to",
    "participant",
    "team",
    "measure",
    "notice",
    "contact",
    "meeting",
)
"""How somebody came to know, by the codes of the list ``disclosed``."""

ELSEWHERE = "authority"
"""An authority that the record does not name, by the code of the list ``referrer``."""

_ITSELF = frozenset({"infohustovholder", ""})  # functions of the unit that keeps the case
_AUTHORITIES = {"police": "police", "child-services": "child-services"}  # with whom: the authority of the settings
_PRIVATE = frozenset({"relative", "citizen", "colleague", "other"})


@value
class Recipient:
    """Somebody outside the unit who got something of the case: an organisation's ``name``, or else a ``function``."""

    day: str
    how: str
    name: str = field(default="", repr=False)
    function: str = ""
    authority: str = ""
    """The code of the authority in the settings, where it is one of them."""
    entry: int = 0
    """The entry that says so."""

    @property
    def key(self) -> str:
        """What tells this recipient from others."""
        return self.authority or head(self.name) or self.function


def head(name: str) -> str:
    """Return an organisation's name without its section, as it is compared."""
    return fold(name.partition(",")[0])


def recipients(case: Case, meetings: Iterable[tuple[str, str]] = ()) -> list[Recipient]:
    """Return everybody who got something of the case, by day; each once, as the record first says so.

    ``meetings`` gives the day and the function of those who were present when the case was on the agenda.
    """
    present = (Recipient(day=day, how=MEETING, function=function) for day, function in meetings)
    found = [recipient for entry in case.entries for recipient in _told_in(entry, case)]
    known: dict[str, Recipient] = {}
    for recipient in sorted((*found, *present), key=lambda recipient: recipient.day):
        if recipient.name or recipient.authority or recipient.function not in _ITSELF:
            known.setdefault(recipient.key, recipient)
    return list(known.values())


def _told_in(entry: Entry, case: Case) -> Iterator[Recipient]:
    found = _WRITTEN.get(entry.step, _nobody)(entry.body, entry.at[:10], case)
    yield from (replace(recipient, entry=entry.number) for recipient in found)


def _nobody(_body: Body, _day: str, _case: Case) -> Iterator[Recipient]:
    return iter(())


def _intake(body: Body, _day: str, _case: Case) -> Iterator[Recipient]:
    notice = body.get("notice", {})
    if notice.get("status") == "sent" and notice.get("by") != "referrer":
        yield Recipient(day=notice.get("at", body["received"])[:10], how=NOTICE, authority="child-services")


def _triaged(body: Body, _day: str, case: Case) -> Iterator[Recipient]:
    """The police cannot decide about a concern that it was not told of; nor take part in the joint decision."""
    day = body.get("asked", body["decided"])
    yield Recipient(day=day, how=GATE, authority="police")
    yield from _present(body.get("participants", ()), body["decided"])
    if body["outcome"] == "elsewhere" and "handed_to" not in body.get("closing", {}):
        yield Recipient(day=body["decided"], how=HANDED, function=ELSEWHERE)
    yield from _closed(body.get("closing", {}), body["decided"], case)


def _assessed(body: Body, _day: str, case: Case) -> Iterator[Recipient]:
    yield from _present(body["participants"], body["held"])
    yield from _closed(body.get("closing", {}), body["held"], case)


def _planned(body: Body, day: str, _case: Case) -> Iterator[Recipient]:
    day = body.get("decided", day)
    yield from _present(body["decided_by"], day)
    yield from _present([body["coordinator"]], day)
    for person in _present(body["team"], day):
        yield Recipient(day=day, how=TEAM, name=person.name, function=person.function)
    for measure in (row for row in body["measures"] if isinstance(row, Mapping)):
        for name in ("authority", "delivered_by"):
            if name in measure:
                yield Recipient(day=day, how=MEASURE, name=measure[name])


def _followed(body: Body, _day: str, _case: Case) -> Iterator[Recipient]:
    yield from _present(body.get("participants", ()), body["held"])


def _shut(body: Body, _day: str, case: Case) -> Iterator[Recipient]:
    yield from _present(body.get("participants", ()), body["closed"])
    yield from _closed(body, body["closed"], case)


def _closed(closing: Body, day: str, _case: Case) -> Iterator[Recipient]:
    if closing.get("outcome") == "police-takes-over":
        yield Recipient(day=day, how=HANDED, authority="police")
    if "handed_to" in closing:
        yield Recipient(day=day, how=HANDED, name=closing["handed_to"])
    elif closing.get("outcome") == "handed-over":
        yield Recipient(day=day, how=HANDED, function=ELSEWHERE)


def _contacted(body: Body, _day: str, _case: Case) -> Iterator[Recipient]:
    authority = "child-services" if body["about"] == "notice" else _AUTHORITIES.get(body["with"])
    if authority:
        yield Recipient(day=body["at"][:10], how=NOTICE if body["about"] == "notice" else CONTACT, authority=authority)


def _shared(body: Body, _day: str, _case: Case) -> Iterator[Recipient]:
    if body["direction"] == "given":
        yield Recipient(day=body["date"], how=SHARED, name=body["party"]["organisation"])


def _present(people: Iterable[Body], day: str) -> Iterator[Recipient]:
    for person in (body for body in people if isinstance(body, Mapping)):
        yield Recipient(
            day=day, how=PRESENT, name=person.get("organisation", ""), function=person.get("function", "other")
        )


_WRITTEN = {
    "create": _intake,
    "triage": _triaged,
    "assess": _assessed,
    "plan": _planned,
    "follow-up": _followed,
    "close": _shut,
    "contact": _contacted,
    "share": _shared,
}
"""The steps that can say that somebody came to know, each with who that is."""


def names(recipient: Recipient, settings: Settings, functions: Mapping[str, str], language: str) -> str:
    """Return what a recipient is called in a letter: never the name of a person."""
    if recipient.authority:
        return str(settings["authorities"][recipient.authority][language])
    return recipient.name or functions.get(recipient.function, recipient.function)


def expected(case: Case) -> list[str]:
    """Return the authorities that are to be told next if the case goes on, by their codes in the settings."""
    if case.state == "closed":
        return []
    soon = ["police"] if case.state in ("received", "screened") else []
    notice = case.notice
    return [*soon, "child-services"] if notice and notice["status"] == "pending" else soon


def came_himself(case: Case) -> bool:
    """Tell whether the person came with the concern himself: then article 13 of the GDPR holds, else article 14."""
    return bool(case.intake["referrer"].get("other") == "self")


def sources(case: Case) -> list[str]:
    """Return where what is in the case came from, by the codes of the list ``source-category``; never who."""
    return list(dict.fromkeys(_sources(case)))


def _sources(case: Case) -> Iterator[str]:
    yield _referred(case.intake["referrer"], case.intake["received_by"])
    yield from (item["source"] for item in case.observations if item.get("source") in _WRITINGS)
    for entry in case.entries:
        body = entry.body
        if entry.step == "contact" and body["with"] in ("subject", "guardians"):
            yield {"subject": "self"}.get(body["with"], "guardians")
        if _is_told(body.get("view_of_subject")):
            yield "self"
        if _is_told(body.get("view_of_guardians")):
            yield "guardians"
        if entry.step == "triage":
            yield "police"
        if entry.step == "share" and body["direction"] == "received":
            yield "authorities"
        if entry.step in ("assess", "follow-up") and body.get("participants"):
            yield "professionals"


def _is_told(view: Any) -> bool:
    """Tell whether somebody was heard: what he said, and not why he was not."""
    return bool(view) and (isinstance(view, str) or "text" in view)


_WRITINGS = frozenset({"document", "online"})


def _referred(referrer: Body, received_by: str) -> str:
    if received_by == "police":
        return "police"
    other = str(referrer.get("other", "professionals"))
    return {"authority": "authorities"}.get(other, "private" if other in _PRIVATE else other)
