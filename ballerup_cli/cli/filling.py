"""Filling in a form: from a file, from a pipe, or in the editor as often as needed; the text is never lost.

Which forms there are, and what is written, belongs to the commands.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO, Generic, TypeVar

import click

from ballerup_cli.cli import editor, terminal
from ballerup_cli.cli.params import Option
from ballerup_cli.cli.session import Session
from ballerup_cli.cli.text import _
from ballerup_cli.errors import N_, BallerupError, Finding, FormLeft
from ballerup_cli.services import drafts

T = TypeVar("T")

_MOST = 10 * 2**20 + 1  # one more than a form may hold, so that a larger one is noticed without being read
_RESUME = N_("this form was left finished but unwritten; write it now?")
_RESUMED = N_("left unfinished and taken up again; empty the form to start afresh")
_KEPT = N_("the text is kept, sealed; the same command takes it up again")


@dataclass(frozen=True, kw_only=True, slots=True)
class Task(Generic[T]):
    """One form to be filled in: its name and case, its blank text, what is wrong with a text, and how to write one."""

    name: str
    number: str | None
    blank: Callable[[], str]
    check: Callable[[str], list[Finding]]
    write: Callable[[bytes, str], T]


def options() -> list[Option]:
    """Return the options every command with a form has: where the form comes from."""
    source = Option(
        ["--from", "source"],
        type=click.File("rb"),
        metavar="FILE",
        help=N_("read the form from FILE (- for standard input) instead of opening it in the editor"),
    )
    disk = Option(
        ["--disk"], is_flag=True, help=N_("let the editor's file lie on a disk where there is no memory folder")
    )
    return [source, disk]


def fill(session: Session, task: Task[T], source: BinaryIO | None, *, disk: bool) -> T:
    """Return what came of writing the form.

    Raises:
        FormLeft: it was left unfinished in the editor.
        BallerupError: it is not valid, or could not be written.
    """
    if source:
        return task.write(source.read(_MOST), _shown(source))
    return _ask(session, task, disk=disk)


def _ask(session: Session, task: Task[T], *, disk: bool) -> T:
    """Let the user fill in the form, and write it; whatever happens, the text is kept until it is written."""
    kept = drafts.resume(session.desk, task.name, task.number)
    if kept and not task.check(kept) and terminal.confirm(_(_RESUME)):
        return _finish(session, task, kept)
    resumed = f"# {_(_RESUMED)}\n" if kept else ""

    def check(text: str) -> list[Finding]:
        with _kept_on_failure(session, task, text.removeprefix(resumed)):
            return task.check(text)

    edited = editor.edit(resumed + (kept or task.blank()), check, disk=disk)
    edited = replace(edited, text=edited.text.removeprefix(resumed))
    if edited.changed:
        drafts.keep(session.desk, task.name, task.number, edited.text)
    elif kept and not edited.text:
        drafts.drop(session.desk, task.name, task.number)
    if edited.signal:
        raise click.exceptions.Exit(128 + edited.signal)
    if not edited.finished:
        raise FormLeft(kept=_(_KEPT) if edited.changed else "")
    return _finish(session, task, edited.text)


def _finish(session: Session, task: Task[T], text: str) -> T:
    """Write a form that is kept as a draft; only then is the draft dropped."""
    with _kept_on_failure(session, task, text):
        written = task.write(text.encode(), "")
    drafts.drop(session.desk, task.name, task.number)
    return written


@contextmanager
def _kept_on_failure(session: Session, task: Task[T], text: str) -> Iterator[None]:
    """Keep the text whatever fails meanwhile: the store, the disk, or somebody else who was quicker."""
    try:
        yield
    except BallerupError:
        drafts.keep(session.desk, task.name, task.number, text)
        terminal.note(_(_KEPT))
        raise


def _shown(source: BinaryIO) -> str:
    name = str(getattr(source, "name", ""))
    return "-" if name in ("<stdin>", "0") else name.rsplit("/", 1)[-1]
