"""How far each of many counts can be known: whole numbers in ranges, narrowed by what adds up to what.

This is the reader of a report who uses every bound; ``rounding`` never prints what would tell it too much.
"""

from collections.abc import Iterable, Mapping, Sequence

from ballerup_cli.core.reports.disclosure.cells import Cell, Relation

Range = tuple[int, int]

_PASSES = 12
"""Ranges narrow fast or not at all; more passes found nothing in any town that was tried."""


class System:
    """Relations between cells, ready to narrow one set of ranges after the other."""

    def __init__(self, cells: Iterable[Cell], relations: Iterable[Relation]) -> None:
        """Number the cells; a relation with a cell that is not there is left out."""
        self.cells = list(cells)
        self._at = {cell: number for number, cell in enumerate(self.cells)}
        known = [relation for relation in relations if {*relation.more, *relation.less} <= self._at.keys()]
        self.relations = [
            ([self._at[cell] for cell in more], [self._at[cell] for cell in less], equal) for more, less, equal in known
        ]

    def narrowed(self, ranges: Mapping[Cell, Range]) -> dict[Cell, Range]:
        """Return what is left of each range."""
        low, high = ([ranges[cell][end] for cell in self.cells] for end in (0, 1))
        for _ in range(_PASSES):
            before = [*low], [*high]
            for more, less, equal in self.relations:
                _tighten(low, high, more, less, equal=equal)
            if before == (low, high):
                break
        return {cell: (low[number], high[number]) for number, cell in enumerate(self.cells)}

    def over(self, printed: Mapping[Cell, int | None]) -> list[Cell]:
        """Return the parts that would print more than their whole, where a whole has its parts at least."""
        pairs = [
            (more[0], part) for more, less, equal in self.relations if len(more) == 1 and not equal for part in less
        ]
        numbers = [
            (self.cells[part], printed.get(self.cells[whole]), printed.get(self.cells[part])) for whole, part in pairs
        ]
        return [cell for cell, whole, part in numbers if whole is not None and part is not None and part > whole]

    def around(self, cell: Cell, turn: int) -> list[Cell]:
        """Return the cells of a relation that a cell is in, each in its turn."""
        number = self._at[cell]
        found = [[*more, *less] for more, less, _ in self.relations if number in more or number in less]
        return [self.cells[one] for one in found[turn % len(found)]] if found else []


def _tighten(low: list[int], high: list[int], more: Sequence[int], less: Sequence[int], *, equal: bool) -> None:
    """Narrow the cells of one relation: the sum of ``more`` without that of ``less`` is at least 0, or is 0."""
    least = sum(low[cell] for cell in more) - sum(high[cell] for cell in less)
    most = sum(high[cell] for cell in more) - sum(low[cell] for cell in less)
    ups = [(cell, high[cell] - most, low[cell] - least) for cell in more]
    downs = [(cell, least + high[cell], most + low[cell]) for cell in less]
    for cell, lowest, highest in ups:
        low[cell] = max(low[cell], lowest)
        if equal:
            high[cell] = min(high[cell], highest)
    for cell, lowest, highest in downs:
        high[cell] = min(high[cell], highest)
        if equal:
            low[cell] = max(low[cell], lowest)
