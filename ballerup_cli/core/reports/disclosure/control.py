"""Which counts of a report must be hidden before it leaves the house, so that none of them can be computed back.

A count is small from 1 to one below the limit. The argument is the same at each rule: for a hidden count there is
another set of cases, with another count there, that prints exactly the same report. A hidden count that has only one
possible value is no secret and is printed; the rules see to it that no small one ever is. Counting belongs to
``report``.

The counts come in two layers. The first says how many concerns were received, in all and in each table; the second
which of them are open, which are closed, at which gate and how. Tables that hang together form a family:

* effort: levels of effort, the funnel and the gates, since a level is given exactly when a case is assessed; a layer of
  it stands or falls as a whole;
* referrer: members, and the rings and sectors that add them up;
* months, age bands and outcomes each by themselves; outcomes belong to the second layer alone.

Of all but effort, rows are told one by one or as the sum of a pool, as ``parts`` says and proves. Given whether a case
is open or closed, the families say nothing about each other. The one table across two of them, members by level, is
held against both. Attention points add up to nothing; measures lean on the funnel.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from itertools import chain, pairwise
from typing import Any

from ballerup_cli.core.cases.case import NEXT_GATE
from ballerup_cli.core.reports.disclosure.parts import Pools, Rows, is_told, one_by_one, pools, pools_of_counts
from ballerup_cli.values import value

Row = dict[str, Any]
IsSmall = Callable[[int], bool]

SPLIT = ("open", "closed")
COUNTS = ("received", *SPLIT)


@value
class Layers:
    """Which layers of a family are printed; the second never without the first."""

    first: bool
    second: bool


def control(
    report: Mapping[str, Any], smallest: int, beside: Iterable[int] = (), sectors: Mapping[str, str] | None = None
) -> Row:
    """Return the report with small counts hidden as None, and as many others as that takes.

    Every hidden count could be at least two different numbers to a reader who knows all that is printed and how the
    tables hang together. ``beside`` holds counts that stand in no table, and that the levels by member would tell.
    ``sectors`` says which sector each member is in; without it, members, rings and sectors stand or fall as a whole.

    Raises:
        ValueError: the limit is below 3, where hiding a count would tell it.
    """
    if smallest < 3:
        raise ValueError(smallest)
    page = _copy(report)

    def is_small(count: int) -> bool:
        return 0 < count < smallest

    if is_small(page["totals"]["received"]):
        return blank(page)
    is_split = not any(is_small(page["totals"][name]) for name in SPLIT)  # told how many are open, and how many closed
    effort = _effort(page, is_split, is_small)
    places = _places(page, sectors)
    sections = None if sectors is None else [*places["by_ring"], *places["by_sector"]]
    referrer = _pools(page["by_member"], sections, is_split, smallest)
    outcome = pools_of_counts([row["closed"] for row in page["by_outcome"]], (), smallest) if is_split else []
    _hide_conduct(page, is_split, effort, is_small)
    _hide_tiers_of_members(page, effort, referrer, is_small, beside)
    _hide_gates(page, is_split, effort)
    for name in ("by_month", "by_age_band"):
        _hide_cut(page[name], one_by_one(len(page[name])), _pools(page[name], (), is_split, smallest))
    _hide_referrers(page, places, referrer)
    _hide_table(page["by_tier"], page["totals"], is_split, effort)
    _hide_signs(page["by_sign"], is_small)
    _hide_measures(page, effort, is_small)
    _hide_cut(page["by_outcome"], one_by_one(len(page["by_outcome"])), {"closed": outcome})
    if not is_split:
        _hide(page["by_outcome"], "closed")
        _hide([page["totals"]], *SPLIT)
    return page


# --- What is printed of each family -----------------------------------------------------------------------------------


def _layers(tables: Iterable[Sequence[Row]], is_split: bool, is_small: IsSmall) -> Layers:
    """Print a layer of a family when none of its counts is small."""
    rows = [row for table in tables for row in table]
    first = not any(is_small(row["received"]) for row in rows)
    second = first and is_split and not any(is_small(row[name]) for row in rows for name in SPLIT)
    return Layers(first=first, second=second)


def _effort(page: Row, is_split: bool, is_small: IsSmall) -> Layers:
    """Judge levels, funnel and gates together.

    When nothing is open, each gate's closings are what the funnel lost there, so hiding a gate hides the funnel too.
    """
    layers = _layers([page["by_tier"]], is_split, is_small)
    small_gate = any(is_small(row["closed"]) for row in page["by_gate"])
    told_by_funnel = small_gate and page["totals"]["open"] == 0
    small_state = any(is_small(page["funnel"][state]) for state in NEXT_GATE)
    first = layers.first and not small_state and not told_by_funnel
    return Layers(first=first, second=first and layers.second and not small_gate)


Places = Mapping[str, Sequence[Rows]]
"""Of each row of a table, the rows of the family's own table that it adds up."""


def _places(page: Row, sectors: Mapping[str, str] | None) -> Places:
    """Return which members each row adds up; those of sectors only where it is known who is in which."""
    members = page["by_member"]
    within = {"by_member": [row["member"] for row in members], "by_ring": [row["ring"] for row in members]}
    if sectors is not None:
        within["by_sector"] = [row["member"] and sectors[row["member"]] for row in members]
    return {
        table: [frozenset(n for n, code in enumerate(codes) if code == row[table[3:]]) for row in page[table]]
        for table, codes in within.items()
    }


def _pools(rows: Sequence[Row], sections: Sequence[Rows] | None, is_split: bool, limit: int) -> Pools:
    received, opened = ([row[name] for row in rows] for name in ("received", "open"))
    return pools(received, opened if is_split else None, sections, limit)


# --- Hiding -----------------------------------------------------------------------------------------------------------


def _hide(rows: Iterable[Row], *names: str, keep: bool = False) -> None:
    if not keep:
        for row in rows:
            row.update(dict.fromkeys(names))


def _hide_table(rows: Sequence[Row], sums: Row, is_split: bool, layers: Layers) -> None:
    """Hide the layers of a table that are not printed, but for what follows from what is.

    With at least two rows that can hold something, and both something open and something closed, a hidden count can
    change by moving one concern, or by exchanging an open one of one row for a closed one of another.
    """
    alone = layers.first and sum(row["received"] > 0 for row in rows) == 1
    for row in rows:
        empty = layers.first and row["received"] == 0
        for name in () if layers.second else SPLIT:
            follows = is_split and (alone or sums[name] == 0)
            _hide([row], name, keep=empty or follows)
        _hide([row], "received", keep=layers.first)


def _hide_cut(rows: Sequence[Row], places: Sequence[Rows], cut: Pools) -> None:
    """Hide the counts of rows that are not made of whole parts."""
    for row, place in zip(rows, places, strict=True):
        for name, apart in cut.items():
            _hide([row], name, keep=is_told(place, apart))


def _hide_referrers(page: Row, places: Places, cut: Pools) -> None:
    """Hide what cannot be told of members, rings and sectors; sectors of unknown members as all members are hidden."""
    for table, within in places.items():
        _hide_cut(page[table], within, cut)
    for row in page["by_sector"] if "by_sector" not in places else ():
        empty = not cut["received"] and row["received"] == 0
        for name, apart in cut.items():
            _hide([row], name, keep=empty or not apart)


def _hide_gates(page: Row, is_split: bool, effort: Layers) -> None:
    """Hide gates and funnel; a gate that the printed funnel says nothing was lost at, or all that closed, follows."""
    funnel, closed = page["funnel"], page["totals"]["closed"]
    if not effort.second:
        lost = _lost(funnel)
        alone = sum(count > 0 for count in lost.values()) == 1
        for row in page["by_gate"]:
            empty = effort.first and lost[row["gate"]] == 0
            follows = is_split and (closed == 0 or (effort.first and alone))
            _hide([row], "closed", keep=empty or follows)
        funnel["closed"] = {row["gate"]: row["closed"] for row in page["by_gate"]}
    _hide([funnel], *(state for state in NEXT_GATE if state != "received"), keep=effort.first)


def _lost(funnel: Row) -> dict[str, int]:
    """Count at each gate the concerns that came no further, open ones still waiting there included."""
    lost = dict.fromkeys(NEXT_GATE.values(), 0)
    for (state, gate), following in pairwise([*NEXT_GATE.items(), ("", "")]):
        lost[gate] += funnel[state] - funnel.get(following[0], 0)
    return lost


def _hide_tiers_of_members(
    page: Row, effort: Layers, referrer: Pools, is_small: IsSmall, beside: Iterable[int]
) -> None:
    """Hide levels by member unless all around them is printed and none is small, but for what follows.

    A small one never follows: a margin that pins a count down is the count itself, and is not small where printed.
    """
    counts = (count for row in page["by_member"] for count in row["tiers"].values())
    if effort.second and not any(referrer.values()) and not any(map(is_small, chain(counts, beside))):
        return
    levels = {row["tier"]: row for row in page["by_tier"]}
    for place, row in zip(one_by_one(len(page["by_member"])), page["by_member"], strict=True):
        told = {name for name in COUNTS if is_told(place, referrer[name])}
        margins = SPLIT if effort.second and told == {*COUNTS} else ("received",)
        for tier in row["tiers"]:
            if effort.first and "received" in told:
                follows = all(_is_pinned(row[name], levels[tier][name], page["totals"][name]) for name in margins)
            else:
                empty = "received" in told and not row["received"]
                follows = empty or (effort.first and not levels[tier]["received"])
            _hide([row["tiers"]], tier, keep=follows)


def _is_pinned(row: int, column: int, whole: int) -> bool:
    """Tell whether two margins of a table leave one value only for the cell where they cross."""
    return max(0, row + column - whole) == min(row, column)


def _hide_signs(rows: Iterable[Row], is_small: IsSmall) -> None:
    """Hide small ones alone: a concern has any number of attention points, so they add up to nothing."""
    for row in rows:
        _hide([row], "received", keep=not is_small(row["received"]))


def _hide_measures(page: Row, effort: Layers, is_small: IsSmall) -> None:
    """Hide measures together: each concern that is planned for has one at least, so with the funnel they add up."""
    small = any(is_small(row["received"]) for row in page["by_measure"])
    none = effort.first and page["funnel"]["planned"] == 0
    _hide(page["by_measure"], "received", keep=none or (effort.second and not small))


def _hide_conduct(page: Row, is_split: bool, effort: Layers, is_small: IsSmall) -> None:
    """Hide a small number of cases, and a part that is small or leaves little over; a median only of enough cases.

    All of it leans on the funnel and the closings, so it is printed only where those are complete, or tell it anyway.
    """
    for name, figures in page["conduct"].items():
        whole, part = figures
        nothing = figures[whole] == 0 and _is_told(name, page, is_split, effort)
        too_few = not effort.second or is_small(figures[whole])
        is_count = part != "median_days"
        telling = is_count and (is_small(figures[part]) or is_small(figures[whole] - figures[part]))
        _hide([figures], part, keep=nothing or not (too_few or telling))
        _hide([figures], whole, keep=not too_few or _is_told(name, page, is_split, effort))


def _is_told(name: str, page: Row, is_split: bool, effort: Layers) -> bool:
    """Tell whether what is printed leaves one value: all were screened or decided, or none closed or planned."""
    funnel, sums = page["funnel"], page["totals"]
    match name:
        case "police_answer":
            return effort.first and bool(funnel["screened"] == sums["received"])
        case "decision":
            accepted = effort.first and funnel["accepted"] == sums["received"]
            return bool(accepted or (is_split and sums["open"] == 0))
        case "feedback":
            return is_split and bool(sums["closed"] == 0)
        case _:
            return effort.first and bool(funnel["planned"] == 0)


def blank(report: Mapping[str, Any]) -> Row:
    """Hide every count but those of rings that can have none: one more concern anywhere would print the same."""
    page = _copy(report)
    tables = [page["totals"], *page["by_tier"], *page["by_month"], *page["by_age_band"]]
    tables += [*page["by_member"], *page["by_sector"]]
    tables += [row for row, place in zip(page["by_ring"], _places(page, None)["by_ring"], strict=True) if place]
    _hide(tables, *COUNTS)
    _hide([*page["by_sign"], *page["by_measure"]], "received")
    _hide([*page["by_gate"], *page["by_outcome"]], "closed")
    for counts in (page["funnel"]["closed"], *(row["tiers"] for row in page["by_member"]), *page["conduct"].values()):
        _hide([counts], *counts)
    _hide([page["funnel"]], *NEXT_GATE)
    return page


def _copy(report: Mapping[str, Any]) -> Row:
    return {**deepcopy(dict(report)), "controlled": True}
