"""The network: commands for Pladen, activities, other networks, plans and proofs, one for each row of their table.

The picture of Pladen is drawn in ``picture``.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import click

from ballerup_cli.cli.commands.case import choices
from ballerup_cli.cli.commands.picture import picture
from ballerup_cli.cli.forms.filling import fill, options
from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import CodeParam, Command, DateParam, Group, Refused, command, nearest, option
from ballerup_cli.cli.ui.render import FORMATS, Column, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.core.entry import Body
from ballerup_cli.core.network.kinds import PAGES, Page
from ballerup_cli.core.network.network import Network
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.forms import form as forms
from ballerup_cli.services.network import network

_SECTION = N_("Network")


def _written(page: Page) -> Command:
    @click.pass_obj
    def run(session: Session, /, **where: Any) -> None:
        before = session.workspace.network
        after = fill(session, _task(session, page.name), How(**where))
        for body in (*after.activities[len(before.activities) :], *after.breaches[len(before.breaches) :]):
            terminal.put(str(body["number"]))

    example = f"ballerup {page.name.replace('-', ' ')} --from {page.name}.yaml"
    return Command(page.step, callback=run, params=options(), help=page.help, example=example)


def _task(session: Session, name: str) -> Task[Network]:
    workspace = session.workspace

    def blank(body: Body) -> str:
        return forms.render(name, language(), body, choices(session))

    def write(data: bytes, source: str) -> Network:
        return network.write(workspace, name, network.read_forms(data, name, source), session.moment, source)

    def check(text: str) -> list[Finding]:
        return network.check_form(workspace, name, text, session.moment)

    return Task(name=name, number=None, form=blank, check=check, write=write)


_format = option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))


def _print(rows: Sequence[network.Row], columns: Sequence[Column], form: str, lists: Mapping[str, str]) -> None:
    """Print a listing; codes get their labels in tables only."""
    words = forms.vocabulary_choices(language())

    def said(key: str, value: Any) -> Any:
        label = words[lists[key]] if form == "table" and key in lists else {}
        if isinstance(value, list):
            return [said(key, item) for item in value]
        return label.get(value, value) if isinstance(value, str) else value

    lines = [{key: said(key, value) for key, value in row.items()} for row in rows]
    terminal.put(listing(lines, columns, form, width=terminal.width()))


@command(
    "list",
    help=N_("List the members of the network, ring by ring; retired ones too."),
    example="ballerup pladen list",
)
@_format
@click.pass_obj
def list_members(session: Session, form: str) -> None:
    """Print the members."""
    _print(network.members(session.workspace), tables.MEMBERS, form, {"ring": "ring", "sector": "sector"})


@command(
    "care",
    help=N_("List the organisations whose last talk, action card or contact is too long ago, or never was."),
    example="ballerup pladen care --all",
)
@option("--all", "everybody", is_flag=True, help=N_("every organisation, also where nothing is too long ago"))
@_format
@click.pass_obj
def care(session: Session, everybody: bool, form: str) -> None:
    """Print what each organisation last got."""
    rows = network.cared_for(session.workspace, session.moment, everybody=everybody)
    if not rows and form == "table":
        terminal.note(_("nothing is too long ago"))
    else:
        _print(rows, tables.CARE, form, {})


@command(
    "list",
    help=N_("List the activities by date, planned and held: also who received which action card, and when."),
    example="ballerup activity list --kind actioncard --from 2026-01-01 --member klub-nord",
)
@option("--kind", type=CodeParam("activity"), metavar="CODE", help=N_("only activities of this kind"))
@option("--from", "start", type=DateParam(), metavar="DATE", help=N_("only activities from this day on"))
@option("--to", "end", type=DateParam(), metavar="DATE", help=N_("only activities up to this day"))
@option("--member", metavar="CODE", help=N_("only activities for this member of the network, or for its whole ring"))
@_format
@click.pass_obj
def list_activities(
    session: Session, kind: str | None, start: date | None, end: date | None, member: str | None, form: str
) -> None:
    """Print the activities that agree with every filter."""
    pladen = session.workspace.pladen
    if member and member not in pladen.members:
        near = pladen.nearest(member, session.moment.today.isoformat())
        raise Refused(_("no such member of the network") + nearest(near), param_hint="--member")
    days = {name: day.isoformat() for name, day in (("start", start), ("end", end)) if day}
    rows = network.activities(session.workspace, kind=kind, member=member, **days)
    _print(rows, tables.ACTIVITIES, form, {"kind": "activity", "organiser": "organiser", "audience": "ring"})


@command(
    "list",
    help=N_("List the other networks: their purpose, and who represents the municipality there."),
    example="ballerup networks list",
)
@_format
@click.pass_obj
def list_networks(session: Session, form: str) -> None:
    """Print the other networks."""
    _print(network.networks(session.workspace), tables.NETWORKS, form, {})


@command("show", help=N_("Show which plans were adopted, by whom and when."), example="ballerup beredskab show")
@_format
@click.pass_obj
def show_adoptions(session: Session, form: str) -> None:
    """Print the adoptions."""
    _print(network.adoptions(session.workspace), tables.ADOPTIONS, form, {"document": "document"})


@command("list", help=N_("List the proofs that were done, by date."), example="ballerup proof list")
@_format
@click.pass_obj
def list_proofs(session: Session, form: str) -> None:
    """Print the proofs."""
    _print(network.proofs(session.workspace), tables.PROOFS, form, {"what": "proof"})


@command("list", help=N_("List the personal data breaches, and what became of them."), example="ballerup breach list")
@_format
@click.pass_obj
def list_breaches(session: Session, form: str) -> None:
    """Print the breaches."""
    _print(network.breaches(session.workspace), tables.BREACHES, form, {})


_LOOKS = {
    "pladen": (list_members, picture, care),
    "activity": (list_activities,),
    "networks": (list_networks,),
    "beredskab": (show_adoptions,),
    "proof": (list_proofs,),
    "breach": (list_breaches,),
}
_GROUPS = {
    "pladen": N_("The professional network: the actors who may meet vulnerable citizens."),
    "activity": N_("Activities: talks, courses, the yearly conference, meetings, action cards."),
    "networks": N_("Other networks for prevention: an overview of their purposes and representatives."),
    "beredskab": N_("The preparedness plan and the action plan: versions and adoptions."),
    "breach": N_("Personal data breaches: within 72 hours to Datatilsynet, and what became of them."),
    "proof": N_("What is tried now and then: that a backup can be restored, that the log is looked at."),
}


_SECTIONS = {"breach": N_("Rights"), "proof": N_("The store")}


def _group(name: str) -> Group:
    pages = [_written(page) for page in PAGES.values() if page.name.startswith(f"{name}-")]
    commands = {made.name or "": made for made in (*_LOOKS[name], *pages)}
    return Group(name, commands=commands, help=_GROUPS[name], section=_SECTIONS.get(name, _SECTION))


COMMANDS = [_group(name) for name in _GROUPS]
