"""Rows drawn one after the other: each parent's rows share out its time, and what it has of each kind of row.

Every parent's first rows are drawn together, then all second ones, and so on. Gaps never overrun the span, and the last
one ends it; no kind is drawn more often than the parent has of it; and the quantity in the last row of a kind is what
is left of the parent's mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import APART, Bins
from synth.core.seeds import Stream, rng
from synth.generators.blueprint import Blueprint
from synth.generators.coding.layout import is_drawn, is_ordered
from synth.generators.drawing.clock import clock_of, move_on, start
from synth.generators.drawing.drawn import Drawn, siblings
from synth.generators.drawing.repeating import repeat_codes
from synth.generators.drawing.rowwise import Context, by_place, context_of, draw_rows, nearest
from synth.generators.features.calendar import undistance
from synth.generators.features.feature import Feature
from synth.generators.features.kinds import Kinds

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_TRIES = 8  # draws of a row before its kind is picked by what is left


def in_turn(plan: Blueprint, table: str) -> bool:
    """Whether the rows of a table are drawn one after the other."""
    return is_ordered(plan.layout.features[table]) or plan.layout.kinds(table) is not None


def draw_in_turn(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], seed: int, block: int) -> None:
    """Draw the codes of every row, its times and its quantities by kind."""
    starts, place = siblings(drawn.parent)
    if not len(place):
        return
    table = drawn.node.name
    rows_of = {part.name: context_of(plan, part, drawn, made) for part in plan.parts[table] if part.kind is None}
    clock = clock_of(plan, drawn, starts, place, seed, block)
    turns = _turns(plan, drawn, made, rows_of.values(), seed, block)
    for step, rows in enumerate([starts, *by_place(place)]):
        context = rows_of.get("all", rows_of.get("next" if step else "first"))
        if turns is not None:
            turns.tell(drawn, rows)
        if clock is not None and step:
            clock.tell(drawn, rows, step)
            move_on(clock, rows_of["gap"], drawn, rows, (seed, block, step))
        if context is not None:
            draw_rows(context, drawn, rows, seed, (block, step))
            if turns is not None:
                turns.share_out(context, drawn, rows, step)
            if step:
                repeat_codes(plan, drawn, rows)
        if clock is not None and context is not None and not step:
            start(clock, context, drawn, (seed, block))
        if turns is not None:
            turns.draw_quantities(drawn, rows, step)
    if clock is not None:
        clock.finish(drawn)
    elif turns is not None and drawn.node.table.order_by[:1] == turns.kinds.split[-1:]:
        time = turns.kinds.split[-1]
        _put_in_order(drawn, undistance(drawn.numbers[time], np.zeros(1)))


def _put_in_order(drawn: Drawn, times: Floats) -> None:
    """Put each parent's rows in the order of their times."""
    order = np.lexsort((times, drawn.parent))
    drawn.codes = drawn.codes[order]
    drawn.numbers = {name: numbers[order] for name, numbers in drawn.numbers.items()}


@dataclass
class _Turns:
    """What each parent still has of each kind of row (`room`), the mean due in these, and the last one (by column).

    From `limits` on, numbers are sentinels among dates, and no part of a mean.
    """

    plan: Blueprint
    kinds: Kinds
    told: tuple[Feature, ...]
    room: Floats
    due: Mapping[str, Floats]
    last: Mapping[str, Floats]
    quantities: Mapping[int, Context]
    fills: Floats
    limits: Mapping[str, float]
    seed: int
    block: int

    def _put(self, drawn: Drawn, rows: Codes, name: str, numbers: Floats, kinds: Codes | None = None) -> None:
        table = drawn.node.name
        drawn.codes[rows, self.plan.layout.index(table, name)] = nearest(self.plan.codec(table, name), numbers, kinds)

    def tell(self, drawn: Drawn, rows: Codes) -> None:
        """Write what is left of each kind, for rows about to be drawn."""
        whose = drawn.parent[rows]
        for feature in self.told:
            self._put(drawn, rows, feature.name, self.room[whose, feature.kind_of_row or 0])

    def kind_of(self, drawn: Drawn, rows: Codes) -> Codes:
        """The kind of rows that are drawn."""
        table = drawn.node.name
        codes = drawn.codes[rows, self.plan.layout.index(table, self.kinds.column)]
        kinds: Codes = self.kinds.of_codes(self.plan.codec(table, self.kinds.column))[codes]
        return kinds

    def share_out(self, context: Context, drawn: Drawn, rows: Codes, step: int) -> None:
        """Draw rows again whose parent has none left of their kind; then take one of what is left."""
        whose = drawn.parent[rows]
        for again in range(_TRIES):
            over = self.room[whose, self.kind_of(drawn, rows)] < 1
            if not over.any():
                return
            draw_rows(context, drawn, rows[over], self.seed, (self.block, step, again))
        over = self.room[whose, self.kind_of(drawn, rows)] < 1
        rows, whose = rows[over], whose[over]
        stream = rng(self.seed, drawn.node.name, "kinds", self.block, step)
        edges = np.cumsum(np.maximum(self.room[whose], 0.0), axis=1)
        kind = (edges <= (stream.uniform(len(rows)) * edges[:, -1])[:, None]).sum(axis=1)
        kind = np.minimum(kind, self.kinds.count - 1)
        edges = np.cumsum(self.fills[kind], axis=1)
        codes = (edges <= (stream.uniform(len(rows)) * edges[:, -1])[:, None]).sum(axis=1)
        place = self.plan.layout.index(drawn.node.name, self.kinds.column)
        drawn.codes[rows, place] = np.minimum(codes, self.fills.shape[1] - 1)

    def draw_quantities(self, drawn: Drawn, rows: Codes, step: int) -> None:
        """Draw the quantities that have bins of their own for each kind, and take the rows off what is left."""
        kind, whose = self.kind_of(drawn, rows), drawn.parent[rows]
        left = self.room[whose, kind]
        if self.kinds.split:
            self._put(drawn, rows, "turn", left)
        for column in self.kinds.split:
            self._put(drawn, rows, f"due {column}", self.due[column][whose, kind], kind)
            self._put(drawn, rows, f"same {column}", self.last[column][whose, kind], kind)
        for each, context in self.quantities.items():
            draw_rows(context, drawn, rows[kind == each], self.seed, (self.block, step))
        table = drawn.node.name
        for column in self.kinds.split:
            stream = rng(self.seed, table, column, "values", self.block, step)
            codes = drawn.codes[rows, self.plan.layout.index(table, column)]
            numbers = self.plan.codec(table, column).numbers(codes, stream.uniform(len(rows)))
            drawn.numbers.setdefault(column, np.full(drawn.rows, np.nan))[rows] = numbers
            due = self.due[column][whose, kind]
            sound = np.where(numbers < self.limits[column], numbers, np.nan)
            known = ~np.isnan(sound) & (left > 1)
            self.due[column][whose, kind] = np.where(known, (due * left - numbers) / np.maximum(left - 1, 1), due)
            self.last[column][whose, kind] = sound
        self.room[whose, kind] -= 1


def _turns(
    plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], contexts: object, seed: int, block: int
) -> _Turns | None:
    table = drawn.node.name
    kinds = plan.layout.kinds(table)
    if kinds is None:
        return None
    assert drawn.node.parent is not None
    above = made[drawn.node.parent.target]
    features = {feature.name: feature for feature in plan.layout.features[table]}
    parts = plan.parts[table]
    looked_at = {
        part.context[index].feature
        for part in parts
        for index in plan.joints[part.title].given
        if part.context[index].table == table
    }
    told = tuple(f for f in features.values() if f.kind == "left" and f.name in looked_at)
    room = above.quotas[table]
    return _Turns(
        plan=plan,
        kinds=kinds,
        told=told,
        room=room.copy(),
        due={column: above.means[table, column].copy() for column in kinds.split},
        last={column: np.full(room.shape, np.nan) for column in kinds.split},
        quantities={p.kind_number: context_of(plan, p, drawn, made) for p in parts if p.kind and not p.child},
        fills=_fills(plan, table, kinds),
        limits={column: np.inf if features[column].base is None else APART for column in kinds.split},
        seed=seed,
        block=block,
    )


def _fills(plan: Blueprint, table: str, kinds: Kinds) -> Floats:
    """For each kind the rows of each code of it."""
    codec = plan.codec(table, kinds.column)
    rows = plan.model.arrays[f"pooled/{table}/{kinds.column}"].astype(np.float64)
    of_code = kinds.of_codes(codec)
    mine = of_code[None, :] == np.arange(kinds.count)[:, None]
    return np.where(mine, np.maximum(rows, 1e-9)[None, :], 0.0)


def allot(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], seed: int, block: int) -> None:
    """Draw what each row is to have of each kind of rows in each child table: how many, and the means of quantities."""
    parts = {(part.child, part.kind_number): part for part in plan.parts[drawn.node.name] if part.child is not None}
    for child in plan.forest.children(drawn.node.name):
        kinds = plan.layout.kinds(child.name)
        if kinds is None:
            continue
        room = child_counts(plan, drawn, child.name, seed, block).astype(np.float64)
        rows = np.zeros((drawn.rows, kinds.count))
        drawn.means.update({(child.name, column): np.full(rows.shape, np.nan) for column in kinds.split})
        for kind in reversed(range(kinds.count)):
            part = parts.get((child.name, kind))
            context = None if part is None else context_of(plan, part, drawn, made)
            _allot(plan, drawn, _Allotment(child.name, kinds, kind, room, rows), context, (seed, block))
        most = np.array([_most(plan, drawn.node.name, child.name, kind) for kind in range(kinds.count)])
        stream = rng(seed, child.name, "spread", block)
        _place_odd(kinds, room, rows, stream)
        if kinds.alike(0) == 1:
            _spread(rows, most, stream)
        drawn.quotas[child.name] = rows


def _most(plan: Blueprint, table: str, child: str, kind: int) -> float:
    """The most rows of a kind that enough have."""
    feature = next(
        f for f in plan.layout.features[table] if f.kind == "allot" and f.other == child and f.kind_of_row == kind
    )
    kept = plan.codec(table, feature.name).kept
    return float(kept.high[-1]) if isinstance(kept, Bins) else np.inf


def _place_odd(kinds: Kinds, room: Floats, rows: Floats, stream: Stream) -> None:
    """Rows that twins could not share evenly go to kinds without a twin, or to the commonest where there is none."""
    if not len(rows):
        return
    alone = np.array([kinds.alike(kind) == 1 for kind in range(kinds.count)])
    usual = np.where(alone, rows.mean(axis=0), 0.0)
    if not usual.any():
        rows[:, 0] += room
        return
    single = np.where(alone, rows, 0.0)
    odd = np.flatnonzero(room > 0)
    pair = kinds.alike(0) == 2
    fewer = odd[pair & (single[odd].sum(axis=1) % 2 == 1)]  # one less of a kind alone, and one more of both twins
    rows[fewer, np.argmax(single[fewer], axis=1)] -= 1
    rows[np.ix_(fewer, [0, 1])] += 1
    more = np.setdiff1d(odd, fewer)
    rows[more, stream.choice(len(more), usual)] += room[more]


def _spread(rows: Floats, most: Floats, stream: Stream) -> None:
    """Where there are more rows of the commonest kind than anybody has, make some of them of other kinds."""
    if not len(rows):
        return
    usual = rows.mean(axis=0) + 1e-9
    for _ in range(int(np.max(rows[:, 0] - most[0], initial=0.0))):
        over = np.flatnonzero(rows[:, 0] > most[0])
        weights = np.cumsum(np.where(rows[over] < most, usual, 0.0)[:, 1:], axis=1)
        some = weights[:, -1] > 0
        over, weights = over[some], weights[some]
        if not len(over):
            return
        kind = 1 + (weights <= (stream.uniform(len(over)) * weights[:, -1])[:, None]).sum(axis=1)
        rows[over, np.minimum(kind, rows.shape[1] - 1)] += 1
        rows[over, 0] -= 1


@dataclass(frozen=True)
class _Allotment:
    """One kind of rows of a child table: what is not allotted yet, and what is (parents x kinds)."""

    child: str
    kinds: Kinds
    kind: int
    room: Floats
    rows: Floats


def _allot(plan: Blueprint, drawn: Drawn, todo: _Allotment, context: Context | None, where: tuple[int, int]) -> None:
    table, kinds, kind, room = drawn.node.name, todo.kinds, todo.kind, todo.room
    features = {
        (f.kind, f.column): f
        for f in plan.layout.features[table]
        if f.other == todo.child and f.kind_of_row == kind and f.kind in ("room", "allot", "level")
    }
    _put_code(plan, drawn, features["room", None], room)
    rows = np.zeros(0)
    if not is_drawn(kinds, kind):
        rows = _as_twins(kinds, kind, room, todo.rows)
        _put_code(plan, drawn, features["allot", None], rows)
    if context is not None:
        draw_rows(context, drawn, np.arange(drawn.rows), where[0], (where[1], 0))
    stream = rng(where[0], table, todo.child, "allotted", kind, where[1])
    if is_drawn(kinds, kind):
        told = np.rint(np.nan_to_num(_numbers(plan, drawn, features["allot", None], stream)))
        rows = np.clip(told, 0.0, np.floor(room / kinds.alike(kind)))
        _put_code(plan, drawn, features["allot", None], rows)
    todo.rows[:, kind] = rows
    room -= rows
    for column in kinds.split:
        means = _numbers(plan, drawn, features["level", column], stream)
        drawn.means[todo.child, column][:, kind] = np.where(rows > 0, means, np.nan)


def _as_twins(kinds: Kinds, kind: int, room: Floats, rows: Floats) -> Floats:
    """As many rows as of the twin that came before; of the commonest kinds, what is left, shared evenly."""
    if kind == 0 and kinds.alike(0) == 1:
        return room.copy()
    if not kinds.leads(kind):
        place = max(other for other in range(kinds.count) if kinds.twins[other] == kinds.twins[kind])
        found: Floats = rows[:, place].copy()
        return found
    return np.floor(room / kinds.alike(kind))


def _numbers(plan: Blueprint, drawn: Drawn, feature: Feature, stream: Stream) -> Floats:
    codes = drawn.codes[:, plan.layout.index(feature.table, feature.name)]
    return plan.codec(feature.table, feature.name).numbers(codes, stream.uniform(drawn.rows))


def _put_code(plan: Blueprint, drawn: Drawn, feature: Feature, numbers: Floats) -> None:
    place = plan.layout.index(feature.table, feature.name)
    drawn.codes[:, place] = nearest(plan.codec(feature.table, feature.name), numbers)


def child_counts(plan: Blueprint, above: Drawn, child: str, seed: int, block: int) -> Codes:
    """How many rows of a child table each row has."""
    if child in above.quotas:
        found: Codes = above.quotas[child].sum(axis=1).astype(np.int64)
        return found
    table = above.node.name
    name = next(f.name for f in plan.layout.features[table] if f.kind == "count" and f.other == child)
    codes = above.codes[:, plan.layout.index(table, name)]
    uniform = rng(seed, child, "children", block).uniform(len(codes))
    return np.maximum(np.nan_to_num(plan.codec(table, name).numbers(codes, uniform)), 0.0).astype(np.int64)
