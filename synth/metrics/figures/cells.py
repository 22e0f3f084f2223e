"""Cells that may be shown: enough persons of each real side in every one, and in all that is not shown together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Counted:
    """Entries of one side: the cell of each (0 .. width - 1; -1: not counted) and whose it is (-1: nobody's)."""

    cell: Ints
    person: Ints
    weight: Floats | None = None

    def shares(self, width: int) -> Floats:
        """The share of each cell among all entries."""
        kept = self.cell >= 0
        heavy = None if self.weight is None else self.weight[kept]
        counts = np.bincount(self.cell[kept], weights=heavy, minlength=width).astype(np.float64)
        total = counts.sum()
        shares: Floats = counts / total if total > 0 else counts
        return shares

    def pairs(self, width: int) -> tuple[Ints, Ints]:
        """The distinct (person, cell) there are, as two arrays; entries of nobody are left out."""
        kept = (self.cell >= 0) & (self.person >= 0)
        flat = np.unique(self.person[kept] * width + self.cell[kept])
        return flat // width, flat % width


def shown_cells(real: Mapping[str, Counted], width: int, least: int) -> NDArray[np.bool_]:
    """Cells to show: at least `least` persons of every real side in each, and nobody or as many in all the others.

    Where the others would be fewer, the smallest cell that is shown joins them, until they are enough or none is left:
    what is not shown cannot be had by taking what is shown from the whole.
    """
    pairs = [side.pairs(width) for side in real.values()]
    counts = np.array([np.bincount(cell, minlength=width) for _, cell in pairs]).reshape(len(pairs), width)
    fewest = counts.min(axis=0) if len(pairs) else np.zeros(width, dtype=np.int64)
    shown = fewest >= least
    while shown.any() and any(0 < _hidden(person, cell, shown) < least for person, cell in pairs):
        smallest = np.flatnonzero(shown)[fewest[shown].argmin()]
        shown[smallest] = False
    return shown


def _hidden(person: Ints, cell: Ints, shown: NDArray[np.bool_]) -> int:
    return len(np.unique(person[~shown[cell]]))


def series(sides: Mapping[str, Counted], width: int, shown: NDArray[np.bool_]) -> dict[str, list[float]]:
    """For each side the shares of the cells shown, then what is left for all others, to four decimals."""
    found = {}
    for role, side in sides.items():
        shares = side.shares(width)
        kept = [round(float(share), 4) for share in shares[shown]]
        found[role] = [*kept, round(float(shares[~shown].sum()), 4)]
    return found
