"""Rows of a part drawn together: what they are given, and the codes nearest to numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import Bins
from synth.columns.codec import Codec
from synth.columns.segments import Segments
from synth.core.seeds import rng
from synth.generators.blueprint import Blueprint
from synth.generators.coding.layout import Part
from synth.generators.drawing.drawn import Drawn

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


def nearest(codec: Codec, numbers: Floats, kinds: Codes | None = None) -> Codes:
    """The codes nearest to numbers; NaN is missing, or the first code where nothing is ever missing.

    `kinds` are those of the rows, where each has bins of its own.
    """
    lost = np.isnan(numbers)
    if isinstance(codec.kept, Bins):
        codes = codec.kept.encode(np.where(lost, 0.0, numbers))
    elif isinstance(codec.kept, Segments) and kinds is not None:
        codes = codec.kept.encode(np.where(lost, 0.0, numbers), kinds)
        lost |= codes < 0
    else:
        return np.zeros(len(numbers), dtype=np.int64)
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
                if given.before:  # nothing is before the first row
                    found[(rows == 0) | (drawn.parent[at] != drawn.parent[rows]), index] = 0
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


def draw_rows(
    context: Context, drawn: Drawn, rows: Codes, seed: int, where: tuple[int, ...], known: Codes | None = None
) -> None:
    """Draw a part's own codes in some rows; those that are `known` (-1 where they are not) are kept."""
    part, plan = context.part, context.plan
    if not len(rows) or not part.own:
        return
    own = np.array([plan.layout.index(part.table, name) for name in part.own])
    stream = rng(seed, part.title, "codes", *where)
    joint, above = plan.joints[part.title], context.rows(drawn, rows)
    fresh = joint.draw(above, stream) if known is None else joint.draw_given(above, known[rows[:, None], own], stream)
    drawn.codes[rows[:, None], own] = fresh
