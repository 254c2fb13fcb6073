"""Cron: how an account that sees deadlines only is set up, and the line or unit that it runs."""

import getpass
import os
import re
import shutil
import sys
from pathlib import Path

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import Group, NameParam, Refused, command, option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language
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


class ReaderParam(click.ParamType[str]):
    """Who reads the mail: an address, or an account on this machine."""

    name = "reader"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take what cron and sendmail read as one address; nothing else of theirs."""
        if not re.fullmatch(r"[A-Za-z0-9_][\w.+-]*(@[A-Za-z0-9][A-Za-z0-9.-]*)?", value, re.ASCII):
            words = N_("one address, such as anna@example.dk, or an account on this machine")
            raise Refused(_(words), ctx=ctx, param=param)
        return value


_mail = option(
    "--mail",
    "reader",
    type=ReaderParam(),
    metavar="MAIL",
    help=N_("who reads the mail: an address, or an account on this machine; else your own account"),
)


def _reader(ctx: click.Context, reader: str | None) -> str:
    """Return who reads the mail: as said, as answered on a terminal, or whoever runs this."""
    usual = _account()
    if reader or not terminal.interactive():
        return reader or usual
    answer = terminal.ask(_("Who reads the mail about deadlines? [{account}]", account=usual))
    return ReaderParam().convert(answer or usual, None, ctx)


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
@_mail
@click.pass_context
def setup(ctx: click.Context, account: str, name: str, reader: str | None) -> None:
    """Print the steps; nothing is changed by it."""
    session: Session = ctx.obj
    reader = _reader(ctx, reader)
    terminal.put(watching.steps(session.places, _program(), account, name, reader))
    terminal.note(_("the mail goes to {reader}", reader=reader))


@command(
    "print",
    example="ballerup cron print --as ballerup-due.service",
    help=N_("Print the line for cron, or the units for systemd, of the account that runs this."),
)
@option("--as", "form", type=click.Choice(watching.FORMS), default=watching.FORMS[0], help=N_("what to print"))
@_mail
@click.pass_obj
def print_unit(session: Session, form: str, reader: str | None) -> None:
    """Print a crontab or a unit."""
    account = _account()
    terminal.put(watching.unit(form, session.places, _program(), account, language(), reader or account))


COMMANDS = [
    Group(
        "cron",
        commands={made.name or "": made for made in (setup, print_unit)},
        help=N_("Cron: an account that is told of overdue deadlines, by numbers and clocks only."),
        section=N_("The store"),
    )
]
