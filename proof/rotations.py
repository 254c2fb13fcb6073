"""Rotations: `keys rotate` killed with -9 at random moments: one key opens everything, and nothing is lost.

Two of three renew the coordinator's own keys, the third one the recovery key. Something is written in between.
"""

import os
import random
import shutil
import signal
import time
from pathlib import Path

from cli_kit import LOOKS, Home

from ballerup_cli.errors import WrongKeyError
from ballerup_cli.services.store.identity import open_holder
from ballerup_cli.storage.crypto.age import unseal
from proof.calls import call, contents
from proof.tally import Ask, Tally

TWO_OF = 3
BEYOND = 1.6
"""How much longer than a whole renewal takes a kill may wait."""


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Kill so many renewals, one after the other on one store, and look through it after each."""
    dice, home = ask.dice("rotations"), origin.copied(ask.place / "home", LOOKS)
    shutil.copy(home.path / "recovery.txt", home.path / "paper.txt")
    start = time.monotonic()
    tally.expect(call(home, "keys", "rotate", "--yes").code == 0, "a renewal fails")
    longest = BEYOND * (time.monotonic() - start)
    for number in range(ask.rounds):
        if number % TWO_OF == TWO_OF - 1:
            _renew_paper(home, dice, longest, tally, number)
        else:
            _kill(home, dice, longest, tally, "keys", "rotate", "--yes")
        _look(home, tally, number)


def _renew_paper(home: Home, dice: random.Random, longest: float, tally: Tally, number: int) -> None:
    """Renew the recovery key; whoever was cut off finds out which of the two papers counts by trying them."""
    new = home.path / f"paper-{number}.txt"
    _kill(home, dice, longest, tally, "keys", "rotate", "--recovery", new, "--yes")
    papers = [paper for paper in (home.path / "paper.txt", new) if paper.exists()]
    good = [paper for paper in papers if call(home, "keys", "drill", "--recovery-file", paper).code == 0]
    tally.expect(len(good) == 1, "not one recovery key", number, len(good))
    if good:
        good[0].replace(home.path / "paper.txt")
    new.unlink(missing_ok=True)


def _kill(home: Home, dice: random.Random, longest: float, tally: Tally, *words: object) -> None:
    """Let another process renew keys, and kill it."""
    child = os.fork()
    if not child:
        try:
            os._exit(call(home, *words).code)
        finally:
            os._exit(99)
    time.sleep(dice.uniform(0, longest))
    os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    tally.expect(code in (0, -signal.SIGKILL), "a renewal fails", code)
    tally.count("renewals killed")
    tally.count("killed at work" if code else "had ended")


def _look(home: Home, tally: Tally, number: int) -> None:
    """Look through the store, write in it, and open every file with the coordinator's key and with the paper."""
    before = contents(home)
    looked = call(home, "verify")
    tally.expect(looked.code == 0, "false alarm", number, looked)
    note = call(home, "note", "2026-0001", "--from", "-", typed='{"text": "Ringede"}')
    tally.expect(note.code == 0, "the next save fails", number, note)
    grown = {name: count + (name == "cases/2026-0001") for name, count in before.items()}
    tally.expect(contents(home) == grown, "lost or doubled", number)
    for key in (home.identity, home.path / "paper.txt"):
        tally.expect(_opened(home, key) == len(home.sealed()), "a file that a key does not open", number, key.name)
    unused = home.path / "config" / "identity-next.age"  # cut off before it counted: the next renewal writes over it
    told = _opened_by(home, unused) if unused.exists() else []
    tally.expect(not told, "two keys open files", number, told)
    tally.count("files opened with both keys", len(home.sealed()))


def _opened(home: Home, key: Path) -> int:
    return len(_opened_by(home, key))


def _opened_by(home: Home, key: Path) -> list[str]:
    identity = open_holder(key, lambda: "").identity
    opened = []
    for file in home.sealed():
        try:
            unseal(file.read_bytes(), [identity])
            opened.append(file.name)
        except WrongKeyError:
            continue
    return opened
