"""The solver behind disclosure control: HiGHS, as scipy ships it, looks for numbers that would print the same.

What it finds is checked by ``core.cells`` in whole numbers; nothing depends on its being right. Its time is limited:
past ``SECONDS`` it finds nothing more, and a report whose cells are not yet known to be safe is hidden whole.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from time import monotonic
from typing import Any

from ballerup_cli.core.cells import System

SECONDS = 60.0
"""How long one report may take."""

_SPARE = 4  # how far an atom may rise above its true value: less than any reader must allow for
_FAR = 1e3
_QUESTION: Mapping[str, Any] = {"time_limit": 2.0, "mip_rel_gap": 0.1}


class Highs:
    """One system, laid out once; each question changes costs and bounds only."""

    def __init__(self, system: System) -> None:
        """Lay out a column an atom, then a surplus and a shortfall a cell; each cell is a row, and so is each link."""
        import numpy as np
        from scipy.optimize import LinearConstraint

        self.atoms, self.cells = len(system.truth), len(system.cells)
        values = [float(sum(system.truth[atom] for atom in cell)) for cell in system.cells]
        values += [0.0] * len(system.links)
        self.rows = LinearConstraint(_matrix(system), np.array(values), np.array(values))
        self.most = np.array([value + _SPARE for value in system.truth], dtype=float)
        self.whole = np.concatenate([np.ones(self.atoms), np.zeros(2 * self.cells)])
        self.until = monotonic() + SECONDS

    def __call__(
        self, costs: Sequence[float | None], goal: tuple[int, int] | None, pull: Mapping[int, int]
    ) -> Sequence[float] | None:
        """Return atoms that cost the least; see ``core.cells.Search``."""
        import numpy as np
        from scipy.optimize import Bounds, milp

        if monotonic() > self.until:
            return None
        price = np.array([0.0 if cost is None else cost for cost in costs])
        upper = np.array([0.0 if cost is None else _FAR for cost in costs])
        rise, fall = (np.zeros(self.cells), upper.copy(), price.copy()), (np.zeros(self.cells), upper, price.copy())
        if goal:
            cell, by = goal
            for (low, high, cost), wanted in ((rise, by), (fall, -by)):
                low[cell], high[cell], cost[cell] = max(wanted, 0), _FAR if wanted > 0 else 0, 0
        for cell, sign in pull.items():
            rise[2][cell], fall[2][cell] = -sign, sign
        low, high, cost = (np.concatenate(pair) for pair in zip(rise, fall, strict=True))
        bounds = Bounds(np.concatenate([np.zeros(self.atoms), low]), np.concatenate([self.most, high]))
        cost = np.concatenate([np.zeros(self.atoms), cost])
        found = milp(cost, integrality=self.whole, bounds=bounds, constraints=self.rows, options=dict(_QUESTION))
        return None if found.x is None else [float(value) for value in found.x[: self.atoms]]


def _matrix(system: System) -> Any:
    """Write each cell as its atoms, less the surplus and plus the shortfall, and each link as a difference of 0."""
    from scipy.sparse import csr_array

    atoms, cells = len(system.truth), len(system.cells)
    rows = [
        {**dict.fromkeys(cell, 1.0), atoms + place: -1.0, atoms + cells + place: 1.0}
        for place, cell in enumerate(system.cells)
    ]
    rows += [{**dict.fromkeys(one, 1.0), **dict.fromkeys(other, -1.0)} for one, other in system.links]
    values = [value for row in rows for value in row.values()]
    places = [place for row in rows for place in row]
    return csr_array((values, places, [0, *accumulate(map(len, rows))]), shape=(len(rows), atoms + 2 * cells))
