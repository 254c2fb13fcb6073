"""Members and keys: who opens the store, how somebody comes and goes, and how a key is renewed, proved and replaced."""

import json
from pathlib import Path
from typing import Any, BinaryIO

import click

from ballerup_cli.cli import tables, terminal
from ballerup_cli.cli.params import CodeParam, Group, HoursParam, Refused, argument, command, option
from ballerup_cli.cli.render import FORMATS, date, listing
from ballerup_cli.cli.session import Session
from ballerup_cli.cli.store import NAME, new_passphrase
from ballerup_cli.cli.text import _, language
from ballerup_cli.errors import N_, NoMemoryForKey, NotAgreed
from ballerup_cli.services import backup, form, membership, network, unlocking
from ballerup_cli.services.custody import read_passphrase
from ballerup_cli.services.workspace import Workspace

_FILE = click.Path(path_type=Path, dir_okay=False)
_yes = option("--yes", is_flag=True, help=N_("agree beforehand"))
_from = option(
    "--from",
    "source",
    type=click.File("rb"),
    required=True,
    metavar="FILE",
    help=N_("read it from FILE; - is standard input"),
)
_recovery = option(
    "--recovery-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    metavar="FILE",
    help=N_("the recovery key"),
)
_bare = option("--no-passphrase", is_flag=True, help=N_("leave the identity file unprotected"))
_as = option(
    "--as", "name", required=True, metavar="NAME", help=N_("your short name in the records: small letters and digits")
)


def _agreed(question: str, *, yes: bool) -> None:
    """Go on only when somebody has agreed."""
    if not yes and not (terminal.interactive() and terminal.confirm(question)):
        raise NotAgreed


def _welcome(desk: Workspace) -> None:
    store = desk.store
    terminal.put(_("register {number}: you are in, as {name}", number=store.register.number, name=store.me.name))


def _name(text: str) -> str:
    if not NAME.fullmatch(text) or text == membership.RECOVERY:
        raise Refused(_("a short name has small letters, digits and hyphens, such as anna"), param_hint="--as")
    return text


# --- members ----------------------------------------------------------------------------------------------------------


@command(
    "list", example="ballerup members list", help=N_("List who holds keys, and who did: role, and from when to when.")
)
@option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_obj
def list_members(session: Session, form_: str) -> None:
    """Print the members."""
    rows = membership.members(session.desk, language())
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
@_yes
@click.pass_obj
def add(session: Session, source: BinaryIO, role: str, yes: bool) -> None:
    """Add a member after the fingerprints were compared."""
    if role == membership.RECOVERY:
        raise Refused(_("there is one recovery key; 'keys rotate --recovery' makes a new one"), param_hint="--role")
    card = membership.read_card(source.read())
    words = membership.fingerprint(card["recipient"], card["signing"], language())
    terminal.note(_("fingerprint of the new key: {words}", words=words))
    _agreed(_("has the owner of the key read out the same words?"), yes=yes)
    terminal.put(membership.add(session.desk, card, role, session.moment))
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
    desk = membership.join(session.places, directory, code, session.lang, session.passphrase)
    terminal.put(
        _("register {number}: you are in, as {name}", number=desk.store.register.number, name=desk.store.me.name)
    )


@command(
    "remove",
    example="ballerup members remove bodil",
    help=N_("Let a member go: whatever is written from now on is closed to that key."),
)
@argument("name", metavar="NAME")
@_yes
@click.pass_obj
def remove(session: Session, name: str, yes: bool) -> None:
    """Remove a member, and say what that does not undo."""
    terminal.note(_("what that key could open until today, and every copy of it, stays open to whoever has kept it"))
    _agreed(_("remove this member?"), yes=yes)
    membership.remove(session.desk, name, session.moment)
    terminal.put(_("register {number}: every file is sealed anew", number=session.desk.store.register.number))


@command(
    "recover",
    example="ballerup members recover /srv/ballerup/store --recovery-file recovery.txt --pin PIN --as cecilie",
    help=N_("Put a coordinator in place with the recovery key alone, on a machine that knows no store yet."),
)
@argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@_recovery
@option("--pin", required=True, metavar="PIN", help=N_("the store's identity, as 'init' printed it"))
@_as
@_bare
@_yes
@click.pass_obj
def recover(
    session: Session, directory: Path, recovery_file: Path, pin: str, name: str, no_passphrase: bool, yes: bool
) -> None:
    """Take the store over; its newest register is believed on the word of whoever does."""
    chosen, places = _name(name), session.places
    found = membership.look(places, directory, pin, recovery_file)
    words = N_("register {number} of {at} by {by} is the newest there; an older copy could not be told from it")
    terminal.note(_(words, number=found.number, at=found.at[:10], by=found.by))
    _agreed(_("take the store over as it lies there?"), yes=yes)
    told: dict[str, Any] = {"accept": found.number, "language": session.lang, "moment": session.moment}
    passphrase = None if no_passphrase else new_passphrase(session)
    desk = membership.recover(places, directory, pin, recovery_file, chosen, passphrase, **told)
    _welcome(desk)
    terminal.note(_("'ballerup members remove' lets a lost key go, 'ballerup keys rotate --recovery' renews the paper"))


# --- keys -------------------------------------------------------------------------------------------------------------


@command(
    "new",
    example="ballerup keys new --as bodil > bodil.yaml",
    help=N_("Make your own keys before you join a store; prints the card to hand to a coordinator."),
)
@_as
@_bare
@click.pass_obj
def new(session: Session, name: str, no_passphrase: bool) -> None:
    """Make an identity and print its public half."""
    passphrase = None if no_passphrase else new_passphrase(session)
    text = membership.make_identity(session.places, _name(name), passphrase, session.moment.at)
    terminal.put(text)
    card = membership.read_card(text.encode())
    words = membership.fingerprint(card["recipient"], card["signing"], language())
    terminal.note(_("fingerprint of the new key: {words}", words=words))
    terminal.note(_("hand the card over, and read these words out when you are asked for them"))


@command("show", example="ballerup keys show", help=N_("Show the keys there are, and since which register."))
@option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_obj
def show(session: Session, form_: str) -> None:
    """Print the present keys with their fingerprints, and when the recovery key was last proved."""
    rows = [row for row in membership.members(session.desk, language()) if row["until"] is None]
    terminal.put(listing(rows, tables.KEYS, form_, width=terminal.width()))
    proved = [row["done"] for row in network.proofs(session.desk) if row["what"] == membership.DRILL]
    if proved:
        terminal.note(_("the recovery key was last proved on {day}", day=proved[-1]))
    else:
        terminal.note(_("the recovery key was never proved: 'ballerup keys drill' does"))


@command(
    "rotate",
    example="ballerup keys rotate",
    help=N_("Renew your own keys, or the recovery key, and seal every file anew; the old key is destroyed."),
)
@option("--recovery", type=_FILE, metavar="FILE", help=N_("renew the recovery key instead, and write it to FILE"))
@_yes
@click.pass_obj
def rotate(session: Session, recovery: Path | None, yes: bool) -> None:
    """Renew keys after saying which copies the old one alone opens."""
    desk, places = session.desk, session.places
    for made in backup.known_copies(places, desk.store.pin):
        words = N_("the copy in {path} (register {number} of {day}) is not opened by the new key")
        terminal.note(_(words, path=made.path, number=made.number, day=made.at[:10]))
    terminal.note(_("other copies made before are not either; whoever keeps an older key still opens them"))
    _agreed(_("renew the key, and destroy the old one?"), yes=yes)
    if recovery:
        membership.rotate_recovery(desk, recovery, session.moment)
        terminal.note(_("the recovery key is in {file}: print it, lock it away, then delete the file", file=recovery))
    else:
        passphrase = session.passphrase() if membership.wants_passphrase(places) else None
        membership.rotate(desk, places, passphrase, session.moment)
        if session.runtime:
            unlocking.lock(places.identity, session.runtime)
    terminal.put(_("register {number}: every file is sealed anew", number=desk.store.register.number))


@command(
    "passphrase",
    example="ballerup keys passphrase",
    help=N_("Change the passphrase that wraps your identity file; the keys stay."),
)
@option("--new-passphrase-file", type=_FILE, metavar="FILE", help=N_("file that holds the new passphrase"))
@_bare
@click.pass_obj
def passphrase(session: Session, new_passphrase_file: Path | None, no_passphrase: bool) -> None:
    """Wrap the identity anew."""
    me = session.desk.store.me.name
    chosen = None if no_passphrase else _chosen(new_passphrase_file)
    membership.change_passphrase(session.places, session.passphrase, chosen, me, session.moment.at)
    terminal.put(_("the identity file is written anew"))


def _chosen(file: Path | None) -> str:
    return read_passphrase(file) if file else terminal.new_passphrase(_("new passphrase for your key:"))


@command(
    "drill",
    example="ballerup keys drill --recovery-file recovery.txt",
    help=N_("Prove that the recovery key still opens the records: one case, drawn by lot."),
)
@_recovery
@click.pass_obj
def drill(session: Session, recovery_file: Path) -> None:
    """Try the recovery key, and write down that it was tried."""
    desk = session.desk
    number = membership.drill(desk, recovery_file)
    told = json.dumps({"what": membership.DRILL, "done": session.moment.at[:10]})
    network.write(desk, "proof-add", network.read_forms(told.encode(), "proof-add"), session.moment)
    terminal.put(_("the recovery key opens {what}, and all in it is as it was written", what=number or "members"))


@command(
    "unlock",
    section=N_("The store"),
    example="ballerup unlock --for 8h",
    help=N_("Open your key once, and keep it in memory for some hours, so that commands do not ask again."),
)
@option("--for", "hours", type=HoursParam(), default="8h", help=N_("how long, such as 8h; 24h at most"))
@click.pass_obj
def unlock(session: Session, hours: int) -> None:
    """Keep the opened identity in memory."""
    if session.runtime is None:
        raise NoMemoryForKey
    until = session.until(hours)
    unlocking.unlock(session.places.identity, session.runtime, until, session.passphrase)
    terminal.put(_("unlocked until {time}; 'ballerup lock' ends it", time=date(until.isoformat(timespec="minutes"))))


@command(
    "lock",
    section=N_("The store"),
    example="ballerup lock",
    help=N_("Take an unlocked key out of memory at once."),
)
@click.pass_obj
def lock(session: Session) -> None:
    """End what unlock began."""
    was = session.runtime is not None and unlocking.lock(session.places.identity, session.runtime)
    terminal.put(_("locked") if was else _("nothing was unlocked"))


COMMANDS = [
    unlock,
    lock,
    Group(
        "members",
        commands={made.name or "": made for made in (list_members, add, join, remove, recover)},
        help=N_("Members: who holds keys to the store; how somebody comes, goes, or takes over."),
        section=N_("The store"),
    ),
    Group(
        "keys",
        commands={made.name or "": made for made in (new, show, rotate, passphrase, drill)},
        help=N_("Keys: your own and the recovery key; make, show, renew, prove."),
        section=N_("The store"),
    ),
]
