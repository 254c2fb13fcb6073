"""The program: its root command, what every command shares, and how failures become words and exit codes.

The commands themselves live in modules of their own, imported when one of their commands is called: a program that is
started forty times a day must not read what it will not use.
"""

import importlib
import os
import sys
from collections.abc import Callable, MutableMapping, Sequence
from datetime import date
from pathlib import Path

import click

from ballerup_cli import __version__
from ballerup_cli.cli.ui import interrupts, memory, terminal
from ballerup_cli.cli.ui.aliases import command_of
from ballerup_cli.cli.ui.params import DateParam, Group, explain, group, option
from ballerup_cli.cli.ui.session import Session, places
from ballerup_cli.cli.ui.text import _, choose_language, lang_in, set_language
from ballerup_cli.errors import N_, BallerupError, SystemFailedError
from ballerup_cli.services.store.identity import Places
from ballerup_cli.services.store.workspace import read_configuration, speak_as_before

# The modules of the commands, in the order of the overview; each lists its own in COMMANDS.
_MODULES = (
    *("case", "drafts", "meeting", "today", "show", "list", "due", "report", "search", "network", "papers"),
    *(
        "request",
        "log",
        "check",
        "import_",
        "export",
        "retention",
        "erase",
        "backup",
        "restore",
        "start",
        "store",
        "members",
        "keys",
        "cron",
        "doctor",
        "settings",
    ),
    *("completion", "manual", "help", "shell"),
)
_STEPS = "case"


class Program(Group):
    """The root command: it imports the module of the command called, and all of them only for an overview."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Find the command in the module of its name, in that of the steps, then in the others; Danish words too."""
        cmd_name = command_of(cmd_name)
        likely = [name for name in (cmd_name, f"{cmd_name}_", _STEPS) if name in _MODULES]
        for module in dict.fromkeys([*likely, *_MODULES]):
            for command in _commands(module):
                if command.name == cmd_name:
                    return command
        return None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and name what is wrong with single cases beside which it went on."""
        try:
            ended = super().invoke(ctx)
        except click.exceptions.Exit as end:
            ended = end.exit_code
        code = ended if isinstance(ended, int) else 0
        return ctx.obj.ended(code) if isinstance(ctx.obj, Session) else code

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        """All commands by name, in the order of the overview."""
        return {command.name or "": command for module in _MODULES for command in _commands(module)}

    @commands.setter
    def commands(self, none: MutableMapping[str, click.Command]) -> None:
        """Take the empty mapping that click starts a group with."""


def _commands(module: str) -> Sequence[click.Command]:
    found: Sequence[click.Command] = importlib.import_module(f"ballerup_cli.cli.commands.{module}").COMMANDS
    return found


@group(
    name="ballerup",
    cls=Program,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=N_("Case work for a municipal Infohus coordinator: concerns in sealed files, from intake to closing."),
)
@option(
    "--store", type=click.Path(path_type=Path), metavar="DIR", envvar="BALLERUP_STORE", help=N_("folder of the store")
)
@option("--lang", type=click.Choice(["da", "en"]), help=N_("language of everything people read"))
@option("--today", type=DateParam(), metavar="DATE", help=N_("measure clocks against this day instead of today"))
@option("--identity", type=click.Path(path_type=Path), metavar="FILE", help=N_("identity file to open the store with"))
@option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    envvar="BALLERUP_PASSPHRASE_FILE",
    help=N_("file that holds the passphrase of the identity"),
)
@option("--debug", is_flag=True, help=N_("show where in the program an unexpected failure happened"))
@option("--version", is_flag=True, help=N_("print the version"))
@click.pass_context
def main(
    ctx: click.Context,
    store: Path | None,
    lang: str | None,
    today: date | None,
    identity: Path | None,
    passphrase_file: Path | None,
    debug: bool,
    version: bool,
) -> None:
    """Gather what the global options say; without a command, show the overview."""
    del debug  # read where an unexpected failure is reported
    ctx.obj = ctx.obj or Session(places(os.environ), store, identity, passphrase_file, today, lang)
    if version:
        terminal.put(__version__)
    elif ctx.invoked_subcommand is None and isinstance(ctx.command, Group):
        terminal.put(ctx.command.overview(ctx))


def _guarded(call: Callable[[], object]) -> int:
    """Run ``call`` and turn whatever happens into words on stderr and an exit code."""
    try:
        ended = call()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as problem:
        terminal.refuse(*explain(problem))
        return 2
    except BallerupError as error:
        terminal.fail(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort, EOFError):
        terminal.note(interrupts.said())
        return interrupts.CODE
    except BrokenPipeError:  # the reader of a pipe has seen enough
        return 0
    except OSError as problem:
        terminal.fail(failed := SystemFailedError(reason=problem.strerror or type(problem).__name__))
        _trace(problem)
        return failed.exit_code
    except Exception as bug:
        _report_bug(bug)
        return 1
    return ended if isinstance(ended, int) else 0  # click gives back the code of a command that chose one


def _report_bug(bug: Exception) -> None:
    """Name the kind of an unexpected failure: never its message."""
    terminal.refuse(
        _("something unexpected happened: {kind}", kind=type(bug).__name__),
        _("repeat the command as 'ballerup --debug …' and report what it says; it quotes no record"),
    )
    _trace(bug)


def _trace(bug: Exception) -> None:
    """Name, on demand, the places that an unexpected failure came through."""
    trace = bug.__traceback__
    while "--debug" in sys.argv and trace is not None:
        terminal.note(f"  {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next


def take(words: list[str], session: Session) -> int:
    """Run one command of the shell in this process, and return its exit code; its words and errors are those of any."""
    return _guarded(lambda: main.main(words, standalone_mode=False, prog_name="ballerup", obj=session))


def run() -> None:
    """Run the program as the operating system calls it."""
    terminal.open_closed_streams()
    terminal.speak_utf8()
    interrupts.begin()
    os.umask(0o077)
    memory.leave_no_dump()
    set_language(choose_language(lang_in(sys.argv[1:]), os.environ, None))
    sys.exit(_guarded(_speak_and_run))


def _speak_and_run() -> object:
    folders = places(os.environ)
    if folders is None:  # the command that needs them will say so; help does not
        return main.main(standalone_mode=False, prog_name="ballerup")
    folders.recall()
    _speak_as_configured(folders)
    ended = main.main(standalone_mode=False, prog_name="ballerup")
    folders.remember()  # not after a failure, which changes nothing anywhere
    return ended


def _speak_as_configured(folders: Places) -> None:
    configured = None
    try:
        configuration = read_configuration(folders)
        configured = configuration.language if configuration else None
        speak_as_before(configuration)
    except BallerupError:
        pass  # the command that needs it will say so, in the language we have
    set_language(choose_language(lang_in(sys.argv[1:]), os.environ, configured))
