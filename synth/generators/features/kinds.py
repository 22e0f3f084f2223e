"""Kinds: how the rows of a child table fall into kinds by the levels of one code, found from the data.

A person has so many blood pressures and so many cholesterols, and each at a level of their own. What a parent has of
each kind (how many rows, and the mean of each quantity over them) is learned and drawn as quantities of the parent,
before its rows are; the rows then share out what there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.codec import Codec
from synth.columns.levels import Levels
from synth.columns.values import measure
from synth.core.arrays import numpy_of, text_array
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Frame, Ordered

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
MOST = 10  # kinds of their own; what is left is one kind more
_SHARE = 0.01  # of the rows, below which a level is no kind of its own
_EVEN = 0.9  # a code of which one level has more of the rows tells no kinds apart
_ROWS = 1.2  # rows a parent has on average, below which there is nothing to share out
_MIXED = 0.2  # rows of a kind that is not their parent's commonest, for each not of the commonest of all: if there are
# fewer, a code goes with the parent, and shares out nothing
_SPLIT = 0.4  # share of a quantity's variance in ranks between kinds, from which each kind has bins of its own
_UNLIKE = 0.02  # share of the parents that may have other numbers of two kinds that are twins
_NUMBERS = 3  # most quantities with bins of their own for each kind
_SAMPLE = 100_000


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of a child table: levels of `column`, commonest first, and `rest` for all else where enough have any.

    Quantities in `split` have bins of their own for each kind. Parents have as many rows of a kind as of its twin,
    which is named by the number of the commonest of them (`twins`, one for each kind; a kind alone is its own).
    """

    column: str
    levels: tuple[str, ...]
    rest: bool
    split: tuple[str, ...] = ()
    twins: tuple[int, ...] = ()

    def alike(self, kind: int) -> int:
        """How many kinds there are as many of as of this one, itself among them."""
        return self.twins.count(self.twins[kind])

    def leads(self, kind: int) -> bool:
        """Whether a kind is the first of its twins to be allotted: the least common one."""
        return self.twins[kind] not in self.twins[kind + 1 :]

    @property
    def count(self) -> int:
        """How many kinds."""
        return len(self.levels) + self.rest

    def name(self, kind: int) -> str:
        """What a kind is called."""
        return f"{self.column} = {self.levels[kind]}" if kind < len(self.levels) else f"{self.column} of another kind"

    def of_codes(self, codec: Codec) -> Codes:
        """The kind of each code of the column."""
        values = codec.kept.values if isinstance(codec.kept, Levels) else ()
        place = {value: kind for kind, value in enumerate(self.levels)}
        other = len(self.levels) if self.rest else 0
        kinds = [place.get(value, other) for value in values]
        return np.array(kinds + [other] * (codec.size - len(kinds)), dtype=np.int64)

    def document(self) -> dict[str, Any]:
        """The kinds as plain JSON data."""
        return {"column": self.column, "levels": list(self.levels), "rest": self.rest,
                "split": list(self.split), "twins": list(self.twins)}  # fmt: skip

    def of(self, cells: pa.ChunkedArray | pa.Array) -> Codes:
        """The kind of each row; what too few have counts as the commonest."""
        found = pc.index_in(pc.cast(cells, pa.string()), text_array(self.levels))
        return numpy_of(found, len(self.levels) if self.rest else 0).astype(np.int64)


def kinds_from(document: Mapping[str, Any]) -> Kinds:
    """The kinds written by `Kinds.document`."""
    levels, split, twins = (tuple(document[name]) for name in ("levels", "split", "twins"))
    return Kinds(document["column"], levels, document["rest"], split, twins)


def survey_kinds(ordered: Ordered, node: Node, columns: Sequence[Column], k: int) -> Kinds | None:
    """The kinds of a child table by its code of largest entropy, or None where no code tells any apart.

    `columns` are those that stand for themselves: counted from no other, and putting no rows in order.
    """
    if node.parent is None or ordered.rows(node.name) < _ROWS * ordered.rows(node.parent.target) or not columns:
        return None
    best: tuple[float, Kinds] | None = None
    for column in columns:
        if measure(column) == "level":
            found = _levels(ordered, node, column, k)
            if found is not None and (best is None or round(found[0], 9) > round(best[0], 9)):
                best = found
    if best is None:
        return None
    kinds = best[1]
    numbers = [c for c in columns if c.type in ("integer", "number") and measure(c) == "number"]
    split = [c.name for c in numbers if _between(ordered, node, c, kinds) >= _SPLIT]
    if len(split) < len(numbers) or len(split) > _NUMBERS:  # quantities that go together stay together
        split = []
    return replace(kinds, split=tuple(split), twins=_twins(ordered, node, kinds))


def _levels(ordered: Ordered, node: Node, column: Column, k: int) -> tuple[float, Kinds] | None:
    name = ordered.column(node, column.name)
    table = ordered.name(node)
    query = (
        f"select {name}::varchar as x, count(*) as n, count(distinct unit) as u, sum(count(*)) over () as total "
        f"from {table} group by {name} order by n desc, x limit {MOST + 1}"
    )
    rows: list[tuple[str | None, int, int, int]] = ordered.sql.execute(query).fetchall()
    total = int(rows[0][3]) if rows else 0
    kept = [(x, n) for x, n, units, _ in rows if x is not None and units >= max(k, 2) and n >= _SHARE * total][:MOST]
    if len(kept) < 2 or kept[0][1] > _EVEN * total:
        return None
    levels = tuple(str(x) for x, _ in kept)
    others = ordered.sql.execute(
        f"select count(distinct unit) from {table} where {name} is null or not list_contains(?, {name}::varchar)",
        [list(levels)],
    ).fetchall()
    if not _are_mixed(ordered, node, name, levels):
        return None
    left = total - sum(n for _, n in kept)
    rest = int(others[0][0]) >= k
    shares = np.array([n for _, n in kept] + ([left] if rest else []), dtype=float) / total
    return float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum()), Kinds(column.name, levels, rest)


def _are_mixed(ordered: Ordered, node: Node, name: str, levels: tuple[str, ...]) -> bool:
    """Whether parents have rows of several kinds, rather than each of a kind of its own."""
    total, own, overall = ordered.sql.execute(
        f"with kinds as (select parent, coalesce(list_position(?, {name}::varchar), 0) as kind, count(*) as n "
        f"from {ordered.name(node)} group by parent, kind), "
        "of_parent as (select max(n) as n from kinds group by parent), "
        "of_all as (select sum(n) as n from kinds group by kind) "
        "select (select sum(n) from kinds), (select sum(n) from of_parent), (select max(n) from of_all)",
        [list(levels)],
    ).fetchall()[0]
    return bool(total - own >= _MIXED * (total - overall))


def _twins(ordered: Ordered, node: Node, kinds: Kinds) -> tuple[int, ...]:
    """For each kind the commonest one of which nearly all parents have as many rows."""
    counted = ", ".join(f"count(*) filter (where kind = {kind + 1}) as n{kind}" for kind in range(len(kinds.levels)))
    pairs = [(a, b) for b in range(len(kinds.levels)) for a in range(b)]
    differ = ", ".join(f"count(*) filter (where n{a} <> n{b})" for a, b in pairs)
    either = ", ".join(f"count(*) filter (where n{a} + n{b} > 0)" for a, b in pairs)
    found = ordered.sql.execute(
        f"with kinds as (select parent, list_position(?, {ordered.column(node, kinds.column)}::varchar) as kind "
        f"from {ordered.name(node)}), counts as (select parent, {counted} from kinds group by parent) "
        f"select {differ}, {either} from counts",
        [list(kinds.levels)],
    ).fetchall()[0]
    first = list(range(kinds.count))
    for (a, b), unlike, some in zip(pairs, found[: len(pairs)], found[len(pairs) :], strict=True):
        if b - a == 1 and unlike <= _UNLIKE * some:
            first[b] = first[a]
    return tuple(first)


def _between(ordered: Ordered, node: Node, column: Column, kinds: Kinds) -> float:
    """The share of the variance of a quantity's ranks that lies between kinds."""
    share = min(1.0, _SAMPLE / max(ordered.rows(node.name), 1))
    names = [ordered.column(node, name) for name in (column.name, kinds.column)]
    found = ordered.sql.sql(
        f"select {names[0]}, {names[1]}::varchar from {ordered.name(node)} "
        f"where row * 2654435761 % 4294967296 < {int(share * 4294967296)} order by row"
    ).to_arrow_table()
    there = numpy_of(found.column(0).is_valid())
    numbers = numpy_of(pc.rank(found.column(0).combine_chunks(), tiebreaker="min"))[there].astype(float)
    kind = kinds.of(found.column(1))[there]
    if len(numbers) < 2 or np.ptp(numbers) == 0:
        return 0.0
    sizes = np.bincount(kind, minlength=kinds.count)
    means = np.bincount(kind, weights=numbers, minlength=kinds.count) / np.maximum(sizes, 1)
    return float((sizes * (means - numbers.mean()) ** 2).sum() / ((numbers - numbers.mean()) ** 2).sum())


@dataclass(frozen=True)
class Shared:
    """The rows of a child table in a block by kind: for each row its kind and its parent's place in the block."""

    kind: Codes
    parent: Codes
    parents: int
    kinds: int

    def counts(self, kind: int) -> Floats:
        """Rows of a kind that each parent has."""
        return np.bincount(self.parent[self.kind == kind], minlength=self.parents).astype(np.float64)

    def means(self, numbers: Floats, kind: int) -> Floats:
        """The mean of a quantity over each parent's rows of a kind; NaN where there is none."""
        inside = (self.kind == kind) & ~np.isnan(numbers)
        rows = np.bincount(self.parent[inside], minlength=self.parents)
        total = np.bincount(self.parent[inside], weights=numbers[inside], minlength=self.parents)
        return np.where(rows > 0, total / np.maximum(rows, 1), np.nan)

    def left(self, kind: int) -> Floats:
        """For each row, how many rows of a kind its parent has from there on."""
        mine = (self.kind == kind).astype(np.float64)
        before = np.cumsum(mine) - mine
        first = before[np.searchsorted(self.parent, self.parent)]
        left: Floats = self.counts(kind)[self.parent] - (before - first)
        return left

    def turn(self) -> Floats:
        """For each row, how many rows of its own kind its parent has from there on."""
        order, starts, sizes = self._runs()
        return self._back(order, np.repeat(starts + sizes, sizes) - np.arange(len(order)))

    def due(self, numbers: Floats) -> Floats:
        """For each row, the mean of a quantity over the rows of its own kind that its parent has from there on."""
        order, starts, sizes = self._runs()
        x = numbers[order]
        known = ~np.isnan(x)
        sums, rows = (np.concatenate([[0.0], np.cumsum(v)]) for v in (np.where(known, x, 0.0), known.astype(float)))
        ends = np.repeat(starts + sizes, sizes)
        here = np.arange(len(order))
        left = rows[ends] - rows[here]
        mean = np.where(left > 0, (sums[ends] - sums[here]) / np.maximum(left, 1), np.nan)
        return self._back(order, nine_digits(mean))

    def same(self, numbers: Floats) -> Floats:
        """For each row, the quantity in its parent's row of the same kind before it; NaN in the first one."""
        order, starts, _ = self._runs()
        before = np.concatenate([[np.nan], numbers[order][:-1]])[: len(order)]
        before[starts] = np.nan
        return self._back(order, before)

    def _runs(self) -> tuple[Codes, Codes, Codes]:
        """Rows in the order of parent and kind, where each run of a kind starts, and how long it is."""
        code = self.parent * self.kinds + self.kind
        order = np.argsort(code, kind="stable")
        ranked = code[order]
        starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])[: len(ranked)])
        return order, starts, np.diff(np.append(starts, len(order)))

    @staticmethod
    def _back(order: Codes, values: NDArray[np.generic]) -> Floats:
        found = np.empty(len(order))
        found[order] = values
        return found


def nine_digits(numbers: Floats) -> Floats:
    """Numbers to nine significant digits: sums in another order must not make values differ."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (8 - np.floor(np.log10(np.abs(numbers))))
        rounded: Floats = np.where(np.isfinite(scale) & (scale > 0), np.round(numbers * scale) / scale, numbers)
    return rounded


def shared(child: Frame, parent: Frame, kinds: Kinds) -> Shared:
    """The rows of a block by kind."""
    return Shared(kinds.of(child.columns[kinds.column]), child.parent - parent.first, parent.rows, kinds.count)
