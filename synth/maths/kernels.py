"""Kernels: the few loops in which drawing spends its time, compiled by numba where it is installed (extra `fast`).

Each has a twin in numpy that gives the same bytes. Numba takes a second to load, and some to compile the first time, so
it comes into play only once so many cells have been drawn that a run is worth it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
WORTH = 4_000_000  # cells drawn before numba is loaded


@dataclass
class _Meter:
    """How many cells have been drawn in this process."""

    cells: int = 0


_METER = _Meter()


@dataclass(frozen=True)
class Walk:
    """A decision tree laid flat to be walked: for each node the variable it asks, the node below and its leaf.

    The codes of a node's variable find in `right`, from `start` on, whether to go right, to `below` + 1. A leaf is its
    own node below, and starts beyond the end of `right`, which is a 0. No path is longer than `depth`.
    """

    variable: Codes
    below: Codes
    start: Codes
    right: NDArray[np.int8]
    leaf: Codes
    depth: int


def walk_of(splits: NDArray[Any], left: NDArray[np.bool_], leaf_of_node: Codes) -> Walk:
    """The walk of a tree with these splits (node, variable, below), and for each the codes that go left."""
    nodes = len(leaf_of_node)
    variable, below, start = np.zeros(nodes, dtype=np.int64), np.arange(nodes), np.full(nodes, left.size)
    variable[splits[:, 0]], below[splits[:, 0]] = splits[:, 1], splits[:, 2]
    start[splits[:, 0]] = np.arange(len(splits)) * (left.size // max(len(splits), 1))
    right = np.append(~left.ravel(), False).astype(np.int8)
    level = np.zeros(nodes, dtype=np.int64)
    for node, _, first in splits.tolist():
        level[first : first + 2] = level[node] + 1
    return Walk(variable, below, start, right, leaf_of_node, int(level.max(initial=0)))


def leaves(walk: Walk, known: Codes) -> Codes:
    """The leaf of each row of codes (rows x variables)."""
    fast = _fast(len(known))
    if fast is not None:
        found: Codes = fast.leaves(walk.variable, walk.below, walk.start, walk.right, walk.leaf, known)
        return found
    return leaves_by_numpy(walk, known)


def leaves_by_numpy(walk: Walk, known: Codes) -> Codes:
    """The twin of `leaves`: all rows go down together."""
    flat = known.ravel()
    first = np.arange(len(known)) * known.shape[1]
    node = np.zeros(len(known), dtype=np.int64)
    for _ in range(walk.depth):
        code = flat.take(first + walk.variable.take(node))
        node = walk.below.take(node) + walk.right.take(walk.start.take(node) + code, mode="clip")
    return walk.leaf.take(node)


def edges_of(cumulated: Floats) -> Floats:
    """Cumulated shares (leaves x codes) laid end to end: those of leaf i in (i, i + 1]."""
    return cumulated + np.arange(len(cumulated))[:, None]


def invert(edges: Floats, leaf: Codes, uniform: Floats) -> Codes:
    """A code for each row by inversion, given its leaf and the edges of all leaves."""
    fast = _fast(len(leaf))
    if fast is not None:
        found: Codes = fast.invert(edges, leaf, uniform)
        return found
    return invert_by_numpy(edges, leaf, uniform)


def invert_by_numpy(edges: Floats, leaf: Codes, uniform: Floats) -> Codes:
    """The twin of `invert`: one search over all leaves."""
    size = edges.shape[1]
    found = np.searchsorted(edges.ravel(), leaf + uniform, side="right") - leaf * size
    codes: Codes = np.clip(found, 0, size - 1)
    return codes


@dataclass(frozen=True)
class _Fast:
    """The compiled twins."""

    leaves: Callable[..., Any]
    invert: Callable[..., Any]


def _fast(cells: int) -> _Fast | None:
    """The compiled kernels, once enough cells were drawn to make up for loading them; None without numba."""
    _METER.cells += cells
    return compiled() if _METER.cells >= WORTH else None


@cache
def compiled() -> _Fast | None:
    """The kernels compiled by numba; None where it is not installed."""
    if importlib.util.find_spec("numba") is None:
        return None
    from numba import njit

    return _Fast(njit(cache=True, nogil=True)(_leaves), njit(cache=True, nogil=True)(_invert))


def _leaves(variable: Codes, below: Codes, start: Codes, right: NDArray[np.int8], leaf: Codes, known: Codes) -> Codes:
    found = np.empty(known.shape[0], dtype=np.int64)
    for row in range(known.shape[0]):
        node = 0
        while below[node] != node:
            node = below[node] + right[start[node] + known[row, variable[node]]]
        found[row] = leaf[node]
    return found


def _invert(edges: Floats, leaf: Codes, uniform: Floats) -> Codes:
    found = np.empty(len(leaf), dtype=np.int64)
    size = edges.shape[1]
    for row in range(len(leaf)):
        which = leaf[row]
        value = which + uniform[row]
        low, high = 0, size
        while low < high:
            middle = (low + high) // 2
            if edges[which, middle] <= value:
                low = middle + 1
            else:
                high = middle
        found[row] = min(low, size - 1)
    return found
