"""Grow a decision tree on integer codes, level by level, from contingency tables alone.

All nodes of a level are split together: for each predictor one table (node x predictor code x target code) says how
much every cut would gain in log-likelihood. Predictors and target come coarsened to few codes, so that a table is small
and the cost is one count of the rows for each predictor and level. Of two sister nodes the smaller one is counted, and
the other is what is left of their parent. Rows are gone through in blocks: memory is a few bytes a row and variable.
Source: Breiman et al., CART (1984), with the likelihood in place of impurity; Mehta et al., SLIQ (1996), for growing
breadth first; Ke et al., LightGBM (2017), for what is left of a histogram.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from synth.engines.unit_blocks import BLOCK_ROWS, distinct_units, is_row_a_unit, unit_blocks

Codes = NDArray[np.integer]
Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
GLANCE = 10_000
_LOOKED_UP = 2**21
_PLACE = np.int16  # no level has more nodes than that: each has rows of its own, and depth is below 14


@dataclass(frozen=True)
class Coarse:
    """A variable's codes gathered into few groups: the group of each row and of each code, in order or not."""

    groups: Codes
    of_code: Counts
    count: int
    ordered: bool

    @cached_property
    def glance(self) -> Counts:
        """The groups of at most GLANCE rows, evenly spread."""
        rows = len(self.groups)
        spread = slice(None) if rows <= GLANCE else (np.arange(GLANCE) * (rows / GLANCE)).astype(np.int64)
        return self.groups[spread].astype(np.int64)


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


def smallest_type(count: int) -> np.dtype[np.integer]:
    """The smallest unsigned integers that hold codes below `count`."""
    return np.min_scalar_type(max(count - 1, 0))


def coarsen(codes: Codes, weights: Counts, ordered: bool, groups: int) -> Coarse:
    """Gather codes (with how many rows each has) into at most `groups` groups.

    Ordered codes go in runs of about equal weight; others keep the commonest apart and put the rest together.
    """
    size = len(weights)
    if size <= groups:
        return Coarse(codes, np.arange(size), size, ordered)
    if ordered:
        middle = np.cumsum(weights) - weights / 2
        of_code = np.minimum((middle / max(weights.sum(), 1) * groups).astype(np.int64), groups - 1)
        _, of_code = np.unique(of_code, return_inverse=True)
    else:
        of_code = np.full(size, groups - 1)
        commonest = np.argsort(-weights, kind="stable")[: groups - 1]
        of_code[commonest] = np.arange(len(commonest))
    count = int(of_code.max(initial=0)) + 1
    return Coarse(of_code.astype(smallest_type(count))[codes], of_code, count, ordered)


def grow(predictors: Sequence[Coarse], target: Coarse, units: Codes, limits: Limits) -> Growth:
    """Grow a tree. `units` are the units of the rows, in increasing order."""
    final = np.zeros(len(units), dtype=np.int32)
    start = np.zeros(1, dtype=np.int64)
    level = _Level(start, np.zeros(len(units), dtype=_PLACE), np.ones(1, dtype=bool), start)
    alone = is_row_a_unit(units)
    tables: list[Counts] = []
    splits: list[Split] = []
    for _ in range(limits.depth if predictors and len(units) else 0):
        tables = _count(predictors, target, level, tables)
        cuts = _best(predictors, target, limits, tables)
        sides = _sides(predictors, level, cuts)
        rows = _rows_of_sides(tables, cuts)
        enough = (rows if alone else _units_of_sides(sides, units, len(rows))).reshape(-1, 2).min(
            axis=1
        ) >= limits.units
        if not enough.any():
            break
        made = [cut for cut, yes in zip(cuts, enough, strict=True) if yes]
        below = 1 + 2 * (len(splits) + np.arange(len(made)))
        splits += [
            Split(int(level.nodes[c.place]), c.predictor, c.left, int(b)) for c, b in zip(made, below, strict=True)
        ]
        level = _below(sides, enough, below, rows.reshape(-1, 2)[enough], np.array([cut.place for cut in made]))
        _settle(final, level)
    return Growth(tuple(splits), 1 + 2 * len(splits), final)


@dataclass(frozen=True)
class _Level:
    """The nodes being split, and the place among them of each row's node (-1 where it is split no more).

    Of two sisters, at places 2i and 2i + 1, one is `counted`; the other is what is left of the parent, which stood at
    place `parent` a level above.
    """

    nodes: Counts
    place: NDArray[np.int16]
    counted: Flags
    parent: Counts


@dataclass(frozen=True, slots=True)
class _Cut:
    """The node at `place` may be cut on a predictor, the groups flagged going left."""

    place: int
    predictor: int
    left: Flags


def _count(predictors: Sequence[Coarse], target: Coarse, level: _Level, above: Sequence[Counts]) -> list[Counts]:
    """For each predictor, how many rows each node has of every two groups (nodes x predictor x target)."""
    ny, places = target.count, len(level.nodes)
    flat = [np.zeros(places * ny * x.count, dtype=np.int64) for x in predictors]
    counted = np.append(level.counted, False)
    for start in range(0, len(level.place), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        rows = np.flatnonzero(counted[level.place[block]]) if places > 1 else None
        cell = _some(target.groups[block], rows).astype(np.int64)
        if rows is not None:
            cell += level.place[block][rows].astype(np.int64) * ny
        for x, table in zip(predictors, flat, strict=True):
            key = cell * x.count
            key += _some(x.groups[block], rows)
            table += np.bincount(key, minlength=len(table))
    tables = [np.ascontiguousarray(t.reshape(places, ny, -1).transpose(0, 2, 1)) for t in flat]
    rest = np.flatnonzero(~level.counted)
    for index, whole in enumerate(tables if len(rest) else []):
        whole[rest] = above[index][level.parent[rest]] - whole[rest ^ 1]
    return tables


def _some(values: Codes, rows: Counts | None) -> Codes:
    return values if rows is None else values[rows]


def _best(predictors: Sequence[Coarse], target: Coarse, limits: Limits, tables: Sequence[Counts]) -> list[_Cut]:
    """The best cut of each node that has one worth it."""
    found = [_best_cuts(table, x.ordered, target, limits) for table, x in zip(tables, predictors, strict=True)]
    gains = np.stack([gain for gain, _ in found])
    best = np.argmax(gains, axis=0)
    places = np.flatnonzero(gains.max(axis=0) > 0).tolist()
    return [_Cut(place, int(best[place]), found[best[place]][1][place]) for place in places]


def _best_cuts(counts: Counts, ordered: bool, target: Coarse, limits: Limits) -> tuple[Floats, Flags]:
    """For each node the gain of its best cut on one predictor (0 where none is worth it) and the groups going left."""
    places, nx, _ = counts.shape
    gains, lefts = np.zeros(places), np.zeros((places, nx), dtype=bool)
    large = np.flatnonzero(counts.reshape(places, -1).sum(axis=1) >= 2 * limits.rows)
    if nx < 2 or not len(large):
        return gains, lefts
    counts = counts[large]
    order = np.tile(np.arange(nx), (len(large), 1)) if ordered else _by_target(counts, target)
    ranked = counts if ordered else np.take_along_axis(counts, order[:, :, None], axis=1)
    cumulated = np.cumsum(ranked, axis=1)
    left, total = cumulated[:, :-1], cumulated[:, -1]
    right = total[:, None, :] - left
    freedom = (total > 0).sum(axis=1) - 1
    sizes = left.sum(axis=2)
    whole = total.sum(axis=1)
    gain = 2 * (
        _likelihood(left, sizes) + _likelihood(right, whole[:, None] - sizes) - _likelihood(total, whole)[:, None]
    )
    enough = (sizes >= limits.rows) & (whole[:, None] - sizes >= limits.rows)
    worth = np.where(enough, np.round(gain - limits.penalty * freedom[:, None], 6), 0.0)
    cut = np.argmax(worth, axis=1)
    ranks = np.argsort(order, axis=1)
    gains[large] = np.maximum(worth[np.arange(len(large)), cut], 0.0)
    lefts[large] = ranks <= cut[:, None]
    return gains, lefts


def _by_target(counts: Counts, target: Coarse) -> Counts:
    """An order of the predictor's groups in each node: by the target's mean, or by the share of its commonest code."""
    total = counts.sum(axis=1)
    if target.ordered:
        value = np.tile(np.arange(target.count, dtype=np.float64), (len(counts), 1))
    else:
        value = (np.arange(target.count)[None, :] == np.argmax(total, axis=1)[:, None]).astype(np.float64)
    weight = np.maximum(counts.sum(axis=2), 1)
    means = np.einsum("axy,ay->ax", counts, value) / weight
    order: Counts = np.argsort(np.round(means, 9), axis=1, kind="stable")
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


def entropy_sum(counts: Counts, most: int) -> float:
    """The sum of n log n over counts up to `most`."""
    return float((_terms(counts) if most > _LOOKED_UP else np.take(_table(most.bit_length()), counts)).sum())


def _terms(counts: Counts) -> Floats:
    """n log n."""
    found: Floats = counts.astype(np.float64) * np.log(np.maximum(counts, 1))
    return found


@lru_cache(maxsize=32)
def _table(bits: int) -> Floats:
    """n log n for every n of so many bits: computed once, looked up many times."""
    return _terms(np.arange(2**bits))


def _sides(predictors: Sequence[Coarse], level: _Level, cuts: Sequence[_Cut]) -> NDArray[np.int16]:
    """For each row twice the number of its node's cut, one more where it goes right; -1 where there is none."""
    sides = np.full(len(level.place), -1, dtype=_PLACE)
    for predictor in sorted({cut.predictor for cut in cuts}):
        x = predictors[predictor]
        side = np.full((len(level.nodes) + 1, x.count), -1, dtype=_PLACE)  # the last row: split no more
        for number, cut in enumerate(cuts):
            if cut.predictor == predictor:
                side[cut.place] = 2 * number + ~cut.left
        mine = side[:, 0] >= 0
        for start in range(0, len(sides), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            rows = np.flatnonzero(mine[level.place[block]])
            sides[block][rows] = side.ravel()[
                level.place[block][rows].astype(np.int64) * x.count + x.groups[block][rows]
            ]
    return sides


def _rows_of_sides(tables: Sequence[Counts], cuts: Sequence[_Cut]) -> Counts:
    """How many rows each side of each cut has, the left one first."""
    rows = [tables[cut.predictor][cut.place].sum(axis=1) for cut in cuts]
    both = [(mine[cut.left].sum(), mine[~cut.left].sum()) for mine, cut in zip(rows, cuts, strict=True)]
    return np.array(both, dtype=np.int64).ravel()


def _units_of_sides(sides: NDArray[np.int16], units: Codes, size: int) -> Counts:
    """How many distinct units each side has."""
    counts = np.zeros(size, dtype=np.int64)
    for block in unit_blocks(units):
        rows = np.flatnonzero(sides[block] >= 0)
        counts += distinct_units(sides[block][rows], units[block][rows], size)
    return counts


def _below(sides: NDArray[np.int16], made: Flags, below: Counts, rows: Counts, parents: Counts) -> _Level:
    """The level below: the sides of the cuts that are `made`, numbered anew (`rows`: cuts x sides)."""
    number = np.full(2 * len(made) + 1, -1, dtype=_PLACE)
    number[np.flatnonzero(np.repeat(made, 2))] = np.arange(2 * len(below))
    smaller = rows[:, 0] <= rows[:, 1]
    counted = np.stack([smaller, ~smaller], axis=1).ravel()
    nodes = np.stack([below, below + 1], axis=1).ravel()
    return _Level(nodes, number[sides], counted, np.repeat(parents, 2))


def _settle(final: NDArray[np.int32], level: _Level) -> None:
    """Note the node in which each row is by now."""
    for start in range(0, len(final), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        rows = np.flatnonzero(level.place[block] >= 0)
        final[block][rows] = level.nodes[level.place[block][rows]]
