"""Draw the codes of one table in one block: how many rows each parent has, then each row given what stands above it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from synth.columns.levels import Levels
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.drawn import Drawn, no_codes
from synth.generators.drawing.presence import keep_presence
from synth.generators.drawing.rowwise import context_of, draw_rows
from synth.generators.drawing.turns import child_counts, draw_in_turn, in_turn

Codes = NDArray[np.int64]


def draw_codes(
    plan: Blueprint,
    table: str,
    made: Mapping[str, Drawn],
    units: int,
    seed: int,
    block: int,
    known: Codes | None = None,
) -> Drawn:
    """The rows of `table` for `units` units, given the tables above it in `made`.

    The codes that are `known` (rows x features of a root table, -1 where they are not) are kept.
    """
    node = plan.forest.node(table)
    if node.parent is None:
        parent = unit = np.arange(units)
    else:
        above = made[node.parent.target]
        counts = child_counts(plan, above, table, seed, block)
        parent = np.repeat(np.arange(above.rows), counts)
        unit = above.unit[parent]
    features = plan.layout.features[table]
    drawn = Drawn(node, parent, unit, no_codes(len(parent), len(features)))
    draw_parts(plan, drawn, made, seed, block, known)
    return drawn


def draw_parts(
    plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], seed: int, block: int, known: Codes | None = None
) -> None:
    """The codes of rows whose parents are known."""
    if in_turn(plan, drawn.node.name):
        draw_in_turn(plan, drawn, made, seed, block)
    else:
        for part in plan.parts[drawn.node.name]:
            if part.child is None:
                context = context_of(plan, part, drawn, made)
                draw_rows(context, drawn, np.arange(drawn.rows), seed, (block, 0), known)
    keep_presence(plan, drawn, seed, block, known)


def levels_of(plan: Blueprint, drawn: Drawn, name: str, unknown: str) -> NDArray[np.str_]:
    """The level each row has of a feature about how a cell is filled: `set` without one, `unknown` if none is known."""
    table = drawn.node.name
    if (table, name) not in plan.codecs:
        return np.full(drawn.rows, "set")
    kept = plan.codec(table, name).kept
    if not isinstance(kept, Levels):
        return np.full(drawn.rows, unknown)
    codes = drawn.codes[:, plan.layout.index(table, name)]
    return np.array(kept.values, dtype="<U5")[np.minimum(codes, len(kept.values) - 1)]
