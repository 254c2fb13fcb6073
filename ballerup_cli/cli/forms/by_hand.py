"""Filling in a form by hand: in the editor, or question by question; what was typed is kept until it is written."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import click

from ballerup_cli.cli.forms.editor import Edited, edit
from ballerup_cli.cli.forms.interview import Asking, LaterError, ask, say
from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import interrupts, terminal
from ballerup_cli.cli.ui.reading import BrokenOffError
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, describe, language
from ballerup_cli.errors import N_, BallerupError, Finding, FormLeftError
from ballerup_cli.services.forms import drafts, mending
from ballerup_cli.services.forms.drafts import Content, FormDraft
from ballerup_cli.services.forms.form import find_fault
from ballerup_cli.services.forms.form import typed as as_typed
from ballerup_cli.services.forms.questions import Interview, fields
from ballerup_cli.services.forms.understanding import in_words

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last is a window that was closed
_RESUME = N_("this draft is finished but unwritten; write it now?")
_CONTINUE = frozenset({"", "f", "fortsæt", "c", "continue"})
_NEW = frozenset({"n", "ny", "new", "nej", "no"})
_THROW = frozenset({"k", "kassér", "kasser", "kast", "t", "throw"})


@dataclass(slots=True)
class Keeper:
    """Where one form's text is kept while it is typed: a draft of its own, made when there is something to keep."""

    session: Session
    task: Task[Any]
    draft: FormDraft | None = None
    content: Content = field(default_factory=Content)

    def keep(self, content: Content) -> None:
        """Keep what was typed so far.

        Raises:
            DiskError: it could not be written.
        """
        workspace = self.session.workspace
        if self.draft is None:
            self.draft = drafts.begin(workspace, self.task.name, self.task.number, content)
        else:
            drafts.save(workspace, self.draft, content)
        self.content = content

    def keep_text(self, text: str) -> None:
        """Keep the text of an editor."""
        self.keep(Content(text=text))

    @property
    def words(self) -> str:
        """What is said of the draft, nothing when there is none."""
        return kept_words(self.draft) if self.draft else ""


def kept_words(draft: FormDraft) -> str:
    """Return the words that say which draft keeps a text, and the command that takes it up."""
    return _(
        "the text is kept, sealed, as draft {number}; 'ballerup drafts continue {number}' takes it up again"
    ).format(number=draft.number)


def typed(session: Session, task: Task[Any], how: How) -> Edited:
    """Let the user fill in the form; whatever happens, the text is kept until it is written."""
    task.known()  # what cannot be done now is refused before the first question
    keeper = _opened(session, task, how)
    body = _body(task, keeper)
    text = keeper.content.text
    if text and not task.check(text) and terminal.confirm(_(_RESUME)):
        return Edited(text=text, finished=True, changed=True, draft=keeper.draft)
    if how.ask or (how.resumed and keeper.content.text is None):
        return _asked(session, task, keeper, body)
    return _edited(session, task, keeper, how)


def _opened(session: Session, task: Task[Any], how: How) -> Keeper:
    """Say what lies there of the same form, and let the user choose: go on with it, begin anew, throw it away."""
    keeper = Keeper(session, task)
    workspace = session.workspace
    if how.resumed:
        draft = drafts.find(workspace, how.resumed)
        return Keeper(session, task, draft, drafts.read(workspace, draft))
    for draft in drafts.lying(workspace, task.name, task.number):
        try:
            content = drafts.read(workspace, draft)
        except BallerupError:
            terminal.note(_("draft {number} cannot be opened with this key; it stays where it is", number=draft.number))
            continue
        match _choice(draft):
            case "continue":
                return Keeper(session, task, draft, content)
            case "throw":
                drafts.drop(draft)
            case _:
                return keeper
    return keeper


def _choice(draft: FormDraft) -> str:
    say(_("An unfinished form lies here: draft {number}, from {at}.", number=draft.number, at=draft.at))
    while True:
        chosen = terminal.ask(_("c continue it, n new (the draft stays), t throw it away [c]:")).lower()
        for name, words in (("continue", _CONTINUE), ("new", _NEW), ("throw", _THROW)):
            if chosen in words:
                return name
        say(_("not understood"))


def _body(task: Task[Any], keeper: Keeper) -> Any:
    """Return what is known of a form beforehand; of a text that was typed in the editor, what it says."""
    text = keeper.content.text
    return as_typed(task.name, text) if text else task.known()


def _text(task: Task[Any], keeper: Keeper) -> str:
    content = keeper.content
    if content.text is not None:
        return content.text
    sitting = _interview(task, task.known())
    sitting.take_up(content)
    sitting.question()
    return in_words(task.name, task.form(sitting.body), language())


def _interview(task: Task[Any], known: Any) -> Interview:
    return Interview(task.name, fields(task.form({})), known, task.points(), task.absent())


# --- the editor -------------------------------------------------------------------------------------------------------


def _edited(session: Session, task: Task[Any], keeper: Keeper, how: How) -> Edited:
    form = _text(task, keeper) if keeper.draft else in_words(task.name, task.form(task.known()), language())
    blank = task.heading() + form

    def check(text: str) -> list[Finding]:
        with _kept_on_failure(keeper, text):
            return task.check(text)

    ours = mending.printed(task.name, blank)
    mends: list[Finding] = []

    def mend(text: str) -> tuple[str, list[Finding]]:
        written, mends[:] = mending.mended(task.name, text, ours, file=False)
        return written, mends

    try:
        edited = edit(blank, check, disk=how.disk, keep=keeper.keep_text, mend=mend)
    except OSError:  # the folder in memory is full, say
        if keeper.draft:
            terminal.note(keeper.words)
        raise
    if edited.changed and edited.text:
        keeper.keep_text(edited.text)
    if edited.signal:
        if keeper.draft:
            terminal.note(keeper.words)
        raise click.exceptions.Exit(128 + edited.signal)
    for done in mends if edited.finished else ():
        terminal.note(terminal.place(done, "") + describe(done)[0])
    del session
    return replace(edited, draft=keeper.draft)


@contextmanager
def _kept_on_failure(keeper: Keeper, text: str) -> Iterator[None]:
    """Keep the text whatever fails meanwhile: the store, the disk, or somebody else who was quicker."""
    try:
        yield
    except Exception:
        keeper.keep_text(text)
        terminal.note(keeper.words)
        raise


# --- the interview ----------------------------------------------------------------------------------------------------


def _asked(session: Session, task: Task[Any], keeper: Keeper, known: Any) -> Edited:
    """Let the user answer the form's questions; each answer is kept at once under its field."""
    sitting = _interview(task, known)
    if keeper.content.text is None:
        sitting.take_up(keeper.content)
    asking = Asking(
        check=task.check,
        fault=partial(find_fault, task.name),
        keep=lambda: keeper.keep(sitting.content),
        reader=session.reader,
    )
    if heading := task.heading().rstrip():
        say(heading)
    try:
        with interrupts.held(*_ENDS):
            text = ask(sitting, asking)
    except (BrokenOffError, LaterError, EOFError, KeyboardInterrupt):
        for number in _ENDS[1:]:
            signal.signal(number, signal.SIG_IGN)  # a shell may say twice that its window was closed
        raise FormLeftError(kept=keeper.words) from None
    except BaseException:
        if keeper.draft:
            terminal.note(keeper.words)
        raise
    return Edited(text=text, finished=True, changed=True, draft=keeper.draft)
