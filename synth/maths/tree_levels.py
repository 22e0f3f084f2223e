"""What the nodes between a tree's root and its leaves tell of a quantity: runs of its codes as short as k rows allow.

A leaf of few rows has few runs, and wide ones; inside them codes would be as they are in the whole table, though few of
these codes may ever go with what the leaf stands for. The nodes above a leaf have more rows and shorter runs. The table
of leaves and codes is scaled to the runs of all levels in turn, from the root's down to the leaf's own (Deming and
Stephan, 1940), so that each run is filled as the nodes above it tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth.core.arrays import distinct
from synth.maths.tree_leaves import Cells, Target

Codes = NDArray[np.int64]
Rows = NDArray[np.integer]
Floats = NDArray[np.float64]
_ROUNDS = 6


def measure_runs(node: Rows, codes: Rows, parents: Codes, target: Target, k: int) -> Cells:
    """Runs of k rows or more of the codes in order, at each node that is neither the root nor a leaf.

    `node` is the leaf of each row, every row being that of another unit; children come after their parents. Runs are
    cut as those of leaves are (see `tree_leaves`).
    """
    inner = distinct(parents[parents > 0])
    counts = np.bincount(node.astype(np.int64) * target.size + codes, minlength=len(parents) * target.size)
    counts = counts.reshape(len(parents), target.size)[:, : target.ordered]
    for below in range(len(parents) - 1, 0, -1):
        counts[parents[below]] += counts[below]
    found = [_runs(counts[inner], stretch, k) for stretch in target.stretches] if len(inner) else []
    table = np.concatenate([np.zeros((0, 4), dtype=np.int64), *found])
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    return Cells(inner[table[:, 0]], table[:, 1], table[:, 2], table[:, 3], int(table[:, 3].min(initial=0)))


def _runs(counts: Codes, stretch: tuple[int, int], k: int) -> Codes:
    """Runs of a stretch of codes, as (row of `counts`, first, last, rows), for all rows of `counts` at once."""
    size = len(counts)
    waiting, start, last = (np.zeros(size, dtype=np.int64) for _ in range(3))
    run = np.zeros((size, 4), dtype=np.int64)  # the latest one of each, which may still grow
    run[:, 0] = np.arange(size)
    found = []
    for code in range(*stretch):
        here = counts[:, code]
        there = here > 0
        _join(run, there & (here >= k), waiting, last)
        start[there & (waiting == 0)] = code
        waiting += here
        last[there] = code
        full = np.flatnonzero(there & (waiting >= k))
        found.append(run[full[run[full, 3] > 0]])
        run[full, 1], run[full, 2], run[full, 3] = start[full], code, waiting[full]
        waiting[full] = 0
    _join(run, np.ones(size, dtype=bool), waiting, last)
    return np.concatenate([*found, run[run[:, 3] > 0]])


def _join(run: Codes, which: NDArray[np.bool_], waiting: Codes, last: Codes) -> None:
    """Let what waits join the run before it, where there is one."""
    rows = np.flatnonzero(which & (waiting > 0) & (run[:, 3] > 0))
    run[rows, 2] = last[rows]
    run[rows, 3] += waiting[rows]
    waiting[rows] = 0


def refined(table: Floats, parents: Codes, leaves: Sequence[int], cells: Cells, runs: Cells, shares: Floats) -> Floats:
    """The rows of each leaf and code (`table`) made to agree with the runs of the nodes above and the leaves' `cells`.

    Codes keep the overall `shares`.
    """
    found = table * (shares > 0)
    wanted = shares * table.sum()
    levels = _levels(parents, leaves, cells, runs, table.shape[1])
    for _ in range(_ROUNDS):
        for where, rows in levels:
            have = np.bincount(where.ravel(), weights=found.ravel(), minlength=len(rows))
            found *= np.divide(rows, have, out=np.ones_like(have), where=(have > 0) & (rows > 0))[where]
        have = found.sum(axis=0)
        found *= np.divide(wanted, have, out=np.ones_like(have), where=have > 0)
    return found


def _levels(
    parents: Codes, leaves: Sequence[int], cells: Cells, runs: Cells, size: int
) -> list[tuple[NDArray[np.int32], Floats]]:
    """From the top down, for each leaf and code the number of the run it is in (0: none), and the rows of the runs."""
    ways = _ways(parents, np.array(leaves, dtype=np.int64))
    own = np.zeros(len(parents), dtype=bool)
    own[list(leaves)] = True
    grids = [_grid(runs, np.isin(runs.node, way), len(parents), size) for way in ways]
    found = [(grid[way], rows) for (grid, rows), way in zip(grids, ways, strict=True)]
    grid, rows = _grid(cells, own[cells.node], len(parents), size)
    return [*found, (grid[np.array(leaves)], rows)]


def _ways(parents: Codes, leaves: Codes) -> list[Codes]:
    """The node above each leaf at each depth, from below the root on; the leaf itself where it is not as deep."""
    way: list[list[int]] = []
    for leaf in leaves.tolist():
        nodes = [leaf]
        while parents[nodes[-1]] > 0:
            nodes.append(int(parents[nodes[-1]]))
        way.append(nodes[::-1])
    deepest = max((len(nodes) for nodes in way), default=0)
    return [np.array([nodes[min(depth, len(nodes) - 1)] for nodes in way]) for depth in range(deepest - 1)]


def _grid(cells: Cells, which: NDArray[np.bool_], nodes: int, size: int) -> tuple[NDArray[np.int32], Floats]:
    """For each node and code the number of its cell among those of `which` (0: none), and the rows of these."""
    first, last, node = cells.first[which], cells.last[which], cells.node[which]
    lengths = last - first + 1
    number = np.repeat(np.arange(1, len(first) + 1), lengths)
    code = np.arange(len(number)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(first, lengths)
    grid = np.zeros((nodes, size), dtype=np.int32)
    grid[np.repeat(node, lengths), code] = number
    return grid, np.concatenate([[0.0], cells.rows[which].astype(np.float64)])
