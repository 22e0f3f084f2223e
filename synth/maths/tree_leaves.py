"""Leaves of a tree as counts over groups of codes, each group shared by k units; and how codes are drawn from them.

In a leaf, ordered codes are counted over runs as short as k units allow. A code without order (a level, or missing) is
counted by itself; where fewer than k units of a leaf have it, its rows are counted together with those of the
neighbouring leaves in the same case, at the nearest common node under which k units have it. Nothing is lost that k
units of the whole tree share, and no share is biased by what is suppressed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import add, or_
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from synth.engines.unit_blocks import count_codes, distinct_pairs, distinct_units, is_row_a_unit, unit_blocks
from synth.maths.raking import raked

Codes = NDArray[np.int64]
Rows = NDArray[np.integer]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """Cell i: of the rows under `node[i]`, `rows[i]` have a code in first[i]..last[i].

    At a leaf, the rows are the leaf's. At a node above, they are those of the leaves below that have no cell of their
    own for these codes, nor one at a node between. `support` is the smallest number of units behind a cell.
    """

    node: Codes
    first: Codes
    last: Codes
    rows: Codes
    support: int


@dataclass(frozen=True)
class Target:
    """The codes counted: how many, and how many of them (the first ones) stand in order; the others stand alone.

    So do, among those in order, the `heavy` ones (in increasing order): no run goes over one of them, for what few of a
    leaf have would be taken for it, as often as it is had overall. Nor does a run go over the `cut`, from which on
    codes are of another nature.
    """

    size: int
    ordered: int
    heavy: tuple[int, ...] = ()
    cut: int = 0

    @cached_property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """Where runs of codes may begin, and where they must have ended."""
        ends = {0, self.cut, self.ordered, *self.heavy, *(code + 1 for code in self.heavy)}
        pieces = itertools.pairwise(sorted(end for end in ends if end <= self.ordered))
        return tuple(piece for piece in pieces if piece[0] not in self.heavy)

    @cached_property
    def alone(self) -> Codes:
        """The codes that stand alone."""
        return np.concatenate([np.array(self.heavy, dtype=np.int64), np.arange(self.ordered, self.size)])


W = TypeVar("W")


@dataclass(frozen=True)
class _Crowds(Generic[W]):
    """How few units are told from one another: nobody, those of two cells together, how many they are."""

    nobody: W
    together: Callable[[W, W], W]
    size: Callable[[W], int]


_NAMED: _Crowds[frozenset[int]] = _Crowds(frozenset(), or_, len)
_NUMBERED: _Crowds[int] = _Crowds(0, add, int)  # where no unit has two rows, no unit is in two cells


@dataclass(frozen=True, slots=True)
class _Pending(Generic[W]):
    """Rows of a group that too few units of a node share, to be counted further up."""

    first: int
    last: int
    rows: int
    who: W


Cell = tuple[int, int, int, int, int]


def measure_cells(node: Rows, codes: Rows, units: Codes, parents: Codes, target: Target, k: int) -> Cells:
    """Count codes over the leaves (`node` of each row) of a tree whose nodes have these `parents` (-1 for the root).

    `units` never decrease. Children come after their parents.
    """
    leaves = np.flatnonzero(count_codes(node, len(parents)))
    alone = is_row_a_unit(units)
    counted = _count(_blocks(node, codes, units, leaves, target.size), len(leaves), target.size, alone)
    if alone:
        few = np.where(counted.units < k, counted.units, 0).ravel().tolist()
        cells = _cells(leaves, counted, few, parents, target, k, _NUMBERED)
    else:
        named = _few(counted, _blocks(node, codes, units, leaves, target.size), k)
        cells = _cells(leaves, counted, named, parents, target, k, _NAMED)
    table = np.array([cell[:4] for cell in cells], dtype=np.int64).reshape(-1, 4)
    return Cells(table[:, 0], table[:, 1], table[:, 2], table[:, 3], min((cell[4] for cell in cells), default=0))


@dataclass(frozen=True)
class _Counted:
    """Rows and distinct units of each leaf and code."""

    rows: Codes
    units: Codes


def _blocks(node: Rows, codes: Rows, units: Codes, leaves: Codes, size: int) -> Iterator[tuple[Codes, Codes]]:
    """The cell (leaf x codes + code) and the unit of each row, block by block."""
    base = np.zeros(int(leaves.max(initial=0)) + 1, dtype=np.int32)
    base[leaves] = np.arange(len(leaves)) * size
    for block in unit_blocks(units):
        yield base[node[block]] + codes[block], units[block]


def _count(blocks: Iterator[tuple[Codes, Codes]], leaves: int, size: int, alone: bool) -> _Counted:
    rows, distinct = (np.zeros(leaves * size, dtype=np.int64) for _ in range(2))
    for flat, whose in blocks:
        rows += np.bincount(flat, minlength=len(rows))
        if not alone:
            distinct += distinct_units(flat, whose, len(rows))
    return _Counted(rows.reshape(-1, size), (rows if alone else distinct).reshape(-1, size))


def _few(counted: _Counted, blocks: Iterator[tuple[Codes, Codes]], k: int) -> list[frozenset[int]]:
    """Who stands behind each cell that fewer than k units share."""
    small = (counted.units < k).ravel()
    found = [distinct_pairs(flat[small[flat]], units[small[flat]]) for flat, units in blocks]
    cell, unit = (np.concatenate([pair[i] for pair in found]) for i in (0, 1))
    order = np.argsort(cell, kind="stable")
    cell, names = cell[order], unit[order].tolist()
    starts = np.flatnonzero(np.concatenate([[True], cell[1:] != cell[:-1]])[: len(cell)])
    ends = np.append(starts[1:], len(cell))[: len(starts)]
    who = [frozenset[int]()] * len(small)
    for start, end, number in zip(starts.tolist(), ends.tolist(), cell[starts].tolist(), strict=True):
        who[number] = frozenset(names[start:end])
    return who


def _cells(
    leaves: Codes, counted: _Counted, few: list[W], parents: Codes, target: Target, k: int, crowds: _Crowds[W]
) -> list[Cell]:
    cells: list[Cell] = []
    pending: dict[int, dict[tuple[int, int], _Pending[W]]] = {}
    for index, leaf in enumerate(leaves.tolist()):
        base = index * target.size
        small = few[base : base + target.size]
        found, left = _leaf(counted.rows[index], counted.units[index], small, target, k, crowds)
        cells += [(leaf, *cell) for cell in found]
        pending[leaf] = left
    return cells + _pooled(parents, pending, k, crowds)


def _leaf(
    rows: Codes, persons: Codes, small: list[W], target: Target, k: int, crowds: _Crowds[W]
) -> tuple[list[tuple[int, int, int, int]], dict[tuple[int, int], _Pending[W]]]:
    """The leaf's own cells (first, last, rows, support), and what must be counted further up."""
    cells, pending = [], {}
    for stretch in target.stretches:
        found, rest = _runs(rows, persons, small, stretch, k, crowds)
        cells += found
        if rest is not None:
            pending[rest.first, rest.last] = rest
    for code in target.alone[rows[target.alone] > 0].tolist():
        if persons[code] >= k:
            cells.append((code, code, int(rows[code]), int(persons[code])))
        else:
            pending[code, code] = _Pending(code, code, int(rows[code]), small[code])
    return cells, pending


def _runs(
    rows: Codes, persons: Codes, small: list[W], stretch: tuple[int, int], k: int, crowds: _Crowds[W]
) -> tuple[list[tuple[int, int, int, int]], _Pending[W] | None]:
    """Runs of a stretch of ordered codes, as short as k units allow.

    Too few for a run join the run before, or else wait.
    """
    cells: list[tuple[int, int, int, int]] = []
    start, last, count = 0, 0, 0
    who, together, size = crowds.nobody, crowds.together, crowds.size
    there = stretch[0] + np.flatnonzero(rows[slice(*stretch)])
    for code, here, units in zip(there.tolist(), rows[there].tolist(), persons[there].tolist(), strict=True):
        if units >= k and count and cells:
            cells[-1] = (cells[-1][0], last, cells[-1][2] + count, cells[-1][3])
            count = 0
        if not count:
            start, who = code, crowds.nobody
        who = together(who, small[code])
        count += here
        last = code
        support = max(units, size(who))
        if support >= k:
            cells.append((start, code, count, support))
            count = 0
    if not count:
        return cells, None
    if cells:
        cells[-1] = (cells[-1][0], last, cells[-1][2] + count, cells[-1][3])
        return cells, None
    return cells, _Pending(stretch[0], stretch[1] - 1, count, who)


def _pooled(
    parents: Codes, pending: dict[int, dict[tuple[int, int], _Pending[W]]], k: int, crowds: _Crowds[W]
) -> list[Cell]:
    """Cells at nodes above: pending groups of two sides are put together until k units share them."""
    cells: list[Cell] = []
    for node in range(len(parents) - 1, -1, -1):
        for key, group in sorted(pending.pop(node, {}).items()):
            if crowds.size(group.who) >= k:
                cells.append((node, group.first, group.last, group.rows, crowds.size(group.who)))
            elif parents[node] >= 0:
                above = pending.setdefault(int(parents[node]), {})
                other = above.get(key)
                if other is not None:
                    both = crowds.together(group.who, other.who)
                    group = _Pending(group.first, group.last, group.rows + other.rows, both)
                above[key] = group
    return cells


def cumulated(table: Floats) -> Floats:
    """Cumulated shares of the codes in each leaf (leaves x codes), from their rows."""
    total_shares: Floats = np.cumsum(table, axis=1)
    return total_shares / total_shares[:, -1:]


def filled(
    cells: Cells, parents: Codes, leaves: Sequence[int], shares: Floats, leaf_rows: Codes | None = None
) -> Floats:
    """The rows of the codes in each leaf (leaves x codes).

    Within a cell, codes are as `shares` has them overall, raked so that over all leaves together they keep these shares
    (Deming and Stephan, 1940). Rows counted at a node above go to the leaves they may come from, in proportion to the
    rows of these that are not told yet (`leaf_rows`), or else to what those hold of their own. Cells are rounded one by
    one: where the rows of leaves are known, the table is raked to them and to the overall shares in the end.
    """
    place = np.full(len(parents), -1)
    place[list(leaves)] = np.arange(len(leaves))
    own = place[cells.node] >= 0
    table = _raked(place[cells.node[own]], cells.first[own], cells.last[own], cells.rows[own], len(leaves), shares)
    own_rows = table.sum(axis=1)
    weight = own_rows if leaf_rows is None else np.maximum(leaf_rows - own_rows, _NONE)
    taken = table > 0
    below = _leaves_below(parents, leaves)
    above = np.flatnonzero(~own).tolist()
    for index in sorted(above, key=lambda i: (-int(cells.node[i]), int(cells.first[i]))):
        span = slice(int(cells.first[index]), int(cells.last[index]) + 1)
        inside = shares[span] if shares[span].sum() > 0 else np.ones(len(shares[span]))
        open_leaves = below[int(cells.node[index])]
        open_leaves = open_leaves[~taken[open_leaves, span].any(axis=1)]
        total = weight[open_leaves].sum()
        part = weight[open_leaves] / total if total > 0 else np.full(len(open_leaves), 1 / max(len(open_leaves), 1))
        given = cells.rows[index] * part
        table[open_leaves, span] += given[:, None] * inside / inside.sum()
        taken[open_leaves, span] = True
        if leaf_rows is not None:
            weight[open_leaves] = np.maximum(weight[open_leaves] - given, _NONE)
    if leaf_rows is not None:  # before leaves of which nothing is told are filled, lest their codes count as told
        table += _lost(table, weight, shares, leaf_rows)
    table[table.sum(axis=1) <= 0] = shares
    if leaf_rows is not None:
        table = raked(table, leaf_rows.astype(np.float64), shares * float(leaf_rows.sum()))
    return table


def _lost(table: Floats, weight: Floats, shares: Floats, leaf_rows: Codes) -> Floats:
    """Rows of the codes that have no cell anywhere: too few units had each, but the overall shares tell of them.

    They are in the leaves whose rows (`weight`) are not told yet, as the codes are overall. A leaf of which much is not
    told has what is lacking of other codes as well, lest all of it be the few codes that are told.
    """
    never = np.where((table.sum(axis=0) <= 0) & (shares > 0), shares, 0.0)
    lacking = np.maximum(shares * float(leaf_rows.sum()) - table.sum(axis=0), 0.0)
    much = (weight > _UNTOLD * leaf_rows)[:, None]
    each = np.where(much, lacking / max(lacking.sum(), _NONE), never / max(never.sum(), _NONE))
    found: Floats = weight[:, None] * each
    return found


_UNTOLD = 0.25  # of the rows of a leaf
_ROUNDS = 8
_NONE = 1e-6  # the weight of a leaf all of whose rows are told


def _raked(leaf: Codes, first: Codes, last: Codes, rows: Codes, leaves: int, shares: Floats) -> Floats:
    """The rows of each code in each leaf, from the rows of runs of codes, so that codes keep their overall shares."""
    lengths = last - first + 1
    run = np.repeat(np.arange(len(first)), lengths)
    code = np.arange(len(run)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(first, lengths)
    floor = shares[shares > 0].min(initial=1.0) * 1e-6  # a run of codes that the margin lacks is spread evenly
    wanted = shares * rows.sum()
    factor = np.ones(len(shares))
    mass = np.zeros(len(run))
    for _ in range(_ROUNDS):
        inside = np.maximum(shares[code], floor) * factor[code]
        mass = rows[run] * inside / np.bincount(run, weights=inside, minlength=len(rows))[run]
        have = np.bincount(code, weights=mass, minlength=len(shares))
        ratio = np.divide(wanted, have, out=np.ones_like(wanted), where=(have > 0) & (wanted > 0))
        factor = np.clip(factor * np.clip(ratio, 0.5, 2.0), 1e-3, 1e3)
    flat = np.bincount(leaf[run] * len(shares) + code, weights=mass, minlength=leaves * len(shares))
    return flat.astype(np.float64).reshape(leaves, -1)  # bincount of nothing counts in whole numbers


def _leaves_below(parents: Codes, leaves: Sequence[int]) -> dict[int, Codes]:
    """For each node above a leaf, the places of the leaves below it."""
    found: dict[int, list[int]] = {}
    for index, leaf in enumerate(leaves):
        node = int(parents[leaf])
        while node >= 0:
            found.setdefault(node, []).append(index)
            node = int(parents[node])
    return {node: np.array(places) for node, places in found.items()}
