"""The network as its journals leave it: Pladen, activities, other networks, plans, proofs, breaches; and what is due.

Nothing here belongs to a case, and no personal data either. The members themselves are in ``pladen``; what may be
written, in ``pages``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from ballerup_cli.core.deadlines import Due, Settings
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.network.pladen import Pladen, fold_pladen
from ballerup_cli.core.periods import Calendar, add
from ballerup_cli.values import value

PLADEN, ACTIVITIES, NETWORKS, PLANS, PROOFS, BREACHES = (
    "pladen",
    "activities",
    "networks",
    "plans",
    "proofs",
    "breaches",
)
JOURNALS = PLADEN, ACTIVITIES, NETWORKS, PLANS, PROOFS, BREACHES


PREVENTIVE = "forebyggende"
"""The level of effort that activities belong to."""


@value
class Network:
    """Activities, networks, adoptions and proofs are their forms: activities with a number, networks by their code."""

    pladen: Pladen
    founded: str
    """The day Pladen began in this store, which is the day of the store."""
    activities: tuple[Body, ...] = field(default=(), repr=False)
    networks: Mapping[str, Body] = field(default_factory=dict, repr=False)
    adoptions: tuple[Body, ...] = field(default=(), repr=False)
    proofs: tuple[Body, ...] = field(default=(), repr=False)
    breaches: tuple[Body, ...] = field(default=(), repr=False)

    def held(self, **wanted: str) -> list[Body]:
        """Return the activities that took place and agree with every field given, by date."""
        chosen = (
            activity
            for activity in self.activities
            if activity.get("held") and all(activity.get(name) == value for name, value in wanted.items())
        )
        return sorted(chosen, key=_by_date)

    def adopted(self, document: str) -> list[Body]:
        """Return the adoptions of one document, the newest last."""
        return sorted(
            (body for body in self.adoptions if body["document"] == document), key=lambda body: body["adopted"]
        )

    def proved(self, what: str) -> str:
        """Return the day of the last proof of one kind, else the day of the store."""
        return max((body["done"] for body in self.proofs if body["what"] == what), default=self.founded)


def _by_date(activity: Body) -> tuple[str, int]:
    return activity["date"], activity["number"]


# --- Folds ------------------------------------------------------------------------------------------------------------


Journals = Mapping[str, Sequence[Entry]]


def fold_network(journals: Journals) -> Network:
    """Fold the journals of the network; Pladen's is always there."""
    return Network(
        pladen=fold_pladen(journals[PLADEN]),
        founded=journals[PLADEN][0].at[:10],
        activities=_fold_numbered(journals.get(ACTIVITIES, ()), held=False),
        networks=_fold_networks(journals.get(NETWORKS, ())),
        adoptions=tuple(entry.body for entry in journals.get(PLANS, ())),
        proofs=tuple(entry.body for entry in journals.get(PROOFS, ())),
        breaches=_fold_numbered(journals.get(BREACHES, ())),
    )


def _fold_numbered(entries: Iterable[Entry], **usual: Any) -> tuple[Body, ...]:
    """Return activities or breaches in the order they were written; an edit changes the fields it names."""
    known: list[dict[str, Any]] = []
    for entry in entries:
        if entry.step == "add":
            known.append({"number": len(known) + 1, **usual, **entry.body})
        else:
            known[entry.body["number"] - 1] |= entry.body
    return tuple(known)


def _fold_networks(entries: Iterable[Entry]) -> dict[str, Body]:
    """Return the other networks by code; each entry tells what is new about one."""
    known: dict[str, Body] = {}
    for entry in entries:
        code = entry.body["code"]
        known[code] = {**known.get(code, {}), **entry.body}
    return {code: known[code] for code in sorted(known)}


# --- Whom activities reached ------------------------------------------------------------------------------------------


def reaches(activity: Body, code: str, ring: str) -> bool:
    """Tell whether an activity was for a member: those it names, or the whole ring when it names none."""
    named = activity.get("members", ())
    return code in named if named else ring in activity.get("audience", ())


def last_reached(pladen: Pladen, activities: Iterable[Body]) -> dict[str, Body]:
    """Return for each member that was ever reached the last of ``activities``, which come by date.

    The same as asking ``reaches`` of every member for every activity, in one walk over each.
    """
    named: dict[str, Body] = {}
    rings: dict[str, Body] = {}
    for activity in activities:
        members = activity.get("members", ())
        named.update(dict.fromkeys(members, activity))
        rings.update(dict.fromkeys(() if members else activity.get("audience", ()), activity))
    found = {code: [named.get(code), rings.get(member.ring)] for code, member in pladen.members.items()}
    return {code: max(filter(None, both), key=_by_date) for code, both in found.items() if any(both)}


# --- What is due ------------------------------------------------------------------------------------------------------


def due_on_network(network: Network, settings: Settings, calendar: Calendar) -> tuple[Due, ...]:
    """Return the deadlines that hang on no case, the nearest first."""
    anchors = [
        *(
            ("breach", body["discovered"], None)
            for body in network.breaches
            if not body.keys() & {"reported", "reason"}
        ),
        *(("beredskab", body["adopted"], None) for body in network.adopted("beredskab")[-1:]),
        *(("konference", day, None) for day in _last_conference(network)),
        *(("member-contact", day, code) for code, day in _last_contacts(network, settings)),
        *((proof, network.proved(proof), None) for proof in ("restore-proof", "log-sample")),
    ]
    clocks = settings["clocks"]
    found = [Due(clock=name, due=add(day, clocks[name], calendar), about=about) for name, day, about in anchors]
    return tuple(sorted(found, key=lambda item: (item.due, item.clock)))


def _last_conference(network: Network) -> Sequence[str]:
    """Take the last conference held, else the adoption of the action plan, which promises one a year."""
    held = [activity["date"] for activity in network.held(kind="konference")]
    return held[-1:] or [body["adopted"] for body in network.adopted("handlingsplan")[-1:]]


def _last_contacts(network: Network, settings: Settings) -> Iterator[tuple[str, str]]:
    """For each member of a ring with that clock: the last activity that reached it, else the day it came."""
    clocked = {ring["code"] for ring in settings["profile"]["rings"] if ring.get("contact_clock")}
    last = last_reached(network.pladen, network.held())
    for member in network.pladen.members.values():
        if member.ring in clocked and member.until is None:
            yield member.code, last[member.code]["date"] if member.code in last else member.since or network.founded


_CARE: Mapping[str, Mapping[str, str]] = {
    "talk": {"kind": "oplaeg"},
    "action_card": {"kind": "actioncard"},
    "contact": {},
}


def care(network: Network, settings: Settings, calendar: Calendar, day: str) -> list[dict[str, Any]]:
    """Return for each organisation there is on ``day`` what it last got, whose contact gets too old first at the top.

    ``due`` is the day the contact gets too old; ``wanting`` tells whether anything is too old by now, or never was.
    """
    length, centre = settings["clocks"]["member-contact"], settings["profile"]["rings"][0]["code"]
    known = {name: last_reached(network.pladen, network.held(**wanted)) for name, wanted in _CARE.items()}
    rows = []
    for member in (member for member in network.pladen.present(day) if member.ring != centre):
        last = {name: reached.get(member.code, {}) for name, reached in known.items()}
        days = {name: activity.get("date") for name, activity in last.items()}
        rows.append(
            {
                "member": member.code,
                "name": member.name,
                "ring": member.ring,
                **days,
                "version": last["action_card"].get("topic"),
                "due": add(days["contact"] or member.since or network.founded, length, calendar),
                "wanting": any(item is None or add(item, length, calendar) < day for item in days.values()),
            }
        )
    return sorted(rows, key=lambda row: (row["due"], row["member"]))


# --- Counts -----------------------------------------------------------------------------------------------------------


def activities_by_tier(network: Network, start: str, end: str) -> dict[str, int]:
    """Count the activities held in a period: they are the preventive level of effort."""
    return {PREVENTIVE: sum(start <= activity["date"] <= end for activity in network.held())}


def activities_by_kind(network: Network, kinds: Iterable[str], start: str, end: str) -> list[dict[str, Any]]:
    """Count for each kind of activity in a period those still only planned, those held, and who came to them."""
    within = [activity for activity in network.activities if start <= activity["date"] <= end]
    rows = []
    for kind in kinds:
        held = [activity for activity in within if activity["kind"] == kind and activity["held"]]
        planned = sum(activity["kind"] == kind for activity in within) - len(held)
        came = sum(activity.get("participants", 0) for activity in held)
        rows.append({"kind": kind, "planned": planned, "held": len(held), "participants": came})
    return rows
