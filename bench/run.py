"""Running a command as a process of its own, and what that took; several in turn, so that all meet the same noise.

Numbers are seconds and bytes. What is run stands in ``measures``, what it should take in ``goals``.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any

ROUNDS = 9
"""So many runs a median is made of, but of a command that takes long."""
FEW, ONCE = 3, 60
"""So many runs where one takes longer than the patience; a single one where it takes more than so many seconds."""

_LONGEST = 3600.0  # seconds until a command of this program is given up
_LOOKS = 0.2  # seconds between two looks at the memory

Spent = dict[str, Any]
"""What a run took: ``wall``, ``cpu`` and ``peak``, the memory of all its processes where it was looked at."""


class FailedError(Exception):
    """A command ended otherwise than it should, or was given up; the text says how."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command line; ``each`` holds more words for every run, ``before`` is done first and not counted."""

    words: Sequence[str]
    environment: Mapping[str, str]
    each: Sequence[Sequence[str]] = ((),)
    before: Callable[[], object] = field(default=lambda: None)
    ends: frozenset[int] = frozenset({0})
    is_watched: bool = False
    longest: float = _LONGEST

    def run(self, turn: int = 0) -> Spent:
        """Run it.

        Raises:
            Failed: it did not end as it should.
        """
        self.before()
        with tempfile.TemporaryFile() as said:
            start = time.perf_counter()
            process = subprocess.Popen(
                [*self.words, *self.each[turn % len(self.each)]],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
            with _Looking(process.pid if self.is_watched else 0) as looking, _giving_up(process, self.longest):
                _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in self.ends:
                said.seek(0)
                why = said.read().decode(errors="replace").strip()[-300:] or f"ended with {process.returncode}"
                raise FailedError(why if wall < self.longest else f"takes longer than {self.longest:.0f} s")
        return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": looking.most or usage.ru_maxrss * 1024}


def in_turn(commands: Mapping[str, Command], patience: float, rounds: int = ROUNDS) -> dict[str, Any]:
    """Run all commands once, then all again, and so on; return what each run took, or why there is none.

    The first run warms up and is not counted where there are more; what takes longer than ``patience`` has few.
    """
    spent: dict[str, Any] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            try:
                if isinstance(spent[name], list) and turn < _wanted(spent[name], rounds, patience):
                    spent[name].append(command.run(turn))
            except FailedError as failure:
                spent[name] = str(failure)
    return {name: told[1:] if isinstance(told, list) and len(told) > 1 else told for name, told in spent.items()}


def _wanted(spent: Sequence[Spent], rounds: int, patience: float) -> int:
    """Tell how many runs there shall be, the one that warms up among them, by the fastest there was."""
    wall = min((run["wall"] for run in spent), default=0)
    return 1 if wall > ONCE else 1 + (FEW if wall > patience else rounds)


class _giving_up(Timer):  # noqa: N801  (used as a context)
    """Kill a process that takes too long."""

    def __init__(self, process: subprocess.Popen[bytes], longest: float) -> None:
        super().__init__(longest, process.kill)
        self.daemon = True

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.cancel()


class _Looking(Thread):
    """Looks, now and then, how much memory a process and those it started hold; what they share counts once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self.over = pid, 0, Event()

    def __enter__(self) -> "_Looking":
        if self.pid:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        if self.pid:
            self.join()

    def run(self) -> None:
        """Look until it is over."""
        while not self.over.wait(_LOOKS):
            self.most = max(self.most, sum(map(_held, _family(self.pid))))


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _held(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
