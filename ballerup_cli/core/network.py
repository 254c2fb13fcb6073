"""THE table of what is written about the network: Ballerup-Pladen, activities, plans adopted; and what is due of it.

Nothing here belongs to a case, and no personal data either. The members themselves are in ``pladen``.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ballerup_cli.core.clocks import Due, Settings
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.periods import Calendar, add
from ballerup_cli.core.pladen import Member, Pladen, fold_pladen
from ballerup_cli.errors import N_, Finding

JOURNALS = PLADEN, ACTIVITIES, PLANS = "pladen", "activities", "plans"

PREVENTIVE = "forebyggende"
"""The level of effort that activities belong to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """The network as its journals leave it; activities and adoptions are their forms, activities with their number."""

    pladen: Pladen
    founded: str
    """The day Pladen began in this store."""
    activities: tuple[Body, ...] = ()
    adoptions: tuple[Body, ...] = ()

    def held(self, **wanted: str) -> list[Body]:
        """Return the activities that took place and agree with every field given."""
        return [
            activity
            for activity in self.activities
            if activity.get("held") and all(activity.get(name) == value for name, value in wanted.items())
        ]

    def adopted(self, document: str) -> list[Body]:
        """Return the adoptions of one document, the newest last."""
        return sorted(
            (told for told in self.adoptions if told["document"] == document), key=lambda told: told["adopted"]
        )


Rule = Callable[[Body, Network], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One row of the table; the name is the command (its words joined), the schema and the form."""

    name: str
    journal: str
    help: str
    rules: tuple[Rule, ...] = field(default=())

    @property
    def step(self) -> str:
        """The step as its entries name it: the last word."""
        return self.name.rpartition("-")[2]


# --- What a form must not say -----------------------------------------------------------------------------------------


def code_is_new(body: Body, network: Network) -> Iterator[Finding]:
    """A code names one member for ever, a retired one too."""
    if body["code"] in network.pladen.members:
        yield Finding(message=N_("a member of this code is there already, or was"), path=("code",))


def code_is_known(body: Body, network: Network) -> Iterator[Finding]:
    """Only a member there is can change or leave."""
    yield from _unknown(body["code"], network, ("code",))


def parent_fits(body: Body, network: Network) -> Iterator[Finding]:
    """The staff on Plade 3 belong to an organisation of Pladen."""
    if body.get("ring") == "plade-3" and "parent" not in body:
        yield Finding(message=N_("missing field {field}"), path=("parent",), facts={"field": "parent"})
    if "parent" in body:
        yield from _unknown(body["parent"], network, ("parent",))


def members_are_known(body: Body, network: Network) -> Iterator[Finding]:
    """An activity reaches members that are there."""
    for index, code in enumerate(body.get("members", ())):
        yield from _unknown(code, network, ("members", index))


def number_is_known(body: Body, network: Network) -> Iterator[Finding]:
    """Only an activity there is can change."""
    if body["number"] > len(network.activities):
        message, facts = N_("there are {count} activities"), {"count": len(network.activities)}
        yield Finding(message=message, path=("number",), facts=facts)


def _unknown(code: str, network: Network, path: tuple[str | int, ...]) -> Iterator[Finding]:
    codes = list(network.pladen.members)
    if code not in codes:
        facts = {"nearest": ", ".join(difflib.get_close_matches(code, codes, n=3, cutoff=0.4)) or "-"}
        yield Finding(
            message=N_("no member of Ballerup-Pladen has this code; nearest: {nearest}"), path=path, facts=facts
        )


PAGES: Mapping[str, Page] = {
    page.name: page
    for page in (
        Page(
            name="pladen-add",
            journal=PLADEN,
            help=N_("Take a new member into Ballerup-Pladen."),
            rules=(code_is_new, parent_fits),
        ),
        Page(
            name="pladen-edit",
            journal=PLADEN,
            help=N_("Write down what changed about a member; its code never does."),
            rules=(code_is_known, parent_fits),
        ),
        Page(
            name="pladen-retire",
            journal=PLADEN,
            help=N_("Let a member leave; what it has referred stays counted."),
            rules=(code_is_known,),
        ),
        Page(
            name="activity-add",
            journal=ACTIVITIES,
            help=N_("Write down an activity, planned or held; prints its number."),
            rules=(members_are_known,),
        ),
        Page(
            name="activity-edit",
            journal=ACTIVITIES,
            help=N_("Write down what changed about an activity: that it was held, how many came."),
            rules=(number_is_known, members_are_known),
        ),
        Page(
            name="beredskab-adopt",
            journal=PLANS,
            help=N_("Write down that the preparedness plan or the action plan was adopted."),
        ),
    )
}


# --- Folds ------------------------------------------------------------------------------------------------------------


Journals = Mapping[str, Sequence[Entry]]


def fold_network(journals: Journals) -> Network:
    """Fold the journals of the network; Pladen's is always there."""
    return Network(
        pladen=fold_pladen(journals[PLADEN]),
        founded=journals[PLADEN][0].at[:10],
        activities=_fold_activities(journals.get(ACTIVITIES, ())),
        adoptions=tuple(entry.body for entry in journals.get(PLANS, ())),
    )


def _fold_activities(entries: Iterable[Entry]) -> tuple[Body, ...]:
    """Return the activities in the order they were written; an edit changes the fields it names."""
    known: list[dict[str, Any]] = []
    for entry in entries:
        if entry.step == "add":
            known.append({"number": len(known) + 1, "held": False, **entry.body})
        else:
            known[entry.body["number"] - 1] |= entry.body
    return tuple(known)


# --- What is due ------------------------------------------------------------------------------------------------------


def due_on_network(network: Network, settings: Settings, calendar: Calendar) -> tuple[Due, ...]:
    """Return the deadlines that hang on no case, the nearest first."""
    anchors = [
        *(("beredskab", told["adopted"], None) for told in network.adopted("beredskab")[-1:]),
        *(("konference", day, None) for day in _last_conference(network)),
        *(("member-contact", day, code) for code, day in _last_contacts(network)),
    ]
    clocks = settings["clocks"]
    found = [Due(clock=name, due=add(day, clocks[name], calendar), about=about) for name, day, about in anchors]
    return tuple(sorted(found, key=lambda item: (item.due, item.clock, item.about or "")))


def _last_conference(network: Network) -> Sequence[str]:
    """Take the last conference held, else the adoption of the action plan, which promises one a year."""
    held = sorted(activity["date"] for activity in network.held(kind="konference"))
    return held[-1:] or [told["adopted"] for told in network.adopted("handlingsplan")[-1:]]


def _last_contacts(network: Network) -> Iterator[tuple[str, str]]:
    """For each member of Plade 2: the last activity that reached it, else the day it came."""
    for member in network.pladen.members.values():
        if member.ring == "plade-2" and member.until is None:
            reached = [activity["date"] for activity in network.held() if _reaches(activity, member)]
            yield member.code, max(reached, default=member.since or network.founded)


def _reaches(activity: Body, member: Member) -> bool:
    """Tell whether an activity was for a member: those it names, or the whole ring when it names none."""
    named = activity.get("members", ())
    return member.code in named if named else member.ring in activity.get("audience", ())


def activities_by_tier(network: Network, start: str, end: str) -> dict[str, int]:
    """Count the activities held in a period: they are the preventive level of effort."""
    return {PREVENTIVE: sum(start <= activity["date"] <= end for activity in network.held())}
