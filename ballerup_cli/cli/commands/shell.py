"""A morning in one process: the same commands at a prompt, the passphrase once, the key in this memory only."""

import os
import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType

import click

from ballerup_cli.cli.ui import interrupts, terminal
from ballerup_cli.cli.ui.params import command, option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _
from ballerup_cli.errors import N_, NoTerminalError, WrongKeyError
from ballerup_cli.services.keys.unlocking import begin_morning
from ballerup_cli.services.store.identity import KeptOpen

Run = Callable[[list[str], Session], int]

_PROMPT = "ballerup> "
_ENDS = ("exit", "quit", "slut")
_SECONDS = 60  # a minute
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"


@command(
    "shell",
    section=N_("The store"),
    example="ballerup shell --idle 15",
    help=N_("Work at a prompt: the same commands without the word 'ballerup', the passphrase once."),
)
@option("--idle", type=click.IntRange(1, 480), default=15, metavar=N_("MINUTES"), help=N_("end after so long a pause"))
@click.pass_obj
def shell(session: Session, idle: int) -> None:
    """Read commands until the end of the input, a pause, or until the key is locked or renewed elsewhere."""
    from ballerup_cli.cli.main import take

    if not terminal.interactive():
        raise NoTerminalError
    kept = KeptOpen()
    session = replace(session, open_key=kept.open)
    session.open_unchecked()  # asks for the passphrase
    with _mark(session) as mark:
        _talk(session, kept, mark, idle * _SECONDS, take)


def _talk(session: Session, kept: KeptOpen, mark: Path | None, idle_seconds: int, take: Run) -> None:
    terminal.note(_("type commands without 'ballerup'; Tab completes; 'exit' or Ctrl-D ends"))
    while (line := _line(session, idle_seconds)) is not None:
        if not kept.stands or (mark and not mark.exists()):
            terminal.note(_("the key was locked or renewed elsewhere: 'ballerup shell' begins anew"))
            return
        words = _words(line)
        if words and words[0] in _ENDS:
            return
        if words and take(words, replace(session)) == WrongKeyError.exit_code:
            return  # nothing is opened by this key any more


def _words(line: str) -> list[str]:
    try:
        words = shlex.split(line)
    except ValueError:
        terminal.refuse(_("a quotation mark has no partner"), "")
        return []
    words = words[1:] if words[:1] == ["ballerup"] else words
    if words[:1] == ["shell"]:
        terminal.note(_("this is the shell"))
        return []
    if words and words[0].startswith("-") and words[0] not in ("--help", "-h", "--version"):
        terminal.refuse(
            _("options of the program are given when the shell is begun"), _("'exit', then 'ballerup … shell'")
        )
        return []
    return words


class _IdleError(Exception):
    """Nobody typed anything for the time set."""


def _line(session: Session, idle_seconds: int) -> str | None:
    """Return the line that was typed; nothing at the end of the input, or after a pause, which clears the screen."""
    _complete_with(session)
    while True:
        try:
            with _alarm(idle_seconds), interrupts.waiting():
                return input(_PROMPT)
        except KeyboardInterrupt:
            terminal.put("")
        except EOFError:
            terminal.put("")
            return None
        except _IdleError:
            os.write(1, _CLEAR.encode())
            terminal.note(
                _("nothing was typed for {minutes} minutes: the key is closed", minutes=idle_seconds // _SECONDS)
            )
            return None


@contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _IdleError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _mark(session: Session) -> Iterator[Path | None]:
    mark = begin_morning(session.runtime, os.getpid()) if session.runtime else None
    try:
        yield mark
    finally:
        if mark:
            mark.unlink(missing_ok=True)
            with suppress(OSError):
                mark.parent.rmdir()


def _complete_with(session: Session) -> None:
    """Let Tab complete commands, options, case numbers and codes as a shell does, from the store as it is now."""
    import readline

    from click.shell_completion import ShellComplete

    from ballerup_cli.cli.main import main

    completer = ShellComplete(main, {"obj": replace(session)}, "ballerup", "_BALLERUP_COMPLETE")
    found: list[str] = []

    def give(begun: str, turn: int) -> str | None:
        if turn == 0:
            typed = readline.get_line_buffer()[: readline.get_begidx()].split()
            with suppress(Exception):  # a completion never speaks
                found[:] = [item.value for item in completer.get_completions(typed, begun)]
        return found[turn] if turn < len(found) else None

    readline.set_completer_delims(" \t")
    readline.set_completer(give)
    readline.parse_and_bind("tab: complete")


COMMANDS = [shell]
