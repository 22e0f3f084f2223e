"""Draw the codes of one table in one block: how many rows each parent has, then each row given what stands above it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import Bins
from synth.core.seeds import rng
from synth.generators.blueprint import Blueprint
from synth.generators.drawn import Drawn, siblings
from synth.generators.layout import Given, Part

Codes = NDArray[np.int64]


def draw_codes(plan: Blueprint, table: str, made: Mapping[str, Drawn], units: int, seed: int, block: int) -> Drawn:
    """The rows of `table` for `units` units, given the tables above it in `made`."""
    node = plan.forest.node(table)
    if node.parent is None:
        parent = unit = np.arange(units)
    else:
        above = made[node.parent.target]
        counts = _child_counts(plan, above, table, seed, block)
        parent = np.repeat(np.arange(above.rows), counts)
        unit = above.unit[parent]
    features = plan.layout.features[table]
    drawn = Drawn(node, parent, unit, np.zeros((len(parent), len(features)), dtype=np.int64))
    for part in plan.parts[table]:
        if part.name == "next":
            _draw_following(plan, part, drawn, made, seed, block)
        else:
            starts, place = siblings(parent)
            rows = starts if part.name == "first" else np.arange(len(place))
            _draw_rows(plan, part, drawn, made, rows, seed, (block, 0))
    return drawn


def _child_counts(plan: Blueprint, above: Drawn, child: str, seed: int, block: int) -> Codes:
    table = above.node.name
    name = next(f.name for f in plan.layout.features[table] if f.kind == "count" and f.other == child)
    codes = above.codes[:, plan.layout.index(table, name)]
    uniform = rng(seed, child, "children", block).uniform(len(codes))
    return np.nan_to_num(plan.codec(table, name).numbers(codes, uniform)).astype(np.int64)


def _draw_following(
    plan: Blueprint, part: Part, drawn: Drawn, made: Mapping[str, Drawn], seed: int, block: int
) -> None:
    """Rows after the first, one place at a time: each is given the one before it."""
    starts, place = siblings(drawn.parent)
    if not len(place):
        return
    _encode_positions(plan, part, drawn, place)
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(1, int(place.max()) + 2))
    for step, (first, last) in enumerate(zip(bounds[:-1], bounds[1:], strict=True), start=1):
        _draw_rows(plan, part, drawn, made, order[first:last], seed, (block, step))


def _encode_positions(plan: Blueprint, part: Part, drawn: Drawn, place: Codes) -> None:
    name = next(f.name for f in plan.layout.features[part.table] if f.kind == "position")
    kept = plan.codec(part.table, name).kept
    assert isinstance(kept, Bins)
    drawn.codes[:, plan.layout.index(part.table, name)] = kept.encode(place.astype(np.float64))


def _draw_rows(
    plan: Blueprint,
    part: Part,
    drawn: Drawn,
    made: Mapping[str, Drawn],
    rows: Codes,
    seed: int,
    where: tuple[int, int],
) -> None:
    if not len(rows) or not part.own:
        return
    context = np.empty((len(rows), len(part.context)), dtype=np.int64)
    for index, given in enumerate(part.context):
        context[:, index] = _given_codes(plan, given, drawn, made, rows)
    own = [plan.layout.index(part.table, name) for name in part.own]
    drawn.codes[np.ix_(rows, own)] = plan.joints[part.title].draw(context, rng(seed, part.title, "codes", *where))


def _given_codes(plan: Blueprint, given: Given, drawn: Drawn, made: Mapping[str, Drawn], rows: Codes) -> Codes:
    at = rows - 1 if given.before else rows
    owner = drawn
    while owner.node.name != given.table:
        assert owner.node.parent is not None
        at = owner.parent[at]
        owner = made[owner.node.parent.target]
    return owner.codes[at, plan.layout.index(given.table, given.feature)]
