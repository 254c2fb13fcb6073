"""Bring a copy back: in the store's place, elsewhere to be read, one case of it, or only to try."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from ballerup_cli.cli.ui import memory, terminal
from ballerup_cli.cli.ui.params import CaseParam, Refused, argument, command, option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, date, plural
from ballerup_cli.errors import N_
from ballerup_cli.services.network import network
from ballerup_cli.services.store import records
from ballerup_cli.services.store.workspace import adopt as adopt_folder
from ballerup_cli.services.store.workspace import configured_store, is_same
from ballerup_cli.services.upkeep import backup, healing


@command(
    "restore",
    section=N_("The store"),
    example="ballerup restore /media/usb/ballerup\nballerup --store /tmp/look restore /media/usb/ballerup",
    help=N_(
        "Put a copy in the store's place, after saying what is lost by it; what was erased since stays erased. With "
        "--store DIR elsewhere, lay a copy there to be read, and leave the store alone."
    ),
)
@argument("copy", metavar="COPY", type=click.Path(path_type=Path, file_okay=False))
@option("--prove", is_flag=True, help=N_("only try: bring it back into memory, look through it and wipe it"))
@option("--case", type=CaseParam(), metavar="NUMBER", help=N_("bring back this case alone"))
@option("--adopt", is_flag=True, help=N_("make the folder of --store the configured store, from the copy"))
@option("--yes", is_flag=True, help=N_("agree beforehand"))
@click.pass_obj
def restore(session: Session, copy: Path, prove: bool, case: str | None, adopt: bool, yes: bool) -> None:
    """Bring a copy back, lay it elsewhere, or try to."""
    configured = configured_store(session.places)
    path = session.store.absolute() if session.store and not is_same(session.store, configured) else None
    if prove:
        _prove(session, copy)
    elif case:
        _heal(session, copy, case, yes=yes)
    elif path and not adopt:
        taken = backup.open_copy(session.open_copy(copy).store, copy)
        made = backup.lay(taken, path)
        words = N_("register {number}: {files} files lie in {path}, to be read only; the store is as it was")
        terminal.put(_(words, number=made.number, files=made.files, path=str(path)))
    elif adopt and path is None:
        raise Refused(_("name the folder with --store DIR, another one than the store's"), param_hint="--adopt")
    elif path and is_same(copy, path):  # a store that was moved, as it lies there
        number = session.open_moved(path).store.register.number
        adopt_folder(session.places, path)
        terminal.put(_("register {number}: {path} is the configured store", number=number, path=str(path)))
    else:
        _bring_back(session, copy, path, yes=yes)


def _heal(session: Session, copy: Path, case: str, *, yes: bool) -> None:
    """Bring one case back, after saying what of it is lost."""
    workspace = session.open_configured()
    number = records.find_number(workspace, case)
    found = healing.find(workspace, copy, number)
    words = N_("{case}: {kept} entries come back, {lost} are lost")
    terminal.note(_(words, case=number, kept=found.kept, lost=found.lost))
    if found.lost:
        terminal.agreed(_("bring this case back without them?"), yes=yes)
    healing.bring_back(workspace, copy, found, session.moment, lambda: healing.find(workspace, copy, number))
    terminal.put(_("register {number}: {case} is back", number=workspace.store.register.number, case=number))


def _bring_back(session: Session, copy: Path, path: Path | None, *, yes: bool) -> None:
    """Put a copy in the store's place, or in that of a folder that is the store from then on."""
    there = backup.present(session.open_configured)
    taken = backup.open_copy(session.open_copy(copy).store, copy)
    for line in _say_losses(backup.losses(taken, there, session.places)):
        terminal.note(line)
    if path:
        terminal.note(_("the configured store is {path} from then on", path=str(path)))
    terminal.agreed(_("put this copy in the place of the store?"), yes=yes)
    workspace = backup.bring_back(taken, session.places, there, session.moment, path)
    if path:
        adopt_folder(session.places, path)
    terminal.put(_("register {number}: the copy stands in the store's place", number=workspace.store.register.number))
    for kept in backup.set_aside(workspace):
        terminal.note(_("what it replaced is kept for thirty days: {path}", path=kept))


def _say_losses(losses: backup.Losses) -> Iterator[str]:
    """Say what bringing a copy back means, in numbers."""
    yield _("the copy is register {number} of {at}", number=losses.number, at=date(losses.at))
    if losses.lost:
        yield _("lost by it: {cases}", cases=losses.lost)
    if losses.shorter:
        yield _("shorter than now: {cases}", cases=losses.shorter)
    if losses.leaked:
        words = N_(
            "keys of {names} leaked since: whoever has them may have written this copy; look with 'ballerup doctor' "
            "whether they open the store again"
        )
        yield _(words, names=losses.leaked)
    if losses.standing:
        words = N_("these stay as they are now, since a text was taken out of them or they are shielded: {cases}")
        yield _(words, cases=losses.standing)
    if losses.erased:
        yield _("erased since, and erased again at once: {cases}", cases=losses.erased)


def _prove(session: Session, copy: Path) -> None:
    with memory.scratch(disk=True) as folder:
        cases = backup.prove(session.open_copy(copy).store, copy, folder)
    workspace = session.workspace
    text = json.dumps({"what": "restore-proof", "done": session.moment.at[:10]})
    network.write(workspace, "proof-add", network.read_forms(text.encode(), "proof-add"), session.moment)
    terminal.put(
        plural("{count} case came back whole, and was wiped", "{count} cases came back whole, and were wiped", cases)
    )


COMMANDS = [restore]
