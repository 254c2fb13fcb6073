"""Kill loop: the program killed with -9, or interrupted, at random moments; several writers on one store.

Most writers are forked from a process in which the program is loaded, so that the kill falls into the work and not
into the start of Python; every tenth is the installed command. One in four opens a case, the others write in one. Half
of the rounds are played in memory, half on a disk.
"""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import invented
from cli_kit import MEMORY, Home

from ballerup_cli.cli.ui import interrupts
from ballerup_cli.core.entry import Entry
from proof.calls import call, contents
from proof.tally import Ask, Tally

WORD = "Kolibri"
CASES = ("2026-0001", "2026-0002", "2026-0005")
BLOWS = {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: interrupts.CODE}
"""How a writer is struck, and how that ends."""
HANDS, KILLED = 3, 2
"""So many writers are at work at once, and so many of them are killed."""


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Play so many rounds: three writers each, two of them killed."""
    dice = ask.dice("kills")
    for where in (MEMORY, Path("/var/tmp")):  # noqa: S108  (the disk, as opposed to memory)
        if where.is_dir():
            path = where / f"proof-of-ballerup-{os.getpid()}"
            path.mkdir()
            try:
                play(ask.rounds // 2, dice, tally, [origin.copied(path / "home")])
            finally:
                subprocess.run(["rm", "-rf", path], check=True)


def play(rounds: int, dice: random.Random, tally: Tally, homes: Sequence[Home]) -> None:
    """Kill writers so many rounds; the homes are machines with one store, at which they sit."""
    lasts: dict[Start, float] = {}  # seconds that a writer alone takes
    written: dict[str, bool] = {}  # what was to be written, and whether the writer said that it was
    for number in range(rounds):
        marks = [f"{WORD}{number}x{hand}" for hand in range(HANDS)]
        start = _spawned if number % 10 == 9 else _forked
        longest = lasts.get(start) or lasts.setdefault(start, _lasts(homes[0], start))
        hands = [(mark, start(dice.choice(homes), *_task(dice, mark))) for mark in marks]
        for hand, (mark, (end, kill)) in enumerate(hands):
            if hand < KILLED:
                time.sleep(dice.uniform(0, longest))
                blow = dice.choice([*BLOWS]) if start is _forked else signal.SIGKILL
                kill(blow)
                tally.count("kills" if blow == signal.SIGKILL else "interrupts")
            code = end()
            written[mark] = code == 0
            tally.count(f"killed at work: {'no, it had ended' if code == 0 else 'yes'}", hand < KILLED)
            tally.expect(code in (0, *BLOWS.values()), "a writer fails", number, code)
        if number % 5 == 4 or number == rounds - 1:
            _look(dice.choice(homes), tally, written, number)


Hand = tuple[Callable[[], int], Callable[[signal.Signals], None]]
Start = Callable[[Home, list[str], str], Hand]


def _lasts(home: Home, start: Start) -> float:
    """Measure how long a writer is at work when he is alone."""
    began = time.monotonic()
    end, _ = start(home, ["note", CASES[0], "--from", "-"], json.dumps({"text": "Ringede"}))
    assert end() == 0
    return time.monotonic() - began


def _task(dice: random.Random, mark: str) -> tuple[list[str], str]:
    """What a writer is to do, and what he hands in: the mark is in it."""
    if dice.randrange(4):
        return ["note", dice.choice(CASES), "--from", "-"], json.dumps({"text": mark})
    return ["create", "--from", "-"], json.dumps(invented.create(concern=mark))


def _forked(home: Home, words: list[str], form: str) -> Hand:
    child = os.fork()
    if not child:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where it says that it was interrupted
            interrupts.begin()
            os._exit(call(home, *words, typed=form).code)
        finally:
            os._exit(99)
    return (lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), lambda blow: os.kill(child, blow))


def _spawned(home: Home, words: list[str], form: str) -> Hand:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    child = subprocess.Popen(home.command(*words), stdin=subprocess.PIPE, env=home.environ(), cwd=home.work, **quiet)
    assert child.stdin
    child.stdin.write(form.encode())
    child.stdin.close()
    return child.wait, child.send_signal


def _look(home: Home, tally: Tally, written: dict[str, bool], number: int) -> None:
    """Look through the whole store: nothing lost, nothing doubled, no alarm, nothing readable on the disk."""
    looked = call(home, "verify")
    tally.expect(looked.code == 0, "false alarm", number, looked)
    contents(home)
    store = home.workspace().store
    entries = [entry for name in store.cases() for entry in store.entries(f"cases/{name}")]
    notes = [text for entry in entries if (text := _mark(entry)).startswith(WORD)]
    for mark, said in written.items():
        times = notes.count(mark)
        tally.expect(times <= 1, "doubled", mark)
        tally.expect(times == 1 or not said, "lost", mark)
    tally.count("entries held against what was said", len(notes))
    for file in (path for path in home.path.rglob("*") if path.is_file()):
        tally.expect(WORD.encode() not in file.read_bytes(), "plaintext", file.name)
    tally.count("looks through the whole store")


def _mark(entry: Entry) -> str:
    return str(entry.body.get("text") or entry.body.get("concern") or "")
