"""Members: who opens the store, and how somebody comes, goes, or takes over."""

from pathlib import Path
from typing import Any, BinaryIO

import click

from ballerup_cli.cli.commands.store import AS, NO_PASSPHRASE, new_passphrase
from ballerup_cli.cli.ui import paper, tables, terminal
from ballerup_cli.cli.ui.params import CodeParam, Group, Refused, argument, command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language, plural
from ballerup_cli.errors import N_
from ballerup_cli.services.forms import form
from ballerup_cli.services.keys import membership
from ballerup_cli.services.store.identity import RECOVERY
from ballerup_cli.services.store.workspace import Workspace

COMPROMISED = option(
    "--compromised", is_flag=True, help=N_("others may have the key that is given up: the register will say so")
)
YES = option("--yes", is_flag=True, help=N_("agree beforehand"))
_from = option(
    "--from",
    "source",
    type=click.File("rb"),
    required=True,
    metavar="FILE",
    help=N_("read it from FILE; - is standard input"),
)


def tell_leak() -> None:
    """Say what a key that others have still opens and could have done: renewing it undoes none of that."""
    for line in _LEAK:
        terminal.note(_(line))


_LEAK = (
    N_("whoever has it opens every copy and every file that was sealed before now, wherever one was kept:"),
    N_("backups, snapshots of the disk, exports and documents sealed to it, and the log until today"),
    N_("until now it could also sign: look over what was written in that name, and copies not made here"),
    N_("that is a breach of personal data: 'ballerup breach add' starts its 72 hours"),
)


def _welcome(workspace: Workspace) -> None:
    store = workspace.store
    terminal.put(_("register {number}: you are in, as {name}", number=store.register.number, name=store.me.name))


@command(
    "list", example="ballerup members list", help=N_("List who holds keys, and who did: role, and from when to when.")
)
@option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_obj
def list_members(session: Session, form_: str) -> None:
    """Print the members."""
    rows = membership.members(session.workspace, language())
    if form_ == "table":
        roles = form.vocabulary_choices(language())["member-role"]
        rows = [{**row, "role": roles[row["role"]]} for row in rows]
    terminal.put(listing(rows, tables.HOLDERS, form_, width=terminal.width()))


@command(
    "add",
    example="ballerup members add --from bodil.yaml --role coordinator",
    help=N_("Take somebody in by the card that 'keys new' made; prints the code to join with."),
)
@_from
@option("--role", type=CodeParam("member-role"), default="coordinator", help=N_("what the new member may do"))
@YES
@click.pass_obj
def add(session: Session, source: BinaryIO, role: str, yes: bool) -> None:
    """Add a member after the fingerprints were compared."""
    if role == RECOVERY:
        raise Refused(_("there is one recovery key; 'keys rotate --recovery' makes a new one"), param_hint="--role")
    card = membership.read_card(source.read())
    words = membership.fingerprint(card["recipient"], card["signing"], language())
    terminal.note(_("fingerprint of the new key: {words}", words=words))
    terminal.agreed(_("has the owner of the key read out the same words?"), yes=yes)
    terminal.put(membership.add(session.workspace, card, role, session.moment))
    terminal.note(_("the line above is the code to join with; it is no secret, but must arrive unchanged"))


@command(
    "join",
    example="ballerup members join /srv/ballerup/store --from code.txt",
    help=N_("Set this machine up for the store in DIR, by the code of the one who added you."),
)
@argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@_from
@click.pass_obj
def join(session: Session, directory: Path, source: BinaryIO) -> None:
    """Write this user's configuration and anchor."""
    code = source.read().decode("utf-8", "replace")
    items = (session.places, directory, code, session.lang, session.passphrase)
    _welcome(session.patiently(lambda: membership.join(*items)))


@command(
    "remove",
    example="ballerup members remove bodil",
    help=N_("Let a member go: whatever is written from now on is closed to that key."),
)
@argument("name", metavar="NAME")
@COMPROMISED
@YES
@click.pass_obj
def remove(session: Session, name: str, compromised: bool, yes: bool) -> None:
    """Remove a member, and say what that does not undo."""
    terminal.note(_("what that key could open until today, and every copy of it, stays open to whoever has kept it"))
    if compromised:
        tell_leak()
    terminal.agreed(_("remove this member?"), yes=yes)
    membership.remove(session.workspace, name, session.moment, leaked=compromised)
    store = session.workspace.store
    terminal.put(_("register {number}: every file is sealed anew", number=store.register.number))
    if count := store.shielded_count():
        terminal.note(
            plural(
                "{count} case shielded from you stays as it is, until a member who opens it saves something",
                "{count} cases shielded from you stay as they are, until members who open them save something",
                count,
            )
        )


@command(
    "recover",
    example="ballerup members recover /srv/ballerup/store --recovery-file recovery.txt --pin PIN --as cecilie",
    help=N_("Put a coordinator in place with the recovery key alone, on a machine that knows no store yet."),
)
@argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@paper.RECOVERY_FILE
@paper.SHARES
@option("--pin", required=True, metavar="PIN", help=N_("the store's identity, as 'init' printed it"))
@AS
@NO_PASSPHRASE
@YES
@click.pass_obj
def recover(
    session: Session,
    directory: Path,
    recovery_file: Path | None,
    shares: tuple[Path, ...],
    pin: str,
    name: str,
    no_passphrase: bool,
    yes: bool,
) -> None:
    """Take the store over; its newest register is believed on the word of whoever does."""
    places, recovery = session.places, paper.held(recovery_file, shares)
    found = membership.find_lost(places, directory, pin, recovery)
    words = N_("register {number} of {at} by {by} is the newest there; an older copy could not be told from it")
    terminal.note(_(words, number=found.number, at=found.at[:10], by=found.by))
    terminal.agreed(_("take the store over as it lies there?"), yes=yes)
    body: dict[str, Any] = {"accept": found.number, "language": session.lang, "moment": session.moment}
    passphrase = None if no_passphrase else new_passphrase(session)
    workspace = membership.recover(places, directory, pin, recovery, name, passphrase, **body)
    _welcome(workspace)
    terminal.note(_("'ballerup members remove' lets a lost key go, 'ballerup keys rotate --recovery' renews the paper"))


COMMANDS = [
    Group(
        "members",
        commands={made.name or "": made for made in (list_members, add, join, remove, recover)},
        help=N_("Members: who holds keys to the store; how somebody comes, goes, or takes over."),
        section=N_("The store"),
    )
]
