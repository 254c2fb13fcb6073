"""THE table of what is written about the network and the care of the store: one row for each kind of entry.

A row is a command, a schema and a form of one name. What the entries make of the network is told in ``network``.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta

from ballerup_cli.core.deadlines import Settings
from ballerup_cli.core.entry import Body
from ballerup_cli.core.network.network import ACTIVITIES, BREACHES, NETWORKS, PLADEN, PLANS, PROOFS, Network
from ballerup_cli.errors import N_, Finding
from ballerup_cli.values import value

Rule = Callable[[Body, Network], Iterable[Finding]]
Known = Callable[[Body, Settings], Body]


@value
class Page:
    """One row of the table; ``known`` gives what an entry says where the form leaves it out."""

    name: str
    journal: str
    help: str
    rules: tuple[Rule, ...] = field(default=())
    known: Known = lambda _body, _settings: {}

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
    """Whom a member belongs to is a member."""
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


def network_is_new(body: Body, network: Network) -> Iterator[Finding]:
    """A code names one network for ever, a retired one too."""
    if body["code"] in network.networks:
        yield Finding(message=N_("a network of this code is there already, or was"), path=("code",))


def network_is_known(body: Body, network: Network) -> Iterator[Finding]:
    """Only a network there is can change or come to an end."""
    if body["code"] not in network.networks:
        facts = {"nearest": _nearest(body["code"], network.networks)}
        yield Finding(message=N_("no network has this code; nearest: {nearest}"), path=("code",), facts=facts)


def late_report_has_its_reason(body: Body, network: Network) -> Iterator[Finding]:
    """A breach that is reported after 72 hours says why it took so long (GDPR art. 33(1))."""
    known = network.breaches[body["number"] - 1 : body["number"]] if "number" in body else ()
    row = {**(known[0] if known else {}), **body}
    if "reported" not in row or "discovered" not in row or "reason" in row:
        return
    waited = datetime.fromisoformat(row["reported"]) - datetime.fromisoformat(row["discovered"])
    if waited > timedelta(hours=72):
        yield Finding(message=N_("reported after more than 72 hours: say why"), path=("reason",))


def breach_is_known(body: Body, network: Network) -> Iterator[Finding]:
    """Only a breach there is can be followed up."""
    if body["number"] > len(network.breaches):
        message, facts = N_("there are {count} breaches"), {"count": len(network.breaches)}
        yield Finding(message=message, path=("number",), facts=facts)


def _unknown(code: str, network: Network, path: tuple[str | int, ...]) -> Iterator[Finding]:
    members = network.pladen.members
    if code not in members:
        message = N_("no member of the network has this code; nearest: {nearest}")
        yield Finding(message=message, path=path, facts={"nearest": _nearest(code, members)})


def _nearest(code: str, codes: Iterable[str]) -> str:
    return ", ".join(difflib.get_close_matches(code, list(codes), cutoff=0.4)) or "-"


# --- What a form need not say -----------------------------------------------------------------------------------------


def adopter(body: Body, settings: Settings) -> Body:
    """Who adopts a plan is known, by its name of that day: a committee may be called something else later."""
    authority = settings["adopts"][body["document"]]
    return {"adopted_by": settings["authorities"][authority]["da"]}


PAGES: Mapping[str, Page] = {
    page.name: page
    for page in (
        Page(
            name="pladen-add",
            journal=PLADEN,
            help=N_("Take a new member into the network."),
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
            name="networks-add",
            journal=NETWORKS,
            help=N_("Take another network into the overview: its purpose, and who represents the municipality."),
            rules=(network_is_new,),
        ),
        Page(
            name="networks-edit",
            journal=NETWORKS,
            help=N_("Write down what changed about another network; its code never does."),
            rules=(network_is_known,),
        ),
        Page(
            name="networks-retire",
            journal=NETWORKS,
            help=N_("Write down that another network came to an end; it stays in the overview."),
            rules=(network_is_known,),
        ),
        Page(
            name="beredskab-adopt",
            journal=PLANS,
            help=N_("Write down that the preparedness plan or the action plan was adopted."),
            known=adopter,
        ),
        Page(
            name="proof-add",
            journal=PROOFS,
            help=N_("Write down that a proof was done: its clock starts anew."),
        ),
        Page(
            name="breach-add",
            journal=BREACHES,
            help=N_("Write down a personal data breach; 72 hours run from its discovery."),
            rules=(late_report_has_its_reason,),
        ),
        Page(
            name="breach-edit",
            journal=BREACHES,
            help=N_("Write down what became of a breach: reported, told, or why not."),
            rules=(breach_is_known, late_report_has_its_reason),
        ),
    )
}
