"""docs/performance.md from the results: every number is worked out here, none is typed."""

import statistics
from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Any

from bench.goals import GOALS, GROWING, SIZES, Goal, Results, growth, median, peak, rate
from bench.measures import FLOOR, GROUPS
from bench.peers import PEERS

_WIDTH = 118
_COLUMNS = ("command", "median", "processor", "runs", "× F", "files/s", "most memory")

_SAVE = (
    "as `due`, with YAML, the lock and the validator to import; and a save is on the disk before it counts: files, "
    "register, anchor and folder are synced in turn. At 10,000 cases the register is written whole, and held against "
    "its grammar and the signer's key before it can shut anybody out"
)
WHY: dict[str, str] = {
    "due": (
        "the start of Python with `click`, `tabulate` and some forty modules of our own (the table below): the imports "
        "alone take more than the goal. Modules are imported when a command uses them, and what can be remembered is "
        "not parsed twice (`storage/computed.py`). "
        "At 10,000 cases the one register that names every file is read whole; "
        "what the anchor knows of it is not checked again"
    ),
    "due --format csv": "as `due`, without `tabulate`",
    "list": "as `due`, and `tabulate` draws a table of all cases",
    "list --format csv": (
        "as `due`; Pladen is YAML, the image of the index is opened and its signature checked, and the file of every "
        "case is looked at: a changed one must be noticed"
    ),
    "report": "as `list`; a report is counted in Python from the index, so that one place says what counts",
    "show": "as `due`, and the look stands in the log, on the disk, before anything is shown",
    "note": _SAVE,
    "triage": _SAVE,
    "verify": "every entry and every folded case is held against its schema; the bare libraries do not do that",
    "keys rotate": "each file is opened, its chain followed, sealed to all keys, written and synced",
    "memory of verify": "every process holds the register with its row for every file",
    "memory of keys rotate": "the register with its row for every file is held twice, as it was and as it will be",
}
"""Why a goal is not met, by the name of what misses it: written by whoever has looked at a profile."""

_WHOSE = ("floor", "others", "ours")
_STARTS = """A command beside {size:,} cases, and how much of it is reading modules (`python -X importtime`, which costs
something itself). What is left is the work: opening the register, believing it, and the answer."""
_HEAD = """Written by `make bench-full`, or by the shorter `make bench`, from its own results, `bench/results.json`:
nothing here is typed by hand. Stores of {sizes} invented cases with about 6 entries and 6 KB of Danish text each, and
{fresh} cases more for the commands that are about one. Other programs hold the same cases as plain records and take
turns with ours. Times are medians; a command that takes long is run fewer times, and the tables say how often. The
stores lie in {where}: what is measured is this program, not a disk.

{day}, at {revision}; {machine}, Python {python}. Beside it: {versions}.{missing}

F, the floor, is a Python process that only imports `click`, `sqlite3` and the parts of `cryptography` that the
container needs: {floor}."""


def page(results: Results) -> str:
    """Return the page about the results."""
    sizes = [size for size in SIZES if str(size) in results["sizes"]]
    parts = [_head(results, sizes), _goals(results), _starts(results, sizes), _times(results, sizes)]
    parts += [_growths(results), _synced(results, sizes)]
    return "\n".join(part.strip() + "\n" for part in parts)


def _head(results: Results, sizes: Sequence[int]) -> str:
    floor = (f"{_spell(wall)} beside {size:,} cases" for size in sizes if (wall := _floor(results, size)))
    here = results["programs"]
    missing = [f"{peer.name}" for peer in PEERS if peer.name not in here]
    text = _HEAD.format(
        sizes=", ".join(f"{size:,}" for size in sizes),
        versions=", ".join(f"{name} {version}" for name, version in here.items()) or "nothing",
        missing=f" Not on that machine: {', '.join(missing)}." if missing else "",
        floor="; ".join(floor),
        **{name: results[name] for name in ("fresh", "where", "day", "revision", "machine", "python")},
    )
    return "# Speed, memory, growth\n\n" + "".join(f"{fill(part, _WIDTH)}\n\n" for part in text.split("\n\n"))


def _floor(results: Results, size: int) -> float | None:
    return median(results, "looks", FLOOR, size)


# --- goals ------------------------------------------------------------------------------------------------------------


def _goals(results: Results) -> str:
    rows = [_goal(goal, results) for goal in GOALS]
    measured = [row for row in rows if row[4] != "not measured"]
    met = sum(row[4] == "yes" for row in measured)
    table = _table(("what", "cases", "goal", "measured", "met", "beside it, in the same run"), rows)
    return f"## Goals\n\n{met} of the {len(measured)} that were measured are met.\n\n{table}{_reasons(results)}"


def _goal(goal: Goal, results: Results) -> tuple[str, ...]:
    value = goal.value(results)
    bound = f"≤ {goal.most:,g}" if goal.most is not None else f"≥ {goal.least:,g}"
    cases = f"{goal.at:,}" if goal.at is not None else "–"
    beside = goal.beside(results) if value is not None else {}
    told = f"{value:,.2f}" if value is not None and value < 100 else f"{value:,.0f}" if value is not None else "–"
    met = "not measured" if value is None else "yes" if goal.is_met(value) else "**no**"
    faster = goal.unit == "of the bare rate"
    others = "; ".join(f"{name} {f'{each:,.0f} files/s' if faster else _spell(each)}" for name, each in beside.items())
    return goal.what, cases, f"{bound} {goal.unit}", told, met, others or "–"


def _reasons(results: Results) -> str:
    missed = {goal.what for goal in GOALS if (value := goal.value(results)) is not None and not goal.is_met(value)}
    return "".join(f"\n* {what}: {WHY[what]}" for what in WHY if what in missed) + "\n"


def _starts(results: Results, sizes: Sequence[int]) -> str:
    size = next((size for size in reversed(sizes) if results["sizes"][str(size)].get("imports")), None)
    if size is None:
        return ""
    head = ("command", "all of it", "imports of the floor", "other libraries", "modules of ours", "how many")
    rows = [
        (name, _spell(_wall(results, name, size) or 0), *(_spell(told[whose]) for whose in _WHOSE), told["modules"])
        for name, told in results["sizes"][str(size)]["imports"].items()
    ]
    text = f"{_STARTS.format(size=size)}\n\n{_table(head, rows)}"
    return f"## Where the start goes\n\n{text}"


def _wall(results: Results, name: str, size: int) -> float | None:
    return median(results, "looks", name, size) or median(results, "steps", name, size)


# --- all times --------------------------------------------------------------------------------------------------------


def _times(results: Results, sizes: Sequence[int]) -> str:
    parts = ["## Everything that was measured\n"]
    for size in sizes:
        told = results["sizes"][str(size)]
        each = told["bytes"] / told["files"] / 1000
        parts.append(f"### {size:,} cases\n\n{told['files']:,} files of {each:.1f} KB; made in {told['made']:.0f} s.\n")
        parts.append(_table(_COLUMNS, [*_rows(results, size)]))
        parts += [f"{name} left out: {why}.\n" for name, why in told["left_out"].items()]
    parts += [_sealing(results)]
    return "\n".join(parts)


def _rows(results: Results, size: int) -> Iterator[tuple[str, ...]]:
    for group in GROUPS:
        floor = median(results, group, FLOOR, size)
        for name, runs in results["sizes"][str(size)]["groups"][group].items():
            wall = median(results, group, name, size)
            if wall is None:
                yield name, f"– ({runs})", "–", "0", "–", "–", "–"
                continue
            per = f"{wall / floor:.2f}" if floor else "–"
            cpu = _spell(median(results, group, name, size, "cpu") or 0)
            yield name, _spell(wall), cpu, str(len(runs)), per, *_of_all(results, group, name, size)


def _of_all(results: Results, group: str, name: str, size: int) -> tuple[str, str]:
    if group not in ("whole", "rotation"):
        return "–", "–"
    files, held = rate(results, group, name, size), peak(results, group, name, size)
    return f"{files:,.0f}", f"{held:.0f} MB" if held and name in GROWING else "–"


def _sealing(results: Results) -> str:
    rows = [
        (name, _spell(statistics.median(run["wall"] for run in runs)), str(len(runs)))
        for name, runs in results.get("seal", {}).items()
    ]
    text = "`ours`, `primitives` and `pyrage` run in a process that is there already; the others start anew each time."
    return f"### Sealing and opening one record of 8 KB\n\n{text}\n\n{_table(('what', 'median', 'runs'), rows)}"


# --- growth, and what is synced ---------------------------------------------------------------------------------------


def _growths(results: Results) -> str:
    rows = []
    for name, group in GROWING.items():
        found = [growth(results, group, name, largest) for largest in (SIZES[2], SIZES[3])]
        steep = _steepest(results, group, name)
        rows.append((name, *(f"{k:.2f}" if k is not None else "–" for k in (*found, steep))))
    text = (
        "The exponent k of a cost that grows as (number of files)ᵏ, by least squares of the logarithms; and the one\n"
        "between the two largest sizes that were measured, which no start-up hides."
    )
    head = ("command", f"up to {SIZES[2]:,}", f"up to {SIZES[3]:,}", "between the two largest")
    return f"## Growth\n\n{text}\n\n{_table(head, rows)}"


def _steepest(results: Results, group: str, name: str) -> float | None:
    sizes = [size for size in SIZES if median(results, group, name, size) is not None][-2:]
    return growth({"sizes": {str(size): results["sizes"][str(size)] for size in sizes}}, group, name, SIZES[-1])


def _synced(results: Results, sizes: Sequence[int]) -> str:
    calls = next((told for size in reversed(sizes) if (told := results["sizes"][str(size)]["synced"])), None)
    if not calls:
        return "## What a step brings to the disk\n\nNot seen: `strace` is not on that machine.\n"
    counts = {size: len(results["sizes"][str(size)]["synced"] or ()) for size in sizes}
    told = ", ".join(f"{count} with {size:,} cases" for size, count in counts.items())
    lines = "".join(f"{number}. `{call}`\n" for number, call in enumerate(calls, 1))
    return f"## What a step brings to the disk\n\nThe syncs of one `note`: {told}.\n\n{lines}"


# --- words ------------------------------------------------------------------------------------------------------------


def _spell(seconds: float) -> str:
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:,.1f} s"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in lines)
