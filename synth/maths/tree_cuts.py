"""The best cut of each node of a level of a tree, from its contingency tables.

What a cut gains is twice the log-likelihood of the target on both sides, less that of the two together. A predictor
whose codes have no order is cut along the target's mean, or the share of its commonest code there, which finds the best
of all cuts where the target has two codes (Fisher, 1958) and a good one elsewhere.

The best of hundreds of cuts gains by chance, too (Miller and Siegmund, 1982), and the more so the more codes the target
has: a cut must gain more than that, or leaves repeat whom they were learned from. What shifts a quantity as a whole is
soon lost in what chance does to each of many codes, and is looked for with these gathered into a few runs as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_LOOKED_UP = 2**21
RUNS = 8
_CELLS = 2**17  # looked at together, while they are at hand


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: depth, fewest rows and fewest distinct units in a node, gain asked for each degree of freedom.

    A cut is made, too, that gains `of_runs` for each degree of freedom of an ordered target in RUNS runs of its codes.
    """

    depth: int
    rows: int
    units: int
    penalty: float
    of_runs: float = np.inf


@dataclass(frozen=True, slots=True)
class Cut:
    """The node at `place` may be cut on a predictor, the groups flagged going left; the rows of both sides."""

    place: int
    predictor: int
    left: Flags
    rows: tuple[int, int]


def best_cuts(tables: Sequence[Counts], ordered: Sequence[bool], target_ordered: bool, limits: Limits) -> list[Cut]:
    """The best cut of each node that has one worth it, from a table (nodes x predictor x target) a predictor."""
    sizes = tables[0].sum(axis=(1, 2))
    large = np.flatnonzero(sizes >= 2 * limits.rows)
    told = [index for index, table in enumerate(tables) if table.shape[1] > 1]
    if not told:
        return []
    width = sum(tables[index].shape[1] for index in told) * tables[0].shape[2]
    step = max(1, _CELLS // width)
    found: list[Cut] = []
    for start in range(0, len(large), step):
        found += _best_of(tables, told, ordered, target_ordered, large[start : start + step], limits)
    return found


def _best_of(
    tables: Sequence[Counts],
    told: Sequence[int],
    ordered: Sequence[bool],
    target_ordered: bool,
    places: Counts,
    limits: Limits,
) -> list[Cut]:
    """The best cuts of some nodes: all predictors side by side, so that a few passes do."""
    counts = np.concatenate([tables[index][places] for index in told], axis=1)
    widths = [tables[index].shape[1] for index in told]
    before = np.repeat(np.arange(len(told)), widths)  # predictors on the left, each of which counts all rows
    order = None
    loose = np.flatnonzero(np.repeat([not ordered[index] for index in told], widths))
    if len(loose):
        order = _by_target(counts, loose, before, target_ordered)
        counts = np.take_along_axis(counts, order[:, :, None], axis=1)
    left = np.cumsum(counts, axis=1)
    total = left[:, widths[0] - 1].copy()
    left -= before[None, :, None] * total[:, None, :]
    sizes, whole = left.sum(axis=2), total.sum(axis=1)
    rest = whole[:, None] - sizes
    gain = _beyond(left, total, sizes, limits.penalty)
    if target_ordered and limits.of_runs < np.inf and total.shape[1] > RUNS:
        starts = np.arange(RUNS) * total.shape[1] // RUNS
        runs, of_all = np.add.reduceat(left, starts, axis=2), np.add.reduceat(total, starts, axis=1)
        gain = np.maximum(gain, _beyond(runs, of_all, sizes, limits.of_runs))
    enough = (sizes >= limits.rows) & (rest >= limits.rows)
    worth = np.where(enough, np.round(gain, 6), 0.0)
    best = np.argmax(worth, axis=1)
    found = []
    for row in np.flatnonzero(worth[np.arange(len(worth)), best] > 0).tolist():
        at = int(best[row])
        first = int(np.searchsorted(before, before[at]))
        flags = np.zeros(widths[before[at]], dtype=bool)
        flags[slice(at + 1 - first) if order is None else order[row, first : at + 1] - first] = True
        rows = (int(sizes[row, at]), int(rest[row, at]))
        found.append(Cut(int(places[row]), told[before[at]], flags, rows))
    return found


def _beyond(left: Counts, total: Counts, sizes: Counts, penalty: float) -> Floats:
    """What each cut (nodes x cuts), with these rows of each target code on its `left`, gains beyond the penalty."""
    whole = total.sum(axis=1)
    inside = _likelihood(left, sizes) + _likelihood(total[:, None, :] - left, whole[:, None] - sizes)
    freedom = (total > 0).sum(axis=1) - 1
    found: Floats = 2 * (inside - _likelihood(total, whole)[:, None]) - penalty * freedom[:, None]
    return found


def _by_target(counts: Counts, loose: Counts, predictor: Counts, target_ordered: bool) -> Counts:
    """An order of the groups in each node, predictor by predictor: that of the codes, or for those without order
    (`loose`) by the target's mean, or by the share of its commonest code."""
    nodes, width, targets = counts.shape
    if target_ordered:
        value = np.tile(np.arange(targets, dtype=np.float64), (nodes, 1))
    else:
        total = counts[:, predictor == 0].sum(axis=1)
        value = (np.arange(targets)[None, :] == np.argmax(total, axis=1)[:, None]).astype(np.float64)
    mine = counts[:, loose]
    means = np.einsum("axy,ay->ax", mine, value) / np.maximum(mine.sum(axis=2), 1)
    key = np.tile(np.arange(width, dtype=np.float64), (nodes, 1))
    key[:, loose] = np.round(means, 9)
    key += predictor * float(2 * max(width, targets))
    order: Counts = np.argsort(key, axis=1, kind="stable")
    return order


def _likelihood(counts: Counts, total: Counts) -> Floats:
    """Log-likelihood of counts, which add up to `total` over the last axis, under their own shares."""
    most = int(total.max(initial=0))
    if most > _LOOKED_UP:
        inside, outside = _terms(counts), _terms(total)
    else:
        table = _table(most.bit_length())
        inside, outside = np.take(table, counts), np.take(table, total)
    whole: Floats = inside.sum(axis=-1) - outside
    return whole


def terms(counts: Counts, most: int) -> Floats:
    """n log n of counts up to `most`."""
    return _terms(counts) if most > _LOOKED_UP else np.take(_table(most.bit_length()), counts)


def _terms(counts: Counts) -> Floats:
    """n log n."""
    found: Floats = counts.astype(np.float64) * np.log(np.maximum(counts, 1))
    return found


@lru_cache(maxsize=32)
def _table(bits: int) -> Floats:
    """n log n for every n of so many bits: computed once, looked up many times."""
    return _terms(np.arange(2**bits))
