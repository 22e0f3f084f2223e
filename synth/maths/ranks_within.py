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
    first = group * size
    cells = first + codes
    counts = np.bincount(cells)
    before = np.cumsum(counts) - counts
    ranks = np.multiply(counts.take(cells), place)
    ranks += before.take(cells) - before.take(first)
    ranks /= np.bincount(group).take(group)
    return ranks


def number_ranks(group: Codes, numbers: Floats, place: Floats) -> Floats:
    """The rank of each row's number among those of its group, `place` (0..1) being where it is within its own share.

    Whatever the numbers, ranks are spread evenly where places are.
    """
    if not len(group):
        return np.empty(0)
    steps, of_row, of_number = steps_of(group, numbers)
    # group, number and row in one whole number, no two alike: sorted fast, and in the same way everywhere
    packed = ((group << of_number) + steps << of_row) + np.arange(len(group))
    packed.sort()
    order = packed & ((1 << of_row) - 1)
    sizes = np.bincount(group)
    ranked = group.take(order)
    within = np.arange(len(group)) - (np.cumsum(sizes) - sizes).take(ranked)
    ranks = np.empty(len(group))
    ranks[order] = (within + place.take(order)) / sizes.take(ranked)
    return ranks


def steps_of(group: Codes, numbers: Floats) -> tuple[Codes, int, int]:
    """Numbers as whole steps between the lowest and the highest, and the bits that rows and steps take.

    Group, step and row take 63 bits together.
    """
    of_row = (len(group) - 1).bit_length()
    of_number = 63 - of_row - int(group.max()).bit_length()
    low, spread = numbers.min(), np.ptp(numbers) or 1.0
    steps = ((numbers - low) * ((2.0**of_number - 1) / spread)).astype(np.int64)
    return np.minimum(steps, 2**of_number - 1), of_row, of_number
