"""Copy the store, and look through every byte of the copy."""

from pathlib import Path

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import argument, command
from ballerup_cli.cli.ui.text import _
from ballerup_cli.errors import N_
from ballerup_cli.services.upkeep import backup


@command(
    "backup",
    section=N_("The store"),
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


COMMANDS = [back_up]
