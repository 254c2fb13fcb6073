"""Keeping and letting go: what retention proposes, erasure, copies of the store, and bringing one back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ballerup_cli.cli.forms.filling import fill, options
from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import memory, tables, terminal
from ballerup_cli.cli.ui.params import Argument, CaseParam, Command, Option, Refused, argument, command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.tables import when
from ballerup_cli.cli.ui.text import _, date, language, plural
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.forms import form
from ballerup_cli.services.forms.pipeline import ERASE
from ballerup_cli.services.network import network
from ballerup_cli.services.rights import erasure
from ballerup_cli.services.store import records
from ballerup_cli.services.store.workspace import adopt as adopt_folder
from ballerup_cli.services.store.workspace import configured_store, is_same
from ballerup_cli.services.upkeep import backup, healing

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
@option("--done", is_flag=True, help=N_("what was erased instead: the certificates"))
@option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_obj
def retention(session: Session, within: int, done: bool, form_: str) -> None:
    """Print the proposals, or the certificates."""
    if done:
        _certificates(session, form_)
        return
    rows = erasure.proposals(session.workspace, session.moment, within)
    session.tell_shut()
    if form_ == "table":
        rows = [_spoken(session, row) for row in rows]
    if rows or form_ != "table":
        terminal.put(listing(rows, tables.RETENTION, form_, width=terminal.width()))
    else:
        terminal.note(plural("no case is to go within {count} day", "no case is to go within {count} days", within))


def _certificates(session: Session, form_: str) -> None:
    rows = erasure.certificates(session.workspace)
    words = form.vocabulary_choices(language())["archive"]
    if form_ == "table":
        rows = [{**row, "erased": date(row["erased"]), "archive": words[row["archive"]]} for row in rows]
    terminal.put(listing(rows, tables.CERTIFICATES, form_, width=terminal.width()))


def _spoken(session: Session, row: Body) -> dict[str, Any]:
    words = form.vocabulary_choices(language())
    label = session.workspace.settings["retention"][row["rule"]]["label"][language()]
    told = {
        "gate": words["gate"].get(row["gate"], "–"),
        "rule": label,
        "action": words["retention-action"][row["action"]],
    }
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
        _say_what_it_means(session, numbers)
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


def _say_what_it_means(session: Session, numbers: list[str]) -> None:
    """Say how early it is, and who has the information and is to be told that it is gone."""
    for row in erasure.consequences(session.workspace, numbers, language(), session.moment):
        if row["early"] > 0:
            terminal.note(
                plural(
                    "{case}: {count} day before its time is up",
                    "{case}: {count} days before its time is up",
                    row["early"],
                    case=row["case"],
                )
            )
        for name in row["recipients"]:
            told = N_("{case}: to be told of the erasure by {day}: {name} (GDPR art. 19)")
            terminal.note(_(told, case=row["case"], day=row["until"], name=name))


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
@click.pass_context
def back_up(ctx: click.Context, copy: Path) -> None:
    """Make a copy."""
    made = backup.back_up(ctx.obj.workspace, copy)
    for wrong in made.damaged:
        terminal.fail(wrong)
    words = N_("register {number}: {files} files copied and read back, {new} of them new")
    terminal.put(_(words, number=made.number, files=made.files, new=made.new))
    if made.damaged:
        terminal.note(_("of these the copy keeps its own last file, if it has one"))
        ctx.exit(max(wrong.exit_code for wrong in made.damaged))


@command(
    "restore",
    section=_STORE,
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
@_yes
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
    for line in _told(backup.losses(taken, there, session.places)):
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


def _told(losses: backup.Losses) -> Iterator[str]:
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
    told = json.dumps({"what": "restore-proof", "done": session.moment.at[:10]})
    network.write(workspace, "proof-add", network.read_forms(told.encode(), "proof-add"), session.moment)
    terminal.put(
        plural("{count} case came back whole, and was wiped", "{count} cases came back whole, and were wiped", cases)
    )


COMMANDS = [retention, _erase_command, back_up, restore]
