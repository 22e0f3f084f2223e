"""Leaves of a tree as counts over groups of codes, each group shared by k units; and how codes are drawn from them.

In a leaf, ordered codes are counted over runs as short as k units allow. A code without order (a level, or missing) is
counted by itself; where fewer than k units of a leaf have it, its rows are counted together with those of the
neighbouring leaves in the same case, at the nearest common node under which k units have it. Nothing is lost that k
units of the whole tree share, and no share is biased by what is suppressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.maths.tree_growth import distinct_units

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Members = dict[int, frozenset[int]]


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


@dataclass(frozen=True, slots=True)
class Target:
    """The codes counted: how many, and how many of them (the first ones) stand in order; the others stand alone."""

    size: int
    ordered: int


@dataclass(frozen=True, slots=True)
class _Pending:
    """Rows of a group that too few units of a node share, to be counted further up."""

    first: int
    last: int
    rows: int
    who: frozenset[int]


Cell = tuple[int, int, int, int, int]


def measure_cells(node: Codes, codes: Codes, units: Codes, parents: Codes, target: Target, k: int) -> Cells:
    """Count codes over the leaves (`node` of each row) of a tree whose nodes have these `parents` (-1 for the root).

    `units` never decrease. Children come after their parents.
    """
    cells: list[Cell] = []
    pending: dict[int, dict[tuple[int, int], _Pending]] = {}
    leaves, place = np.unique(node, return_inverse=True)
    flat = place * target.size + codes
    rows = np.bincount(flat, minlength=len(leaves) * target.size).reshape(len(leaves), target.size)
    persons = distinct_units(flat, units, rows.size).reshape(rows.shape)
    small = _members(flat, units, persons.ravel(), k)
    for index, leaf in enumerate(leaves.tolist()):
        base = index * target.size
        found, left = _leaf(rows[index], persons[index], base, small, target, k)
        cells += [(leaf, *cell) for cell in found]
        pending[leaf] = left
    cells += _pooled(parents, pending, k)
    table = np.array([cell[:4] for cell in cells], dtype=np.int64).reshape(-1, 4)
    return Cells(table[:, 0], table[:, 1], table[:, 2], table[:, 3], min((cell[4] for cell in cells), default=0))


def _members(cells: Codes, units: Codes, persons: Codes, k: int) -> Members:
    """Who stands behind each cell that fewer than k units share."""
    few = persons[cells] < k
    pairs = np.unique(np.stack([cells[few], units[few]], axis=1), axis=0)
    found: dict[int, set[int]] = {}
    for cell, unit in pairs.tolist():
        found.setdefault(cell, set()).add(unit)
    return {cell: frozenset(members) for cell, members in found.items()}


def _leaf(
    rows: Codes, persons: Codes, base: int, small: Members, target: Target, k: int
) -> tuple[list[tuple[int, int, int, int]], dict[tuple[int, int], _Pending]]:
    """The leaf's own cells (first, last, rows, support), and what must be counted further up."""
    cells, rest = _runs(rows[: target.ordered], persons, base, small, k)
    pending = {} if rest is None else {(0, target.ordered - 1): rest}
    for code in (target.ordered + np.flatnonzero(rows[target.ordered :])).tolist():
        if persons[code] >= k:
            cells.append((code, code, int(rows[code]), int(persons[code])))
        else:
            pending[code, code] = _Pending(code, code, int(rows[code]), small[base + code])
    return cells, pending


def _runs(
    rows: Codes, persons: Codes, base: int, small: Members, k: int
) -> tuple[list[tuple[int, int, int, int]], _Pending | None]:
    """Runs of ordered codes, as short as k units allow. Too few for a run join the run before, or else wait."""
    cells: list[tuple[int, int, int, int]] = []
    start, last, count, who = 0, 0, 0, frozenset[int]()
    for code in np.flatnonzero(rows).tolist():
        enough = persons[code] >= k
        if enough and count and cells:
            cells[-1] = (cells[-1][0], last, cells[-1][2] + count, cells[-1][3])
            count = 0
        if not count:
            start, who = code, frozenset()
        who |= small.get(base + code, frozenset())
        count += int(rows[code])
        last = code
        support = max(int(persons[code]), len(who))
        if support >= k:
            cells.append((start, code, count, support))
            count = 0
    if not count:
        return cells, None
    if cells:
        cells[-1] = (cells[-1][0], last, cells[-1][2] + count, cells[-1][3])
        return cells, None
    return cells, _Pending(0, len(rows) - 1, count, who)


def _pooled(parents: Codes, pending: dict[int, dict[tuple[int, int], _Pending]], k: int) -> list[Cell]:
    """Cells at nodes above: pending groups of two sides are put together until k units share them."""
    cells: list[Cell] = []
    for node in range(len(parents) - 1, -1, -1):
        for key, group in sorted(pending.pop(node, {}).items()):
            if len(group.who) >= k:
                cells.append((node, group.first, group.last, group.rows, len(group.who)))
            elif parents[node] >= 0:
                above = pending.setdefault(int(parents[node]), {})
                other = above.get(key)
                if other is not None:
                    group = _Pending(group.first, group.last, group.rows + other.rows, group.who | other.who)
                above[key] = group
    return cells


def cumulated(
    cells: Cells, parents: Codes, leaves: Sequence[int], shares: Floats, leaf_rows: Codes | None = None
) -> Floats:
    """Cumulated shares of the codes in each leaf (leaves x codes).

    Within a cell, codes are as `shares` has them overall, raked so that over all leaves together they keep these shares
    (Deming and Stephan, 1940). Rows counted at a node above go to the leaves they may come from, in proportion to the
    rows of these that are not told yet (`leaf_rows`), or else to what those hold of their own.
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
        open_leaves = [leaf for leaf in below[int(cells.node[index])] if not taken[leaf, span].any()]
        total = weight[open_leaves].sum()
        part = weight[open_leaves] / total if total > 0 else np.full(len(open_leaves), 1 / max(len(open_leaves), 1))
        for leaf, share in zip(open_leaves, part, strict=True):
            table[leaf, span] += cells.rows[index] * share * inside / inside.sum()
            taken[leaf, span] = True
            if leaf_rows is not None:
                weight[leaf] = max(weight[leaf] - cells.rows[index] * share, _NONE)
    table[table.sum(axis=1) <= 0] = shares
    total_shares: Floats = np.cumsum(table, axis=1)
    return total_shares / total_shares[:, -1:]


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


def _leaves_below(parents: Codes, leaves: Sequence[int]) -> dict[int, list[int]]:
    """For each node above a leaf, the places of the leaves below it."""
    found: dict[int, list[int]] = {}
    for index, leaf in enumerate(leaves):
        node = int(parents[leaf])
        while node >= 0:
            found.setdefault(node, []).append(index)
            node = int(parents[node])
    return found


def draw(cumulated_shares: Floats, leaf: Codes, uniform: Floats) -> Codes:
    """A code for each row, given its leaf, by inversion."""
    count, size = cumulated_shares.shape
    # one search over all leaves laid end to end: leaf i lives in (i, i + 1]
    flat = (cumulated_shares + np.arange(count)[:, None]).ravel()
    found = np.searchsorted(flat, leaf + uniform, side="right") - leaf * size
    codes: Codes = np.clip(found, 0, size - 1)
    return codes
