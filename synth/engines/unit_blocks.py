"""Rows in blocks that no unit straddles, and how many distinct units stand behind cells."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.integer]
BLOCK_ROWS = 2**18
_SHORT = 2  # bytes of what is sorted by its digits


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


def most_rows(units: Codes) -> int:
    """The most rows that a unit has; `units` never decrease."""
    starts = np.flatnonzero(units[1:] != units[:-1]) + 1
    return int(np.diff(starts, prepend=0, append=len(units)).max(initial=0))


def some_units(units: Codes, rows: int) -> NDArray[np.int64] | None:
    """About so many rows, those of units chosen by their number, evenly spread; None where there are no more anyway."""
    share = -(-len(units) // rows)
    if share < 2:
        return None
    mixed = (units.astype(np.uint64) * np.uint64(2_654_435_761) % np.uint64(2**32)) >> np.uint64(8)  # Knuth's hash
    return np.flatnonzero(mixed % np.uint64(share) == 0)


def distinct_units(cells: Codes, units: Codes, size: int) -> NDArray[np.int64]:
    """How many distinct units each of `size` cells has, for rows whose units never decrease."""
    if is_row_a_unit(units):
        return np.bincount(cells, minlength=size).astype(np.int64)
    order, first = pairs_in_order(cells, units, size)
    return np.bincount(cells[order[first]], minlength=size).astype(np.int64)


def distinct_pairs(cells: Codes, units: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every cell and unit that have a row together, in the order of the cells, then of the units."""
    order, first = pairs_in_order(cells, units, int(cells.max(initial=0)) + 1)
    chosen = order[first]
    return cells[chosen].astype(np.int64), units[chosen].astype(np.int64)


def pairs_in_order(cells: Codes, units: Codes, size: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows by cell (below `size`), then unit; and whether each is the first of its cell and unit.

    Units never decrease. Cells are sorted as the smallest integers that hold them, short ones without comparing.
    """
    if not len(cells):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    short = cells.astype(np.min_scalar_type(max(size - 1, 0)))
    if short.itemsize <= _SHORT:
        order = np.argsort(short, kind="stable")
    else:
        order = np.argsort(short.astype(np.uint16), kind="stable")
        order = order[np.argsort((short >> 16).astype(np.uint16)[order], kind="stable")]
    cell, unit = short[order], units.astype(np.min_scalar_type(int(units[-1])))[order]
    first = np.ones(len(cell), dtype=bool)
    np.not_equal(cell[1:], cell[:-1], out=first[1:])
    first[1:] |= unit[1:] != unit[:-1]
    return order, first
