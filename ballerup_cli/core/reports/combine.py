"""Adding up published reports of several municipalities: what is printed leaves a range, and ranges add up.

Only what is printed is used, a row's own total among it, so the sums tell nothing that the papers do not.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from ballerup_cli.core.reports.disclosure.bounds import System
from ballerup_cli.core.reports.disclosure.cells import places, relations
from ballerup_cli.core.reports.disclosure.rounding import NO_BOUND, range_of
from ballerup_cli.core.reports.tables import COUNTS, TABLES

Page = Mapping[str, Any]
Range = tuple[int, int | None]
"""The lowest and the highest a count can be; None where nothing bounds it."""
Place = tuple[str, str | None, str]
"""A section of a report, a code in it, and which count."""

_OWN = "by_member"  # members are a municipality's own
_ALL_THERE = ("by_ring", "by_sector", "by_month", "by_measure", "by_activity")
"""Tables that print all their codes: what a page of these lacks, such as a ring of another town, it had nothing in."""


def places_of(page: Page, *, exact: bool = False) -> dict[Place, Range]:
    """Return every count of a report that can be added up, as the range it lies in; ``exact`` ones are as printed."""
    if exact:
        return {place: (holder[name], holder[name]) for place, holder, name in _counts(page)}
    found = list(places(page, None))
    cells = {cell for _, _, cell in found}
    system = System(cells, relations(page, None))
    ranges = system.narrowed({cell: _range(cell, holder[name], page) for holder, name, cell in found})
    known = {(id(holder), name): ranges[cell] for holder, name, cell in found}
    return {
        place: _bounded(known.get((id(holder), name), (holder[name], holder[name])))
        for place, holder, name in _counts(page)
    }


def combine(pages: Iterable[Page]) -> dict[Place, Range]:
    """Return the sums of reports, in the order in which their counts come."""
    return total(places_of(page) for page in pages)


def total(parts: Iterable[Mapping[Place, Range]]) -> dict[Place, Range]:
    """Add up the counts of several reports; a row that one lacks is unknown there, and at most all there was."""
    known = list(parts)
    every = dict.fromkeys(place for part in known for place in part)
    return {place: _sum([part.get(place) or _missing(place, part) for part in known]) for place in every}


def overlapping(pages: Iterable[Page]) -> str | None:
    """Return a municipality that has two reports of the same days among these, None where no concern counts twice."""
    found = sorted((page["code"], page["period"]["from"], page["period"]["to"], page["municipality"]) for page in pages)
    for before, after in pairwise(found):
        if before[0] == after[0] and after[1] <= before[2]:
            return str(after[3])
    return None


def _range(cell: tuple[str, ...], number: int | None, page: Page) -> tuple[int, int]:
    return range_of(cell, number) if page["totals"]["received"] is not None else (0, NO_BOUND)


def _bounded(found: tuple[int, int]) -> Range:
    return found[0], found[1] if found[1] < NO_BOUND else None


def _missing(place: Place, part: Mapping[Place, Range]) -> Range:
    if place[0] in _ALL_THERE:
        return 0, 0
    return 0, part["totals", None, "received"][1]


def _sum(ranges: Iterable[Range]) -> Range:
    low, high = 0, 0
    open_ended = False
    for lowest, highest in ranges:
        low += lowest
        high += highest or 0
        open_ended |= highest is None
    return low, None if open_ended else high


def _counts(page: Page) -> Iterator[tuple[Place, Mapping[str, Any], str]]:
    """Give every count that adds up over municipalities: its place, what holds it, and under which name."""
    yield from ((("totals", None, name), page["totals"], name) for name in page["totals"])
    for section, key in TABLES.items():
        if section != _OWN:
            yield from (
                ((section, row[key], name), row, name) for row in page[section] for name in COUNTS if name in row
            )
    yield from ((("funnel", state, "cases"), page["funnel"], state) for state in page["funnel"] if state != "closed")
    yield from ((("flow", name, "cases"), page["flow"], name) for name in page["flow"])
    yield ("persons", "received", "cases"), page["persons"], "received"
    for name, figures in page["conduct"].items():
        yield from ((("conduct", name, count), figures, count) for count in figures if count != "median_days")
