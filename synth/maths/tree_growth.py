"""Grow a decision tree on integer codes, level by level, from contingency tables alone.

All nodes of a level are split together: for each predictor one table (node x predictor code x target code) says how
much every cut would gain in log-likelihood. Predictors and target come coarsened to few codes, so that a table is small
and the cost is one count of the rows for each predictor and level. Of two sister nodes the smaller one is counted, and
the other is what is left of their parent. Of very many rows, those of some units are grown on: enough to choose cuts
by; what leaves hold is counted over all rows afterwards.
Source: Breiman et al., CART (1984), with the likelihood in place of impurity; Mehta et al., SLIQ (1996), for growing
breadth first; Ke et al., LightGBM (2017), for what is left of a histogram.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth.engines.unit_blocks import distinct_units, most_rows, some_units
from synth.maths.tree_cuts import Cut, Limits, best_cuts

Codes = NDArray[np.integer]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
GLANCE = 10_000
GROWN_ON = 2**18  # of more rows, those of a share of the units are grown on
WALKED = 2**13  # rows walked down a tree at once, while they are at hand
_PLACE = np.int16  # no level has more nodes than that: each has rows of its own, and depth is below 14


@dataclass(frozen=True)
class Coarse:
    """A variable's codes, one a row, and the group of each code: few groups, in order or not."""

    codes: Codes
    of_code: Counts
    count: int
    ordered: bool

    def groups_of(self, rows: slice | Counts) -> Codes:
        """The groups of some rows, in the smallest integers."""
        return self._small.take(self.codes[rows])

    @cached_property
    def _small(self) -> Codes:
        return self.of_code.astype(smallest_type(self.count))

    @cached_property
    def glance(self) -> Counts:
        """The groups of at most GLANCE rows, evenly spread."""
        rows = len(self.codes)
        spread = slice(None) if rows <= GLANCE else (np.arange(GLANCE) * (rows / GLANCE)).astype(np.int64)
        return self.groups_of(spread).astype(np.int64)


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
    return Coarse(codes, of_code, count, ordered)


def grow(predictors: Sequence[Coarse], target: Coarse, units: Codes, limits: Limits) -> Growth:
    """Grow a tree. `units` are the units of the rows, in increasing order."""
    if not predictors or not len(units):
        return Growth((), 1, np.zeros(len(units), dtype=_PLACE))
    some = some_units(units, GROWN_ON)
    rows = _Rows.of(predictors, target, units, some)
    splits: list[Split] = []
    final = np.zeros(len(rows.target), dtype=np.int32)
    level = _Level(np.zeros(1, dtype=np.int64), np.zeros(len(rows.target), dtype=_PLACE), None, None)
    tables: list[Counts] = []
    ordered = [x.ordered for x in predictors]
    for _ in range(limits.depth):
        tables = _count(rows, level, tables)
        cuts = best_cuts(tables, ordered, target.ordered, limits)
        sides = _sides(rows, level, cuts)
        made = _enough(rows, cuts, sides, limits.units)
        if not made.any():
            break
        below = 1 + 2 * (len(splits) + np.arange(np.count_nonzero(made)))
        kept = [cut for cut, yes in zip(cuts, made.tolist(), strict=True) if yes]
        splits += [
            Split(int(level.nodes[c.place]), c.predictor, c.left, b) for c, b in zip(kept, below.tolist(), strict=True)
        ]
        level = _below(sides, made, below, kept)
        inside = np.flatnonzero(level.place >= 0)
        final[inside] = level.nodes[level.place[inside]]
    found, count = tuple(splits), 1 + 2 * len(splits)
    ends = final.astype(np.min_scalar_type(count)) if some is None else _walked(predictors, found, len(units))
    return Growth(found, count, ends)


@dataclass(frozen=True)
class _Rows:
    """The rows grown on: the groups of each predictor (predictors x rows), how many these are, and the target's."""

    groups: Codes
    counts: tuple[int, ...]
    target: Codes
    targets: int
    units: Codes
    most: int

    @staticmethod
    def of(predictors: Sequence[Coarse], target: Coarse, units: Codes, some: Counts | None) -> _Rows:
        """All rows, or some of them."""
        rows = slice(None) if some is None else some
        mine = np.stack([x.groups_of(rows) for x in predictors])
        counts, whose = tuple(x.count for x in predictors), units[rows]
        return _Rows(mine, counts, target.groups_of(rows), target.count, whose, most_rows(whose))


@dataclass(frozen=True)
class _Level:
    """The nodes being split, and the place among them of each row's node (-1 where it is split no more).

    Of two sisters, at places 2i and 2i + 1, one is `counted`; the other is what is left of the parent, which stood at
    place `parent` a level above. Both are None at the root.
    """

    nodes: Counts
    place: Places
    counted: Flags | None
    parent: Counts | None


def _count(rows: _Rows, level: _Level, above: Sequence[Counts]) -> list[Counts]:
    """For each predictor, how many rows each node has of every two groups (nodes x predictor x target)."""
    ny, places = rows.targets, len(level.nodes)
    here: Counts | None = None
    if level.counted is None:
        cell = rows.target.astype(np.int64)
    else:
        here = np.flatnonzero(np.append(level.counted, False)[level.place])
        cell = level.place[here].astype(np.int64)
        cell *= ny
        cell += rows.target[here]
    tables = []
    for groups, nx in zip(rows.groups, rows.counts, strict=True):
        key = cell * nx
        key += groups if here is None else groups[here]
        found = np.bincount(key, minlength=places * ny * nx)
        tables.append(np.ascontiguousarray(found.reshape(places, ny, nx).transpose(0, 2, 1)))
    if level.counted is not None and level.parent is not None:
        rest = np.flatnonzero(~level.counted)
        for table, whole in zip(tables, above, strict=True):
            table[rest] = whole[level.parent[rest]] - table[rest ^ 1]
    return tables


def _sides(rows: _Rows, level: _Level, cuts: Sequence[Cut]) -> Places:
    """For each row twice the number of its node's cut, one more where it goes right; -1 where there is none."""
    widest = max(rows.counts)
    predictor = np.zeros(len(level.nodes) + 1, dtype=np.int64)
    side = np.full((len(level.nodes) + 1, widest), -1, dtype=_PLACE)  # the last row: split no more
    for number, cut in enumerate(cuts):
        predictor[cut.place] = cut.predictor
        side[cut.place, : len(cut.left)] = 2 * number + ~cut.left
    size = len(level.place)
    at = (predictor * size)[level.place]
    at += np.arange(size)
    cell = (np.arange(-1, len(level.nodes)) * widest)[level.place + 1]
    cell += rows.groups.ravel()[at]
    found: Places = side.ravel()[cell]  # a row split no more counts from the end
    return found


def _enough(rows: _Rows, cuts: Sequence[Cut], sides: Places, least: int) -> Flags:
    """Whether both sides of each cut have so many distinct units; those of many rows must."""
    if not cuts:
        return np.zeros(0, dtype=bool)
    sizes = np.array([cut.rows for cut in cuts], dtype=np.int64).ravel()
    if rows.most > 1:
        open_ = np.append(sizes < least * rows.most, False)
        few = np.flatnonzero(open_[sides])
        if len(few):
            sizes = np.where(open_[:-1], distinct_units(sides[few], rows.units[few], len(sizes)), sizes)
    enough: Flags = sizes.reshape(-1, 2).min(axis=1) >= least
    return enough


def _below(sides: Places, made: Flags, below: Counts, kept: Sequence[Cut]) -> _Level:
    """The level below: the sides of the cuts that are `made`, numbered anew."""
    number = np.full(2 * len(made) + 1, -1, dtype=_PLACE)
    number[np.flatnonzero(np.repeat(made, 2))] = np.arange(2 * len(below))
    smaller = np.array([cut.rows[0] <= cut.rows[1] for cut in kept])
    counted = np.stack([smaller, ~smaller], axis=1).ravel()
    nodes = np.stack([below, below + 1], axis=1).ravel()
    return _Level(nodes, number[sides], counted, np.repeat([cut.place for cut in kept], 2))


def _walked(predictors: Sequence[Coarse], splits: Sequence[Split], rows: int) -> Codes:
    """The node in which each row ends, by walking down the tree, some rows at a time."""
    nodes = 1 + 2 * len(splits)
    ends = np.zeros(rows, dtype=np.min_scalar_type(nodes))
    if not splits:
        return ends
    widest, asked = max(x.count for x in predictors), sorted({split.predictor for split in splits})
    below = np.repeat(np.arange(nodes)[:, None], widest, axis=1)
    place, depth = np.zeros(nodes, dtype=np.int64), np.zeros(nodes, dtype=np.int64)
    for split in splits:
        below[split.node, : len(split.left)] = split.below + ~split.left
        place[split.node] = asked.index(split.predictor)
        depth[split.below : split.below + 2] = depth[split.node] + 1
    flat = below.ravel()
    for start in range(0, rows, WALKED):
        block = slice(start, min(start + WALKED, rows))
        groups = np.concatenate([predictors[index].groups_of(block) for index in asked]).astype(np.int64)
        row = np.arange(block.stop - start)
        column = place * len(row)
        node = np.zeros(len(row), dtype=np.int64)
        for _ in range(int(depth.max())):
            at = column.take(node)
            at += row
            node *= widest
            node += groups.take(at)
            node = flat.take(node)
        ends[block] = node
    return ends
