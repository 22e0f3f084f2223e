"""Rows in blocks that no unit straddles, and how many distinct units stand behind cells."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.integer]
BLOCK_ROWS = 2**18


def unit_blocks(units: Codes, rows: int = BLOCK_ROWS) -> Iterator[slice]:
    """Consecutive rows, about `rows` at a time, each unit's together. `units` never decrease."""
    start, total = 0, len(units)
    while start < total:
        end = min(start + rows, total)
        if end < total:
            end = int(np.searchsorted(units, units[end], side="left"))
            if end <= start:  # one unit alone fills the block
                end = int(np.searchsorted(units, units[start], side="right"))
        yield slice(start, end)
        start = end


def count_codes(codes: Codes, size: int = 0) -> NDArray[np.int64]:
    """How many rows have each code, in blocks: counting makes wide integers of small ones."""
    counts = np.bincount(codes[:BLOCK_ROWS], minlength=size)
    for start in range(BLOCK_ROWS, len(codes), BLOCK_ROWS):
        more = np.bincount(codes[start : start + BLOCK_ROWS], minlength=len(counts))
        more[: len(counts)] += counts
        counts = more
    return counts.astype(np.int64)


def count_units(units: Codes) -> int:
    """How many distinct units there are; `units` never decrease."""
    return int(np.count_nonzero(units[1:] != units[:-1])) + (len(units) > 0)


def is_row_a_unit(units: Codes) -> bool:
    """Whether no two rows are of one unit, as in tables of persons; `units` never decrease."""
    return len(units) < 2 or bool((units[1:] > units[:-1]).all())


def distinct_units(cells: Codes, units: Codes, size: int) -> NDArray[np.int64]:
    """How many distinct units each of `size` cells has, for rows whose units never decrease."""
    if is_row_a_unit(units):
        return np.bincount(cells, minlength=size).astype(np.int64)
    cell, _ = distinct_pairs(cells, units)
    return np.bincount(cell, minlength=size).astype(np.int64)


def distinct_pairs(cells: Codes, units: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every cell and unit that have a row together, in the order of the cells, then of the units."""
    if not len(cells):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    base = int(units.min())
    span = int(units.max()) - base + 1
    pairs = np.sort(cells.astype(np.int64) * span + (units - base))
    pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])]
    cell = pairs // span
    return cell, pairs - cell * span + base
