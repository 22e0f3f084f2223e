"""Cells that are there exactly where others are, or are not: filled or emptied as codes, before they become cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.drawn import Drawn

Codes = NDArray[np.int64]


def keep_presence(plan: Blueprint, drawn: Drawn, seed: int, block: int, known: Codes | None = None) -> None:
    """Empty the cells that must be missing; fill those that must not be with the code of another row of the block.

    Codes that are `known` (-1 where they are not) stay.
    """
    table = drawn.node.name
    features = {feature.name: feature for feature in plan.layout.features[table] if not feature.split}
    for each in plan.relations.presences:
        if each.table != table or each.column not in features or each.other not in features:
            continue
        mine, other = (plan.codec(table, name) for name in (each.column, each.other))
        place = plan.layout.index(table, each.column)
        if not (mine.missing and other.missing) or mine.size < 2:
            continue
        lost = drawn.codes[:, plan.layout.index(table, each.other)] == other.size - 1
        empty = lost if each.together else ~lost
        odd = (drawn.codes[:, place] == mine.size - 1) != empty
        if known is not None:
            odd &= known[:, place] < 0
        drawn.codes[odd & empty, place] = mine.size - 1
        source, bare = np.flatnonzero(~empty & ~odd), np.flatnonzero(odd & ~empty)
        if len(bare) and len(source):
            stream = rng(seed, table, each.column, "presence", block)
            drawn.codes[bare, place] = drawn.codes[source[stream.integers(len(bare), len(source))], place]
