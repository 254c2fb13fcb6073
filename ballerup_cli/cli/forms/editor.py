"""The form in the user's own editor: a file in memory, brought back with messages until it is right or given up.

What a form says and which rules it must keep is not known here; nor what becomes of a form that was given up.
"""

import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from ballerup_cli.cli.ui import memory
from ballerup_cli.cli.ui.text import describe, plural
from ballerup_cli.errors import N_, CannotReadError, Finding, NoEditorError, NoFormError
from ballerup_cli.services.forms.drafts import FormDraft
from ballerup_cli.values import value

_LIMIT = 4 * 1024 * 1024
_PATIENCE = 2.0  # seconds an editor gets to end when we are told to end
# vim and its kin would leave the text in swap, undo, backup and viminfo files; the user's own settings may turn them on
# again after --cmd, so they are switched off a second time once those have been read.
_VIM_OFF = "set noswapfile nobackup nowritebackup noundofile nomodeline viminfo= updatecount=0"
_AUTOSAVED = ".typed"  # beside the form: what vim has not saved; a form that is given up with :q! is still given up
_GLANCE = 1.0  # seconds between two looks at what the editor has written
_VIM_KEEP = f"set updatetime=700 | autocmd CursorHold,CursorHoldI,TextChanged * silent! write! %:p:h/{_AUTOSAVED}"
_VIM = ("-n", "-i", "NONE", "--cmd", _VIM_OFF, "-c", _VIM_OFF, "-c", _VIM_KEEP)
# Backups, history and positions are off unless the user's settings turn them on.
_NANO = ("--ignorercfiles", "--tabstospaces", "--softwrap")

Note = tuple[int | None, str]
Mend = Callable[[str], tuple[str, Sequence[Finding]]]
"""From what was typed to what it can only mean, and what was done at which line."""


@value
class Edited:
    """How it ended. A form that is not ``finished`` was given up; ``changed`` says whether there is text worth keeping.

    ``signal`` is the number of the signal that ended it, or 0; ``draft`` is where the text is kept.
    """

    text: str = field(repr=False)
    finished: bool
    changed: bool
    signal: int = 0
    draft: FormDraft | None = None


def edit(
    text: str,
    check: Callable[[str], Sequence[Finding]],
    *,
    disk: bool = False,
    keep: Callable[[str], None] = lambda _text: None,
    mend: Mend = lambda text: (text, []),
) -> Edited:
    """Let the user fill in ``text`` until ``check`` finds nothing, or until the form is closed unchanged or empty.

    What comes back goes through ``mend`` first, and what that did is shown at its line.

    Every state that the editor leaves on the disk is handed to ``keep`` while it is open. An exception of ``check``
    passes through; it was given the text.

    Raises:
        NoForm, NoMemoryFolderError, NoEditorError, CannotReadError
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NoFormError
    with _Signals() as signals, memory.scratch(disk=disk) as folder:
        return _rounds(folder / "form.yaml", text.rstrip("\n") + "\n", _Judge(check=check, mend=mend), signals, keep)


def _rounds(
    form: Path,
    original: str,
    judge: "_Judge",
    signals: "_Signals",
    keep: Callable[[str], None],
) -> Edited:
    text, notes, done = original, list[Note](), list[Note]()
    while True:
        shown = annotate(text, notes, done)
        _write(form, shown)
        ours = (notes, done)
        watch = _Watch(form, shown, lambda seen, ours=ours: keep(strip(seen, *ours)))  # type: ignore[misc]
        failed = _run(form, first_note(shown, notes), signals, watch)
        returned = watch.newest() if failed else _read(form)
        text = "" if is_empty(returned) else strip(returned, *ours)
        if failed or returned == shown or not text:
            return Edited(text=text, finished=False, changed=text not in ("", original), signal=signals.number)
        text, notes, done = judge.judged(text)
        if not notes:
            return Edited(text=text, finished=True, changed=True)


@value
class _Judge:
    """What is made of a text that comes back: what it can only mean, then what is wrong with it."""

    check: Callable[[str], Sequence[Finding]]
    mend: Mend

    def judged(self, text: str) -> tuple[str, list[Note], list[Note]]:
        """Return the text as it is meant, what is wrong with it, and what was done to it."""
        text, mends = self.mend(text)
        return text, _notes(self.check(text)), _notes(mends)


def _notes(findings: Sequence[Finding]) -> list[Note]:
    return [(finding.line, describe(finding)[0]) for finding in findings]


# --- messages in the form: text in, text out --------------------------------------------------------------------------


def annotate(text: str, notes: Sequence[Note], done: Sequence[Note] = ()) -> str:
    """Put each message as a comment above its line, indented like it; those without a line stand on top.

    What is wrong is marked ``#!``, what was ``done`` to the line ``#=``.
    """
    lines = text.split("\n")
    above: dict[int, list[str]] = {}
    for mark, said in (("#!", notes), ("#=", done if notes else ())):
        for line, message in said:
            above.setdefault(min(max(line or 1, 1), len(lines)) - 1, []).append(f"{mark} {_one_line(message)}")
    shown: list[str] = [_heading(notes)] if notes else []
    for index, line_text in enumerate(lines):
        indent = line_text[: len(line_text) - len(line_text.lstrip(" "))]
        shown += [f"{indent}{message}" for message in above.get(index, ())]
        shown.append(line_text)
    return "\n".join(shown)


def strip(text: str, notes: Sequence[Note], done: Sequence[Note] = ()) -> str:
    """Take out the comments that ``annotate`` put in, and only those: a text may hold such a line of its own."""
    ours = {f"#! {_one_line(message)}" for _line, message in notes} | ({_heading(notes)} if notes else set())
    ours |= {f"#= {_one_line(message)}" for _line, message in done}
    return "\n".join(line for line in text.split("\n") if line.strip() not in ours)


def first_note(shown: str, notes: Sequence[Note]) -> int:
    """Give the line at which the editor should open: the first message below the heading, else the top."""
    lines = shown.split("\n")
    return (
        next((at for at, line in enumerate(lines, 1) if at > 1 and line.lstrip().startswith("#! ")), 1) if notes else 1
    )


def is_empty(text: str) -> bool:
    """Tell whether nothing but comments and blanks is left."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n"))


def _heading(notes: Sequence[Note]) -> str:
    return "#! " + plural(
        "one thing to mend; save and close when done, close unchanged to give up",
        "{count} things to mend; save and close when done, close unchanged to give up",
        len(notes),
    )


def _one_line(message: str) -> str:
    return " ".join(message.split())


# --- the editor -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Watch:
    """Keeps each state of a form that the editor leaves on the disk, its own rescue files among them."""

    form: Path
    seen: str = field(repr=False)
    keep: Callable[[str], None]

    def newest(self) -> str:
        """Return the newest text there is of the form: what was saved, or what the editor rescued when it was ended."""
        rescued = [*self.form.parent.glob(f"{self.form.name}.save*"), self.form.with_name(_AUTOSAVED)]
        there = [path for path in (self.form, *rescued) if path.is_file()]
        newest = max(there, key=lambda path: path.stat().st_mtime_ns, default=self.form)
        return _read(newest)

    def glance(self) -> None:
        """Keep the text if there is a new one."""
        try:
            text = self.newest()
        except (OSError, CannotReadError):
            return  # it is being written at this moment
        if text != self.seen and not is_empty(text):
            self.seen = text
            self.keep(text)


def _run(form: Path, line: int, signals: "_Signals", watch: _Watch) -> bool:
    """Run the editor on ``form``; tell whether it failed or was ended."""
    command = _command(os.environ, form, line)
    try:
        signals.child = subprocess.Popen(command, env=_environment(os.environ, form.parent))  # noqa: S603  (the user's)
    except OSError:
        raise NoEditorError(editor=Path(command[0]).name) from None
    if signals.number:  # it came while the editor was starting
        signals.end_child()
    status = None
    while status is None:
        with suppress(subprocess.TimeoutExpired):
            status = signals.child.wait(timeout=_GLANCE)
        watch.glance()
    signals.child = None
    if status == -signal.SIGINT:
        signals.number = signal.SIGINT
    return bool(status or signals.number)


def _command(environ: Mapping[str, str], form: Path, line: int) -> list[str]:
    wish = environ.get("VISUAL") or environ.get("EDITOR") or ("nano" if shutil.which("nano") else "vi")
    try:
        words = shlex.split(wish) or ["vi"]
    except ValueError:  # an open quote
        raise NoEditorError(editor="EDITOR") from None
    program = Path(shutil.which(words[0]) or words[0])
    names = {program.name, program.resolve().name.partition(".")[0]}  # Debian's vi is vim.basic
    if "nano" in names:
        return [*words, *_NANO, f"+{line}", str(form)]
    if names & {"vim", "nvim"} or names == {"vi"}:  # Fedora's vi is vim under its own name; busybox and nvi are neither
        return [*words, *_VIM, f"+{line}", str(form)]
    return [*words, str(form)]


def _environment(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Give the editor no passphrase, and our folder for whatever it wants to put aside."""
    kept = {name: value for name, value in environ.items() if not name.startswith("BALLERUP_PASSPHRASE")}
    return kept | {"TMPDIR": str(folder)}


class _Signals:
    """While a form is open, no signal ends us before its folder is gone.

    TERM and HUP end the editor and are remembered. INT and QUIT come from the keyboard and reach the editor by
    themselves; in vi, Ctrl-C is no wish to end. (Functions rather than SIG_IGN, which the editor would inherit.)
    """

    def __init__(self) -> None:
        self.number = 0
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "_Signals":
        plan = {
            signal.SIGTERM: self._end,
            signal.SIGHUP: self._end,
            signal.SIGINT: self._pass,
            signal.SIGQUIT: self._pass,
        }
        self._before = {number: signal.signal(number, handler) for number, handler in plan.items()}
        return self

    def __exit__(self, *_exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.number = number
        self.end_child()

    def _pass(self, _number: int, _frame: FrameType | None) -> None:
        """Leave it to the editor."""

    def end_child(self) -> None:
        """End the editor, by force when it does not listen."""
        if self.child is not None:
            self.child.terminate()
            last_word = threading.Timer(_PATIENCE, self.child.kill)
            last_word.daemon = True
            last_word.start()


# --- the file ---------------------------------------------------------------------------------------------------------


def _write(form: Path, text: str) -> None:
    fresh = form.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(text.encode())
    fresh.replace(form)


def _read(form: Path) -> str:
    """Read what the editor left behind; nothing when the file is gone."""
    try:
        descriptor = os.open(form, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return ""
    except OSError as problem:
        raise CannotReadError(path=form.name, reason=problem.strerror) from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise CannotReadError(path=form.name, reason=N_("not a plain file"))
        data = file.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise CannotReadError(path=form.name, reason=N_("too large"))
    return _decode(data).replace("\r\n", "\n")


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # an editor that saves in the old western encoding
