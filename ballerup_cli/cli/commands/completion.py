"""The script that lets a shell complete; what it completes is in ``ui.completion``."""

import click
from click.shell_completion import get_completion_class

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import argument, command
from ballerup_cli.errors import N_

_SHELLS = ("bash", "zsh", "fish")


@command(
    "completion",
    section=N_("The store"),
    example='eval "$(ballerup completion bash)"',
    help=N_("Print the script that lets SHELL complete commands, case numbers and codes."),
)
@argument("shell", type=click.Choice(_SHELLS), metavar=N_("SHELL"), help=N_("bash, zsh or fish"))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print click's script for a shell."""
    made = get_completion_class(shell)
    assert made is not None  # noqa: S101  (the choices are those click knows)
    terminal.put(made(ctx.find_root().command, {}, "ballerup", "_BALLERUP_COMPLETE").source())


COMMANDS = [completion]
