"""Keeping and letting go: what retention proposes, erasure, copies of the store, and bringing one back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ballerup_cli.cli.forms.filling import fill, options
from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import memory, tables, terminal
from ballerup_cli.cli.ui.params import Argument, CaseParam, Command, Option, argument, command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.tables import when
from ballerup_cli.cli.ui.text import _, date, language, plural
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.forms import form
from ballerup_cli.services.network import network
from ballerup_cli.services.rights import erasure
from ballerup_cli.services.rights.erasure import ERASE
from ballerup_cli.services.store import records
from ballerup_cli.services.upkeep import backup

_STORE, _RIGHTS = N_("The store"), N_("Rights")
_WEEK = 7

_yes = option("--yes", is_flag=True, help=N_("agree beforehand"))


# --- retention and erasure --------------------------------------------------------------------------------------------


@command(
    "retention",
    section=_RIGHTS,
    example="ballerup retention --within 30",
    help=N_("List the closed cases whose time is up: what the rules propose. Nothing is ever erased by itself."),
)
@option("--within", type=click.IntRange(0, 36500), default=_WEEK, metavar="DAYS", help=N_("look this many days ahead"))
@option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_obj
def retention(session: Session, within: int, form_: str) -> None:
    """Print the proposals."""
    rows = erasure.proposals(session.workspace, session.moment, within)
    session.tell_shut()
    if form_ == "table":
        rows = [_spoken(session, row) for row in rows]
    if rows or form_ != "table":
        terminal.put(listing(rows, tables.RETENTION, form_, width=terminal.width()))
    else:
        terminal.note(plural("no case is to go within {count} day", "no case is to go within {count} days", within))


def _spoken(session: Session, row: Body) -> dict[str, Any]:
    words = form.vocabulary_choices(language())
    label = session.workspace.settings["retention"][row["rule"]]["label"][language()]
    told = {"gate": words["gate"][row["gate"]], "rule": label, "action": words["retention-action"][row["action"]]}
    return {**row, **told, "days_overdue": when(row["days_overdue"])}


@click.pass_obj
def _erase(session: Session, /, cases: tuple[str, ...], yes: bool, **where: Any) -> None:
    """Erase cases and print their certificates."""
    workspace = session.workspace
    numbers = list(dict.fromkeys(records.find_number(workspace, case) for case in cases))

    def blank(body: Body) -> str:
        return form.render(ERASE, language(), body)

    def write(data: bytes, source: str) -> list[dict[str, Any]]:
        for number, clocks in erasure.still_owed(workspace, numbers).items():
            terminal.note(_("{case}: owed to a child and not answered: {clocks}", case=number, clocks=clocks))
        terminal.agreed(_("erase {cases} for good?", cases=numbers), yes=yes)
        return erasure.erase(workspace, numbers, data, session.moment, source)

    def check(text: str) -> list[Finding]:
        return erasure.check_form(workspace, text)

    asked = Task(name=ERASE, number=numbers[0], form=blank, check=check, write=write)
    archives = form.vocabulary_choices(language())["archive"]
    for told in fill(session, asked, How(**where)):
        words = N_("{case} is erased: {archive}; {rule}. Its counts stay, nothing else of it does.")
        terminal.put(_(words, case=told["case"], archive=archives[told["archive"]], rule=told["rule"]))
    terminal.note(_("copies of the store still hold it until they are made anew"))


_erase_command = Command(
    ERASE,
    callback=_erase,
    params=[
        Argument(["cases"], metavar="CASE...", type=CaseParam(), nargs=-1, required=True),
        *options(),
        Option(["--yes"], is_flag=True, help=N_("agree beforehand")),
    ],
    section=_RIGHTS,
    example="ballerup erase 2026-0007 --from erase.yaml --yes",
    help=N_("Erase closed cases for good, for one reason; numbers, certificates and nameless counts stay."),
)


# --- copies -----------------------------------------------------------------------------------------------------------


@command(
    "backup",
    section=_STORE,
    example="ballerup backup /media/usb/ballerup",
    help=N_("Copy the store into COPY, an empty folder or an older copy, and look through every byte of it."),
)
@argument("copy", metavar="COPY", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def back_up(session: Session, copy: Path) -> None:
    """Make a copy."""
    made = backup.back_up(session.workspace, copy)
    words = N_("register {number}: {files} files copied and read back, {new} of them new")
    terminal.put(_(words, number=made.number, files=made.files, new=made.new))


@command(
    "restore",
    section=_STORE,
    example="ballerup restore /media/usb/ballerup",
    help=N_("Put a copy in the store's place, after saying what is lost by it; what was erased since stays erased."),
)
@argument("copy", metavar="COPY", type=click.Path(path_type=Path, file_okay=False))
@option("--prove", is_flag=True, help=N_("only try: bring it back into memory, look through it and wipe it"))
@_yes
@click.pass_obj
def restore(session: Session, copy: Path, prove: bool, yes: bool) -> None:
    """Bring a copy back, or try to."""
    if prove:
        _prove(session, copy)
        return
    there = backup.present(session.open_unchecked)
    taken = backup.open_copy(session.open_copy(copy).store, copy)
    for line in _told(backup.losses(taken, there, session.places)):
        terminal.note(line)
    terminal.agreed(_("put this copy in the place of the store?"), yes=yes)
    workspace = backup.bring_back(taken, session.places, there, session.moment)
    terminal.put(_("register {number}: the copy stands in the store's place", number=workspace.store.register.number))


def _told(losses: backup.Losses) -> Iterator[str]:
    """Say what bringing a copy back means, in numbers."""
    yield _("the copy is register {number} of {at}", number=losses.number, at=date(losses.at))
    if losses.lost:
        yield _("lost by it: {cases}", cases=losses.lost)
    if losses.shorter:
        yield _("shorter than now: {cases}", cases=losses.shorter)
    if losses.leaked:
        words = N_(
            "keys of {names} leaked since: whoever has them may have written this copy, and opens the store again; "
            "then 'ballerup members remove' them"
        )
        yield _(words, names=losses.leaked)
    if losses.opened:
        words = N_("shielded since, and open to more members in the copy; 'ballerup shield' them again: {cases}")
        yield _(words, cases=losses.opened)
    if losses.erased:
        yield _("erased since, and erased again at once: {cases}", cases=losses.erased)


def _prove(session: Session, copy: Path) -> None:
    with memory.scratch(disk=True) as folder:
        cases = backup.prove(session.open_copy(copy).store, copy, folder)
    workspace = session.workspace
    told = json.dumps({"what": "restore-proof", "done": session.moment.at[:10]})
    network.write(workspace, "proof-add", network.read_forms(told.encode(), "proof-add"), session.moment)
    terminal.put(
        plural("{count} case came back whole, and was wiped", "{count} cases came back whole, and were wiped", cases)
    )


COMMANDS = [retention, _erase_command, back_up, restore]
