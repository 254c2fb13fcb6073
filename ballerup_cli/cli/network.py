"""The network: commands for Ballerup-Pladen, activities and adopted plans, one for each row of its table."""

from typing import Any, BinaryIO

import click

from ballerup_cli.cli import tables, terminal
from ballerup_cli.cli.case import choices
from ballerup_cli.cli.filling import Task, fill, options
from ballerup_cli.cli.params import Command, Group, command, option
from ballerup_cli.cli.render import FORMATS, Column, listing
from ballerup_cli.cli.session import Session
from ballerup_cli.cli.text import language
from ballerup_cli.core.network import PAGES, Network, Page
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services import form as forms
from ballerup_cli.services import network

_SECTION = N_("Network")


def _written(page: Page) -> Command:
    @click.pass_obj
    def run(session: Session, source: BinaryIO | None, disk: bool) -> None:
        before = len(session.desk.network.activities)
        after = fill(session, _task(session, page.name), source, disk=disk)
        for activity in after.activities[before:]:
            terminal.put(str(activity["number"]))

    example = f"ballerup {page.name.replace('-', ' ')} --from {page.name}.yaml"
    return Command(page.step, callback=run, params=options(), help=page.help, example=example)


def _task(session: Session, name: str) -> Task[Network]:
    desk = session.desk

    def blank() -> str:
        return forms.render(name, language(), None, choices(session))

    def write(data: bytes, source: str) -> Network:
        return network.write(desk, name, network.read_forms(data, name, source), session.moment, source)

    def check(text: str) -> list[Finding]:
        return network.check_form(desk, name, text)

    return Task(name=name, number=None, blank=blank, check=check, write=write)


_format = option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))


def _print(rows: list[network.Row], columns: tuple[Column, ...], form: str, lists: dict[str, str]) -> None:
    """Print a listing; codes get their labels in tables only."""
    words = forms.vocabulary_choices(language())

    def said(key: str, value: Any) -> Any:
        return words[lists[key]].get(value, value) if form == "table" and key in lists else value

    lines = [{key: said(key, value) for key, value in row.items()} for row in rows]
    terminal.put(listing(lines, columns, form, width=terminal.width()))


@command(
    "list",
    help=N_("List the members of Ballerup-Pladen, ring by ring; retired ones too."),
    example="ballerup pladen list",
)
@_format
@click.pass_obj
def list_members(session: Session, form: str) -> None:
    """Print the members."""
    _print(network.members(session.desk), tables.members(form), form, {"ring": "ring", "sector": "sector"})


@command("list", help=N_("List the activities by date, planned and held."), example="ballerup activity list")
@_format
@click.pass_obj
def list_activities(session: Session, form: str) -> None:
    """Print the activities."""
    _print(
        network.activities(session.desk), tables.activities(form), form, {"kind": "activity", "organiser": "organiser"}
    )


@command("show", help=N_("Show which plans were adopted, by whom and when."), example="ballerup beredskab show")
@_format
@click.pass_obj
def show_adoptions(session: Session, form: str) -> None:
    """Print the adoptions."""
    _print(network.adoptions(session.desk), tables.ADOPTIONS, form, {"document": "document"})


_LISTS = {"pladen": list_members, "activity": list_activities, "beredskab": show_adoptions}
_GROUPS = {
    "pladen": N_("Ballerup-Pladen: the network of actors who may meet vulnerable citizens."),
    "activity": N_("Activities: talks, courses, the yearly conference, meetings, action cards."),
    "beredskab": N_("The preparedness plan and the action plan: versions and adoptions."),
}


def _group(name: str) -> Group:
    pages = [_written(page) for page in PAGES.values() if page.name.startswith(f"{name}-")]
    commands = {made.name or "": made for made in (_LISTS[name], *pages)}
    return Group(name, commands=commands, help=_GROUPS[name], section=_SECTION)


COMMANDS = [_group(name) for name in _GROUPS]
