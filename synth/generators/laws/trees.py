"""Generator `trees`: a chain of conditional distributions, each a shallow tree of counts over at least k persons.

Own features are drawn one after the other, those of few codes first, each given the context and the features drawn
before it. The leaves of a tree hold counts over groups of codes that k persons share; inside a group, codes follow the
margin of the part. Unlike a tree over raw values (Reiter, J. Official Statistics 2005; Nowok et al., synthpop, 2016),
no leaf holds anybody's value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import APART, Bins
from synth.columns.codec import Codec
from synth.core.counts import rounded
from synth.core.model import Array, Model, Statistic
from synth.core.seeds import Stream
from synth.engines.unit_blocks import count_codes
from synth.generators.coding.coded import PartRows
from synth.generators.coding.layout import Part
from synth.generators.features.kinds import Kinds
from synth.generators.laws.candidates import CANDIDATES, pick
from synth.generators.laws.hazards import Hazards, exposure, middles
from synth.generators.laws.margins import Margins
from synth.generators.laws.order import drawing_order, is_drawn_in_turn
from synth.generators.laws.part_law import PartLaw
from synth.generators.laws.residuals import Quantity, Residual, measure_residual, residual_from
from synth.maths.association import strongest
from synth.maths.kernels import Walk, edges_of, invert, leaves, walk_of
from synth.maths.tree_growth import Coarse, Growth, Limits, Split, coarsen, grow, smallest_type
from synth.maths.tree_leaves import Cells, Target, cumulated, measure_cells

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
GROUPS = 32
PREDICTORS = 10
MANY_PREDICTORS = 40  # of small tables, where looking at more costs little
FEW_ROWS = 20_000
_LEAST = 1e-9  # the chance of a code that a leaf has never seen
FEW_CODES = 24  # so few codes are counted one by one even when they stand in order: neighbours need not be alike
HEAVY = 0.05  # a value that so large a share of the rows has is counted apart from its neighbours
RANKED = 6  # a quantity of fewer codes has no ranks to speak of
DEPTH = 8
PENALTY = 1.0  # gain in twice the log-likelihood asked for each degree of freedom: half of Akaike's
KIND_PENALTY = 4.0  # of the kind of a row, whose rates in a leaf are worn out sooner: they rest on what is left, too


def learn(rows: PartRows, margins: Margins, k: int) -> tuple[list[Statistic], dict[str, Array]]:
    """A tree for each own feature."""
    statistics: list[Statistic] = []
    arrays: dict[str, Array] = {}
    if not len(rows.rows):
        return statistics, arrays
    units = rows.units
    columns = [rows.compact(index) for index in range(len(rows.variables))]
    limits = Limits(DEPTH, max(2 * k, 20), max(k, 2), PENALTY)
    sizes = [variable.codec.size for variable in rows.variables]
    near = [_coarse(rows, columns, index) for index in range(len(columns))]
    order = drawing_order(rows.part, [variable.codec for variable in rows.variables])
    most = MANY_PREDICTORS if len(rows.rows) <= FEW_ROWS else PREDICTORS
    for place, index in enumerate(order):
        if sizes[index] < 2:
            continue
        told = _kind_column(rows.part, index)
        before = [*range(rows.contexts), *order[:place]]
        if told is not None:  # what is left of each kind weighs on the kind in another way
            before = [i for i in before if not rows.is_quota(i)]
        chosen = [before[i] for i in strongest([near[i] for i in before], near[index], most)]
        asked = limits if told is None else replace(limits, penalty=KIND_PENALTY)
        growth = grow([near[i] for i in chosen], near[index], units, asked)
        codec = rows.variables[index].codec
        counted = _target(codec, rows.variables[index].pooled)
        parents = _parents([(split.node, split.below) for split in growth.splits], growth.nodes)
        found = measure_cells(growth.node_of_row, columns[index], units, parents, counted, k)
        found = replace(found, rows=rounded(found.rows, k))
        more, values = _statistic(rows, index, growth, [near[i] for i in chosen], chosen, found)
        number = np.cumsum(_are_leaves(growth.nodes, [split.node for split in growth.splits])) - 1
        leaf = number[growth.node_of_row]
        if len(found.node):
            values[f"{more.name}/rows"] = rounded(count_codes(leaf), k).astype(np.int32)
            more = replace(more, arrays=tuple(values))
        if told is not None and len(found.node):
            codecs = [rows.variables[i].codec for i in rows.part.left]
            kind = told.of_codes(codec)[columns[index]]
            left = [columns[i] for i in rows.part.left]
            values[f"{more.name}/exposure"] = exposure(leaf, int(leaf.max()) + 1, kind, left, codecs, k)
            more = replace(more, arrays=tuple(values))
        if told is None:
            more = _with_residual(rows, index, more, leaf, columns, chosen, k)
        statistics.append(more)
        arrays |= values
    return statistics, arrays


def _with_residual(
    rows: PartRows,
    index: int,
    tree: Statistic,
    leaf: Codes,
    columns: list[NDArray[np.integer]],
    chosen: list[int],
    k: int,
) -> Statistic:
    """The statistic of a tree with what its leaves do not tell of a quantity, if anything."""
    codecs = [variable.codec for variable in rows.variables]
    places = [i for i in chosen if _has_order(codecs[i])]
    if is_drawn_in_turn(rows.part) or not codecs[index].ordered or codecs[index].size < RANKED:
        return tree
    mine, *others = (Quantity(i, columns[i], codecs[i].size - codecs[i].missing) for i in (index, *places))
    found = measure_residual(leaf, mine, others, rows.units, k)
    if found is None:
        return tree
    named = dict.fromkeys((*tree.columns, *(rows.part.titles[place] for place in found.places)))
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


def _kind_column(part: Part, index: int) -> Kinds | None:
    """The kinds that a variable of a part tells, where its rows share out what is left of each."""
    return part.kinds if part.kinds is not None and part.titles[index] == part.kinds.column else None


def _are_leaves(nodes: int, inner: list[int]) -> NDArray[np.bool_]:
    leaves = np.ones(nodes, dtype=bool)
    leaves[inner] = False
    return leaves


def _coarse(rows: PartRows, columns: list[NDArray[np.integer]], index: int) -> Coarse:
    codec = rows.variables[index].codec
    codes, weights = columns[index], count_codes(columns[index], codec.size)
    if not (codec.missing and codec.ordered) or codec.size <= GROUPS:
        return coarsen(codes, weights, codec.ordered, GROUPS)
    # missing is the last code, but no neighbour of the highest ones
    known = coarsen(np.minimum(codes, codec.size - 2), weights[:-1], True, GROUPS - 1)
    of_code = np.append(known.of_code, known.count)
    return Coarse(of_code.astype(smallest_type(known.count + 1))[codes], of_code, known.count + 1, True)


def _parents(splits: list[tuple[int, int]], nodes: int) -> Codes:
    """The parent of each node, -1 for the root."""
    parents = np.full(nodes, -1, dtype=np.int64)
    for node, below in splits:
        parents[below : below + 2] = node
    return parents


def _statistic(
    rows: PartRows,
    index: int,
    growth: Growth,
    near: list[Coarse],
    chosen: list[int],
    cells: Cells,
) -> tuple[Statistic, dict[str, Array]]:
    title = rows.part.titles[index]
    name = f"tree/{rows.part.title}/{title}"
    splits, left = _written(growth.splits, near, chosen)
    table = np.stack([cells.node, cells.first, cells.last, cells.rows], axis=1).astype(np.int32)
    arrays: dict[str, Array] = {f"{name}/splits": splits, f"{name}/left": left, f"{name}/cells": table}
    used = sorted({chosen[split.predictor] for split in growth.splits})
    statistic = Statistic(
        name=name,
        table=rows.part.table,
        columns=(title, *(rows.part.titles[i] for i in used)),
        kind="tree",
        support=cells.support,
        unit=rows.coded.forest.node(rows.part.table).root,
        cells=len(table),
        data={"nodes": growth.nodes},
        arrays=tuple(arrays),
    )
    return statistic, arrays


def _written(splits: tuple[Split, ...], near: list[Coarse], chosen: list[int]) -> tuple[Array, Array]:
    """Splits as rows (node, variable, below), and for each the codes that go left as flags, padded to one width."""
    rows = np.array([(s.node, chosen[s.predictor], s.below) for s in splits], dtype=np.int32).reshape(-1, 3)
    width = max((len(near[s.predictor].of_code) for s in splits), default=0)
    left = np.zeros((len(splits), width), dtype=bool)
    for index, split in enumerate(splits):
        flags = split.left[near[split.predictor].of_code]
        left[index, : len(flags)] = flags
    return rows, left


@dataclass(frozen=True)
class Tree:
    """One tree made ready to draw from: splits in the order they were made, and the cumulated shares of each leaf."""

    splits: Array
    left: Array
    leaf_of_node: Codes
    shares: Floats
    hazards: Hazards | None = None
    residual: Residual | None = None

    def draw(self, known: Codes, stream: Stream) -> Codes:
        """A code for each row of `known` (rows x variables drawn so far)."""
        leaf = leaves(self._walk, known)
        uniform = stream.uniform(len(known))
        if self.hazards is not None:
            return self.hazards.draw(known, leaf, uniform)
        codes = invert(self._edges, leaf, uniform)
        if self.residual is not None:
            there = codes < self.residual.known
            ranks = self.residual.ranks(known[there], leaf[there], stream)
            codes[there] = invert(self._edges, leaf[there], ranks * self.shares[leaf[there], self.residual.known - 1])
        return codes

    @property
    def looked_at(self) -> set[int]:
        """The variables that matter."""
        left = () if self.hazards is None else self.hazards.left
        told = () if self.residual is None else self.residual.places
        return {*self.splits[:, 1].tolist(), *left, *told}

    def score(self, known: Codes, codes: Codes) -> Floats:
        """The logarithm of each row's chance of its code."""
        edges = self.shares[leaves(self._walk, known)]
        rows = np.arange(len(codes))
        shares = edges[rows, codes] - np.where(codes > 0, edges[rows, np.maximum(codes - 1, 0)], 0.0)
        chances: Floats = np.log(np.maximum(shares, _LEAST))
        return chances

    @cached_property
    def _walk(self) -> Walk:
        return walk_of(self.splits, self.left, self.leaf_of_node)

    @cached_property
    def _edges(self) -> Floats:
        return edges_of(self.shares)


@dataclass(frozen=True)
class Trees:
    """The trees of a part's own features, drawn in this order; a feature without a tree takes its constant code."""

    contexts: int
    trees: tuple[Tree | None, ...]
    order: tuple[int, ...]

    @cached_property
    def given(self) -> tuple[int, ...]:
        """Context variables on which some tree splits."""
        used = {variable for tree in self.trees if tree is not None for variable in tree.looked_at}
        return tuple(sorted(variable for variable in used if variable < self.contexts))

    def draw(self, context: Codes, stream: Stream) -> Codes:
        """Own codes given context codes."""
        rows = len(context)
        known = np.zeros((rows, self.contexts + len(self.trees)), dtype=np.int64)
        known[:, : self.contexts] = context
        for index in self.order:
            tree = self.trees[index]
            if tree is not None:
                known[:, self.contexts + index] = tree.draw(known, stream)
        return known[:, self.contexts :]

    def draw_given(self, context: Codes, known: Codes, stream: Stream) -> Codes:
        """Own codes, those that are known kept: drawn in the order of the chain, and weighed by what comes after."""
        copies = CANDIDATES if _known_after_unknown(known[:, list(self.order)]) else 1
        asked = np.repeat(known, copies, axis=0)
        rows = np.zeros((len(asked), self.contexts + len(self.trees)), dtype=np.int64)
        rows[:, : self.contexts] = np.repeat(context, copies, axis=0)
        weights = np.zeros(len(asked))
        for index in self.order:
            tree = self.trees[index]
            given = asked[:, index] >= 0
            codes = np.where(given, asked[:, index], 0)
            if tree is not None:
                codes = np.where(given, codes, tree.draw(rows, stream))
                weights += np.where(given, tree.score(rows, codes), 0.0)
            rows[:, self.contexts + index] = codes
        return rows[pick(weights, stream.uniform(len(context))), self.contexts :]


def _known_after_unknown(known: Codes) -> bool:
    """Whether in some row a known code comes after one that is not."""
    seen = np.logical_or.accumulate(known < 0, axis=1)
    return bool((seen & (known >= 0)).any())


def load(model: Model, law: PartLaw) -> Trees:
    """The law of a part of a fitted model."""
    names = [f"tree/{law.part.title}/{law.part.titles[law.contexts + i]}" for i in range(len(law.part.own))]
    trees = [_tree(model, name, law, law.contexts + i) for i, name in enumerate(names)]
    order = tuple(place - law.contexts for place in drawing_order(law.part, law.codecs))
    return Trees(law.contexts, tuple(trees), order)


def _tree(model: Model, name: str, law: PartLaw, index: int) -> Tree | None:
    if f"{name}/splits" not in model.arrays:
        shares = law.shares(index)
        if len(shares) < 2:
            return None
        alone = np.zeros(1, dtype=np.int64)
        return Tree(np.zeros((0, 3), dtype=np.int64), np.zeros((0, 0), dtype=bool), alone, np.cumsum(shares)[None, :])
    splits = model.arrays[f"{name}/splits"].astype(np.int64)
    table = model.arrays[f"{name}/cells"].astype(np.int64)
    nodes = int(model.find(name).data["nodes"])
    parents = _parents([(int(node), int(below)) for node, _, below in splits], nodes)
    inner = np.zeros(nodes, dtype=bool)
    inner[splits[:, 0]] = True
    cells = Cells(table[:, 0], table[:, 1], table[:, 2], table[:, 3], 0)
    rows = model.arrays.get(f"{name}/rows")
    shares = cumulated(cells, parents, np.flatnonzero(~inner).tolist(), law.shares(index), rows)
    hazards = None
    kinds = _kind_column(law.part, index)
    if kinds is not None and f"{name}/exposure" in model.arrays:
        left = law.part.left
        counts = tuple(middles(law.codecs[place]) for place in left)
        hazards = Hazards(kinds, law.codecs[index], left, counts, shares, model.arrays[f"{name}/exposure"])
    told = model.find(name).data.get("residual")
    residual = None if told is None else residual_from(told)
    return Tree(splits, model.arrays[f"{name}/left"], np.cumsum(~inner) - 1, shares, hazards, residual)
