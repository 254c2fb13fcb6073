"""Filling in a form: from a file or pipe, in the editor, or question by question; what was typed is never lost.

Which forms there are, and what is written, belongs to the commands.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO, Generic, TypeVar

import click

from ballerup_cli.cli import editor, terminal
from ballerup_cli.cli.asking import ask
from ballerup_cli.cli.params import Option
from ballerup_cli.cli.session import Session
from ballerup_cli.cli.text import _
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, BallerupError, Finding, FormLeft
from ballerup_cli.services import drafts
from ballerup_cli.services.form import find_fault, typed
from ballerup_cli.services.questions import Sitting, fields

T = TypeVar("T")

_MOST = 10 * 2**20 + 1  # one more than a form may hold, so that a larger one is noticed without being read
_RESUME = N_("this form was left finished but unwritten; write it now?")
_RESUMED = N_("left unfinished and taken up again; empty the form to start afresh")
_KEPT = N_("the text is kept, sealed; the same command takes it up again")


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
    edited = _typed(session, task, how)
    if not edited.finished:
        raise FormLeft(kept=_(_KEPT) if edited.changed else "")
    return _finish(session, [task], lambda: task.write(edited.text.encode(), ""))


def fill_in_turn(session: Session, tasks: Sequence[Task[Any]], write: Callable[[dict[str, bytes]], T], how: How) -> T:
    """Let the user fill in a form for each of several cases, then write those that were filled in, by case number.

    A form left as it was, or emptied, is passed over. Nothing is written before the last one is done.

    Raises:
        FormLeft: one was left unfinished, or none was filled in.
        BallerupError: they could not be written.
    """
    filled: dict[str, bytes] = {}
    for task in tasks:
        edited = _typed(session, task, how)
        if edited.finished:
            filled[task.number or ""] = edited.text.encode()
        elif edited.changed:
            raise FormLeft(kept=_(_KEPT))
    if not filled:
        raise FormLeft(kept="")
    return _finish(session, [task for task in tasks if task.number in filled], lambda: write(filled))


def _typed(session: Session, task: Task[Any], how: How) -> editor.Edited:
    """Let the user fill in the form; whatever happens, the text is kept until it is written."""
    kept = drafts.resume(session.desk, task.name, task.number)
    if kept and not task.check(kept) and terminal.confirm(_(_RESUME)):
        return editor.Edited(text=kept, finished=True, changed=True)
    if how.ask:
        return _asked(session, task, typed(task.name, kept) if kept else task.known())
    resumed = f"# {_(_RESUMED)}\n" if kept else ""

    def check(text: str) -> list[Finding]:
        with _kept_on_failure(session, task, text.removeprefix(resumed)):
            return task.check(text)

    blank = task.heading() + task.form(task.known())
    edited = editor.edit(resumed + (kept or blank), check, disk=how.disk)
    edited = replace(edited, text=edited.text.removeprefix(resumed))
    if edited.changed:
        drafts.keep(session.desk, task.name, task.number, edited.text)
    elif kept and not edited.text:
        drafts.drop(session.desk, task.name, task.number)
    if edited.signal:
        raise click.exceptions.Exit(128 + edited.signal)
    return edited


def _asked(session: Session, task: Task[Any], known: Body) -> editor.Edited:
    """Let the user answer the form's questions; what was answered is kept as a form that the editor can take up."""
    sitting = Sitting(fields(task.form({})), known)

    def check(text: str) -> list[Finding]:
        with _kept_on_failure(session, task, task.form(sitting.body)):
            return task.check(text)

    terminal.tell(task.heading().rstrip())
    try:
        text = ask(sitting, check, partial(find_fault, task.name))
    except (EOFError, KeyboardInterrupt):
        drafts.keep(session.desk, task.name, task.number, task.form(sitting.body))
        raise FormLeft(kept=_(_KEPT)) from None
    drafts.keep(session.desk, task.name, task.number, text)
    return editor.Edited(text=text, finished=True, changed=True)


def _finish(session: Session, tasks: Sequence[Task[Any]], write: Callable[[], T]) -> T:
    """Write forms that are kept as drafts; only then are the drafts dropped."""
    try:
        written = write()
    except BallerupError:
        terminal.note(_(_KEPT))
        raise
    for task in tasks:
        drafts.drop(session.desk, task.name, task.number)
    return written


def read(source: BinaryIO) -> tuple[bytes, str]:
    """Return what was handed in, and what to call it."""
    name = str(getattr(source, "name", ""))
    return source.read(_MOST), "-" if name in ("<stdin>", "0") else name.rsplit("/", 1)[-1]


@contextmanager
def _kept_on_failure(session: Session, task: Task[T], text: str) -> Iterator[None]:
    """Keep the text whatever fails meanwhile: the store, the disk, or somebody else who was quicker."""
    try:
        yield
    except BallerupError:
        drafts.keep(session.desk, task.name, task.number, text)
        terminal.note(_(_KEPT))
        raise
