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
    """The context of a part's rows: what stands above them, gathered once for all, and what each step adds.

    `above` holds the places in the part's context that are looked at, and their codes (places x rows); `own` the places
    of features of the rows themselves or of those before them, and where these stand among the codes drawn.
    """

    plan: Blueprint
    part: Part
    above: tuple[list[int], Codes]
    own: tuple[tuple[int, int, bool], ...]

    def rows(self, drawn: Drawn, rows: Codes) -> Codes:
        """Context codes of some rows, those before them being drawn by now; 0 where nothing looks."""
        found = np.zeros((len(self.part.context), len(rows)), dtype=np.int64)
        places, codes = self.above
        found[places] = codes.take(rows, axis=1)
        if any(before for _, _, before in self.own):
            source, at, follows = _before(drawn, rows)
        for index, place, before in self.own:
            found[index] = source[:, place].take(at) * follows if before else drawn.codes[:, place].take(rows)
        return found.T


def _before(drawn: Drawn, rows: Codes) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """The codes of which table, and in which rows of it, stand before some rows; nothing is before the first row."""
    if drawn.among is not None:
        before = drawn.among.before.take(rows)
        return drawn.among.rows.codes, np.maximum(before, 0), before >= 0
    at = np.maximum(rows - 1, 0)
    return drawn.codes, at, (rows > 0) & (drawn.parent.take(at) == drawn.parent.take(rows))


def context_of(plan: Blueprint, part: Part, drawn: Drawn, made: Mapping[str, Drawn]) -> Context:
    """Gather the codes of the rows above every row of a table, as far as they are looked at."""
    at: dict[str, Codes] = {}
    rows, owner = np.arange(drawn.rows), drawn
    while owner.node.parent is not None:
        rows = owner.parent[rows]
        owner = made[owner.node.parent.target]
        at[owner.node.name] = rows
    places, above, own = [], [], []
    for index in plan.joints[part.title].given:
        given = part.context[index]
        place = plan.layout.index(given.table, given.feature)
        if given.table in at:
            places.append(index)
            above.append(made[given.table].codes[:, place].take(at[given.table]))
        elif given.table == drawn.node.name:
            own.append((index, place, given.before))
    codes = np.stack(above) if above else np.zeros((0, drawn.rows), dtype=np.int64)
    return Context(plan, part, (places, codes), tuple(own))


def draw_rows(
    context: Context, drawn: Drawn, rows: Codes, seed: int, where: tuple[int, ...], known: Codes | None = None
) -> None:
    """Draw a part's own codes in some rows; those that are `known` (-1 where they are not) are kept."""
    part, plan = context.part, context.plan
    if not len(rows) or not part.own:
        return
    own = [plan.layout.index(part.table, name) for name in part.own]
    stream = rng(seed, part.title, "codes", *where)
    joint, above = plan.joints[part.title], context.rows(drawn, rows)
    fresh = joint.draw(above, stream) if known is None else joint.draw_given(above, known[rows][:, own], stream)
    everything = slice(None) if len(rows) == drawn.rows else rows
    for index, place in enumerate(own):
        drawn.codes[everything, place] = fresh[:, index]
