"""Help as a command, for whoever types it first."""

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import argument, command
from ballerup_cli.errors import N_


@command(
    "help",
    section=N_("The store"),
    example="ballerup help create",
    help=N_("Explain a command; without one, show all of them."),
)
@argument("words", nargs=-1, metavar=N_("COMMAND"))
@click.pass_context
def help_(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of a command."""
    found, where = ctx.find_root().command, ctx.find_root()
    for word in words:
        under = found.get_command(where, word) if isinstance(found, click.Group) else None
        if under is None:
            raise click.NoSuchCommand(word, possibilities=[], ctx=where)
        where = under.make_context(under.name, [], parent=where, resilient_parsing=True)
        found = under
    terminal.page(found.get_help(where))


COMMANDS = [help_]
