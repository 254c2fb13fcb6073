"""The table of campaigns: what each tries, and how much of it in a short and in a long run."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from cli_kit import Home

from proof import (
    attacks,
    crashes,
    disclosure,
    faults,
    fuzz,
    hands,
    kills,
    leaks,
    model,
    municipalities,
    network,
    readers,
    rotations,
    workers,
)
from proof.tally import Ask, NotHereError, Tally

Run = Callable[[Ask, Tally, Home], None]


@dataclass(frozen=True)
class Campaign:
    """One campaign; 0 rounds means everything there is, None that it has no short run."""

    run: Run
    short: int | None
    long: int
    promise: str


CAMPAIGNS = {
    "crashes": Campaign(
        crashes.run, 4, 0, "after a crash anywhere in any command the old or the new state stands; no false alarm"
    ),
    "kills": Campaign(
        kills.run, 8, 1000, "nothing lost, nothing doubled, nothing readable left by `kill -9` or an interrupt"
    ),
    "rotations": Campaign(
        rotations.run, 10, 200, "a renewal of keys killed by `kill -9` leaves one key that opens everything"
    ),
    "workers": Campaign(
        workers.run, 3, 200, "work spread over processes is done whole or not at all, whichever of them is killed"
    ),
    "faults": Campaign(faults.run, 1, 0, "a system call that fails, or a short write, never costs a record"),
    "attacks": Campaign(attacks.run, 10, 1000, "whoever writes to the folder is noticed, or has changed nothing"),
    "leaks": Campaign(leaks.run, 1, 0, "no word of a record is written but to the output and to memory"),
    "fuzz": Campaign(fuzz.run, 40, 20_000, "no bytes from outside make a reader do anything but read or refuse"),
    "hands": Campaign(hands.run, None, 600, "eight writers and a reader at once: nothing lost, no false alarm"),
    "network": Campaign(
        network.run,
        None,
        60,
        "two machines on a network file system: nothing lost, though one of them falls off the net",
    ),
    "readers": Campaign(readers.run, 3, 100, "whoever looks while keys are renewed sees the store, and no alarm"),
    "municipalities": Campaign(
        municipalities.run, 3, 98, "sums of published pages are the truth or a range around it; what is hidden stays so"
    ),
    "disclosure": Campaign(
        disclosure.run, 10, 2000, "no count that a controlled report hides follows from all that it prints"
    ),
    "model": Campaign(model.run, 2, 200, "whatever is typed, every listing says what a model of plain values says"),
}
"""Promises as docs/threat-model.md and docs/format.md make them."""


def play(name: str, ask: Ask, origin: Home) -> tuple[Tally, float]:
    """Run a campaign; return what it tallied and how many seconds it took."""
    tally, start = Tally(), time.monotonic()
    try:
        CAMPAIGNS[name].run(ask, tally, origin)
    except NotHereError as missing:
        tally.notes.append(f"not run here: {missing}")
    return tally, time.monotonic() - start
