"""Redrawing: other rows in place of some, several for each, all of them drawn at once.

Rows are drawn again on their own: what stands above them, before them, when they happen, which kind of row they are and
what they refer to stays, and so does what the row after them repeats. Instead of being drawn, they may borrow what
other rows of the block have. In a table whose rows follow one another, all the rows of some parents may be drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.generators.blueprint import Blueprint
from synth.generators.coding.layout import Part
from synth.generators.drawing.codes import draw_parts
from synth.generators.drawing.decoding import decode
from synth.generators.drawing.drawn import Among, Drawn, no_codes
from synth.generators.drawing.presence import keep_presence
from synth.generators.drawing.repeating import held_by_next, repeat_codes
from synth.generators.drawing.rowwise import context_of, draw_rows
from synth.generators.drawing.settling import settle
from synth.generators.drawing.turns import in_turn

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
_HELD = ("first", "span", "gap", "link", "present")  # when a row happens, and what its keys were filled by


def rows_alone(
    plan: Blueprint,
    drawn: Drawn,
    made: Mapping[str, Drawn],
    rows: Codes,
    times: int,
    where: tuple[int, int],
    lenders: Codes | None = None,
) -> Drawn:
    """`times` rows to choose from for each of some rows, one row's beside each other: drawn, or those of `lenders`."""
    seed, block = where
    at = np.repeat(rows, times)
    fresh = drawn.take(at)
    fresh.among = _among(drawn, at)
    order = drawn.node.table.order_by[:1] if in_turn(plan, drawn.node.name) else ()
    fresh.fixed = {name: fresh.cells[name] for name in order if name in fresh.cells}
    known = _known(plan, fresh, order)
    _draw_codes(plan, fresh, made, known, where, lenders)
    for feature in plan.layout.features[drawn.node.name]:
        if feature.kind in ("gap", "first"):  # the time is fixed
            fresh.numbers[feature.name] = np.zeros(fresh.rows)
    decode(plan, fresh, made, seed, block)
    settle(plan, fresh, made)
    return replace(fresh, among=None, fixed={})


def rows_together(
    plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], parents: Codes, times: int, where: tuple[int, int]
) -> tuple[Drawn, Codes, Mapping[str, Drawn]]:
    """All the rows of some parents, `times` over: these rows, which row each stands for, and the tables they belong to.

    The parents of the rows are numbered anew, `times` for each in turn.
    """
    seed, block = where
    assert drawn.node.parent is not None
    name = drawn.node.parent.target
    whose = np.repeat(parents, times)
    above = {**made, name: made[name].take(whose)}
    first = np.searchsorted(drawn.parent, whose, side="left")
    sizes = np.searchsorted(drawn.parent, whose, side="right") - first
    starts = np.cumsum(sizes) - sizes
    at = np.repeat(first - starts, sizes) + np.arange(int(sizes.sum()))
    fresh = drawn.take(at)
    fresh.parent = np.repeat(np.arange(len(whose)), sizes)
    fresh.codes = no_codes(fresh.rows, drawn.codes.shape[1])
    draw_parts(plan, fresh, above, seed, block)
    decode(plan, fresh, above, seed, block)
    settle(plan, fresh, above)
    return fresh, at, above


def put_back(plan: Blueprint, drawn: Drawn, rows: Codes, fresh: Drawn, places: Codes) -> None:
    """Put rows that were drawn again, at some places among these, in the place of rows."""
    features = plan.layout.features[drawn.node.name]
    made = {str(feature.column) for feature in features if feature.kind in ("first", "column") and feature.link is None}
    made |= {each.target for each in plan.relations.of(drawn.node.name)}
    drawn.put(rows, fresh, places, made - set(drawn.fixed))


def _among(drawn: Drawn, at: Codes) -> Among:
    """Where rows stand among their siblings."""
    before, after = np.maximum(at - 1, 0), np.minimum(at + 1, drawn.rows - 1)
    follows = (at > 0) & (drawn.parent[before] == drawn.parent[at]) & (drawn.node.parent is not None)
    followed = (at < drawn.rows - 1) & (drawn.parent[after] == drawn.parent[at]) & (drawn.node.parent is not None)
    return Among(drawn, at, np.where(follows, before, -1), np.where(followed, after, -1))


def _known(plan: Blueprint, fresh: Drawn, order: tuple[str, ...]) -> Codes:
    """The codes that stay; -1 for those that are drawn again."""
    table = fresh.node.name
    kinds = plan.layout.kinds(table)
    known = no_codes(fresh.rows, fresh.codes.shape[1])
    known[:] = -1
    for place, feature in enumerate(plan.layout.features[table]):
        kind = kinds is not None and feature.kind == "column" and feature.column == kinds.column
        refers = feature.kind in _HELD or feature.link is not None
        if kind or refers or (feature.column in order and feature.kind == "column"):
            known[:, place] = fresh.codes[:, place]
    for place, rows in held_by_next(plan, fresh):
        known[rows, place] = fresh.codes[rows, place]
    return known


def _draw_codes(
    plan: Blueprint,
    fresh: Drawn,
    made: Mapping[str, Drawn],
    known: Codes,
    where: tuple[int, int],
    lenders: Codes | None,
) -> None:
    """Draw or borrow the codes of rows on their own, what they hold of their kind last."""
    parts = [part for part in plan.parts[fresh.node.name] if part.child is None and part.name != "gap"]
    if lenders is not None and fresh.among is not None:
        fresh.codes = np.where(known >= 0, fresh.codes, fresh.among.rows.codes[lenders])
        parts = [part for part in parts if part.kind is not None]
    of_kinds = [part for part in parts if part.kind is not None]
    for part in [part for part in parts if part.kind is None]:
        _draw_part(plan, part, fresh, made, known, where)
    assert fresh.among is not None
    repeat_codes(plan, fresh, np.flatnonzero(fresh.among.before >= 0))
    for part in of_kinds:
        _draw_part(plan, part, fresh, made, known, where)
    keep_presence(plan, fresh, *where, known)
    kinds = plan.layout.kinds(fresh.node.name)
    for column in () if kinds is None else kinds.split:
        stream = rng(where[0], fresh.node.name, column, "values", where[1])
        codes = fresh.codes[:, plan.layout.index(fresh.node.name, column)]
        fresh.numbers[column] = plan.codec(fresh.node.name, column).numbers(codes, stream.uniform(fresh.rows))


def _draw_part(
    plan: Blueprint, part: Part, fresh: Drawn, made: Mapping[str, Drawn], known: Codes, where: tuple[int, int]
) -> None:
    """Draw one part of the rows that it is about: those of which only leading codes are known need no weighing."""
    assert fresh.among is not None
    seed, block = where
    context = context_of(plan, part, fresh, made)
    own = [plan.layout.index(part.table, name) for name in part.own]
    asked = _asked(plan, part, fresh)
    unknown = np.logical_or.accumulate(known[:, own] < 0, axis=1)
    weighed = (unknown & (known[:, own] >= 0)).any(axis=1)
    for step, some in enumerate((asked & ~weighed, asked & weighed)):
        draw_rows(context, fresh, np.flatnonzero(some), seed, (block, step), known)


def _asked(plan: Blueprint, part: Part, fresh: Drawn) -> Flags:
    """The rows that a part is about."""
    assert fresh.among is not None
    if part.kind is not None:
        kinds = plan.layout.kinds(part.table)
        assert kinds is not None
        codes = fresh.codes[:, plan.layout.index(part.table, kinds.column)]
        mine: Flags = kinds.of_codes(plan.codec(part.table, kinds.column))[codes] == part.kind_number
        return mine
    if part.name == "all":
        return np.ones(fresh.rows, dtype=bool)
    first: Flags = fresh.among.before < 0
    return first if part.name == "first" else ~first
