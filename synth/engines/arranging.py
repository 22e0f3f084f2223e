"""Rows that are held in memory, matched with those they refer to and put in order without a database.

Cells are told apart by whole numbers, so that keys of several columns are one number a row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.arrays import numpy_of

Rows = NDArray[np.int64]
_MOST = 2**62


def first_matches(mine: Sequence[pa.Array | pa.ChunkedArray], theirs: Sequence[pa.Array | pa.ChunkedArray]) -> Rows:
    """For each row of `mine`, the first row of `theirs` that has the same cells; -1 where none has, or one is missing.

    Both are the columns of a key, in the same order; cells of two types are compared as texts.
    """
    found = known = None
    size = 1
    for own, other in zip(mine, theirs, strict=True):
        a, b, many = _numbered(own, other)
        if found is None or known is None:
            found, known, size = a, b, many
            continue
        if size * many >= _MOST:
            found, known, size = _closer(found, known)
        found = np.where((found < 0) | (a < 0), -1, found * many + a)
        known = np.where((known < 0) | (b < 0), -1, known * many + b)
        size *= many
    assert found is not None and known is not None
    order = np.argsort(known, kind="stable")
    ranked = known[order]
    if not len(ranked):
        return np.full(len(found), -1)
    places = np.minimum(np.searchsorted(ranked, found), len(ranked) - 1)
    return np.where((found >= 0) & (ranked[places] == found), order[places], -1)


def _numbered(mine: pa.Array | pa.ChunkedArray, theirs: pa.Array | pa.ChunkedArray) -> tuple[Rows, Rows, int]:
    """Cells of two columns as the numbers of the second one's values (-1: missing, or none of them), and how many."""
    mine, theirs = _whole(mine), _whole(theirs)
    if mine.type != theirs.type:
        mine, theirs = mine.cast(pa.string()), theirs.cast(pa.string())
    if pa.types.is_floating(mine.type):  # there are two zeros
        mine, theirs = pc.add(mine, 0.0), pc.add(theirs, 0.0)
    coded = theirs.dictionary_encode()
    places = pc.index_in(mine, value_set=coded.dictionary)
    return (
        numpy_of(places, -1).astype(np.int64),
        numpy_of(coded.indices, -1).astype(np.int64),
        max(len(coded.dictionary), 1),
    )


def _closer(found: Rows, known: Rows) -> tuple[Rows, Rows, int]:
    """The same keys in smaller numbers."""
    values, both = np.unique(np.concatenate([found, known]), return_inverse=True)
    both = np.where(values[both] < 0, -1, both)
    return both[: len(found)], both[len(found) :], len(values)


def in_order(parents: Rows, columns: Sequence[pa.Array | pa.ChunkedArray]) -> Rows:
    """The rows that have a parent: by its row, then by these columns (missing cells last), then as they are."""
    keys: list[NDArray[np.generic]] = []
    for cells in columns:
        keys += _ranks(_whole(cells))
    there = np.flatnonzero(parents >= 0)
    if len(there) < len(parents):
        return there[np.lexsort([*(key[there] for key in reversed(keys)), parents[there]])]
    if not keys:
        return np.argsort(parents, kind="stable")
    return np.lexsort([*reversed(keys), parents])


def _ranks(cells: pa.Array) -> list[NDArray[np.generic]]:
    """What a column is sorted by, what weighs most first: whether a cell is missing, then what it is."""
    missing = [numpy_of(cells.is_null())] if cells.null_count else []
    if pa.types.is_string(cells.type):
        coded = cells.dictionary_encode()
        rank = np.empty(len(coded.dictionary) + 1, dtype=np.int64)
        rank[numpy_of(pc.sort_indices(coded.dictionary)).astype(np.int64)] = np.arange(len(coded.dictionary))
        rank[-1] = 0
        return [*missing, rank[numpy_of(coded.indices, -1)]]
    return [*missing, numpy_of(cells, 0)]


def _whole(cells: pa.Array | pa.ChunkedArray) -> pa.Array:
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
