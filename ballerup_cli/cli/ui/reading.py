"""One line from whoever sits at the terminal: whole, with what is pasted in one piece, and never cut without a word.

With ``readline`` where both ends are a terminal; else from the terminal itself, whose lines have a longest.
"""

import select
import sys
from collections.abc import Sequence
from typing import Any

from ballerup_cli.cli.ui import interrupts, terminal
from ballerup_cli.cli.ui.text import _

LONGEST = 4095
"""Bytes of one line that a terminal hands over in its usual mode; what is longer, it cuts (termios(3))."""
_PASTED = 0.03  # seconds in which the next line of a paste is there already


class BrokenOffError(Exception):
    """The user ended the program, or the terminal went away, in the middle of an answer.

    ``text`` is what was typed of it.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def read_answer(prompt: str, words: Sequence[str] = ()) -> str:
    """Return one answer; a line that ends with a backslash goes on. ``words`` can be completed with Tab.

    Raises:
        NoTerminalError: nobody can be asked.
        BrokenOffError: the user has given up.
    """
    lines: list[str] = []
    while True:
        try:
            line = _line(prompt if not lines else " … ", words)
        except BrokenOffError as end:
            raise BrokenOffError("\n".join([*lines, end.text]).strip()) from None
        if line is None:
            terminal.tell(_("this line is too long for the terminal to take whole; write it in shorter ones"))
            continue
        if not line.endswith("\\"):
            return "\n".join([*lines, line]).strip()
        lines.append(line[:-1].rstrip())


def _line(prompt: str, words: Sequence[str]) -> str | None:
    editing = _readline() if terminal.interactive() else None
    return _edited(editing, prompt, words) if editing else _plain(prompt)


def _readline() -> Any:
    try:
        import readline
    except ImportError:
        return None
    if "libedit" in (readline.__doc__ or ""):
        return None
    readline.set_auto_history(False)  # what is typed here must stand nowhere else
    readline.set_completer_delims("")
    readline.parse_and_bind("tab: complete")
    return readline


def _edited(editing: Any, prompt: str, words: Sequence[str]) -> str:
    editing.set_completer(_completer(words))
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    try:
        with interrupts.waiting():
            return input(terminal.clean(prompt) + " ").replace("\r", "\n")
    except (KeyboardInterrupt, EOFError):
        raise BrokenOffError(editing.get_line_buffer()) from None


def _completer(words: Sequence[str]) -> Any:
    def complete(text: str, state: int) -> str | None:
        near = [word for word in words if word.lower().startswith(text.lower())]
        return near[state] if state < len(near) else None

    return complete


def _plain(prompt: str) -> str | None:
    """Read a line of the terminal itself; what comes at once after it was pasted with it. None: it was cut."""
    lines: list[bytes] = []
    try:
        with terminal.both_ends() as (ear, mouth):
            mouth.write(terminal.clean(prompt) + " ")
            mouth.flush()
            while not lines or select.select([ear], [], [], _PASTED)[0]:
                with interrupts.waiting():
                    line = ear.readline()
                if not line:
                    break
                lines.append(line)
    except KeyboardInterrupt:
        raise BrokenOffError(b"".join(lines).decode(errors="replace")) from None
    if not lines:
        raise BrokenOffError("")
    if any(len(line) >= LONGEST for line in lines):
        return None
    return b"".join(lines).decode(errors="replace").strip("\n")
