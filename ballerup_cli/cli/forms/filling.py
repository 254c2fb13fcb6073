"""Filling in a form: from a file or pipe, or by hand; what was typed is never lost.

Which forms there are, and what is written, belongs to the commands; editor and questions to ``byhand``, which a form
from a file never needs.
"""

from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, TypeVar

import click

from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import Option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import describe
from ballerup_cli.errors import N_, BallerupError, FormLeftError
from ballerup_cli.services.forms import drafts
from ballerup_cli.services.forms.drafts import FormDraft

T = TypeVar("T")

_MOST = 10 * 2**20 + 1  # one more than a form may hold, so that a larger one is noticed without being read


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
        FormLeftError: it was left unfinished.
        BallerupError: it is not valid, or could not be written.
    """
    if how.source:
        return task.write(*_mended(task.name, *read(how.source)))
    from ballerup_cli.cli.forms.by_hand import kept_words, typed

    edited = typed(session, task, how)
    if not edited.finished:
        raise FormLeftError(kept=kept_words(edited.draft) if edited.draft else "")
    return _finish([edited.draft], lambda: task.write(edited.text.encode(), ""))


def _mended(name: str, data: bytes, source: str) -> tuple[bytes, str]:
    """Return what was handed in with what could only mean one thing set right; each is said with its line."""
    from ballerup_cli.services.forms import mending

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data, source  # the strict reading says where
    written, mends = mending.mended(name, text.replace("\r\n", "\n"), mending.printed(name), file=True)
    for mend in mends:
        if mend.message == mending.COMMENT:
            terminal.warn(mend, source)
        else:
            terminal.note(terminal.place(mend, source) + describe(mend)[0])
    return (written.encode() if mends else data), source


def fill_in_turn(session: Session, tasks: Sequence[Task[Any]], write: Callable[[dict[str, bytes]], T], how: How) -> T:
    """Let the user fill in a form for each of several cases, then write those that were filled in, by case number.

    A form left as it was, or emptied, is passed over. Nothing is written before the last one is done.

    Raises:
        FormLeftError: one was left unfinished, or none was filled in.
        BallerupError: they could not be written.
    """
    from ballerup_cli.cli.forms.by_hand import kept_words, typed

    filled: dict[str, bytes] = {}
    kept: list[FormDraft | None] = []
    for task in tasks:
        edited = typed(session, task, how)
        if edited.finished:
            filled[task.number or ""] = edited.text.encode()
            kept.append(edited.draft)
        elif edited.draft:
            raise FormLeftError(kept=kept_words(edited.draft))
    if not filled:
        raise FormLeftError(kept="")
    return _finish(kept, lambda: write(filled))


def _finish(kept: Sequence[FormDraft | None], write: Callable[[], T]) -> T:
    """Write forms that are kept as drafts; only then are the drafts dropped."""
    from ballerup_cli.cli.forms.by_hand import kept_words

    try:
        written = write()
    except BallerupError:
        for draft in kept:
            if draft:
                terminal.note(kept_words(draft))
        raise
    for draft in kept:
        if draft:
            drafts.drop(draft)
    return written


def read(source: BinaryIO) -> tuple[bytes, str]:
    """Return what was handed in, and what to call it."""
    name = str(getattr(source, "name", ""))
    return source.read(_MOST), "-" if name in ("<stdin>", "0") else name.rsplit("/", 1)[-1]
