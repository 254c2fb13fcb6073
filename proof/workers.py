"""Workers: what is spread over processes, with one of them, the command itself or all of them killed by -9.

An import and a renewal of keys take turns, each on a store of its own. Either everything or nothing was done, and the
same command does it afterwards.
"""

import os
import random
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from cli_kit import Home
from sheets import MAP, as_csv, good_rows

from ballerup_cli.storage import parallel
from proof.calls import call, contents
from proof.tally import Ask, NotHereError, Tally

WORK = (("import", "ark.csv", "--map", "kort.yaml"), ("keys", "rotate", "--yes"))
ROWS = good_rows(30)
FEW = 4
"""Work is spread from so few on, so that a small store will do."""
ENDS = {"one worker": (0, 43), "the command": (0, -signal.SIGKILL), "all of them": (0, -signal.SIGKILL)}
"""Who is killed, and what the command may end with."""


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Kill something so many times, each time on a copy of the same store."""
    if len(os.sched_getaffinity(0)) == 1:
        raise NotHereError("one processor")
    dice, ready = ask.dice("workers"), origin.copied(ask.place / "ready")
    _hand_in(ready)
    before = _cases(ready)
    with mock.patch.object(parallel, "_FEW", FEW):
        lasts = [_lasts(ready.copied(ask.place / "whole"), words, tally) for words in WORK]
        for number in range(ask.rounds):
            home, turn = ready.copied(ask.place / "home"), number % len(WORK)
            _kill(home, dice, lasts[turn], tally, WORK[turn])
            _look(home, tally, WORK[turn], before)
            shutil.rmtree(home.path)


def _hand_in(home: Home) -> None:
    (home.work / "ark.csv").write_bytes(as_csv(ROWS))
    (home.work / "kort.yaml").write_text(MAP)


def _lasts(home: Home, words: Sequence[str], tally: Tally) -> float:
    """Measure how long a command is at work when nobody kills it."""
    began = time.monotonic()
    tally.expect(call(home, *words).code == 0, "it fails", words[0])
    shutil.rmtree(home.path)
    return time.monotonic() - began


def _kill(home: Home, dice: random.Random, longest: float, tally: Tally, words: Sequence[str]) -> None:
    child = os.fork()
    if not child:
        try:
            os._exit(call(home, *words).code)
        finally:
            os._exit(99)
    os.setpgid(child, child)  # a group of its own, before it has forked anybody
    time.sleep(dice.uniform(0, longest))
    victim = dice.choice([*ENDS])
    is_hit = _on_sigint(child, victim, dice)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    tally.expect(code in ENDS[victim] if is_hit else code == 0, "it fails", words[0], victim, code)
    tally.count(f"killed at work: {victim}" if is_hit and code else "had ended, or had no worker yet")


def _on_sigint(child: int, victim: str, dice: random.Random) -> bool:
    """Kill one of the workers, the command, or all of them; return whether anything was there to kill."""
    workers = [int(one) for one in Path(f"/proc/{child}/task/{child}/children").read_text().split()]
    if victim == "one worker":
        if workers:
            os.kill(dice.choice(workers), signal.SIGKILL)
        return bool(workers)
    (os.killpg if victim == "all of them" else os.kill)(child, signal.SIGKILL)
    return True


def _look(home: Home, tally: Tally, words: Sequence[str], before: dict[str, int]) -> None:
    """Look through the store, do the same again, and hold what is there against what must be."""
    looked, there = call(home, "verify"), _cases(home)
    tally.expect(looked.code == 0, "false alarm", words[0], looked)
    tally.expect(len(there) - len(before) in (0, len(ROWS)), "a part of it", words[0], len(there))
    again, there = call(home, *words), _cases(home)
    tally.expect(again.code == 0, "it cannot be repeated", words[0], again)
    tally.expect(before.items() <= there.items(), "lost", words[0])
    tally.expect(len(there) - len(before) == (len(ROWS) if words[0] == "import" else 0), "not whole", words[0])
    tally.expect(not [*home.store.glob(".*.new")], "left about", words[0])
    tally.count("files read after it", len(home.sealed()))


def _cases(home: Home) -> dict[str, int]:
    return {name: entries for name, entries in contents(home).items() if name.startswith("cases/")}
