"""Nearest neighbours in blocks: one matrix product a block, memory bounded whatever the number of persons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
FEW = 8
BLOCK_CELLS = 4_000_000  # distances held at a time: 16 MB, which memory is not asked for again and again


def nearest(
    queries: Matrix, pool: Matrix, count: int = 1, own: NDArray[np.int64] | None = None
) -> tuple[Matrix, NDArray[np.int64]]:
    """Squared Euclidean distances to, and positions of, the `count` nearest rows of `pool`, nearest first.

    `own[i]` is the position of query i itself in the pool, which is passed over (-1: it is not there). Ties go to the
    lower position. An empty pool gives infinite distances and position -1.
    """
    count = min(count, len(pool)) if len(pool) else 0
    if count == 0:
        return np.full((len(queries), 1), np.inf, np.float32), np.full((len(queries), 1), -1, np.int64)
    distances = np.empty((len(queries), count), dtype=np.float32)
    places = np.empty((len(queries), count), dtype=np.int64)
    norms = np.einsum("ij,ij->i", pool, pool)
    step = max(1, BLOCK_CELLS // len(pool))
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        squared = (-2 * block) @ pool.T  # twice a product is exact, and saves a pass over all distances
        squared += norms
        if own is not None:
            mine = own[start : start + step]
            inside = np.flatnonzero(mine >= 0)
            squared[inside, mine[inside]] = np.inf
        found = squared.argmin(axis=1)[:, None] if count == 1 else _smallest(squared, count)
        places[start : start + step] = found
        distances[start : start + step] = exact_distances(block, pool, found)
    return distances, places


def nearest_leaving_out(
    queries: Matrix, pool: Matrix, left_out: Sequence[NDArray[np.bool_]], usable: Sequence[NDArray[np.bool_]]
) -> list[NDArray[np.int64]]:
    """For each set of columns left out, the position of the nearest usable row of `pool`; -1 where none is usable.

    One product over all columns serves every set: what is left out is taken away from it.
    """
    found = [np.full(len(queries), -1, dtype=np.int64) for _ in left_out]
    if not len(pool):
        return found
    norms = np.einsum("ij,ij->i", pool, pool)
    parts = [np.ascontiguousarray(pool[:, columns]) for columns in left_out]
    beyond = [np.where(some, np.float32(0), np.float32(np.inf)) for some in usable]
    step = max(1, BLOCK_CELLS // len(pool))
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        whole = (-2 * block) @ pool.T
        whole += norms
        for place, (columns, part) in enumerate(zip(left_out, parts, strict=True)):
            if not usable[place].any():
                continue
            squared = (2 * block[:, columns]) @ part.T
            squared += whole
            squared += beyond[place] - np.einsum("ij,ij->i", part, part)
            found[place][start : start + step] = squared.argmin(axis=1)
    return found


def _smallest(squared: Matrix, count: int) -> NDArray[np.int64]:
    """Positions of the smallest distances of each row, ties to the lower position; the distances are used up."""
    if count <= FEW and count < squared.shape[1]:
        places = np.empty((len(squared), count), dtype=np.int64)
        rows = np.arange(len(squared))
        for rank in range(count):  # a few passes cost less than ordering positions
            places[:, rank] = squared.argmin(axis=1)
            squared[rows, places[:, rank]] = np.inf
        return places
    rough = np.argpartition(squared, count - 1, axis=1)[:, :count]
    rough.sort(axis=1)
    order = np.take_along_axis(squared, rough, axis=1).argsort(axis=1, kind="stable")
    return np.take_along_axis(rough, order, axis=1)


def exact_distances(queries: Matrix, pool: Matrix, places: NDArray[np.int64]) -> Matrix:
    """Squared distances without the cancellation of the product form: 0 for an exact copy."""
    result = np.empty(places.shape, dtype=np.float32)
    for rank in range(places.shape[1]):
        gap = queries - pool[places[:, rank]]
        result[:, rank] = np.einsum("ij,ij->i", gap, gap)
    return result
