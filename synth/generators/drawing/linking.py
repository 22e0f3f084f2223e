"""Fill keys: a row's own identifiers, its parent's key, and its references to other rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.values import typed
from synth.core.arrays import arrow_of, numpy_of
from synth.core.dataset import arrow_type
from synth.core.seeds import Stream, rng
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.codes import levels_of
from synth.generators.drawing.decoding import dates_of
from synth.generators.drawing.drawn import Drawn
from synth.generators.drawing.naming import fill_named, naming
from synth.generators.drawing.rooted import earlier_kin, earlier_rows
from synth.generators.keys import identifiers
from synth.generators.keys.kin import MOMENT, latest
from synth.generators.keys.links import Link

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Referential:
    """A table drawn (or public) before the persons: its key columns, and how often each row is referred to."""

    columns: pa.Table
    weights: NDArray[np.float64]


def fill_keys(
    plan: Blueprint,
    drawn: Drawn,
    made: Mapping[str, Drawn],
    referentials: Mapping[str, Referential],
    seed: int,
    where: tuple[int, int],
) -> None:
    """Fill every key column of `drawn`; `where` is this block and how many blocks there are.

    Rows whose reference must be filled and cannot be are dropped.
    """
    node = drawn.node
    drawn.cells.update(drawn.fixed)
    for identifier in plan.identifiers.get(node.name, ()):
        if identifier.column in drawn.fixed:
            continue
        column = node.table.column(identifier.column)
        made_up = identifiers.make(identifier, column, where[0], drawn.rows)
        absent = levels_of(plan, drawn, f"present {column.name}", "set") == "none"
        drawn.cells[column.name] = pc.if_else(arrow_of(absent), None, made_up) if absent.any() else made_up
    if node.parent is not None:
        _copy(drawn, node.parent.columns, made[node.parent.target], node.parent.target_columns, drawn.parent)
    for link in plan.links[node.name]:
        stream = rng(seed, node.name, "link", link.number, where[0])
        _fill_link(plan, link, drawn, made, referentials, stream, where)


def link_again(plan: Blueprint, drawn: Drawn, stream: Stream) -> None:
    """Fill anew the references of a table's rows to one another, after some of the rows were dropped."""
    own = {identifier.column for identifier in plan.identifiers.get(drawn.node.name, ())}
    for link in plan.links[drawn.node.name]:
        if link.key.target == drawn.node.name and link.style != "implied":
            for column in set(link.key.columns) - own:
                drawn.cells.pop(column, None)
            _fill_link(plan, link, drawn, {}, {}, stream, (0, 1))


def _copy(drawn: Drawn, columns: tuple[str, ...], source: Drawn, names: tuple[str, ...], rows: Codes) -> None:
    taken = arrow_of(rows, rows < 0)
    for mine, theirs in zip(columns, names, strict=True):
        if mine not in drawn.cells:
            drawn.cells[mine] = source.cells[theirs].take(taken)


def _fill_link(
    plan: Blueprint,
    link: Link,
    drawn: Drawn,
    made: Mapping[str, Drawn],
    referentials: Mapping[str, Referential],
    stream: Stream,
    where: tuple[int, int],
) -> None:
    if link.style == "implied":
        return
    target = link.key.target
    named = naming(plan, link)
    if named is not None and target in referentials and len(referentials[target].weights):
        if link.key.columns[0] not in drawn.cells:
            fill_named(plan, link, named, drawn, referentials[target].columns, stream)
        return
    given = [index for index, name in enumerate(link.key.columns) if name in drawn.cells]
    wanted = _wanted(plan, link, drawn)
    if target in referentials:
        table = referentials[target]
        rows = _from_referential(table, link, drawn, given, wanted, stream, where)
        for mine, theirs in zip(link.key.columns, link.key.target_columns, strict=True):
            if mine not in drawn.cells:
                cells = table.columns[theirs].combine_chunks()
                drawn.cells[mine] = cells.take(arrow_of(rows, rows < 0))
    else:
        there = {**made, drawn.node.name: drawn}
        rows = _from_block(plan, link, drawn, there, wanted, stream)
        _copy(drawn, link.key.columns, there[target], link.key.target_columns, rows)
    _drop_unfilled(link, drawn, rows)


def _wanted(plan: Blueprint, link: Link, drawn: Drawn) -> NDArray[np.str_]:
    """For each row: `none`, `self` or `set`."""
    return levels_of(plan, drawn, f"link {link.number}", "set" if _must_be_filled(link, drawn) else "none")


def _must_be_filled(link: Link, drawn: Drawn) -> bool:
    return any(not drawn.node.table.column(name).nullable for name in link.key.columns)


def _from_referential(
    table: Referential,
    link: Link,
    drawn: Drawn,
    given: list[int],
    wanted: NDArray[np.str_],
    stream: Stream,
    where: tuple[int, int],
) -> Codes:
    rows = np.full(drawn.rows, -1)
    asked = np.flatnonzero(wanted != "none")
    count = len(table.weights)
    if not count or not len(asked):
        return rows
    if given:  # a part of the key is already filled: only rows that agree with it will do
        return agreeing(table, link, drawn, given, asked, stream)
    if link.once:
        mine = np.arange(where[0], count, where[1])
        mine = mine[stream.permutation(len(mine))]
        rows[asked[: len(mine)]] = mine[: len(asked)]
        return rows
    rows[asked] = _dealt(table.weights, len(asked), stream, where)
    return rows


def _dealt(weights: NDArray[np.float64], asked: int, stream: Stream, where: tuple[int, int]) -> Codes:
    """Rows of a referential, each as often as it is to be referred to: this block's share of all references.

    References that the shares of all blocks do not cover are drawn by the same weights.
    """
    ends = np.cumsum(np.maximum(weights, 0.0).astype(np.int64))
    slots = np.searchsorted(ends, np.arange(where[0], ends[-1], where[1]), side="right")
    if 2 * len(slots) < asked:
        return stream.choice(asked, weights if weights.sum() > 0 else np.ones(len(weights)))
    dealt = slots[stream.permutation(len(slots))][:asked]
    more = stream.choice(asked - len(dealt), weights) if len(dealt) < asked else np.zeros(0, dtype=np.int64)
    return np.concatenate([dealt, more])


def agreeing(table: Referential, link: Link, drawn: Drawn, given: list[int], asked: Codes, stream: Stream) -> Codes:
    """Rows of a referential that have what is given of the key, drawn evenly among these; -1 where there is none."""
    pairs = [(table.columns[link.key.target_columns[i]], drawn.cells[link.key.columns[i]]) for i in given]
    theirs, mine = _same_codes(pairs, len(table.weights))
    order = np.argsort(theirs, kind="stable")
    ranked, wanted = theirs[order], mine[asked]
    first = np.searchsorted(ranked, wanted, side="left")
    count = np.searchsorted(ranked, wanted, side="right") - first
    place = first + (stream.uniform(len(asked)) * count).astype(np.int64)
    rows = np.full(drawn.rows, -1)
    rows[asked] = np.where(count > 0, order[np.minimum(place, len(order) - 1)], -1)
    return rows


def _same_codes(pairs: Sequence[tuple[pa.ChunkedArray | pa.Array, pa.Array]], rows: int) -> tuple[Codes, Codes]:
    """One code for each row of two tables, the same where all of these pairs of columns hold the same."""
    codes = np.zeros(rows + len(pairs[0][1]), dtype=np.int64)
    for theirs, mine in pairs:
        both = pa.chunked_array([*_chunks(theirs), *_chunks(mine.cast(theirs.type))], theirs.type).combine_chunks()
        found = numpy_of(both.dictionary_encode().indices, -1).astype(np.int64) + 1
        codes = np.unique(codes * (int(found.max(initial=0)) + 1) + found, return_inverse=True)[1]
    return codes[:rows], codes[rows:]


def _chunks(cells: pa.ChunkedArray | pa.Array) -> list[pa.Array]:
    return list(cells.chunks) if isinstance(cells, pa.ChunkedArray) else [cells]


def _from_block(
    plan: Blueprint, link: Link, drawn: Drawn, made: Mapping[str, Drawn], wanted: NDArray[np.str_], stream: Stream
) -> Codes:
    rows, target = np.full(drawn.rows, -1), made[link.key.target]
    own = wanted == "self"
    rows[own] = np.flatnonzero(own)
    asked = np.flatnonzero(wanted == "set")
    if not target.rows or not len(asked):
        return rows
    if link.style == "kin":
        rows = _of_kin(link, drawn, made, rows, asked, stream)
    elif link.style == "ancestor":
        rows[asked] = _above(drawn, target)[asked]
    else:
        rows[asked] = _anyone(plan, link, drawn, target, asked, stream)
    if link.rooted and _must_be_filled(link, drawn):  # the first names itself
        rows[asked] = np.where(rows[asked] < 0, asked, rows[asked])
    return rows


def _above(drawn: Drawn, target: Drawn) -> Codes:
    # one row of the target a unit is the root's case; otherwise the parent chain was checked while fitting
    if target.node.parent is None:
        return drawn.unit
    return drawn.parent


def _of_kin(link: Link, drawn: Drawn, made: Mapping[str, Drawn], rows: Codes, asked: Codes, stream: Stream) -> Codes:
    """Rows of the same unit, or of what is known to be above both: by their dates where these tell, else by chance."""
    target = made[link.key.target]
    under = drawn.unit if link.under is None else _rows_above(drawn, made, link.under)
    theirs = target.unit if link.under is None else _rows_above(target, made, link.under)
    if link.rooted and not link.once:
        rows[asked] = earlier_kin(theirs, asked, stream)
        return rows
    rows[asked] = _kin(under[asked], theirs, link.once, stream)
    if link.rooted:  # each row named once: the one before, and nothing by the first
        rows[asked] = np.where(rows[asked] < asked, rows[asked], -1)
    if link.during is not None:
        begun = dates_of(target, link.during.start, MOMENT)
        place = latest(theirs, begun, under[asked], dates_of(drawn, link.during.time, MOMENT)[asked])
        rows[asked] = np.where(place >= 0, place, rows[asked])
    return rows


def _rows_above(drawn: Drawn, made: Mapping[str, Drawn], table: str) -> Codes:
    """For each row, the row above it in a table."""
    rows = np.arange(drawn.rows)
    while drawn.node.name != table:
        assert drawn.node.parent is not None
        rows = drawn.parent[rows]
        drawn = made[drawn.node.parent.target]
    return rows


def _kin(units: Codes, theirs: Codes, once: bool, stream: Stream) -> Codes:
    """A row of the same unit; each at most once if so asked."""
    first = np.searchsorted(theirs, units, side="left")
    count = np.searchsorted(theirs, units, side="right") - first
    place = (stream.uniform(len(units)) * count).astype(np.int64)
    if once:
        starts = np.concatenate([[True], units[1:] != units[:-1]])
        heads = np.flatnonzero(starts)
        place = np.arange(len(units)) - np.repeat(heads, np.diff(np.append(heads, len(units))))
    return np.where(place < count, first + place, -1)


def _anyone(plan: Blueprint, link: Link, drawn: Drawn, target: Drawn, asked: Codes, stream: Stream) -> Codes:
    """Rows drawn by how often each is to be referred to; never a row by itself."""
    if link.rooted:
        return earlier_rows(referrers(plan, target, stream), asked, stream)
    slots = np.repeat(np.arange(target.rows), referrers(plan, target, stream))
    if len(slots) < len(asked):
        source = slots if len(slots) else np.arange(target.rows)
        slots = np.concatenate([slots, source[stream.integers(len(asked) - len(slots), len(source))]])
    slots = slots[stream.permutation(len(slots))][: len(asked)]
    if target is not drawn:
        return slots
    clash = slots == asked
    slots[clash] = np.roll(slots, 1)[clash]
    return np.where(slots == asked, -1, slots)


def referrers(plan: Blueprint, target: Drawn, stream: Stream) -> Codes:
    """How many rows are to refer to each row of `target`."""
    table = target.node.name
    names = [f.name for f in plan.layout.features[table] if f.kind == "referrers"]
    if not names:
        return np.ones(target.rows, dtype=np.int64)
    codes = target.codes[:, plan.layout.index(table, names[0])]
    numbers = plan.codec(table, names[0]).numbers(codes, stream.uniform(target.rows))
    return np.maximum(np.nan_to_num(numbers), 0).astype(np.int64)


def _drop_unfilled(link: Link, drawn: Drawn, rows: Codes) -> None:
    """A reference that must be filled and is not takes its row along; one that need not is left empty."""
    if _must_be_filled(link, drawn) and (rows < 0).any():
        drawn.keep(rows >= 0)


def fill_rest(drawn: Drawn) -> pa.RecordBatch:
    """The finished rows as a record batch of the table's columns; a column nothing was learned about is missing."""
    table = drawn.node.table
    columns = [
        typed(drawn.cells[c.name], c) if c.name in drawn.cells else pa.nulls(drawn.rows, arrow_type(c))
        for c in table.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=list(table.column_names))
