"""The goals, each a row of one table, and how a result is held against one.

A value is worked out from the results alone: medians, a ratio to another median of the same group, or an exponent
fitted over the sizes.
"""

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.measures import FLOOR

Results = Mapping[str, Any]
Value = Callable[[Results], float | None]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What a number should be at the ``most``, or at the ``least``; ``beside`` tells what others take for the like."""

    what: str
    value: Value
    unit: str
    most: float | None = None
    least: float | None = None
    at: int | None = None
    beside: Callable[[Results], Mapping[str, float]] = lambda _: {}

    def is_met(self, value: float) -> bool:
        """Tell whether a number is good enough."""
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)


# --- values -----------------------------------------------------------------------------------------------------------


def median(results: Results, group: str, name: str, size: int, what: str = "wall") -> float | None:
    """Return the median of the runs of a command, None where there is none."""
    told = _groups(results, size).get(group, {}).get(name)
    runs: list[dict[str, float]] = told if isinstance(told, list) else []
    return statistics.median(run[what] for run in runs) if runs else None


def _groups(results: Results, size: int) -> Mapping[str, Mapping[str, Any]]:
    groups: Mapping[str, Mapping[str, Any]] = results["sizes"].get(str(size), {}).get("groups", {})
    return groups


def ratio(results: Results, group: str, name: str, to: str, size: int) -> float | None:
    """Return how often ``to`` goes into a command's time."""
    one, other = median(results, group, name, size), median(results, group, to, size)
    return one / other if one is not None and other else None


def rate(results: Results, group: str, name: str, size: int) -> float | None:
    """Return how many files a command goes through in a second: all of the store, or the sample another program has."""
    wall = median(results, group, name, size)
    told = results["sizes"].get(str(size), {})
    files: int = told.get("files" if name in OURS else "sample", 0)
    return files / wall if wall else None


def peak(results: Results, group: str, name: str, size: int) -> float | None:
    """Return the most memory, in MB, that all processes of a command held."""
    held = median(results, group, name, size, "peak")
    return held / 1e6 if held else None


def sealing(results: Results, name: str, to: str) -> float | None:
    """Return how often ``to`` goes into the time in which a record is sealed and opened."""
    told = seals(results)
    return told[name] / told[to] if name in told and to in told else None


def seals(results: Results) -> dict[str, float]:
    """Return in what time a record is sealed and opened, by whom."""
    return {name: statistics.median(run["wall"] for run in runs) for name, runs in results.get("seal", {}).items()}


def growth(results: Results, group: str, name: str, largest: int) -> float | None:
    """Return the exponent of a command's time over the number of files, None with less than two sizes."""
    points = [
        (told["files"], wall)
        for size, told in results["sizes"].items()
        if int(size) <= largest and (wall := median(results, group, name, int(size))) is not None
    ]
    return exponent(points)


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """Fit ``y = c · x ** k`` by least squares of the logarithms and return ``k``."""
    if len(points) < 2:
        return None
    return statistics.linear_regression(*zip(*((math.log(x), math.log(y)) for x, y in points), strict=True)).slope


# --- the table --------------------------------------------------------------------------------------------------------

SIZES = (0, 1_000, 10_000, 100_000)
_LISTS = ("todoman list", "jrnl --short", "task list", "sqlite-utils, every row")
_COUNTS = ("sqlite-utils, GROUP BY", "sqlcipher, GROUP BY")
LOOKS: Mapping[str, tuple[bool, Sequence[str]]] = {
    "due": (True, _LISTS),
    "due --format csv": (False, _LISTS),
    "list": (True, _LISTS),
    "list --format csv": (False, _LISTS),
    "report": (True, _COUNTS),
    "show": (True, ("pass show", "age -d")),
}
"""What is asked all day: whether it draws a table, and what others do that is like it."""
STEPS = ("note", "triage")
WHOLE = {"verify": "whole", "rebuild": "whole", "keys rotate": "rotation"}
"""What goes through all files, and its group."""
GROWING = dict.fromkeys(LOOKS, "looks") | dict.fromkeys(STEPS, "steps") | WHOLE
OURS = {FLOOR, "bare libraries", *GROWING}
ONE_CASE = {"show": "looks", "note": "steps", "triage": "steps"}


def others(group: str, size: int, results: Results, like: Sequence[str] = ()) -> dict[str, float]:
    """Return the medians of the other programs of a group, in seconds: of all, or of those that do the like."""
    told = like or [name for name in _groups(results, size).get(group, {}) if name not in OURS]
    found = {name: median(results, group, name, size) for name in told}
    return {name: wall for name, wall in found.items() if wall is not None}


def _others_rate(size: int, results: Results) -> dict[str, float]:
    found = {name: rate(results, "whole", name, size) for name in others("whole", size, results)}
    return {name: files for name, files in found.items() if files is not None}


def _others_seal(results: Results) -> dict[str, float]:
    return {name: wall for name, wall in seals(results).items() if name not in ("ours", "primitives")}


def goals() -> Iterator[Goal]:
    """Give every goal."""
    for size, plain, table in ((1_000, 1.3, 1.6), (10_000, 2.0, 2.0)):
        for name, (draws, like) in LOOKS.items():
            yield Goal(
                what=name,
                at=size,
                unit="× F",
                most=table if draws else plain,
                value=partial(ratio, group="looks", name=name, to=FLOOR, size=size),
                beside=partial(others, "looks", size, like=like),
            )
    yield from _report()
    for size, most in ((1_000, 2.5), (10_000, 4.0)):
        for name in STEPS:
            value = partial(ratio, group="steps", name=name, to=FLOOR, size=size)
            beside = partial(others, "steps", size)
            yield Goal(what=name, at=size, unit="× F", most=most, value=value, beside=beside)
    value = partial(sealing, name="ours", to="primitives")
    yield Goal(what="seal and open 8 KB", unit="× the primitives", most=2.0, value=value, beside=_others_seal)
    yield from _everything()
    for name, group in GROWING.items():
        largest, most = (10_000, 0.3) if name in ONE_CASE else (100_000, 1.1)
        value = partial(growth, group=group, name=name, largest=largest)
        yield Goal(what=f"growth of {name}", at=largest, unit="exponent", most=most, value=value)


def _report() -> Iterator[Goal]:
    size = SIZES[-1]
    yield Goal(
        what="report", at=size, unit="s", most=1.0, value=partial(median, group="looks", name="report", size=size)
    )
    to = "sqlcipher, GROUP BY"
    value = partial(ratio, group="looks", name="report", to=to, size=size)
    yield Goal(
        what="report",
        at=size,
        unit=f"× {to}",
        most=1.0,
        value=value,
        beside=partial(others, "looks", size, like=_COUNTS),
    )


def _everything() -> Iterator[Goal]:
    for size in SIZES[1:]:
        value = partial(ratio, group="whole", name="bare libraries", to="verify", size=size)
        beside = partial(_others_rate, size)
        yield Goal(what="verify", at=size, unit="of the bare rate", least=0.6, value=value, beside=beside)
        value = partial(rate, group="rotation", name="keys rotate", size=size)
        yield Goal(what="keys rotate", at=size, unit="files a second", least=1_500, value=value)
    for name in ("verify", "keys rotate"):
        value = partial(peak, group=WHOLE[name], name=name, size=SIZES[-1])
        yield Goal(what=f"memory of {name}", at=SIZES[-1], unit="MB", most=300, value=value)


GOALS: Sequence[Goal] = (*goals(),)
