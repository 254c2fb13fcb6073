"""Manners at the terminal: what goes to which stream, harmless text, questions and passphrases.

Results go to stdout, everything else to stderr. Questions are asked on the terminal itself, so that a pipe never
answers them. Which questions are asked, and when, is not decided here.
"""

import getpass
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from ballerup_cli.cli.ui import interrupts
from ballerup_cli.cli.ui.text import _, describe
from ballerup_cli.errors import BallerupError, Finding, InvalidFormError, NotAgreedError, NoTerminalError, OutputError

# What a terminal obeys instead of showing: C0 and C1 controls, DEL; marks that turn the direction of writing (a name
# could hide behind them); invisible characters, line separators and halves of characters that cannot be written out.
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_MANY = 200  # records that are read in a second or so
_TTY = Path("/dev/tty")
_YES = frozenset({"j", "ja", "y", "yes"})  # understood in both languages
_ACCENT = "\x1b[1m{text}\x1b[0m"


def clean(text: str, *, keep: str = "\n") -> str:
    """Make control characters and escape sequences in ``text`` harmless and visible; those in ``keep`` stay."""
    if text.isprintable():  # most are, and this is told ten times as fast
        return text
    return _HARMFUL.sub(lambda found: found[0] if found[0] in keep else _visible(found[0]), text)


def escape(json_text: str) -> str:
    """Write the characters that a terminal obeys as JSON escapes, which say the same to a program."""
    return _HARMFUL.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", json_text)


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode's pictures of control characters
    return "␡" if code == 0x7F else f"<{code:02X}>" if code < 0x100 else f"<U+{code:04X}>"


def open_closed_streams() -> None:
    """Give a stream that was closed before we started something to stand for it: no file of ours may get its number.

    What stands for stdout cannot be written to, so that a result nobody can get is no success.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
            setattr(sys, name, os.fdopen(nowhere, mode))


def speak_utf8() -> None:
    """Let both streams write æøå, whatever the locale says, and never fail on a character."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def put(text: str, *, keep: str = "\n\t") -> None:
    """Write a result to stdout, ended by one newline; nothing when there is nothing.

    ``keep`` holds the control characters that belong to the result.

    Raises:
        OutputError: stdout is a file on a full disk, or the like.
        BrokenPipeError: the reader of a pipe has seen enough.
    """
    if text:
        with _stdout() as mouth:
            mouth.write(clean(text, keep=keep).rstrip("\n") + "\n")


def put_bytes(data: bytes) -> None:
    """Write a result that is no text to stdout.

    Raises:
        OutputError, BrokenPipeError: as ``put``.
    """
    with _stdout() as mouth:
        mouth.buffer.write(data)


@contextmanager
def _stdout() -> Iterator[TextIO]:
    try:
        yield sys.stdout
        sys.stdout.flush()
    except OSError as problem:
        # What is left in the buffer must not make the interpreter complain on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(problem, BrokenPipeError):
            raise
        raise OutputError(reason=problem.strerror) from None


def page(text: str) -> None:
    """Show a long result in ``less`` on a terminal; anywhere else, and a short one, as ``put`` does.

    Only ``less`` is known to keep no history and to start no other program when told so, and what it shows is a record:
    so PAGER chooses between it and none (``cat``).
    """
    less = None if os.environ.get("PAGER") in ("", "cat") else shutil.which("less")
    if not less or not interactive() or text.count("\n") < shutil.get_terminal_size().lines:
        put(text)
        return
    import subprocess

    shown = clean(text, keep="\n\t").encode()
    alone = os.environ | {"LESSHISTFILE": "-", "LESSSECURE": "1", "LESSOPEN": "", "LESS": "-FRX"}
    alone["LESSCHARSET"] = "utf-8"  # what is shown is, whatever the locale of the terminal says
    with interrupts.left_alone():
        subprocess.run([less], input=shown, env=alone, check=False)  # noqa: S603  (found where programs are)


def watched(things: Iterable[Any], count: int) -> Iterator[Any]:
    """Give the things, with a bar that shows how many of them have gone by where somebody waits for many."""
    if count < _MANY or not sys.stderr.isatty():
        yield from things
        return
    show_cursor = partial(os.write, 2, b"\x1b[?25h\n")  # which the bar hides
    with interrupts.cleanup(show_cursor), click.progressbar(things, length=count, file=sys.stderr) as bar:
        yield from bar


def show_once(title: str, text: str) -> None:
    """Show a secret on the terminal itself, so that no pipe, file or log takes it along.

    Raises:
        NoTerminalError: there is none.
    """
    try:
        with Path("/dev/tty").open("w", encoding="utf-8") as mouth:
            mouth.write(f"\n{title}\n\n{text}\n")
    except OSError:
        raise NoTerminalError from None


def note(text: str) -> None:
    """Write one line on the way to stderr, with the program's name before it."""
    _complain("", text)


def fail(error: BallerupError) -> None:
    """Write an error with its findings and its hint to stderr."""
    message, hint = describe(error)
    findings = error.findings if isinstance(error, InvalidFormError) else ()
    source = str(error.facts.get("source") or "") if findings else ""
    for finding in findings:
        sys.stderr.write(clean(place(finding, source) + describe(finding)[0], keep="") + "\n")
    refuse(message, hint)


def refuse(message: str, hint: str = "") -> None:
    """Write an error in words, and the next command to type."""
    _complain(_("error"), message)
    if hint:
        _complain(_("hint"), hint)


def warn(finding: Finding, source: str = "") -> None:
    """Write what is odd, but lawful, to stderr."""
    _complain(_("warning"), place(finding, source) + describe(finding)[0])


def place(finding: Finding, source: str) -> str:
    """Say where a finding is: source, line, column and form of a stream, as far as they are known."""
    where = [source] if source else []
    if finding.line is not None:
        where += [str(finding.line), str(finding.column or 1)]
    document = _("document {number}", number=finding.document) + ": " if finding.document else ""
    return "".join(f"{part}:" for part in where) + (" " if where else "") + document


def _complain(kind: str, text: str) -> None:
    word = f"{_accented(kind, sys.stderr)}: " if kind else ""
    sys.stderr.write(f"ballerup: {word}{clean(text, keep='')}\n")


def _accented(text: str, stream: TextIO) -> str:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty()
    return text if plain else _ACCENT.format(text=text)


# --- the terminal itself ----------------------------------------------------------------------------------------------


def interactive() -> bool:
    """Tell whether a person sits at both ends: stdin and stdout are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def can_answer() -> bool:
    """Tell whether a person sits at stdin; the result may go to a file, as questions go to the terminal itself."""
    return sys.stdin.isatty()


def has_blocks() -> bool:
    """Tell whether block signs can be shown: where the locale is no UTF-8, a terminal may have letters only."""
    text = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    return "utf" in text.lower() and os.environ.get("TERM") not in ("dumb", "linux")


def width() -> int:
    """Give the columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size().columns


def ask(question: str) -> str:
    """Ask on the terminal and give the answer's line.

    Raises:
        NoTerminalError: nobody can be asked.
        EOFError, KeyboardInterrupt: the terminal was closed, or its user ended the input or the program.
    """
    try:
        with (
            _TTY.open(encoding="utf-8", errors="replace") as ear,
            _TTY.open("w", encoding="utf-8") as mouth,
        ):
            mouth.write(clean(question) + " ")
            mouth.flush()
            with interrupts.waiting():
                line = ear.readline()
    except OSError:
        raise NoTerminalError from None
    if not line:
        raise EOFError
    return line.strip()


@contextmanager
def both_ends() -> Iterator[tuple[Any, TextIO]]:
    """Give the terminal itself to read bytes from and to write text to.

    Raises:
        NoTerminalError: there is none.
    """
    try:
        with _TTY.open("rb", buffering=0) as ear, _TTY.open("w", encoding="utf-8") as mouth:
            yield ear, mouth
    except OSError:
        raise NoTerminalError from None


def tell(text: str) -> None:
    """Write a line to the terminal itself, beside the questions: not a result, nor a complaint.

    Raises:
        NoTerminalError: there is none.
    """
    try:
        with _TTY.open("w", encoding="utf-8") as mouth:
            mouth.write(clean(text) + "\n")
    except OSError:
        raise NoTerminalError from None


def confirm(question: str) -> bool:
    """Ask for a yes; anything else is a no.

    Raises:
        NoTerminalError: nobody can be asked.
    """
    return ask(f"{question} {_('[y/N]')}").lower() in _YES


def agreed(question: str, *, yes: bool) -> None:
    """Go on only when somebody has agreed, beforehand or now, to what cannot be undone.

    Raises:
        NotAgreedError: nobody has.
    """
    if not yes and not (can_answer() and confirm(question)):
        raise NotAgreedError


def passphrase(question: str) -> str:
    """Ask for a passphrase without showing it.

    Raises:
        NoTerminalError: nobody can be asked.
    """
    try:
        # The terminal itself: getpass falls back to stdin with a warning.
        with _TTY.open("w", encoding="utf-8") as mouth, interrupts.waiting():
            return getpass.getpass(clean(question) + " ", mouth)
    except (OSError, EOFError):
        raise NoTerminalError from None


def new_passphrase(question: str) -> str:
    """Ask for a new passphrase twice, until both are the same and not empty.

    Raises:
        NoTerminalError: nobody can be asked.
    """
    while True:
        first = passphrase(question)
        if first and passphrase(_("again:")) == first:
            return first
        note(_("empty, or not the same twice; once more"))
