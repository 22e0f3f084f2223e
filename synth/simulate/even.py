"""Chances met evenly: who is taken, each with a probability of their own, so that counts stray little from their sum.

Systematic sampling (Madow, 1949) in cells of similar persons: each person is taken with exactly their own probability,
while the number taken in a cell is the sum of the probabilities rounded up or down. Starting points of successive
blocks are multiples of an irrational number (Weyl), so that rounding evens out over blocks too. A block still depends
on its own number and the seed alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng

DIGITS, DEPTH = 3, 24


def slopes(seed: int, n: int, *names: str | int) -> NDArray[np.float64]:
    """`n` irrational steps of their own for a name: continued fractions of digits 1 to 3 (whose multiples are even).

    Two names have two steps, so that what is taken for one does not go together with what is taken for the other.
    """
    digits = 1 + rng(seed, "slope", *names).integers(n * DEPTH, DIGITS).reshape(n, DEPTH)
    values = np.zeros(n)
    for place in range(DEPTH):
        values = 1.0 / (digits[:, place] + values)
    return values


def starting_points(seed: int, block: int, n: int, *names: str | int, step: int = 0) -> NDArray[np.float64]:
    """`n` numbers in [0, 1), uniform over seeds, evenly spread over blocks (and over `step`, for years)."""
    first = rng(seed, "even", *names).uniform(n)
    along, across = slopes(seed, 2, *names)
    shifted: NDArray[np.float64] = (first + block * along + step * across) % 1.0
    return shifted


def taken(
    chance: NDArray[Any],
    cell: NDArray[np.int64],
    order: NDArray[np.float64],
    seed: int,
    block: int,
    *names: str | int,
    step: int = 0,
) -> NDArray[np.bool_]:
    """Which persons are taken: `chance` is each one's probability, `cell` groups persons whose number is kept even.

    Within a cell persons are counted in the order of `order`: random numbers, or something the taken should be evenly
    spread over.
    """
    row = np.lexsort((order, cell))
    total = np.cumsum(chance[row])
    inside = cell[row]
    first = np.ones(len(row), dtype=bool)
    first[1:] = inside[1:] != inside[:-1]
    before = np.concatenate([[0.0], total[:-1]])
    start = before[first][np.cumsum(first) - 1]
    shift = starting_points(seed, block, int(cell.max(initial=-1)) + 1, *names, step=step)[inside] - start
    found = np.zeros(len(chance), dtype=bool)
    found[row] = np.floor(total + shift) > np.floor(before + shift)
    return found & (chance > 0)


def spread(order: NDArray[Any], seed: int, block: int, *names: str | int, step: int = 0) -> NDArray[np.float64]:
    """One number in [0, 1) an entry, evenly spread over entries in the order given, and over blocks."""
    values = np.empty(len(order))
    start = starting_points(seed, block, 1, *names, step=step)
    along = slopes(seed, 1, "entries", *names)
    values[np.argsort(order, kind="stable")] = (start + np.arange(len(order)) * along) % 1.0
    return values


def stratified_normals(order: NDArray[np.int64], uniform: NDArray[np.float64], size: int = 16) -> NDArray[np.float64]:
    """Standard normals of which every `size` successive entries of `order` hold one in each equal part of the law.

    `uniform` are independent numbers in [0, 1), one an entry: they say which part, and where in it.
    """
    from scipy.special import ndtri

    group = np.arange(len(order)) // size
    rank = np.lexsort((uniform[order], group))
    place = np.empty(len(order))
    place[rank] = np.arange(len(order)) - group[rank] * size
    count = np.bincount(group)[group]
    values = np.empty(len(order))
    jitter = (uniform[order] * 7919.0) % 1.0
    values[order] = ndtri(np.clip((place + jitter) / count, 1e-9, 1 - 1e-9))
    return values
