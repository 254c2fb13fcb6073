"""The demonstration: a throw-away store with invented concerns, one more walked through every step, due and report."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import argument, command
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.errors import N_, AlreadyThereError
from ballerup_cli.services.cases import examples
from ballerup_cli.services.cases.examples import Form
from ballerup_cli.services.store import founding
from ballerup_cli.services.store.founding import Founder
from ballerup_cli.services.store.identity import Places
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.upkeep import settings

_TODAY = date(2026, 11, 20)  # the day the invented concerns are looked at from
_CONTACTS = b'contacts: {phone: "00 00 00 00", email: "opdigtet@example.org", dpo: {email: "dpo@example.org"}}\n'
_FOUNDED = Moment(at="2026-01-01T12:00:00+01:00", today=date(2026, 1, 1))


@command(
    "demo",
    section=N_("The store"),
    example="ballerup demo /tmp/ballerup-demo",
    help=N_("Make a throw-away store with invented cases, walk one through, and print due and report."),
)
@argument("directory", metavar=N_("[DIR]"), required=False, type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def demo(ctx: click.Context, directory: Path | None) -> None:
    """Show the whole of it with cases that never happened; nothing of the user's own is read or written."""
    root = (directory or Path(tempfile.mkdtemp(prefix="ballerup-demo-"))).absolute()
    if directory and directory.exists() and any(directory.iterdir()):
        raise AlreadyThereError(path=str(directory))
    session = _found(root)
    terminal.put(_("A store of invented concerns, in {folder}. Nobody in it exists.", folder=root))
    for concern in examples.concerns():
        number = examples.write(session.workspace, concern)
        terminal.put(f"  {number}  {concern[0].path.parent.name[3:]}")
    _walk(ctx, session, examples.walk())
    session.clock = Moment(at=f"{_TODAY}T08:00:00+01:00", today=_TODAY)
    for words in (["due"], ["report", "--internal"]):
        _run(ctx, session, words, shown=["--today", str(_TODAY), *words])
    terminal.put("\n" + _("To look around in it, in this terminal:"))
    terminal.put(f"  export BALLERUP_CONFIG_DIR={root}/config BALLERUP_STATE_DIR={root}/state")
    terminal.put(f"  {_program()} --today {_TODAY} list")


def _program() -> str:
    """Return how this program is called: by its name where the shell finds it, else by its path."""
    return "ballerup" if shutil.which("ballerup") else str(Path(sys.argv[0]))


def _found(root: Path) -> Session:
    session = Session(Places(config=root / "config", state=root / "state"), store=None, clock=_FOUNDED)
    founder = Founder(name="anna", passphrase=None)
    session.workspace, _recovery = founding.init(
        session.places,
        root / "store",
        founder,
        recovery_file=root / "recovery.txt",
        language=language(),
        at=_FOUNDED.at,
    )
    settings.change(session.workspace, _CONTACTS, _FOUNDED)
    return session


def _walk(ctx: click.Context, session: Session, forms: Sequence[Form]) -> None:
    terminal.put("\n" + _("One more concern, from the first call to its closing: what is typed, and what comes back."))
    number = ""
    for form in forms:
        session.clock = form.moment
        arguments = [form.step, *([number] if number else []), "--from", str(form.path)]
        typed = "".join(f"  | {line}\n" for line in form.text.splitlines() if not line.startswith("#"))
        terminal.put(f"\n{form.path.name}:\n{typed}")
        _run(ctx, session, arguments, shown=[*arguments[:-1], form.path.name])
        number = number or session.workspace.store.cases()[-1]  # the walk's is the newest


def _run(ctx: click.Context, session: Session, arguments: Sequence[str], *, shown: Sequence[str]) -> None:
    """Run a command of this very program, its call printed before it."""
    terminal.put(f"\n$ ballerup {' '.join(shown)}")
    root = ctx.find_root().command
    root.main(list(arguments), obj=session, standalone_mode=False, prog_name="ballerup")
