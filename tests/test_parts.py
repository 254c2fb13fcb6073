"""Rows told one by one or as the sum of a pool: of small tables, those that print the same differ in all they hide."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, product

import pytest

from ballerup_cli.core.parts import Rows, is_told, one_by_one, pools

LIMIT = 3
ROWS = one_by_one(4)
SECTORS = [frozenset({0, 1}), frozenset({2}), frozenset({0, 1, 2}), ROWS[3]]
"""Two sectors, and two rings, of four members; the last is outside both."""
ANY = [frozenset(rows) for size in (1, 2, 3) for rows in combinations(range(4), size)]
COUNTS = ("received", "open", "closed")

Table = tuple[tuple[int, ...], tuple[int, ...]]
"""What is open in each row, and what is closed."""
Page = tuple[int | None, ...]


def ways(total: int, rows: int = 4) -> list[tuple[int, ...]]:
    """all ways to share so many among so many rows"""
    if rows == 1:
        return [(total,)]
    return [(first, *rest) for first in range(total + 1) for rest in ways(total - first, rows - 1)]


def value(table: Table, rows: Rows, name: str) -> int:
    opened, closed = (sum(counts[row] for row in rows) for counts in table)
    return {"received": opened + closed, "open": opened, "closed": closed}[name]


def printed(table: Table, shown: Sequence[Rows], sections: Sequence[Rows] | None) -> Page:
    """received, open and closed of each set of rows that is shown, None where hidden"""
    opened, closed = table
    received = [one + other for one, other in zip(opened, closed, strict=True)]
    is_told_apart = not any(0 < total < LIMIT for total in (sum(opened), sum(closed)))
    cut = pools(received, opened if is_told_apart else None, sections, LIMIT)
    return tuple(value(table, rows, name) if is_told(rows, cut[name]) else None for rows in shown for name in COUNTS)


def attack(tables: Iterable[Table], sections: Sequence[Rows] | None) -> None:
    """Of all these tables, those that print the same differ in each hidden count, and in each small sum of any rows."""
    shown = [*ROWS, *(sections or ())]
    alike: dict[Page, list[Table]] = defaultdict(list)
    for table in tables:
        alike[printed(table, shown, sections)].append(table)
    assert len(alike) > 1
    for page, same in alike.items():
        places = product(shown, COUNTS)
        hidden = {place for place, told in zip(places, page, strict=True) if told is None}
        for rows, name in product(ANY, COUNTS):
            values = {value(table, rows, name) for table in same}
            if len(values) == 1:
                assert (rows, name) not in hidden, (same[0], rows, name)
                assert not 0 < values.pop() < LIMIT, (same[0], rows, name)


@pytest.mark.parametrize("sections", [SECTORS, (), None])
@pytest.mark.parametrize("totals", [(0, 10), (3, 4), (5, 4), (3, 7)])
def test_whoever_knows_every_rule_is_left_with_two_values(totals: tuple[int, int], sections: Sequence[Rows] | None):
    attack(product(*map(ways, totals)), sections)


@pytest.mark.parametrize("sections", [SECTORS, None])
def test_a_small_total_of_open_or_closed_is_not_told_by_the_rows(sections: Sequence[Rows] | None):
    some = [(opened, 7 - opened) for opened in (1, 2, 5, 6)]
    attack((table for totals in some for table in product(*map(ways, totals))), sections)
