"""Rows told one by one or as the sum of a pool: of small tables, those that print the same differ in all they hide."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, product

import pytest

from ballerup_cli.core.reports.disclosure.parts import Rows, is_told, one_by_one, pools

SECTORS = [frozenset({0, 1}), frozenset({2}), frozenset({0, 1, 2}), frozenset({3})]
"""Two sectors, and two rings, of four members; the last is outside both."""
COUNTS = ("received", "open", "closed")

Table = tuple[tuple[int, ...], tuple[int, ...]]
"""What is open in each row, and what is closed."""
Page = tuple[int | None, ...]


def ways(total: int, rows: int) -> list[tuple[int, ...]]:
    """all ways to share so many among so many rows"""
    if rows == 1:
        return [(total,)]
    return [(first, *rest) for first in range(total + 1) for rest in ways(total - first, rows - 1)]


def value(table: Table, rows: Rows, name: str) -> int:
    opened, closed = (sum(counts[row] for row in rows) for counts in table)
    return {"received": opened + closed, "open": opened, "closed": closed}[name]


def printed(table: Table, shown: Sequence[Rows], sections: Sequence[Rows] | None, limit: int) -> Page:
    """received, open and closed of each set of rows that is shown, None where hidden"""
    opened, closed = table
    received = [one + other for one, other in zip(opened, closed, strict=True)]
    is_told_apart = not any(0 < total < limit for total in (sum(opened), sum(closed)))
    cut = pools(received, opened if is_told_apart else None, sections, limit)
    return tuple(value(table, rows, name) if is_told(rows, cut[name]) else None for rows in shown for name in COUNTS)


def attack(tables: Iterable[Table], sections: Sequence[Rows] | None, limit: int = 3) -> None:
    """Of all these tables, those that print the same differ in each hidden count, and in each small sum of any rows."""
    alike: dict[Page, list[Table]] = defaultdict(list)
    for table in tables:
        shown = [*one_by_one(len(table[0])), *(sections or ())]
        alike[printed(table, shown, sections, limit)].append(table)
    number = len(next(iter(alike.values()))[0][0])
    subsets = [frozenset(rows) for size in range(1, number) for rows in combinations(range(number), size)]
    for page, same in alike.items():
        hidden = {place for place, told in zip(product(shown, COUNTS), page, strict=True) if told is None}
        for rows, name in product(subsets, COUNTS):
            values = {value(table, rows, name) for table in same}
            if len(values) == 1:
                assert (rows, name) not in hidden, (same[0], rows, name)
                assert not 0 < values.pop() < limit, (same[0], rows, name)


@pytest.mark.parametrize("sections", [SECTORS, (), None])
@pytest.mark.parametrize("totals", [(0, 10), (3, 4), (5, 4), (3, 7)])
def test_whoever_knows_every_rule_is_left_with_two_values(totals: tuple[int, int], sections: Sequence[Rows] | None):
    attack(product(*(ways(total, 4) for total in totals)), sections)


@pytest.mark.parametrize("totals", [(0, 5), (0, 8), (4, 3)])
@pytest.mark.parametrize("sections", [[frozenset({0, 1}), frozenset({2, 3}), frozenset({0, 2, 3}), frozenset({4})], ()])
def test_of_five_rows_those_with_two_that_hold_anything_tell_the_others(
    totals: tuple[int, int], sections: Sequence[Rows]
):
    attack(product(*(ways(total, 5) for total in totals)), sections)
    assert pools((9, 1, 0, 0, 0), (9, 1, 0, 0, 0), sections, 3)["received"] == [frozenset({0, 1})]
    assert pools((9, 1, 0, 0), (9, 1, 0, 0), (), 3)["received"] == [frozenset(range(4))], "four rows are too few"


@pytest.mark.parametrize("rows", [2, 3])
def test_of_few_rows_too(rows: int):
    for totals in product((0, 3, 4, 5), repeat=2):
        attack(product(*(ways(total, rows) for total in totals)), ()) if any(totals) else None


@pytest.mark.parametrize("limit", [3, 4, 5])
@pytest.mark.parametrize("more", [(0, 0, 0), (1, 1, 3, 0), (2, 5, 1), (5, 5, 5), (6, 0, 1)])
def test_what_is_open_where_all_that_was_received_is_told(more: tuple[int, ...], limit: int):
    received = [limit + some for some in more]
    tables: dict[int, list[Table]] = defaultdict(list)
    for opened in product(*(range(most + 1) for most in received)):
        closed = tuple(most - some for most, some in zip(received, opened, strict=True))
        tables[sum(opened)].append((opened, closed))
    for total, those in tables.items():
        if limit <= total <= sum(received) - limit:
            attack(those, (), limit)


@pytest.mark.parametrize("sections", [SECTORS, None])
def test_a_small_total_of_open_or_closed_is_not_told_by_the_rows(sections: Sequence[Rows] | None):
    some = [(opened, 7 - opened) for opened in (1, 2, 5, 6)]
    attack((table for totals in some for table in product(*(ways(total, 4) for total in totals))), sections)
