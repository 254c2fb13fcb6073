"""Ctrl-C ends the program where it stands, as a power cut would: at once, and with nothing half done.

An exception that strikes between any two steps comes out of native code, or of an import, as something else: as a
panic, or as a key that does not open a file, and what is told or done next is wrong. So none is raised but where the
program waits for a person (docs/decisions/0035). While the text of a form is in its hands, a signal has to wait.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

from ballerup_cli.cli.ui.text import _

CODE = 130


@dataclass(slots=True)
class _Now:
    """What the program does at this moment, and what is to be taken away should it end."""

    waits: bool = False
    holds: bool = False
    struck: bool = False
    last_acts: list[Callable[[], object]] = field(default_factory=list)


_now = _Now()


def begin() -> None:
    """From now on, Ctrl-C says that nothing is half done and ends the program; where it is ignored, it stays so."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _on_sigint)


@contextmanager
def cleanup(act: Callable[[], object]) -> Iterator[None]:
    """Do this should the program be ended meanwhile: it gets no chance to tidy up by itself."""
    _now.last_acts.append(act)
    try:
        yield
    finally:
        _now.last_acts.remove(act)


@contextmanager
def waiting() -> Iterator[None]:
    """Wait for a person, who may rather end it.

    Raises:
        KeyboardInterrupt: so he did, now or in what was held on to before.
    """
    _now.waits = True
    try:
        if _now.struck:
            raise KeyboardInterrupt
        yield
    finally:
        _now.waits = False


@contextmanager
def held(*signals: signal.Signals) -> Iterator[None]:
    """Let these signals wait until the program waits for a person, or until the end of this.

    Raises:
        KeyboardInterrupt: one of them came, and nobody was waited for any more.
    """
    before = {number: signal.signal(number, _on_sigint) for number in signals}
    _now.holds, _now.struck = True, False
    try:
        yield
        if _now.struck:
            raise KeyboardInterrupt
    finally:
        _now.holds = _now.struck = False
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def left_alone() -> Iterator[None]:
    """Leave Ctrl-C to the program that is in the foreground now."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # SIG_IGN would be handed on to that program
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _on_sigint(_number: int, _frame: FrameType | None) -> None:
    if _now.waits:
        raise KeyboardInterrupt
    if _now.holds:
        _now.struck = True
        return
    for act in (*reversed(_now.last_acts), _say):
        with suppress(OSError):  # the terminal may be gone
            act()
    os._exit(CODE)


def _say() -> None:
    os.write(2, f"ballerup: {said()}\n".encode())  # the stream itself may be in the middle of a line


def said() -> str:
    """Return what is said when somebody has ended the program."""
    return _("stopped; nothing is half done")
