"""Keys: one's own and the one on paper; how a key is made, shown, renewed, proved and kept open for some hours."""

import json
from functools import partial
from pathlib import Path

import click

from ballerup_cli.cli.commands.members import COMPROMISED, YES, tell_leak
from ballerup_cli.cli.commands.store import AS, NO_PASSPHRASE, PRINT_IT, new_passphrase
from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.paper import RECOVERY_FILE, SHARES, held, sheet, split
from ballerup_cli.cli.ui.params import Group, HoursParam, command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, date, language, plural
from ballerup_cli.errors import N_, NoMemoryForKeyError
from ballerup_cli.services.keys import membership, unlocking, vault
from ballerup_cli.services.network import network
from ballerup_cli.services.store.identity import read_passphrase
from ballerup_cli.services.upkeep import backup

_FILE = click.Path(path_type=Path, dir_okay=False)


@command(
    "new",
    example="ballerup keys new --as bodil > bodil.yaml",
    help=N_("Make your own keys before you join a store; prints the card to hand to a coordinator."),
)
@AS
@NO_PASSPHRASE
@click.pass_obj
def new(session: Session, name: str, no_passphrase: bool) -> None:
    """Make an identity and print its public half."""
    passphrase = None if no_passphrase else new_passphrase(session)
    text = membership.make_identity(session.places, name, passphrase, session.moment.at)
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
    rows = [row for row in membership.members(session.workspace, language()) if row["until"] is None]
    terminal.put(listing(rows, tables.KEYS, form_, width=terminal.width()))
    for name, number in membership.leaks(session.workspace).items():
        terminal.note(_("a key of {name} leaked; register {number} gave it up", name=name, number=number))
    proved = [row["done"] for row in network.proofs(session.workspace) if row["what"] == membership.DRILL]
    if proved:
        terminal.note(_("the recovery key was last proved on {day}", day=date(proved[-1])))
    else:
        terminal.note(_("the recovery key was never proved: 'ballerup keys drill' does"))


@command(
    "rotate",
    example="ballerup keys rotate",
    help=N_("Renew your own keys, or the recovery key, and seal every file anew; the old key is destroyed."),
)
@option("--recovery", type=_FILE, metavar="FILE", help=N_("renew the recovery key instead, and write it to FILE"))
@COMPROMISED
@YES
@click.pass_obj
def rotate(session: Session, recovery: Path | None, compromised: bool, yes: bool) -> None:
    """Renew keys after saying which copies the old one alone opens."""
    workspace, places = session.workspace, session.places
    words = N_("the copy in {path} (register {number} of {day}) is not opened by the new key")
    leak = N_("the copy in {path} (register {number} of {day}) is open to whoever has the leaked key: destroy it")
    for made in backup.known_copies(places, workspace.store.pin):
        body = {"path": made.path, "number": made.number, "day": date(made.at[:10])}
        terminal.note(_(leak if compromised else words, **body))
    terminal.note(_("no copy made before now is opened by the new key; whoever keeps an older key still opens them"))
    if compromised:
        tell_leak()
    terminal.agreed(_("renew the key, and destroy the old one?"), yes=yes)
    if recovery:
        membership.rotate_recovery(workspace, recovery, session.moment, leaked=compromised)
        terminal.note(_(PRINT_IT, file=recovery))
        _tell_shut(session)
    else:
        session.patiently(
            lambda: membership.rotate(workspace, places, _given(session), session.moment, leaked=compromised)
        )
        if session.runtime:
            unlocking.lock(places.identity, session.runtime)
    terminal.put(_("register {number}: every file is sealed anew", number=workspace.store.register.number))
    if compromised:
        terminal.note(_("a new period begins with it: the register says that the key before it leaked"))


def _tell_shut(session: Session) -> None:
    """Say what could not be sealed to the new recovery key: whoever is shut out of a case cannot do that."""
    store = session.workspace.store
    if count := store.shielded_count():
        terminal.note(
            plural(
                "{count} case shielded from you still opens with the old one only; "
                "keep the old one until a member who opens it has saved something",
                "{count} cases shielded from you still open with the old one only; "
                "keep the old one until members who open them have saved something",
                count,
            )
        )


@command(
    "passphrase",
    example="ballerup keys passphrase",
    help=N_("Change the passphrase that wraps your identity file; the keys stay."),
)
@option("--new-passphrase-file", type=_FILE, metavar="FILE", help=N_("file that holds the new passphrase"))
@NO_PASSPHRASE
@click.pass_obj
def passphrase(session: Session, new_passphrase_file: Path | None, no_passphrase: bool) -> None:
    """Wrap the identity anew."""
    me = session.workspace.store.me.name
    chosen = None if no_passphrase else _chosen(new_passphrase_file)
    items = (session.places, session.passphrase, chosen, me, session.moment.at)
    session.patiently(partial(membership.change_passphrase, *items))
    if vault.forget(session.places):
        terminal.note(_("it is out of the system's keyring; 'ballerup unlock --keyring' keeps the new one"))
    terminal.put(_("the identity file is written anew"))


def _given(session: Session) -> str | None:
    return session.passphrase() if membership.wants_passphrase(session.places) else None


def _chosen(file: Path | None) -> str:
    return read_passphrase(file) if file else terminal.new_passphrase(_("new passphrase for your key:"))


@command(
    "drill",
    example="ballerup keys drill --recovery-file recovery.txt",
    help=N_("Prove that the recovery key still opens the records: one case, drawn by lot."),
)
@RECOVERY_FILE
@SHARES
@click.pass_obj
def drill(session: Session, recovery_file: Path | None, shares: tuple[Path, ...]) -> None:
    """Try the recovery key, and write down that it was tried."""
    workspace = session.workspace
    number = membership.drill(workspace, held(recovery_file, shares))
    text = json.dumps({"what": membership.DRILL, "done": session.moment.at[:10]})
    network.write(workspace, "proof-add", network.read_forms(text.encode(), "proof-add"), session.moment)
    terminal.put(_("the recovery key opens {what}, and all in it is as it was written", what=number or "members"))


@command(
    "unlock",
    section=N_("The store"),
    example="ballerup unlock --for 8h",
    help=N_("Open your key once, and keep it in memory for some hours, so that commands do not ask again."),
)
@option("--for", "hours", type=HoursParam(), default="8h", help=N_("how long, such as 8h; 24h at most"))
@option(
    "--keyring",
    is_flag=True,
    help=N_("keep the passphrase in the system's keyring instead, until you lock it; the key stays wrapped"),
)
@click.pass_obj
def unlock(session: Session, hours: int, keyring: bool) -> None:
    """Keep the opened identity in memory, or its passphrase in the keyring."""
    if keyring:
        session.patiently(partial(vault.keep, session.places, session.passphrase))
        terminal.put(_("the passphrase is in the system's keyring; 'ballerup lock' takes it out"))
        return
    if session.runtime is None:
        raise NoMemoryForKeyError
    until = session.until(hours)
    session.patiently(partial(unlocking.unlock, session.places.identity, session.runtime, until, session.passphrase))
    terminal.put(_("unlocked until {time}; 'ballerup lock' ends it", time=date(until.isoformat(timespec="minutes"))))


@command(
    "lock",
    section=N_("The store"),
    example="ballerup lock",
    help=N_("Take an unlocked key out of memory at once, and its passphrase out of the keyring."),
)
@click.pass_obj
def lock(session: Session) -> None:
    """End what unlock began."""
    was = session.runtime is not None and unlocking.lock(session.places.identity, session.runtime)
    was = vault.forget(session.places) or was
    terminal.put(_("locked") if was else _("nothing was unlocked"))


COMMANDS = [
    unlock,
    lock,
    Group(
        "keys",
        commands={made.name or "": made for made in (new, show, rotate, passphrase, drill, sheet, split)},
        help=N_("Keys: your own and the recovery key; make, show, renew, prove."),
        section=N_("The store"),
    ),
]
