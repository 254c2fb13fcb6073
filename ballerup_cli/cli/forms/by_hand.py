"""Filling in a form by hand: in the editor, or question by question; what was typed is kept until it is written."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import click

from ballerup_cli.cli.forms.editor import Edited, edit
from ballerup_cli.cli.forms.interview import ask
from ballerup_cli.cli.forms.task import KEPT, How, Task
from ballerup_cli.cli.ui import interrupts, terminal
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding, FormLeftError
from ballerup_cli.services.forms import drafts
from ballerup_cli.services.forms.form import find_fault
from ballerup_cli.services.forms.form import typed as as_typed
from ballerup_cli.services.forms.questions import Interview, fields

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last is a window that was closed
_RESUME = N_("this form was left finished but unwritten; write it now?")
_RESUMED = N_("left unfinished and taken up again; empty the form to start afresh")


def typed(session: Session, task: Task[Any], how: How) -> Edited:
    """Let the user fill in the form; whatever happens, the text is kept until it is written."""
    kept = drafts.resume(session.workspace, task.name, task.number)
    if kept and not task.check(kept) and terminal.confirm(_(_RESUME)):
        return Edited(text=kept, finished=True, changed=True)
    if how.ask:
        return _asked(session, task, as_typed(task.name, kept) if kept else task.known())
    resumed = f"# {_(_RESUMED)}\n" if kept else ""

    def check(text: str) -> list[Finding]:
        with _kept_on_failure(session, task, text.removeprefix(resumed)):
            return task.check(text)

    blank = task.heading() + task.form(task.known())
    edited = edit(resumed + (kept or blank), check, disk=how.disk)
    edited = replace(edited, text=edited.text.removeprefix(resumed))
    if edited.changed:
        drafts.keep(session.workspace, task.name, task.number, edited.text)
    elif kept and not edited.text:
        drafts.drop(session.workspace, task.name, task.number)
    if edited.signal:
        raise click.exceptions.Exit(128 + edited.signal)
    return edited


def _asked(session: Session, task: Task[Any], known: Body) -> Edited:
    """Let the user answer the form's questions; what was answered is kept as a form that the editor can take up."""
    sitting = Interview(fields(task.form({})), known)
    terminal.tell(task.heading().rstrip())
    try:
        with interrupts.held(*_ENDS):
            text = _answers(session, task, sitting)
    except (EOFError, KeyboardInterrupt):
        raise FormLeftError(kept=_(KEPT)) from None
    return Edited(text=text, finished=True, changed=True)


def _answers(session: Session, task: Task[Any], sitting: Interview) -> str:
    """Put the questions and return the form; whatever ends them, what was answered is kept first."""
    keep = partial(drafts.keep, session.workspace, task.name, task.number)
    try:
        text = ask(sitting, task.check, partial(find_fault, task.name))
    except BaseException as problem:
        keep(task.form(sitting.body))
        if not isinstance(problem, EOFError | KeyboardInterrupt):
            terminal.note(_(KEPT))
        raise
    keep(text)
    return text


@contextmanager
def _kept_on_failure(session: Session, task: Task[Any], text: str) -> Iterator[None]:
    """Keep the text whatever fails meanwhile: the store, the disk, or somebody else who was quicker."""
    try:
        yield
    except Exception:
        drafts.keep(session.workspace, task.name, task.number, text)
        terminal.note(_(KEPT))
        raise
