"""The guided first hour: a store, a key, who can be asked, and the commands that follow, one question at a time."""

import json
import re
from pathlib import Path

import click

from ballerup_cli.cli.forms.interview import say
from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import command
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _
from ballerup_cli.errors import N_, BallerupError, NoTerminalError
from ballerup_cli.services.store import founding
from ballerup_cli.services.store.founding import Founder
from ballerup_cli.services.store.identity import RECOVERY
from ballerup_cli.services.store.workspace import read_configuration
from ballerup_cli.services.upkeep import settings

_FEW = 14  # signs below which a passphrase is soon found by trying
_FOLLOWING = (
    (N_("print the recovery key, and lock it away"), N_("ballerup keys sheet --recovery-file FILE")),
    (N_("open your key for the day, so that no command asks"), "ballerup unlock --for 8h"),
    (N_("keep a copy elsewhere"), N_("ballerup backup DIR")),
    (N_("let the shell complete commands and numbers"), 'eval "$(ballerup completion bash)"'),
    (N_("see a whole course with invented cases"), "ballerup demo"),
    (N_("look for what could leak or lose a record here"), "ballerup doctor"),
    (N_("write down a first concern, question by question"), "ballerup create --ask"),
)


@command(
    "start",
    section=N_("The store"),
    example="ballerup start",
    help=N_("The guided first hour: found a store, a key and a recovery key, and learn the commands that follow."),
)
@click.pass_obj
def start(session: Session) -> None:
    """Lead through the founding of a store; what is there already is left as it is."""
    if not terminal.can_answer():
        raise NoTerminalError
    if read_configuration(session.places):
        say(_("There is a store here already; it stays as it is."))
    else:
        _found(session)
        _contacts(session)
    say("\n" + _("What comes next, each as the command to type:"))
    for what, typed in _FOLLOWING:
        terminal.tell(f"  {_(typed)}\n      {_(what)}")


def _found(session: Session) -> None:
    say(_("Enter takes what stands in brackets; Ctrl-C ends it, and nothing is half done."))
    name = _name()
    folder = Path(_asked(_("folder of the store"), str(Path("~/ballerup-sager").expanduser()))).expanduser()
    recovery = Path(_asked(_("file for the recovery key"), str(session.places.config / "recovery.txt"))).expanduser()
    founder = Founder(name=name, passphrase=_passphrase())
    workspace, _key = founding.init(
        session.places, folder, founder, recovery_file=recovery, language=session.lang, at=session.moment.at
    )
    say("\n" + _("The store is founded in {folder}. Its identity:", folder=folder))
    terminal.tell(f"  {workspace.store.pin}")
    say(_("Keep it together with the recovery key in {file}.", file=recovery))
    session.workspace = workspace


def _name() -> str:
    while True:
        name = _asked(_("your short name in the records, such as anna"), "")
        if re.fullmatch("[a-z][a-z0-9-]{0,31}", name) and name != RECOVERY:
            return name
        say(_("a short name has small letters, digits and hyphens, such as anna"))


def _passphrase() -> str:
    """Ask for a passphrase; one that is soon found by trying is said to be so, and asked for once more."""
    while True:
        text = terminal.new_passphrase(_("new passphrase for your key:"))
        if len(text) >= _FEW and len(set(text)) > _FEW // 2:
            return text
        say(_("this one is soon found by trying; four or five words that do not belong together are strong"))
        if terminal.confirm(_("take it all the same?")):
            return text


def _contacts(session: Session) -> None:
    """Ask whom a citizen can turn to; what is not known yet is left out."""
    say("\n" + _("Whom can a citizen turn to? Letters say it; Enter leaves it for later."))
    phone, email, dpo = (
        _asked(question, "") for question in (_("telephone"), _("e-mail"), _("e-mail of the data protection officer"))
    )
    contacts = {"phone": phone, "email": email, "dpo": {"email": dpo} if dpo else None}
    body = {"contacts": {name: value for name, value in contacts.items() if value}}
    if body["contacts"]:
        try:
            settings.change(session.workspace, json.dumps(body).encode(), session.moment)
        except BallerupError as error:
            terminal.fail(error)
            say(_("'ballerup settings' takes them later"))


def _asked(question: str, usual: str) -> str:
    shown = f" [{usual}]" if usual else ""
    return terminal.ask(f"{question}{shown}:") or usual


COMMANDS = [start]
