"""Many hands: eight writers and a reader at once on one store; nothing lost, nothing doubled, no false alarm."""

import json
import os
import random
import time
from collections.abc import Sequence

from cli_kit import Home

from proof.calls import call
from proof.tally import Ask, Tally

WRITERS = 8
CASES = ("2026-0001", "2026-0002", "2026-0005")
PATIENT = 41
"""A command that waited in vain for the lock, ten seconds, says so and has written nothing."""


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Write and read for ``rounds`` seconds on one machine."""
    play(ask, tally, [origin.copied(ask.place / "hands")])


def play(ask: Ask, tally: Tally, homes: Sequence[Home]) -> None:
    """Write and read for ``rounds`` seconds, then hold the store against what the writers say they wrote.

    The homes are machines with one store; the writers sit at them in turn.
    """
    end, told = time.monotonic() + ask.rounds, ask.place / "told"
    told.mkdir()
    hands = [
        _fork(homes[hand % len(homes)], ask.dice(hand), end, told / str(hand), hand) for hand in range(WRITERS + 1)
    ]
    for child in hands:
        tally.expect(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "a hand fell off")
    said = {path.name: json.loads(path.read_text()) for path in told.iterdir()}
    store = homes[0].workspace().store
    notes = [entry.body["text"] for case in CASES for entry in store.entries(f"cases/{case}") if entry.step == "note"]
    for hand, lines in said.items():
        for mark, code, words in lines:
            tally.expect(code in (0, PATIENT), "an exit code", hand, mark, code, words)
            tally.count("looks" if mark.startswith("look") else "saves" if code == 0 else "waits in vain")
            if not mark.startswith("look"):
                tally.expect(notes.count(mark) == (1 if code == 0 else 0), "lost or doubled", mark)
    for home in homes:
        tally.expect(call(home, "verify").code == 0, "false alarm at the end")


def _fork(home: Home, dice: random.Random, end: float, told: os.PathLike[str], hand: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        lines = []
        while time.monotonic() < end:
            mark = f"Hand{hand}x{len(lines)}" if hand else f"look{len(lines)}"
            case = dice.choice(CASES)
            words = ("note", case, "--from", "-") if hand else dice.choice((("verify",), ("show", case), ("list",)))
            answer = call(home, *words, typed=json.dumps({"text": mark}) if hand else "")
            lines.append((mark, answer.code, answer.err if answer.code else ""))
        with open(told, "w") as file:  # noqa: PTH123
            json.dump(lines, file)
        os._exit(0)
    finally:
        os._exit(1)
