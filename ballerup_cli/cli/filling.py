"""Filling in a form: from a file or pipe, or by hand; what was typed is never lost.

Which forms there are, and what is written, belongs to the commands; editor and questions to ``byhand``, which a form
from a file never needs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, TypeVar

import click

from ballerup_cli.cli import terminal
from ballerup_cli.cli.params import Option
from ballerup_cli.cli.session import Session
from ballerup_cli.cli.text import _
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, BallerupError, Finding, FormLeft
from ballerup_cli.services import drafts

T = TypeVar("T")

_MOST = 10 * 2**20 + 1  # one more than a form may hold, so that a larger one is noticed without being read
KEPT = N_("the text is kept, sealed; the same command takes it up again")


@dataclass(frozen=True, kw_only=True, slots=True)
class Task(Generic[T]):
    """One form to be filled in.

    Its name and case; ``form``, its text with some fields filled in, and ``known``, those that are known beforehand;
    what is said above it in the editor; what is wrong with a text, and how to write one.
    """

    name: str
    number: str | None
    form: Callable[[Body], str]
    check: Callable[[str], list[Finding]]
    write: Callable[[bytes, str], T]
    known: Callable[[], Body] = dict
    heading: Callable[[], str] = str


@dataclass(frozen=True, kw_only=True, slots=True)
class How:
    """Where a form comes from: a file or pipe, questions, or else the editor, whose file may lie on a ``disk``."""

    source: BinaryIO | None = None
    ask: bool = False
    disk: bool = False


def options() -> list[Option]:
    """Return the options every command with a form has: the fields of ``How``."""
    source = Option(
        ["--from", "source"],
        type=click.File("rb"),
        metavar="FILE",
        help=N_("read the form from FILE (- for standard input) instead of opening it in the editor"),
    )
    disk = Option(
        ["--disk"], is_flag=True, help=N_("let the editor's file lie on a disk where there is no memory folder")
    )
    ask = Option(
        ["--ask"], is_flag=True, help=N_("answer one question at a time instead of opening the form in the editor")
    )
    return [source, ask, disk]


def fill(session: Session, task: Task[T], how: How) -> T:
    """Return what came of writing the form.

    Raises:
        FormLeft: it was left unfinished.
        BallerupError: it is not valid, or could not be written.
    """
    if how.source:
        return task.write(*read(how.source))
    from ballerup_cli.cli.byhand import typed

    edited = typed(session, task, how)
    if not edited.finished:
        raise FormLeft(kept=_(KEPT) if edited.changed else "")
    return _finish(session, [task], lambda: task.write(edited.text.encode(), ""))


def fill_in_turn(session: Session, tasks: Sequence[Task[Any]], write: Callable[[dict[str, bytes]], T], how: How) -> T:
    """Let the user fill in a form for each of several cases, then write those that were filled in, by case number.

    A form left as it was, or emptied, is passed over. Nothing is written before the last one is done.

    Raises:
        FormLeft: one was left unfinished, or none was filled in.
        BallerupError: they could not be written.
    """
    from ballerup_cli.cli.byhand import typed

    filled: dict[str, bytes] = {}
    for task in tasks:
        edited = typed(session, task, how)
        if edited.finished:
            filled[task.number or ""] = edited.text.encode()
        elif edited.changed:
            raise FormLeft(kept=_(KEPT))
    if not filled:
        raise FormLeft(kept="")
    return _finish(session, [task for task in tasks if task.number in filled], lambda: write(filled))


def _finish(session: Session, tasks: Sequence[Task[Any]], write: Callable[[], T]) -> T:
    """Write forms that are kept as drafts; only then are the drafts dropped."""
    try:
        written = write()
    except BallerupError:
        terminal.note(_(KEPT))
        raise
    for task in tasks:
        drafts.drop(session.desk, task.name, task.number)
    return written


def read(source: BinaryIO) -> tuple[bytes, str]:
    """Return what was handed in, and what to call it."""
    name = str(getattr(source, "name", ""))
    return source.read(_MOST), "-" if name in ("<stdin>", "0") else name.rsplit("/", 1)[-1]
