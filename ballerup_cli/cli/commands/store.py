"""The store: found one, print empty forms, and a demonstration that walks one concern through every step."""

from pathlib import Path
from typing import BinaryIO

import click

from ballerup_cli.cli.commands import demo
from ballerup_cli.cli.commands.verify import verify
from ballerup_cli.cli.forms import filling
from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import NameParam, Refused, argument, command, option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.core.profile import PROFILE
from ballerup_cli.errors import N_, NoTerminalError, PassphraseWantedError
from ballerup_cli.services.cases import importing
from ballerup_cli.services.forms import form, understanding
from ballerup_cli.services.forms.pipeline import ERASE
from ballerup_cli.services.reports import trends
from ballerup_cli.services.store import founding, lookups
from ballerup_cli.services.store.founding import Founder
from ballerup_cli.services.store.workspace import SETTINGS
from ballerup_cli.services.upkeep import profile

_SECTION = N_("The store")

AS = option(
    "--as",
    "name",
    type=NameParam(),
    required=True,
    metavar="NAME",
    help=N_("your short name in the records: small letters and digits"),
)
PRINT_IT = N_("the recovery key is in {file}: print it ('ballerup keys sheet'), lock it away, then delete the file")
NO_PASSPHRASE = option("--no-passphrase", is_flag=True, help=N_("leave the identity file unprotected"))


@command(
    "init",
    section=_SECTION,
    example="ballerup init cases --as anna --recovery-file /media/usb/recovery.txt",
    help=N_("Found a store in DIR: members, network, settings; prints the store's identity."),
)
@argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@AS
@NO_PASSPHRASE
@option(
    "--recovery-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("write the recovery key to FILE instead of showing it; print it, lock it away, delete the file"),
)
@option(
    "--profile",
    "source",
    type=click.File("rb"),
    metavar="FILE",
    help=N_("the municipality's names, network and lists: 'ballerup form profile' (- for standard input)"),
)
@click.pass_obj
def init(
    session: Session,
    directory: Path,
    name: str,
    no_passphrase: bool,
    recovery_file: Path | None,
    source: BinaryIO | None,
) -> None:
    """Found a store and its founder's configuration."""
    if recovery_file is None and not terminal.interactive():
        raise Refused(_("missing, and there is no terminal to show the recovery key on"), param_hint="--recovery-file")
    body = profile.read(*filling.read(source)) if source else None
    founder = Founder(name=name, passphrase=None if no_passphrase else new_passphrase(session))
    workspace, recovery = founding.init(
        session.places,
        directory,
        founder,
        recovery_file=recovery_file,
        language=session.lang,
        at=session.moment.at,
        profile=body,
    )
    terminal.put(workspace.store.pin)
    terminal.note(_("the line above is the store's identity: keep it together with the recovery key"))
    if recovery_file:
        terminal.note(_(PRINT_IT, file=recovery_file))
    else:
        terminal.show_once(_("the recovery key, shown once: write it down, and lock it away"), recovery)
    terminal.note(_("next: 'ballerup create' writes down a concern"))


def new_passphrase(session: Session) -> str:
    """Return a passphrase for a new key: from its file, or asked for twice.

    Raises:
        PassphraseWantedError: there is neither a file nor a terminal.
    """
    if session.passphrase_file:
        return session.passphrase()
    try:
        return terminal.new_passphrase(_("new passphrase for your key:"))
    except NoTerminalError:
        raise PassphraseWantedError from None


@command(
    "form",
    section=_SECTION,
    example="ballerup form create > concern.yaml",
    help=N_("Print the empty form of a step, every field explained."),
)
@argument(
    "step",
    metavar="STEP",
    type=click.Choice([*STEPS, ERASE, *PAGES, importing.MAP, trends.FORM, lookups.UNMASK, SETTINGS, PROFILE]),
    help=N_("name of a form: a step such as create, or pladen-add"),
)
def print_form(step: str) -> None:
    """Print a commented form."""
    own = {SETTINGS: lambda: form.shipped_settings({}), PROFILE: lambda: profile.blank(language())}
    if step in own:
        terminal.put(own[step]())
    else:
        terminal.put(understanding.in_words(step, form.render(step, language()), language()))


COMMANDS = [init, verify, print_form, demo.demo]
