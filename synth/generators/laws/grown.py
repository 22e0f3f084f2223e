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
from synth.maths.kernels import Walk, edges_of, invert, leaves, walk_of
from synth.maths.tree_leaves import Cells, cumulated

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_LEAST = 1e-9  # the chance of a code that a leaf has never seen


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
    parents = parents_of([(int(node), int(below)) for node, _, below in splits], nodes)
    inner = np.zeros(nodes, dtype=bool)
    inner[splits[:, 0]] = True
    cells = Cells(table[:, 0], table[:, 1], table[:, 2], table[:, 3], 0)
    rows = model.arrays.get(f"{name}/rows")
    shares = cumulated(cells, parents, np.flatnonzero(~inner).tolist(), law.shares(index), rows)
    hazards = None
    kinds = kinds_told(law.part, index)
    if kinds is not None and f"{name}/exposure" in model.arrays:
        left = law.part.left
        counts = tuple(middles(law.codecs[place]) for place in left)
        hazards = Hazards(kinds, law.codecs[index], left, counts, shares, model.arrays[f"{name}/exposure"])
    told = model.find(name).data.get("residual")
    residual = None if told is None else residual_from(told)
    return Tree(splits, model.arrays[f"{name}/left"], np.cumsum(~inner) - 1, shares, hazards, residual)


def kinds_told(part: Part, index: int) -> Kinds | None:
    """The kinds that a variable of a part tells, where its rows share out what is left of each."""
    return part.kinds if part.kinds is not None and part.titles[index] == part.kinds.column else None


def parents_of(splits: list[tuple[int, int]], nodes: int) -> Codes:
    """The parent of each node, -1 for the root."""
    parents = np.full(nodes, -1, dtype=np.int64)
    for node, below in splits:
        parents[below : below + 2] = node
    return parents
