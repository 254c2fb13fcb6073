"""Adding up published reports of several municipalities: what is hidden in one stays unknown, within honest bounds.

A hidden count is at least 0 and at most what the printed counts around it leave. So each sum is a range, and where low
and high meet it is a number. Only what is printed is used: the sums tell nothing that the papers do not.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from ballerup_cli.core.reports.adding import COUNTS, TABLES

Page = Mapping[str, Any]
Range = tuple[int, int | None]
"""The lowest and the highest a count can be; None where nothing bounds it."""
Place = tuple[str, str | None, str]
"""A section of a report, a code in it, and which count."""

_ADDING_UP = frozenset(TABLES) - {"by_sign", "by_measure", "by_activity"}
"""The tables whose rows add up to the totals."""

_OWN = "by_member"  # members are a municipality's own


def places(page: Page) -> dict[Place, Range]:
    """Return every count of a report that can be added up, as the range it lies in."""
    found: dict[Place, Range] = {}
    for name, count in page["totals"].items():
        found["totals", None, name] = _within(count, _total(page, name))
    for section, key in TABLES.items():
        if section != _OWN:
            for row in page[section]:
                for name in (name for name in COUNTS if name in row):
                    found[section, row[key], name] = _within(row[name], _left(page, section, name))
    return {**found, **dict(_funnel(page)), **dict(_conduct(page))}


def combine(pages: Iterable[Page]) -> dict[Place, Range]:
    """Return the sums of reports, in the order in which their counts come."""
    sums: dict[Place, Range] = {}
    for page in pages:
        plus(sums, places(page))
    return sums


def plus(sums: dict[Place, Range], more: Mapping[Place, Range]) -> None:
    """Add the counts of one more report to the sums."""
    for place, told in more.items():
        sums[place] = _plus(sums.get(place, (0, 0)), told)


def _plus(one: Range, other: Range) -> Range:
    high = None if one[1] is None or other[1] is None else one[1] + other[1]
    return one[0] + other[0], high


def _within(count: int | None, most: int | None) -> Range:
    return (0, most) if count is None else (count, count)


def _total(page: Page, name: str) -> int | None:
    """Return the most a count can be in all: its total, or that of all received; None where both are hidden."""
    totals = page["totals"]
    return next((told for told in (totals.get(name), totals["received"]) if told is not None), None)


def _left(page: Page, section: str, name: str) -> int | None:
    """Return the most that a hidden count of a table can be: what the printed ones leave of the total."""
    most = _total(page, name)
    printed = [row[name] for row in page[section] if row.get(name) is not None]
    return most if most is None or section not in _ADDING_UP else max(0, most - sum(printed))


def _funnel(page: Page) -> Iterator[tuple[Place, Range]]:
    """Give the states, of which each later one has at most what came before."""
    most = _total(page, "received")
    for state, count in page["funnel"].items():
        if state != "closed":
            yield ("funnel", state, "cases"), _within(count, most)
            most = most if count is None else count


def _conduct(page: Page) -> Iterator[tuple[Place, Range]]:
    """Give what was due and what was kept; a median of several reports is unknown."""
    for name, figures in page["conduct"].items():
        whole, part = figures
        yield ("conduct", name, whole), _within(figures[whole], _total(page, "received") if whole == "cases" else None)
        if part != "median_days":
            yield ("conduct", name, part), _within(figures[part], figures[whole])


def overlapping(pages: Iterable[Page]) -> str | None:
    """Return a municipality that has two reports of the same days among these, None where no concern counts twice."""
    told = sorted((page["municipality"], page["period"]["from"], page["period"]["to"]) for page in pages)
    for before, after in pairwise(told):
        if before[0] == after[0] and after[1] <= before[2]:
            return str(after[0])
    return None
