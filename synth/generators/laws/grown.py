"""Trees made ready to draw from: down to a leaf, then a code by the leaf's shares, feature after feature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth.core.model import Array, Model
from synth.core.seeds import Stream
from synth.generators.coding.layout import Part
from synth.generators.features.kinds import Kinds
from synth.generators.laws.candidates import CANDIDATES, pick
from synth.generators.laws.hazards import Hazards, middles
from synth.generators.laws.order import drawing_order
from synth.generators.laws.part_law import PartLaw
from synth.generators.laws.residuals import Residual, residual_from
from synth.maths.kernels import Lots, Walk, draw, leaves, walk_of
from synth.maths.raking import raked
from synth.maths.tree_leaves import Cells, cumulated, filled
from synth.maths.tree_levels import refined

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_LEAST = 1e-9  # the chance of a code that a leaf has never seen


@dataclass(frozen=True)
class Tree:
    """One tree made ready to draw from: splits in the order they were made, and the cumulated shares of each leaf.

    `sizes` are how many codes each variable has.
    """

    splits: Array
    left: Array
    leaf_of_node: Codes
    sizes: Codes
    shares: Floats
    hazards: Hazards | None = None
    residual: Residual | None = None

    def draw(self, columns: Codes, stream: Stream) -> Codes:
        """A code for each row of what is known (variables x rows, and one variable more that is 0)."""
        leaf = leaves(self._walk, columns)
        if self.hazards is not None:
            return self.hazards.draw(columns, leaf, stream.uniform(len(leaf)))
        if self.residual is None:
            return draw(self._lots, leaf, stream.ticks(len(leaf)))
        return self._draw_ranked(self.residual, columns, leaf, stream)

    def _draw_ranked(self, residual: Residual, columns: Codes, leaf: Codes, stream: Stream) -> Codes:
        """Codes by the rank within the leaf; who has none is drawn first."""
        rows, some = len(leaf), residual.known < self.shares.shape[1]
        told = self.shares[:, residual.known - 1]
        others = [columns[place] for place in residual.places]
        if some:
            there = np.flatnonzero(stream.ticks(rows) < (told * 2.0**53).astype(np.int64).take(leaf))
            leaf, others = leaf.take(there), [codes.take(there) for codes in others]
        ranks = residual.ranks(others, leaf, stream)
        found = draw(self._lots, leaf, (ranks * (told * 2.0**53).take(leaf)).astype(np.int64))
        found = np.minimum(found, residual.known - 1)
        if not some:
            return found
        codes = np.full(rows, residual.known)
        codes[there] = found
        return codes

    @property
    def looked_at(self) -> set[int]:
        """The variables that matter."""
        left = () if self.hazards is None else self.hazards.left
        told = () if self.residual is None else self.residual.places
        return {*self.splits[:, 1].tolist(), *left, *told}

    def score(self, columns: Codes, codes: Codes) -> Floats:
        """The logarithm of each row's chance of its code."""
        edges = self.shares[leaves(self._walk, columns)]
        rows = np.arange(len(codes))
        shares = edges[rows, codes] - np.where(codes > 0, edges[rows, np.maximum(codes - 1, 0)], 0.0)
        chances: Floats = np.log(np.maximum(shares, _LEAST))
        return chances

    @cached_property
    def _walk(self) -> Walk:
        return walk_of(self.splits, self.left, self.leaf_of_node, self.sizes)

    @cached_property
    def _lots(self) -> Lots:
        return Lots(self.shares)


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
        columns = self._columns(context)
        for index in self.order:
            tree = self.trees[index]
            if tree is not None:
                columns[self.contexts + index] = tree.draw(columns, stream)
        return columns[self.contexts : -1].T

    def draw_given(self, context: Codes, known: Codes, stream: Stream) -> Codes:
        """Own codes, those that are known kept: drawn in the order of the chain, and weighed by what comes after."""
        copies = CANDIDATES if _known_after_unknown(known[:, list(self.order)]) else 1
        asked = np.repeat(known, copies, axis=0)
        columns = self._columns(np.repeat(context, copies, axis=0))
        weights = np.zeros(len(asked))
        for index in self.order:
            tree = self.trees[index]
            given = asked[:, index] >= 0
            codes = np.where(given, asked[:, index], 0)
            if tree is not None:
                codes = np.where(given, codes, tree.draw(columns, stream))
                weights += np.where(given, tree.score(columns, codes), 0.0)
            columns[self.contexts + index] = codes
        return columns[self.contexts : -1, pick(weights, stream.uniform(len(context)))].T

    def _columns(self, context: Codes) -> Codes:
        """Room for the codes of every variable, the context's being known, and of one more that is 0."""
        columns = np.zeros((self.contexts + len(self.trees) + 1, len(context)), dtype=np.int64)
        given = list(self.given)
        columns[given] = context.T[given]
        return columns


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
    sizes = np.array([codec.size for codec in law.codecs])
    if f"{name}/splits" not in model.arrays:
        shares = np.cumsum(law.shares(index))
        if len(shares) < 2:
            return None
        alone, none = np.zeros(1, dtype=np.int64), np.zeros((0, 3), dtype=np.int64)
        return Tree(none, none.astype(bool), alone, sizes, shares[None, :])
    splits = model.arrays[f"{name}/splits"].astype(np.int64)
    nodes = int(model.find(name).data["nodes"])
    parents = parents_of([(int(node), int(below)) for node, _, below in splits], nodes)
    inner = np.zeros(nodes, dtype=bool)
    inner[splits[:, 0]] = True
    shares = cumulated(_leaf_table(model, name, parents, np.flatnonzero(~inner).tolist(), law.shares(index)))
    hazards = None
    kinds = kinds_told(law.part, index)
    if kinds is not None and f"{name}/exposure" in model.arrays:
        left = law.part.left
        counts = tuple(middles(law.codecs[place]) for place in left)
        hazards = Hazards(kinds, law.codecs[index], left, counts, shares, model.arrays[f"{name}/exposure"])
    told = model.find(name).data.get("residual")
    residual = None if told is None else residual_from(told)
    return Tree(splits, model.arrays[f"{name}/left"], np.cumsum(~inner) - 1, sizes, shares, hazards, residual)


def _leaf_table(model: Model, name: str, parents: Codes, leaves: list[int], shares: Floats) -> Floats:
    """The rows of each code in each leaf of a tree (leaves x codes)."""
    cells = _cells(model.arrays[f"{name}/cells"])
    rows = model.arrays.get(f"{name}/rows")
    table = filled(cells, parents, leaves, shares, rows)
    if f"{name}/runs" in model.arrays and rows is not None:
        table = refined(table, parents, leaves, cells, _cells(model.arrays[f"{name}/runs"]), shares)
        table = raked(table, rows.astype(np.float64), shares * float(rows.sum()))
    return table


def _cells(told: Array) -> Cells:
    table = told.astype(np.int64)
    return Cells(table[:, 0], table[:, 1], table[:, 2], table[:, 3], 0)


def kinds_told(part: Part, index: int) -> Kinds | None:
    """The kinds that a variable of a part tells, where its rows share out what is left of each."""
    return part.kinds if part.kinds is not None and part.titles[index] == part.kinds.column else None


def parents_of(splits: list[tuple[int, int]], nodes: int) -> Codes:
    """The parent of each node, -1 for the root."""
    parents = np.full(nodes, -1, dtype=np.int64)
    for node, below in splits:
        parents[below : below + 2] = node
    return parents
