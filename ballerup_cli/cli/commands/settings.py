"""The settings: what holds in this store, and a change of it."""

from typing import Any, BinaryIO

import click

from ballerup_cli.cli.commands.case import YES, agree
from ballerup_cli.cli.forms.filling import fill, options, read
from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import Command, Group, argument, command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import LANGUAGES, _, language, plural
from ballerup_cli.core.cases.rules import UNCONFIRMED
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.documents import templates
from ballerup_cli.services.forms import form
from ballerup_cli.services.upkeep import profile, settings

_OTHERS = {code: set(LANGUAGES) - {code} for code in LANGUAGES}
"""Texts that people do not read where they read this language; programs get all of them."""


@command("show", example="ballerup settings show --own", help=N_("Show what is set: every setting with its value."))
@option("--own", is_flag=True, help=N_("only what this store has set itself"))
@option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_obj
def show_settings(session: Session, own: bool, form_: str) -> None:
    """Print the settings."""
    rows = [row for row in settings.rows(session.workspace) if row["own"] or not own]
    if form_ == "table":
        rows = [_short(row) for row in rows if row["path"].rpartition(".")[2] not in _OTHERS[language()]]
    terminal.put(listing(rows, tables.SETTINGS, form_, width=terminal.width()))


def _short(row: settings.Row) -> settings.Row:
    """Show the first line of a text of several: a template is one."""
    if not isinstance(row["value"], str):
        return row
    if row["path"].endswith(".read"):
        return {**row, "value": row["value"] or tables.read(UNCONFIRMED)}
    first, _, more = row["value"].partition("\n")
    return {**row, "value": f"{first} …"} if more.strip() else row


@click.pass_obj
def _set(session: Session, /, yes: bool, **where: Any) -> None:
    """Write what is set, and say which cases have other deadlines now."""
    workspace, moment = session.workspace, session.moment

    def blank(_body: Body) -> str:
        return form.shipped_settings(workspace.own_settings)

    def write(data: bytes, source: str) -> list[str]:
        return agree(lambda agreed: settings.change(workspace, data, moment, source, agreed=agreed), yes=yes)

    def check(text: str) -> list[Finding]:
        return settings.check_form(workspace, text)

    moved = fill(session, Task(name="settings", number=None, form=blank, check=check, write=write), How(**where))
    terminal.put(plural("the deadlines of {count} case moved", "the deadlines of {count} cases moved", len(moved)))
    session.tell_shut()


_change = Command(
    "set",
    callback=_set,
    params=[*(made for made in options() if made.name != "ask"), YES],
    example="ballerup settings set --from settings.yaml",
    help=N_("Change what is set; only what differs need be told, and null goes back to what is shipped."),
)


@command(
    "template",
    example="ballerup settings template receipt > receipt.yaml\nballerup settings set --from receipt.yaml",
    help=N_("Print the template of a document, in the language chosen, as settings to change and set again."),
)
@argument("name", type=click.Choice(templates.NAMES), metavar="NAME")
@click.pass_obj
def show_template(session: Session, name: str) -> None:
    """Print the store's own template, or else the shipped one."""
    terminal.put(templates.form(session.workspace, name, language()))


@command(
    "profile",
    example="ballerup settings profile > profile.yaml\nballerup settings profile --from profile.yaml",
    help=N_("Show the profile of the municipality, or put another one in force: codes it leaves out are retired."),
)
@option("--from", "source", type=click.File("rb"), metavar="FILE", help=N_("the new one (- for standard input)"))
@option("--yes", is_flag=True, help=N_("agree beforehand when several existing cases change"))
@click.pass_obj
def change_profile(session: Session, source: BinaryIO | None, yes: bool) -> None:
    """Print the profile, or change it once somebody agreed."""
    workspace, moment = session.workspace, session.moment
    if source is None:
        terminal.put(profile.as_form(workspace, moment.today.isoformat()))
        return
    data, name = read(source)
    body = profile.read(data, name)
    terminal.agreed(_("put this profile in force?"), yes=yes)
    moved = profile.change(workspace, body, moment, name, agreed=True)
    terminal.put(plural("the deadlines of {count} case moved", "the deadlines of {count} cases moved", len(moved)))


COMMANDS = [
    Group(
        "settings",
        commands={made.name or "": made for made in (show_settings, _change, show_template, change_profile)},
        help=N_("Settings: names, core group, clocks, retention, working days; deadlines follow at once."),
        section=N_("The store"),
    )
]
