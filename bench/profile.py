"""What a command reads before it works: the time of its imports, by whose modules they are, as Python itself tells it.

Telling costs something too, so the sum is more than the same imports take untold; their proportions are what counts.
"""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

from bench.run import Command

_ROUNDS = 5
_LINE = re.compile(r"import time: +(\d+) \| +\d+ \| +([\w.]+)")
_OURS = "ballerup_cli"


def imports(command: Command, floor: Command) -> dict[str, float]:
    """Return the seconds that imports take: those of the floor, of other libraries and of ours, and how many ours are.

    Of every module the fastest of a few runs counts.
    """
    below, read = _read(floor.words[1:], floor), _read(command.words, command)
    ours = [time for name, time in read.items() if name.partition(".")[0] == _OURS]
    others = [time for name, time in read.items() if name.partition(".")[0] != _OURS and name not in below]
    return {"floor": sum(below.values()), "others": sum(others), "ours": sum(ours), "modules": len(ours)}


def _read(words: Sequence[str], command: Command) -> Mapping[str, float]:
    fastest: dict[str, float] = {}
    for _ in range(_ROUNDS):
        told = subprocess.run(
            [sys.executable, "-X", "importtime", *words],
            env=command.environment,
            capture_output=True,
            text=True,
            check=False,
        ).stderr
        for microseconds, name in _LINE.findall(told):
            fastest[name] = min(fastest.get(name, float("inf")), int(microseconds) / 1e6)
    return fastest
