"""The doctor: what about this machine, the keys and the store could leak or lose a record, each with its remedy."""

import os
import resource
from pathlib import Path
from typing import Any

import click

from ballerup_cli.cli.commands.drafts import tell as tell_drafts
from ballerup_cli.cli.ui import memory, tables, terminal
from ballerup_cli.cli.ui.params import FOUND, command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session, home
from ballerup_cli.cli.ui.text import _
from ballerup_cli.errors import N_, BallerupError
from ballerup_cli.services.upkeep import health
from ballerup_cli.services.upkeep.health import Ill, Machine


@command(
    "doctor",
    section=N_("The store"),
    example="ballerup doctor",
    help=N_("Look for what could leak or lose a record here: rights, memory, keys, clock, backups, proofs."),
)
@option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_context
def doctor(ctx: click.Context, form: str) -> None:
    """Print what is not well; a store that cannot be opened is told after what can be seen without it."""
    session: Session = ctx.obj
    machine = _machine()
    found = [*health.examine_machine(machine), *health.examine_files(session.places)]
    try:
        found += health.examine_store(session.workspace, session.places, machine, session.moment)
    except BallerupError:
        _print(found, form)
        raise
    _print(found, form)
    tell_drafts(session)
    if found:
        ctx.exit(FOUND)
    terminal.note(_("all is well"))


def _print(found: list[Ill], form: str) -> None:
    rows = [_row(ill, form) for ill in found]
    if rows or form != "table":
        columns = [column for column in tables.ILLS if form == "table" or column.key in ("check", "place")]
        terminal.put(listing(rows, columns, form, width=terminal.width()))


def _row(ill: Ill, form: str) -> dict[str, Any]:
    facts = {**ill.facts, "place": ill.place}
    what = _(ill.message, **facts)
    body = {"what": f"{ill.place}: {what}" if ill.place else what, "remedy": _(ill.remedy, **facts)}
    return {"check": ill.check, "place": ill.place, **(body if form == "table" else {})}


def _machine() -> Machine:
    return Machine(
        home=home(),
        umask=_umask_of(os.getppid()),
        memory=memory.folder(),
        swaps=_text(Path("/proc/swaps")),
        core=resource.getrlimit(resource.RLIMIT_CORE)[0],
        core_pattern=_text(Path("/proc/sys/kernel/core_pattern")),
    )


def _umask_of(process: int) -> int | None:
    """Return the umask of a process: our own is set by ourselves, the shell's decides on what it saves for us."""
    for line in _text(Path(f"/proc/{process}/status")).splitlines():
        if line.startswith("Umask:"):
            return int(line.split()[1], 8)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


COMMANDS = [doctor]
