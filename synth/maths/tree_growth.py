"""Grow a decision tree on integer codes, level by level, from contingency tables alone.

All nodes of a level are split together: for each predictor one table (node x predictor code x target code) says how
much every cut would gain in log-likelihood. Predictors and target come coarsened to few codes, so that a table is small
and the cost is one count of the rows for each predictor and level. Source: Breiman et al., CART (1984), with the
likelihood in place of impurity; Mehta et al., SLIQ (1996), for growing breadth first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_LOOKED_UP = 2**21


@dataclass(frozen=True, slots=True)
class Coarse:
    """A variable's codes gathered into few groups: the group of each row and of each code, in order or not."""

    groups: Codes
    of_code: Codes
    count: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: depth, fewest rows and fewest distinct units in a node, gain asked for each degree of freedom."""

    depth: int
    rows: int
    units: int
    penalty: float


@dataclass(frozen=True, slots=True)
class Split:
    """Node `node` is cut on a predictor: groups flagged in `left` go to node `below`, the others to `below + 1`."""

    node: int
    predictor: int
    left: Flags
    below: int


@dataclass(frozen=True)
class Growth:
    """The splits in the order in which they were made, and the node in which each row ends. Node 0 is the root."""

    splits: tuple[Split, ...]
    nodes: int
    node_of_row: Codes


def coarsen(codes: Codes, weights: Codes, ordered: bool, groups: int) -> Coarse:
    """Gather codes (with how many rows each has) into at most `groups` groups.

    Ordered codes go in runs of about equal weight; others keep the commonest apart and put the rest together.
    """
    size = len(weights)
    if size <= groups:
        of_code = np.arange(size)
    elif ordered:
        middle = np.cumsum(weights) - weights / 2
        of_code = np.minimum((middle / max(weights.sum(), 1) * groups).astype(np.int64), groups - 1)
        _, of_code = np.unique(of_code, return_inverse=True)
    else:
        of_code = np.full(size, groups - 1)
        commonest = np.argsort(-weights, kind="stable")[: groups - 1]
        of_code[commonest] = np.arange(len(commonest))
    return Coarse(of_code[codes], of_code, int(of_code.max(initial=0)) + 1, ordered)


def grow(predictors: Sequence[Coarse], target: Coarse, units: Codes, limits: Limits) -> Growth:
    """Grow a tree. `units` are the units of the rows, in increasing order."""
    rows = np.arange(len(target.groups))
    final = np.zeros(len(rows), dtype=np.int64)
    active = np.zeros(len(rows), dtype=np.int64)  # the place of each live row's node in `level`
    level = np.zeros(1, dtype=np.int64)
    splits: list[Split] = []
    nodes = 1
    for _ in range(limits.depth):
        made = _split_level(predictors, target, units, limits, rows, active, level, nodes)
        if not made:
            break
        splits += made
        nodes += 2 * len(made)
        rows, active, level = _descend(predictors, rows, active, level, made, final)
    return Growth(tuple(splits), nodes, final)


def _split_level(
    predictors: Sequence[Coarse],
    target: Coarse,
    units: Codes,
    limits: Limits,
    rows: Codes,
    active: Codes,
    level: Codes,
    nodes: int,
) -> list[Split]:
    y = target.groups[rows]
    found = [_best_cuts(x.groups[rows], x, y, target, active, len(level), limits) for x in predictors]
    if not found:
        return []
    gains = np.stack([gain for gain, _ in found])
    best = np.argmax(gains, axis=0)
    splits: list[Split] = []
    for place, node in enumerate(level.tolist()):
        predictor = int(best[place])
        if gains[predictor, place] > 0:
            splits.append(Split(node, predictor, found[predictor][1][place], nodes + 2 * len(splits)))
    return _with_enough_units(predictors, units, limits, rows, active, level, splits, nodes)


def _best_cuts(
    x: Codes, predictor: Coarse, y: Codes, target: Coarse, active: Codes, places: int, limits: Limits
) -> tuple[Floats, Flags]:
    """For each node the gain of its best cut on one predictor (0 where none is worth it) and the groups going left."""
    nx, ny = predictor.count, target.count
    if nx < 2:
        return np.zeros(places), np.zeros((places, nx), dtype=bool)
    counts = np.bincount((active * nx + x) * ny + y, minlength=places * nx * ny).reshape(places, nx, ny)
    order = np.tile(np.arange(nx), (places, 1)) if predictor.ordered else _by_target(counts, target)
    ranked = np.take_along_axis(counts, order[:, :, None], axis=1)
    left = np.cumsum(ranked, axis=1)[:, :-1]
    total = ranked.sum(axis=1)
    right = total[:, None, :] - left
    gain = 2 * (_likelihood(left) + _likelihood(right) - _likelihood(total)[:, None])
    freedom = (total > 0).sum(axis=1) - 1
    enough = (left.sum(axis=2) >= limits.rows) & (right.sum(axis=2) >= limits.rows)
    worth = np.where(enough, np.round(gain - limits.penalty * freedom[:, None], 6), 0.0)
    cut = np.argmax(worth, axis=1)
    ranks = np.argsort(order, axis=1)
    return np.maximum(worth[np.arange(places), cut], 0.0), ranks <= cut[:, None]


def _by_target(counts: NDArray[np.int64], target: Coarse) -> Codes:
    """An order of the predictor's groups in each node: by the target's mean, or by the share of its commonest code."""
    total = counts.sum(axis=1)
    if target.ordered:
        value = np.tile(np.arange(target.count, dtype=np.float64), (len(counts), 1))
    else:
        value = (np.arange(target.count)[None, :] == np.argmax(total, axis=1)[:, None]).astype(np.float64)
    weight = np.maximum(counts.sum(axis=2), 1)
    means = np.einsum("axy,ay->ax", counts, value) / weight
    order: Codes = np.argsort(np.round(means, 9), axis=1, kind="stable")
    return order


def _likelihood(counts: NDArray[np.int64]) -> Floats:
    """Log-likelihood of counts under their own shares, over the last axis."""
    total = counts.sum(axis=-1)
    most = int(total.max(initial=0))
    if most > _LOOKED_UP:
        inside, outside = _terms(counts), _terms(total)
    else:
        table = _table(most.bit_length())
        inside, outside = np.take(table, counts), np.take(table, total)
    whole: Floats = inside.sum(axis=-1) - outside
    return whole


def _terms(counts: NDArray[np.int64]) -> Floats:
    """n log n."""
    terms: Floats = counts.astype(np.float64) * np.log(np.maximum(counts, 1))
    return terms


@lru_cache(maxsize=32)
def _table(bits: int) -> Floats:
    """n log n for every n of so many bits: computed once, looked up many times."""
    return _terms(np.arange(2**bits))


def _sides(
    predictors: Sequence[Coarse], rows: Codes, active: Codes, level: Codes, splits: Sequence[Split]
) -> tuple[Codes, Codes]:
    """For each live row, the number of its node's split (-1: none) and whether it goes right (0 or 1)."""
    number = {split.node: index for index, split in enumerate(splits)}
    of_place = np.array([number.get(node, -1) for node in level.tolist()], dtype=np.int64)
    which = of_place[active]
    right = np.zeros(len(rows), dtype=np.int64)
    for predictor in sorted({split.predictor for split in splits}):
        group = predictors[predictor]
        table = np.zeros((len(splits), group.count), dtype=bool)
        mine = np.zeros(len(splits) + 1, dtype=bool)  # the last place is for rows whose node is not split
        for index, split in enumerate(splits):
            if split.predictor == predictor:
                table[index], mine[index] = split.left, True
        chosen = np.flatnonzero(mine[which])
        right[chosen] = ~table[which[chosen], group.groups[rows[chosen]]]
    return which, right


def _with_enough_units(
    predictors: Sequence[Coarse],
    units: Codes,
    limits: Limits,
    rows: Codes,
    active: Codes,
    level: Codes,
    splits: list[Split],
    nodes: int,
) -> list[Split]:
    """The splits whose two sides both have enough distinct units, numbered anew."""
    if not splits:
        return []
    which, right = _sides(predictors, rows, active, level, splits)
    chosen = which >= 0
    counts = distinct_units(which[chosen] * 2 + right[chosen], units[rows[chosen]], 2 * len(splits))
    kept = [split for i, split in enumerate(splits) if counts[2 * i : 2 * i + 2].min() >= limits.units]
    return [Split(s.node, s.predictor, s.left, nodes + 2 * index) for index, s in enumerate(kept)]


def _descend(
    predictors: Sequence[Coarse],
    rows: Codes,
    active: Codes,
    level: Codes,
    splits: Sequence[Split],
    final: Codes,
) -> tuple[Codes, Codes, Codes]:
    which, right = _sides(predictors, rows, active, level, splits)
    chosen = which >= 0
    place = which[chosen] * 2 + right[chosen]
    below = np.array([split.below for split in splits], dtype=np.int64)
    level = np.stack([below, below + 1], axis=1).ravel()
    final[rows[chosen]] = level[place]
    return rows[chosen], place, level


def distinct_units(cells: Codes, units: Codes, size: int) -> Codes:
    """How many distinct units each cell has, for rows whose units never decrease."""
    if len(units) < 2 or (units[1:] > units[:-1]).all():  # a row a unit, as in tables of persons
        return np.bincount(cells, minlength=size).astype(np.int64)
    order = np.argsort(cells, kind="stable")
    cell, unit = cells[order], units[order]
    if not len(cell):
        return np.zeros(size, dtype=np.int64)
    new = np.concatenate([[True], (cell[1:] != cell[:-1]) | (unit[1:] != unit[:-1])])
    return np.bincount(cell[new], minlength=size).astype(np.int64)
