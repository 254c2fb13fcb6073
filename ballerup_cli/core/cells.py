"""Cell suppression over any system of sums: which further cells must be hidden so that none can be computed back.

What is counted are atoms, whole numbers from 0 up that are never printed. A cell is a sum of atoms; a link says that
two sums of atoms are equal. A hidden cell is safe once two sets of atoms are known that print the same and differ in
it by at least ``WIDTH``; each is checked here in whole numbers, so a solver that errs costs cells, never a secret.

Which sums a report prints belongs to ``disclosure``; how atoms are found, to whoever passes ``Search``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Atoms = tuple[int, ...]
"""The places of the atoms that are added up."""

WIDTH = 2
"""The least distance between the smallest and the largest value that a hidden cell may have to a reader."""

_STIRS = 8  # rounds in which many cells are moved at once, before each is looked at alone


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """The atoms as they are, the sums that are equal, and the cells."""

    truth: tuple[int, ...]
    links: tuple[tuple[Atoms, Atoms], ...]
    cells: tuple[Atoms, ...]


class Search(Protocol):
    """Finds atoms that print the same: the way out of one system, asked again and again."""

    def __call__(
        self, costs: Sequence[float | None], goal: tuple[int, int] | None, pull: Mapping[int, int]
    ) -> Sequence[float] | None:
        """Return atoms of least cost, None when there are none.

        ``costs`` holds for each cell what a change of 1 costs, None where it must not change. ``goal`` names a cell and
        by how much it shall change at least, with its sign; ``pull`` cells that shall change far, up (1) or down (-1).
        """


@dataclass(kw_only=True, slots=True)
class Suppression:
    """What is hidden so far, and how far each cell is known to reach below and above its true value."""

    system: System
    search: Search
    hidden: set[int]
    costs: Mapping[int, float]
    """The cells that may still be hidden, each with what that costs."""
    low: dict[int, int] = field(default_factory=dict)
    high: dict[int, int] = field(default_factory=dict)
    moves: list[dict[int, int]] = field(default_factory=list)
    """What is known to print the same: by how much each cell changes."""

    def protect(self, wanted: Iterable[int]) -> set[int]:
        """Hide what it takes to make these cells safe, and what is hidden for them; return those that cannot be."""
        lost: set[int] = set()
        todo = sorted(wanted, key=lambda cell: (self._value(cell), cell))
        self._stir(todo)
        while todo:
            cell = todo.pop(0)
            if self.is_safe(cell):
                continue
            before = set(self.hidden)
            if not self._widen(cell):
                lost.add(cell)
            todo += sorted(self.hidden - before)
        return lost

    def is_safe(self, cell: int) -> bool:
        """Tell whether the cell is known to reach far enough."""
        return self.high.get(cell, 0) - self.low.get(cell, 0) >= WIDTH

    def print_again(self, wanted: Collection[int], extra: Iterable[int]) -> None:
        """Print again of ``extra`` whatever all others stay safe without, as far as is known; dearest first."""
        for cell in sorted(extra, key=lambda cell: (-self.costs[cell], cell)):
            still = [move for move in self.moves if cell not in move]
            safe = {*wanted, *self.hidden} - {cell}
            if all(_reach(still, other) >= WIDTH for other in safe):
                self.hidden.discard(cell)
                self.moves = still

    def _stir(self, todo: Sequence[int]) -> None:
        """Move many cells at once with nothing more hidden: most are safe already."""
        for turn in range(_STIRS):
            narrow = [cell for cell in todo if not self.is_safe(cell)]
            if not narrow:
                return
            pull = {cell: 1 if (place * 7 + turn * (place // 3 + 1)) % 2 else -1 for place, cell in enumerate(narrow)}
            found = self._read(self.search(self._costs(free_only=True), None, pull))
            if found is not None:
                self._adopt(found)

    def _widen(self, cell: int) -> bool:
        """Let one cell reach far enough, at the least cost there is."""
        for ways in ((WIDTH, -WIDTH), (1, -1)):
            goals = [by for by in ways if self._value(cell) + by >= 0]
            found = [self._read(self.search(self._costs(), (cell, by), {})) for by in goals]
            known = sorted((move for move in found if move), key=self._cost)
            for move in known[:1] if ways[0] == WIDTH else known:
                self._adopt(move)
            if self.is_safe(cell):
                return True
        return False

    def _costs(self, *, free_only: bool = False) -> list[float | None]:
        dear: Mapping[int, float] = {} if free_only else self.costs
        return [0.0 if cell in self.hidden else dear.get(cell) for cell in range(len(self.system.cells))]

    def _cost(self, move: Mapping[int, int]) -> float:
        return sum(self.costs[cell] for cell in move if cell not in self.hidden)

    def _value(self, cell: int) -> int:
        return sum(self.system.truth[atom] for atom in self.system.cells[cell])

    def _adopt(self, move: dict[int, int]) -> None:
        self.moves.append(move)
        for cell, by in move.items():
            self.hidden.add(cell)
            self.low[cell] = min(self.low.get(cell, 0), by)
            self.high[cell] = max(self.high.get(cell, 0), by)

    def _read(self, found: Sequence[float] | None) -> dict[int, int] | None:
        """Return by how much each cell changes; None unless it all holds in whole numbers."""
        if found is None:
            return None
        system, atoms = self.system, [round(value) for value in found]
        if min(atoms, default=0) < 0 or any(_sum(atoms, one) != _sum(atoms, other) for one, other in system.links):
            return None
        changes = {
            place: by for place, cell in enumerate(system.cells) if (by := _sum(atoms, cell) - self._value(place))
        }
        return changes if all(cell in self.hidden or cell in self.costs for cell in changes) else None


def _sum(values: Sequence[int], atoms: Atoms) -> int:
    return sum(values[atom] for atom in atoms)


def _reach(moves: Iterable[Mapping[int, int]], cell: int) -> int:
    """Return how far apart the values are that a cell takes."""
    taken = [0, *(move.get(cell, 0) for move in moves)]
    return max(taken) - min(taken)
