"""Which number is printed for each count of a report that leaves the house: a multiple of 5, drawn by a secret key.

A count is rounded to the multiple of 5 below or above it, to the near one more often, so that it is right in the mean
(random rounding; the cell-key method of the statistical offices). The draw belongs to the cell, so the same count
prints the same number on every page and every day. All received in a period of 100 or more stand exactly.

Rings and sectors are sums of a few members, each of which knows its own referrals: they stand from 15 on.

Rows that add up could tell more than each alone: a whole that prints 0 over a part that prints 5 is 1 to 4. Such cells
are drawn once more, until a reader who uses every bound is left with five values at least for whatever may be 1 to 4.
Whether a page is drawn again follows from the numbers on it and from nothing else, so that tells nothing more.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from itertools import chain

from ballerup_cli.core.reports.disclosure.bounds import Range, System
from ballerup_cli.core.reports.disclosure.cells import (
    Cell,
    Page,
    Row,
    Sectors,
    is_sum_of_members,
    places,
    relations,
    span,
)
from ballerup_cli.core.reports.disclosure.published import held_against

BASE = 5
EXACT = 100
"""From so many received in a period on, their number stands as it is: no person is to be seen in it."""
SCHEME = "rounded"
METHOD = "random rounding by cell key"
SUM = 3 * BASE
"""From so many on, a sum of some members is printed: in a smaller one each of them would see the others."""
_SMALL = range(1, BASE)
_DRAWS = 80
NO_BOUND = 1_000_000
_MEDIAN_OF = 2 * BASE  # printed cases, so that at least six days stand behind a median

Draw = Callable[[str], int]
"""A number from 0 to 4 for a name, always the same for one name, and by no way to be foreseen without the key."""


def control(report: Page, draw: Draw, sectors: Sectors, before: Sequence[Page] = ()) -> Row:
    """Return the report as it may leave the house; ``before`` holds the pages that are published.

    ``sectors`` says which sector each member is in.
    """
    page = _marked(report)
    found = list(places(page, sectors))
    true = {cell: int(holder[name]) for holder, name, cell in found}
    printed = _printed(page, true, draw, sectors, before)
    for holder, name, cell in found:
        holder[name] = printed[cell]
    for figures in page["conduct"].values():
        if "median_days" in figures and (figures["cases"] is None or figures["cases"] < _MEDIAN_OF):
            figures["median_days"] = None
    return page


def withheld(report: Page, sectors: Sectors) -> Row:
    """Return the report with no count: its days are no calendar period, and many such pages would tell each other."""
    page = _marked(report)
    for holder, name, _ in places(page, sectors):
        holder[name] = None
    for figures in page["conduct"].values():
        figures.update(dict.fromkeys(figures))
    return page


def range_of(cell: Cell, number: int | None) -> Range:
    """Return what a printed number says of its count."""
    if number is None:
        return 0, SUM - 1 if is_sum_of_members(cell) else NO_BOUND
    if cell[1:] == ("all", "received") and number >= EXACT:
        return (number, number) if number > EXACT else (EXACT - BASE + 1, EXACT)
    return max(0, number - BASE + 1), number + BASE - 1


def _marked(report: Page) -> Row:
    return {**deepcopy(dict(report)), "controlled": True, "scheme": SCHEME, "base": BASE, "method": METHOD}


def rounded_one(cell: Cell, count: int, drawn: int) -> int:
    """Return the multiple of 5 below or above a count, for a number drawn from 0 to 4."""
    if cell[1:] == ("all", "received") and count >= EXACT:
        return count
    rest = count % BASE
    return count - rest + (BASE if drawn < rest else 0)


def left_of(page: Page, sectors: Sectors) -> dict[Cell, Range]:
    """Return what one page, with everything a reader knows of how its counts hang together, leaves of each."""
    ranges = {cell: range_of(cell, holder[name]) for holder, name, cell in places(page, sectors)}
    return System(ranges, relations(page, sectors)).narrowed(ranges)


def _printed(
    page: Page, true: Mapping[Cell, int], draw: Draw, sectors: Sectors, before: Sequence[Page]
) -> dict[Cell, int | None]:
    """Draw every cell, and those that tell too much once more; withhold what no draw makes safe."""
    known, across = held_against(span(page), true, before, sectors, left_of)
    system = System([*true, *known], [*relations(page, sectors), *across])
    drawn = _Drawn(true, draw)
    for turn in range(_DRAWS):
        telling = _telling(system, drawn.printed, known, turn)
        if not telling:
            return drawn.printed
        drawn.again(telling)
    return _without(system, drawn.printed, known)


class _Drawn:
    """What is printed for each cell, by how often it was drawn."""

    def __init__(self, true: Mapping[Cell, int], draw: Draw) -> None:
        self._true, self._draw = true, draw
        self._times = dict.fromkeys(true, 0)
        self.printed = {cell: self._number(cell) for cell in true}

    def again(self, cells: Sequence[Cell]) -> None:
        """Draw some cells once more."""
        for cell in cells:
            if cell in self._true and self._true[cell] % BASE:
                self._times[cell] += 1
                self.printed[cell] = self._number(cell)

    def _number(self, cell: Cell) -> int | None:
        number = rounded_one(cell, self._true[cell], self._draw("\t".join([*cell, str(self._times[cell])])))
        return None if number < SUM and is_sum_of_members(cell) else number


def _telling(system: System, printed: Mapping[Cell, int | None], known: Mapping[Cell, Range], turn: int) -> list[Cell]:
    """Return the cells that leave a small count fewer than five values, each with those of one of its sums."""
    ranges = {cell: known[cell] if cell in known else range_of(cell, printed[cell]) for cell in system.cells}
    small = [cell for cell, left in system.narrowed(ranges).items() if is_telling(left)]
    small += [cell for cell in system.over(printed) if cell not in known]
    return list(dict.fromkeys(chain(small, *(system.around(cell, turn) for cell in small))))


def is_telling(left: Range) -> bool:
    """Tell whether a count that may be 1 to 4 is left fewer than five values."""
    low, high = left
    return low <= high and high - low < BASE - 1 and low <= _SMALL[-1] and high >= _SMALL[0]


def _without(system: System, printed: dict[Cell, int | None], known: Mapping[Cell, Range]) -> dict[Cell, int | None]:
    """Withhold what no draw has made safe: the cells that tell, and those around them."""
    for turn in range(_DRAWS):
        telling = [cell for cell in _telling(system, printed, known, turn) if printed.get(cell) is not None]
        printed = {**printed, **dict.fromkeys(telling)}
    return printed
