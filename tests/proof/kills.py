"""Kill loop: the program killed with -9 at random moments, several writers on one store, in memory and on a disk.

Most writers are forked from a process in which the program is loaded, so that the kill falls into the work and not
into the start of Python; every tenth is the installed command.
"""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from cli_kit import MEMORY, Home

from proof.calls import call, contents
from proof.tally import Ask, Tally

WORD = "Kolibri"
CASES = ("2026-0001", "2026-0002", "2026-0005")
LATEST = 0.25
"""Seconds after which a writer that is to be killed has surely ended, with two at work at once."""


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Play so many rounds: two writers each, one of them killed."""
    dice = ask.dice("kills")
    for where in (MEMORY, Path("/var/tmp")):  # noqa: S108  (the disk, as opposed to memory)
        if where.is_dir():
            path = where / f"proof-of-ballerup-{os.getpid()}"
            path.mkdir()
            try:
                _play(ask.rounds // 2, dice, tally, origin.copied(path / "home"))
            finally:
                subprocess.run(["rm", "-rf", path], check=True)


def _play(rounds: int, dice: random.Random, tally: Tally, home: Home) -> None:
    written: dict[str, bool] = {}  # what was to be written, and whether the writer said that it was
    for number in range(rounds):
        marks = [f"{WORD}{number}x{hand}" for hand in range(2)]
        start = _spawned if number % 10 == 9 else _forked
        hands = [(mark, start(home, dice.choice(CASES), mark)) for mark in marks]
        time.sleep(dice.uniform(0, LATEST if start is _forked else 4 * LATEST))
        for hand, (mark, (end, kill)) in enumerate(hands):
            if hand == 0:
                kill()
                tally.count("kills")
            code = end()
            written[mark] = code == 0
            tally.count(f"killed at work: {'no, it had ended' if code == 0 else 'yes'}", hand == 0)
            tally.expect(code in (0, -signal.SIGKILL), "a writer fails", number, code)
        if number % 5 == 4 or number == rounds - 1:
            _look(home, tally, written, number)


Hand = tuple[Callable[[], int], Callable[[], None]]


def _forked(home: Home, case: str, mark: str) -> Hand:
    child = os.fork()
    if not child:
        try:
            os._exit(call(home, "note", case, "--from", "-", typed=json.dumps({"text": mark})).code)
        finally:
            os._exit(99)
    return (lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), lambda: os.kill(child, signal.SIGKILL))


def _spawned(home: Home, case: str, mark: str) -> Hand:
    words = home.command("note", case, "--from", "-")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    child = subprocess.Popen(words, stdin=subprocess.PIPE, env=home.environ(), cwd=home.work, **quiet)
    assert child.stdin
    child.stdin.write(json.dumps({"text": mark}).encode())
    child.stdin.close()
    return child.wait, child.kill


def _look(home: Home, tally: Tally, written: dict[str, bool], number: int) -> None:
    """Look through the whole store: nothing lost, nothing doubled, no alarm, nothing readable on the disk."""
    looked = call(home, "verify")
    tally.expect(looked.code == 0, "false alarm", number, looked)
    contents(home)
    notes = [
        entry.body["text"] for case in CASES for entry in home.desk().store.entries(f"cases/{case}") if _ours(entry)
    ]
    for mark, said in written.items():
        times = notes.count(mark)
        tally.expect(times <= 1, "doubled", mark)
        tally.expect(times == 1 or not said, "lost", mark)
    tally.count("entries held against what was said", len(notes))
    for file in (path for path in home.path.rglob("*") if path.is_file()):
        tally.expect(WORD.encode() not in file.read_bytes(), "plaintext", file.name)
    tally.count("looks through the whole store")


def _ours(entry: object) -> bool:
    return entry.step == "note" and str(entry.body.get("text", "")).startswith(WORD)  # type: ignore[attr-defined]
