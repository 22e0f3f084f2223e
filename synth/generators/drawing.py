"""Draw the codes of one table in one block: how many rows each parent has, then each row given what stands above it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import APART, Bins
from synth.columns.codec import Codec
from synth.columns.levels import Levels
from synth.core.seeds import rng
from synth.generators.blueprint import Blueprint
from synth.generators.drawn import Drawn, siblings
from synth.generators.layout import Part
from synth.generators.timeline import from_landmark

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


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
        counts = _child_counts(plan, above, table, seed, block)
        parent = np.repeat(np.arange(above.rows), counts)
        unit = above.unit[parent]
    features = plan.layout.features[table]
    drawn = Drawn(node, parent, unit, np.zeros((len(parent), len(features)), dtype=np.int64))
    draw_parts(plan, drawn, made, seed, block, known)
    return drawn


def draw_parts(
    plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], seed: int, block: int, known: Codes | None = None
) -> None:
    """The codes of rows whose parents are known."""
    for part in plan.parts[drawn.node.name]:
        context = context_of(plan, part, drawn, made)
        if part.name == "next":
            _draw_following(context, drawn, seed, block)
        else:
            rows = siblings(drawn.parent)[0] if part.name == "first" else np.arange(drawn.rows)
            _draw_rows(context, drawn, rows, seed, (block, 0), known)


def _child_counts(plan: Blueprint, above: Drawn, child: str, seed: int, block: int) -> Codes:
    table = above.node.name
    name = next(f.name for f in plan.layout.features[table] if f.kind == "count" and f.other == child)
    codes = above.codes[:, plan.layout.index(table, name)]
    uniform = rng(seed, child, "children", block).uniform(len(codes))
    return np.maximum(np.nan_to_num(plan.codec(table, name).numbers(codes, uniform)), 0.0).astype(np.int64)


def _draw_following(context: Context, drawn: Drawn, seed: int, block: int) -> None:
    """Rows after the first, one place at a time: each is given the one before it, and what is left of the span.

    Gaps never overrun the span, and the last one ends it.
    """
    plan, part = context.plan, context.part
    starts, place = siblings(drawn.parent)
    if not len(place):
        return
    names = {feature.kind: feature.name for feature in plan.layout.features[part.table]}
    column = {kind: plan.layout.index(part.table, name) for kind, name in names.items()}
    codec = {
        kind: plan.codec(part.table, names[kind]) for kind in ("position", "pace", "clock", "gap", "first", "span")
    }
    drawn.codes[:, column["position"]] = nearest(codec["position"], place.astype(np.float64))
    group = np.cumsum(place == 0) - 1
    sizes = np.diff(np.append(starts, len(place)))
    stream = rng(seed, part.title, "times", block)
    first = codec["first"].numbers(drawn.codes[starts, column["first"]], stream.uniform(len(starts)))
    clock = np.where(first < APART, first, np.nan)
    left = codec["span"].numbers(drawn.codes[starts, column["span"]], stream.uniform(len(starts)))
    left = from_landmark(left, clock)
    gaps = np.full(len(place), np.nan)
    for step, rows in enumerate(by_place(place), start=1):
        which = group[rows]
        remaining = sizes[which] - step
        drawn.codes[rows, column["pace"]] = nearest(codec["pace"], left[which] / remaining)
        drawn.codes[rows, column["clock"]] = nearest(codec["clock"], clock[which])
        _draw_rows(context, drawn, rows, seed, (block, step))
        gap = codec["gap"].numbers(drawn.codes[rows, column["gap"]], stream.uniform(len(rows)))
        gap = from_landmark(gap, clock[which])
        real = (gap < APART) & ~np.isnan(left[which])
        gap = np.where(real, np.where(remaining == 1, left[which], np.clip(gap, 0.0, left[which])), gap)
        left[which] -= np.where(real, gap, 0.0)
        clock[which] += np.where(real, gap, 0.0)
        gaps[rows] = gap
    drawn.numbers[names["gap"]] = gaps
    drawn.numbers[names["first"]] = np.full(len(place), np.nan)
    drawn.numbers[names["first"]][starts] = first


def nearest(codec: Codec, numbers: Floats) -> Codes:
    """The codes nearest to numbers; NaN is missing, or the first code where nothing is ever missing."""
    if not isinstance(codec.kept, Bins):
        return np.zeros(len(numbers), dtype=np.int64)
    lost = np.isnan(numbers)
    codes = codec.kept.encode(np.where(lost, 0.0, numbers))
    return np.where(lost, codec.size - 1 if codec.missing else 0, codes)


def by_place(place: Codes) -> Iterator[Codes]:
    """The rows at place 1, at place 2 ... among their siblings."""
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(1, int(place.max(initial=0)) + 2))
    for first, last in itertools.pairwise(bounds.tolist()):
        yield order[first:last]


@dataclass(frozen=True)
class Context:
    """The context of a part's rows: what stands above them, gathered once for all, and what each step adds."""

    plan: Blueprint
    part: Part
    above: Codes

    def rows(self, drawn: Drawn, rows: Codes) -> Codes:
        """Context codes of some rows, those before them being drawn by now."""
        found = self.above[rows]
        for index in self.plan.joints[self.part.title].given:
            given = self.part.context[index]
            if given.table == drawn.node.name:
                at = rows - 1 if given.before else rows
                found[:, index] = drawn.codes[at, self.plan.layout.index(given.table, given.feature)]
        return found


def context_of(plan: Blueprint, part: Part, drawn: Drawn, made: Mapping[str, Drawn]) -> Context:
    """Gather the codes of the rows above every row of a table, as far as they are looked at."""
    above = np.zeros((drawn.rows, len(part.context)), dtype=np.int64)
    at: dict[str, Codes] = {}
    rows, owner = np.arange(drawn.rows), drawn
    while owner.node.parent is not None:
        rows = owner.parent[rows]
        owner = made[owner.node.parent.target]
        at[owner.node.name] = rows
    for index in plan.joints[part.title].given:
        given = part.context[index]
        if given.table in at:
            codes = made[given.table].codes[:, plan.layout.index(given.table, given.feature)]
            above[:, index] = codes[at[given.table]]
    return Context(plan, part, above)


def _draw_rows(
    context: Context, drawn: Drawn, rows: Codes, seed: int, where: tuple[int, int], known: Codes | None = None
) -> None:
    part, plan = context.part, context.plan
    if not len(rows) or not part.own:
        return
    own = np.array([plan.layout.index(part.table, name) for name in part.own])
    stream = rng(seed, part.title, "codes", *where)
    joint, above = plan.joints[part.title], context.rows(drawn, rows)
    fresh = joint.draw(above, stream) if known is None else joint.draw_given(above, known[rows[:, None], own], stream)
    drawn.codes[rows[:, None], own] = fresh


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
