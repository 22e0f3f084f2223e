"""Ranks within groups, as shares between 0 and 1: where a row stands among the rows of its group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_SPARSE = 16


def code_ranks(group: Codes, codes: Codes, size: int, place: Floats | float = 0.5) -> Floats:
    """The rank of each row's code (below `size`) among those of its group; `place` (0..1) is where it is among ties."""
    if (int(group.max(initial=-1)) + 1) * size > _SPARSE * len(codes):  # few rows of many groups
        group = np.unique(group, return_inverse=True)[1]
    groups = int(group.max(initial=-1)) + 1
    cells = group * size + codes
    counts = np.bincount(cells, minlength=groups * size).reshape(groups, size)
    before = (np.cumsum(counts, axis=1) - counts).ravel()[cells]
    ranks: Floats = (before + place * counts.ravel()[cells]) / counts.sum(axis=1)[group]
    return ranks


def number_ranks(group: Codes, numbers: Floats, place: Floats) -> Floats:
    """The rank of each row's number among those of its group, `place` (0..1) being where it is within its own share.

    Whatever the numbers, ranks are spread evenly where places are.
    """
    order = np.lexsort((numbers, group))
    sizes = np.bincount(group[order])
    first = np.cumsum(sizes) - sizes
    ranks = np.empty(len(group))
    within = np.arange(len(order)) - first[group[order]]
    ranks[order] = (within + place[order]) / sizes[group[order]]
    return ranks
