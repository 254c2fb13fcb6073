"""Cron: how an account that sees deadlines only is set up, and the line or unit that it runs."""

import getpass
import os
import shutil
import sys
from pathlib import Path

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import Group, NameParam, command, option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import language
from ballerup_cli.errors import N_
from ballerup_cli.services.keys import watching


def _program() -> Path:
    """Return the program that runs now, not another of its name that PATH may find first."""
    beside = [Path(sys.argv[0]), Path(sys.executable).with_name("ballerup")]
    runs = (path for path in beside if path.name == "ballerup" and os.access(path, os.X_OK))
    return next(runs, Path(shutil.which("ballerup") or sys.argv[0])).absolute()


def _account() -> str:
    """Return the name of the account that runs this, its number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


@command(
    "setup",
    example="ballerup cron setup",
    help=N_("Print the steps by which an account of its own comes to watch deadlines, and nothing else."),
)
@option(
    "--account",
    type=NameParam(),
    default="ballerup-watch",
    metavar="NAME",
    help=N_("name of the account on this machine"),
)
@option(
    "--as", "name", type=NameParam(), default="watch", metavar="NAME", help=N_("short name of its key in the records")
)
@click.pass_obj
def setup(session: Session, account: str, name: str) -> None:
    """Print the steps; nothing is changed by it."""
    terminal.put(watching.steps(session.places, _program(), account, name))


@command(
    "print",
    example="ballerup cron print --as ballerup-due.service",
    help=N_("Print the line for cron, or the units for systemd, of the account that runs this."),
)
@option("--as", "form", type=click.Choice(watching.FORMS), default=watching.FORMS[0], help=N_("what to print"))
@click.pass_obj
def print_unit(session: Session, form: str) -> None:
    """Print a crontab or a unit."""
    terminal.put(watching.unit(form, session.places, _program(), _account(), language()))


COMMANDS = [
    Group(
        "cron",
        commands={made.name or "": made for made in (setup, print_unit)},
        help=N_("Cron: an account that is told of overdue deadlines, by numbers and clocks only."),
        section=N_("The store"),
    )
]
