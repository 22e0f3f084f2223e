"""Generator `trees`: a chain of conditional distributions, each a shallow tree of counts over at least k persons.

Own features are drawn one after the other, those of few codes first, each given the context and the features drawn
before it. The leaves of a tree hold counts over groups of codes that k persons share; inside a group, codes follow the
margin of the part. Unlike a tree over raw values (Reiter, J. Official Statistics 2005; Nowok et al., synthpop, 2016),
no leaf holds anybody's value.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import APART, Bins
from synth.columns.codec import Codec
from synth.core.counts import rounded
from synth.core.model import Array, Statistic
from synth.engines.unit_blocks import count_codes, is_row_a_unit
from synth.generators.coding.coded import PartRows
from synth.generators.laws.grown import kinds_told, parents_of
from synth.generators.laws.hazards import exposure
from synth.generators.laws.margins import Margins
from synth.generators.laws.order import drawing_order, is_drawn_in_turn
from synth.generators.laws.residuals import SAMPLE, Quantity, measure_residual
from synth.maths.association import strongest
from synth.maths.tree_cuts import Limits
from synth.maths.tree_growth import Coarse, Growth, Split, coarsen, grow
from synth.maths.tree_leaves import Cells, Target, measure_cells
from synth.maths.tree_levels import measure_runs

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
GROUPS = 32
MANY_GROUPS = 64  # of levels without order in small tables: those gathered with others are told from none of them
PREDICTORS = 10
MANY_PREDICTORS = 40  # of small tables, where looking at more costs little
FEW_ROWS = 20_000
FEW_CODES = 24  # so few codes are counted one by one even when they stand in order: neighbours need not be alike
HEAVY = 0.05  # a value that so large a share of the rows has is counted apart from its neighbours
RANKED = 6  # a quantity of fewer codes has no ranks to speak of
DEPTH = 8
DEEP = 10  # of small tables where what nodes above leaves hold is told too, lest leaves of few rows are coarse
# Gain in twice the log-likelihood asked of a cut for each degree of freedom. Akaike asks 2; where the best of many
# hundreds of cuts is taken, chance alone gains more, and what it gains tells of those learned from.
PENALTY = 2.0
ORDERED_PENALTY = 3.0
RUNS_PENALTY = 3.5  # of a quantity's codes gathered into few runs, whose few degrees of freedom leave chance more
KIND_PENALTY = 4.0  # of the kind of a row, whose rates in a leaf are worn out sooner: they rest on what is left, too


def learn(rows: PartRows, margins: Margins, k: int) -> tuple[list[Statistic], dict[str, Array]]:
    """A tree for each own feature."""
    statistics: list[Statistic] = []
    arrays: dict[str, Array] = {}
    if not len(rows.rows):
        return statistics, arrays
    units = rows.units
    columns = [rows.compact(index) for index in range(len(rows.variables))]
    small = len(rows.rows) <= FEW_ROWS
    deep = small and is_row_a_unit(units)
    limits = Limits(DEEP if deep else DEPTH, max(2 * k, 20), max(k, 2), PENALTY)
    sizes = [variable.codec.size for variable in rows.variables]
    near = [_coarse(rows, columns, index, MANY_GROUPS if deep else GROUPS) for index in range(len(columns))]
    order = drawing_order(rows.part, [variable.codec for variable in rows.variables])
    most = MANY_PREDICTORS if small else PREDICTORS
    for place, index in enumerate(order):
        if sizes[index] < 2:
            continue
        told = kinds_told(rows.part, index)
        before = [*range(rows.contexts), *order[:place]]
        if told is not None:  # what is left of each kind weighs on the kind in another way
            before = [i for i in before if not rows.is_quota(i)]
        chosen = [before[i] for i in strongest([near[i] for i in before], near[index], most)]
        asked = _asked(limits, near[index], told is not None)
        growth = grow([near[i] for i in chosen], near[index], units, asked)
        codec = rows.variables[index].codec
        counted = _target(codec, rows.variables[index].pooled)
        parents = parents_of([(split.node, split.below) for split in growth.splits], growth.nodes)
        found = measure_cells(growth.node_of_row, columns[index], units, parents, counted, k)
        found = replace(found, rows=rounded(found.rows, k))
        more, values = _statistic(rows, index, growth, [near[i] for i in chosen], chosen, found)
        number = np.cumsum(_are_leaves(growth.nodes, [split.node for split in growth.splits])) - 1
        leaf = number.astype(growth.node_of_row.dtype)[growth.node_of_row]
        if len(found.node):
            values[f"{more.name}/rows"] = rounded(count_codes(leaf), k).astype(np.int32)
            more = replace(more, arrays=tuple(values))
        if deep and counted.ordered and len(growth.splits) > 1:
            runs = measure_runs(growth.node_of_row, columns[index], parents, counted, k)
            values[f"{more.name}/runs"] = _told(replace(runs, rows=rounded(runs.rows, k)))
            more = replace(more, cells=more.cells + len(runs.node), arrays=tuple(values))
        if told is not None and len(found.node):
            codecs = [rows.variables[i].codec for i in rows.part.left]
            kind = told.of_codes(codec)[columns[index]]
            left = [columns[i] for i in rows.part.left]
            values[f"{more.name}/exposure"] = exposure(
                leaf.astype(np.int64), int(leaf.max()) + 1, kind, left, codecs, k
            )
            more = replace(more, arrays=tuple(values))
        if told is None:
            more = _with_residual(rows, index, more, leaf, columns, chosen, k)
        statistics.append(more)
        arrays |= values
    return statistics, arrays


def _asked(limits: Limits, target: Coarse, of_kinds: bool) -> Limits:
    """What is asked of the cuts of a target's tree."""
    if of_kinds:
        return replace(limits, penalty=KIND_PENALTY)
    if not target.ordered:
        return limits
    return replace(limits, penalty=ORDERED_PENALTY, of_runs=RUNS_PENALTY)


def _with_residual(
    rows: PartRows,
    index: int,
    tree: Statistic,
    leaf: NDArray[np.integer],
    columns: list[NDArray[np.integer]],
    chosen: list[int],
    k: int,
) -> Statistic:
    """The statistic of a tree with what its leaves do not tell of a quantity, if anything."""
    codecs = [variable.codec for variable in rows.variables]
    places = [i for i in chosen if _has_order(codecs[i])]
    if is_drawn_in_turn(rows.part) or not codecs[index].ordered or codecs[index].size < RANKED:
        return tree
    some = slice(None, None, max(1, len(leaf) // SAMPLE))
    mine, *others = (Quantity(i, columns[i][some], codecs[i].size - codecs[i].missing) for i in (index, *places))
    found = measure_residual(leaf[some].astype(np.int64), mine, others, rows.units[some], k)
    if found is None:
        return tree
    titles = rows.part.titles
    named = dict.fromkeys((*tree.columns, *(titles[place] for place in found.places)))
    return replace(tree, columns=tuple(named), data={**tree.data, "residual": found.document()})


def _has_order(codec: Codec) -> bool:
    return codec.ordered or codec.size - codec.missing == 2


def _target(codec: Codec, pooled: Codes) -> Target:
    """How codes are counted: one by one, or in runs where many stand in order, values that many rows have apart."""
    if not codec.ordered or codec.size <= FEW_CODES:
        return Target(codec.size, 0)
    ordered = codec.size - codec.missing
    heavy = pooled[:ordered] >= HEAVY * max(int(pooled.sum()), 1)
    if not isinstance(codec.kept, Bins):
        return Target(codec.size, ordered, tuple(np.flatnonzero(heavy).tolist()))
    heavy &= codec.kept.low == codec.kept.high
    return Target(codec.size, ordered, tuple(np.flatnonzero(heavy).tolist()), int((codec.kept.low < APART).sum()))


def _are_leaves(nodes: int, inner: list[int]) -> NDArray[np.bool_]:
    leaves = np.ones(nodes, dtype=bool)
    leaves[inner] = False
    return leaves


def _coarse(rows: PartRows, columns: list[NDArray[np.integer]], index: int, levels: int) -> Coarse:
    codec = rows.variables[index].codec
    codes, weights = columns[index], count_codes(columns[index], codec.size)
    if not (codec.missing and codec.ordered) or codec.size <= GROUPS:
        return coarsen(codes, weights, codec.ordered, GROUPS if codec.ordered else levels)
    # missing is the last code, but no neighbour of the highest ones
    known = coarsen(codes, weights[:-1], True, GROUPS - 1)
    return Coarse(codes, np.append(known.of_code, known.count), known.count + 1, True)


def _statistic(
    rows: PartRows,
    index: int,
    growth: Growth,
    near: list[Coarse],
    chosen: list[int],
    cells: Cells,
) -> tuple[Statistic, dict[str, Array]]:
    titles = rows.part.titles
    title = titles[index]
    name = f"tree/{rows.part.title}/{title}"
    splits, left = _written(growth.splits, near, chosen)
    arrays: dict[str, Array] = {f"{name}/splits": splits, f"{name}/left": left, f"{name}/cells": _told(cells)}
    used = sorted({chosen[split.predictor] for split in growth.splits})
    statistic = Statistic(
        name=name,
        table=rows.part.table,
        columns=(title, *(titles[i] for i in used)),
        kind="tree",
        support=cells.support,
        unit=rows.coded.forest.node(rows.part.table).root,
        cells=len(cells.node),
        data={"nodes": growth.nodes},
        arrays=tuple(arrays),
    )
    return statistic, arrays


def _told(cells: Cells) -> Array:
    return np.stack([cells.node, cells.first, cells.last, cells.rows], axis=1).astype(np.int32)


def _written(splits: tuple[Split, ...], near: list[Coarse], chosen: list[int]) -> tuple[Array, Array]:
    """Splits as rows (node, variable, below), and for each the codes that go left as flags, padded to one width."""
    rows = np.array([(s.node, chosen[s.predictor], s.below) for s in splits], dtype=np.int32).reshape(-1, 3)
    width = max((len(near[s.predictor].of_code) for s in splits), default=0)
    left = np.zeros((len(splits), width), dtype=bool)
    for index, split in enumerate(splits):
        flags = split.left[near[split.predictor].of_code]
        left[index, : len(flags)] = flags
    return rows, left
