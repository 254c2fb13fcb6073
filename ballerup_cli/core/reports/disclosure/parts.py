"""Which rows of a table are told one by one, and which only as the sum of a pool, so that no small count is told.

A table is a list of rows that add up, and sections beside it that add up some of its rows: rings and sectors do so with
members. Whatever is made of whole parts, rows that are told and pools, is known; all else keeps two values at least,
also for a reader who knows this module. That rests on three things:

* Which pools there are depends only on what every row *is* (nothing, small, large), never on how much it is.
* Pools stand only where their sums leave room, and that is judged alike for all tables with the same pools and sums.
  Each row of a pool lies in a range of at least two counts, by what it is. Where the sum is neither the least nor the
  most that the ranges give, every sum of rows that cuts a pool is another one in another such table, which prints the
  same.
* Everything else is one pool. Whoever sees that must not learn that the room was missing. So tables with at most two
  rows that hold anything, one of them small, always end there; and among these every sum of some rows varies. Of more
  than four rows and twice the limit, that is not needed: tables of three rows that hold 1, the limit and the rest, with
  the limit where the pool has its large row, never have room, wherever the three are.

What is open of the rows and what is closed comes after what was received, by the same three. Its rows are units: rows
that are told and pools of the first, each with a sum that is told. What a pool of the first holds can be open or closed
in any of its rows, so neither layer tells of the other.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

Rows = frozenset[int]
Pools = Mapping[str, Sequence[Rows]]
"""Of each count of the rows, the pools whose sums alone are told."""
Range = tuple[int, int | None]
"""The least and the most a count can be by what it is; None where nothing bounds it."""

_NO_ROW = -1  # a pool with it is part of nothing, so that its sum is not told


@dataclass(frozen=True, slots=True)
class Unit:
    """Rows that are told together, one row or a pool: how many were received there, and how many of these are open."""

    rows: Rows
    received: int
    open: int

    @property
    def closed(self) -> int:
        """How many of them are closed."""
        return self.received - self.open


def is_told(rows: Set[int], pools: Iterable[Rows]) -> bool:
    """Tell whether rows are made of whole parts, so that their sum is known."""
    return all(pool <= rows or not pool & rows for pool in pools)


def one_by_one(number: int) -> list[Rows]:
    """Return so many rows, each by itself."""
    return [frozenset({row}) for row in range(number)]


def pools(received: Sequence[int], opened: Sequence[int] | None, sections: Sequence[Rows] | None, limit: int) -> Pools:
    """Return the pools of each count of rows whose sums are told, and none of them small.

    ``opened`` is None where it is not told how many are open in all. ``sections`` hold the rows that each row beside
    the table adds up; None where that is not known, which leaves all or nothing.
    """
    first = pools_of_counts(received, sections, limit)
    alone = [row for row in one_by_one(len(received)) if is_told(row, first)]
    if opened is None:
        something = frozenset({_NO_ROW}).union(*first, *(row for row in alone if received[min(row)]))
        return {"received": first, "open": [something], "closed": [something]}
    units = [Unit(rows, *(sum(counts[row] for row in rows) for counts in (received, opened))) for rows in first + alone]
    second = pools_of_parts(units, sections, limit)
    apart = [unit for unit in units[: len(first)] if is_told(unit.rows, second)]
    return {
        "received": first,
        "open": [*second, *(unit.rows for unit in apart if unit.open)],
        "closed": [*second, *(unit.rows for unit in apart if unit.closed)],
    }


# --- How many were received -------------------------------------------------------------------------------------------


def pools_of_counts(counts: Sequence[int], sections: Sequence[Rows] | None, limit: int) -> list[Rows]:
    """Return the pools of rows by how many were received there."""
    held = {row: count for row, count in zip(one_by_one(len(counts)), counts, strict=True) if count}
    small = [row for row, count in held.items() if count < limit]
    if not small:
        return []
    is_varied = len(held) > 2 or (len(counts) > 4 and sum(counts) > 2 * limit)
    if is_varied and sections is not None:
        large = [row for row in held if row not in small]
        chosen = _least_loss(small, large, [*held, *sections])
        alike = len(large) < 2  # all that holds anything is in the pool, so which of it is large is not told
        ranges: dict[Rows, Range] = {row: (1 if alike or row in small else limit, None) for row in held}
        if _has_room(chosen, held, ranges, limit):
            return [_joined(chosen)]
    return [_joined(one_by_one(len(counts)))]


# --- How many of them are open, and how many closed -------------------------------------------------------------------


def pools_of_parts(units: Sequence[Unit], sections: Sequence[Rows] | None, limit: int) -> list[Rows]:
    """Return the pools of units by how many are open there and how many closed; what they received is told."""
    mixed = {unit.rows: unit for unit in units if unit.open and unit.closed}
    few = [rows for rows, unit in mixed.items() if min(unit.open, unit.closed) < limit]
    if not few:
        return []
    if len(mixed) > 2 and sections is not None:
        many = [rows for rows, unit in mixed.items() if rows not in few and unit.received > 2 * limit]
        ranges = {rows: _range_of_open(unit, limit) for rows, unit in mixed.items()}
        chosen = _least_loss(few, many, [*(unit.rows for unit in units), *sections])
        opened = {rows: mixed[rows].open for rows in chosen}
        closed = sum(mixed[rows].closed for rows in chosen)
        if closed >= limit and _has_room(chosen, opened, ranges, limit):
            return [_joined(chosen)]
    return [_joined(unit.rows for unit in units if unit.received)]


def _range_of_open(unit: Unit, limit: int) -> Range:
    """Return what can be open in a unit: few of both, few open, few closed, or many of both."""
    if unit.received < 2 * limit:
        return 1, unit.received - 1
    if unit.open < limit:
        return 1, limit - 1
    most = unit.received - limit
    return (limit, most) if unit.open <= most else (most + 1, unit.received - 1)


# --- Choosing ---------------------------------------------------------------------------------------------------------


def _least_loss(small: Sequence[Rows], large: Sequence[Rows], shown: Sequence[Rows]) -> Sequence[Rows]:
    """Return all small ones, and a large one where there is any: that which hides least of what is shown.

    It must not know a count: what is small and what is large is all that the choice may tell.
    """

    def loss(chosen: Sequence[Rows]) -> int:
        pool = _joined(chosen)
        return sum(not is_told(rows, [pool]) for rows in shown)

    return min([[*small, other] for other in large] or [[*small]], key=loss)


def _has_room(chosen: Sequence[Rows], held: Mapping[Rows, int], ranges: Mapping[Rows, Range], limit: int) -> bool:
    """Tell whether the sum of a pool is not small, and neither the least nor the most that it can be."""
    total = sum(held[rows] for rows in chosen)
    least = sum(ranges[rows][0] for rows in chosen)
    highs = [ranges[rows][1] for rows in chosen]
    most = None if None in highs else sum(high for high in highs if high is not None)
    return total >= limit and least < total and (most is None or total < most)


def _joined(parts: Iterable[Rows]) -> Rows:
    return frozenset[int]().union(*parts)
