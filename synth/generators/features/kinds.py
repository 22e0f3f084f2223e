"""Kinds: how the rows of a child table fall into kinds by the levels of one code, found from the data.

A person has so many blood pressures and so many cholesterols, and each at a level of their own. What a parent has of
each kind (how many rows, and the mean of each quantity over them) is learned and drawn as quantities of the parent,
before its rows are; the rows then share out what there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.codec import Codec
from synth.columns.levels import Levels
from synth.columns.tally import TextTally
from synth.columns.values import measure, to_texts
from synth.core.arrays import arrow_of, numpy_of, text_array
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Frame, Ordered
from synth.engines.unit_blocks import count_units

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
_ONCE = 0.9  # of the kinds that parents have, those with one row
_TIED = 0.1  # most of the later rows that may be at the time of the row before


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
    tally = TextTally()
    for frame in ordered.frames(node, (column.name,)):
        coded = to_texts(frame.columns[column.name]).dictionary_encode()
        tally.add(numpy_of(coded.indices, -1).astype(np.int64), coded.dictionary.to_pylist(), frame.unit)
    total = ordered.rows(node.name)
    common = sorted(tally.rows, key=lambda text: (-tally.rows[text], text))[: MOST + 1]
    if common and total - sum(tally.rows.values()) > tally.rows[common[-1]]:  # missing is one of them
        common = common[:MOST]
    kept = [x for x in common if tally.persons[x] >= max(k, 2) and tally.rows[x] >= _SHARE * total][:MOST]
    if len(kept) < 2 or tally.rows[kept[0]] > _EVEN * total:
        return None
    kinds = Kinds(column.name, tuple(kept), True)
    if not _are_mixed(ordered, node, kinds):
        return None
    others = sum(count_units(frame.unit[kind == len(kept)]) for frame, kind in _by_kind(ordered, node, kinds))
    rest = others >= k
    counts = [tally.rows[x] for x in kept]
    shares = np.array(counts + ([total - sum(counts)] if rest else []), dtype=float) / total
    return float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum()), replace(kinds, rest=rest)


def _by_kind(ordered: Ordered, node: Node, kinds: Kinds, *columns: str) -> Iterator[tuple[Frame, Codes]]:
    """The rows of a table some at a time, with the kind of each; what is of no kind comes last."""
    every = replace(kinds, rest=True)
    for frame in ordered.frames(node, (kinds.column, *(name for name in columns if name != kinds.column))):
        yield frame, every.of(frame.columns[kinds.column])


def _tables(ordered: Ordered, node: Node, kinds: Kinds) -> Iterator[Codes]:
    """Rows of each kind that parents have (parents x kinds, what is of no kind last), some parents at a time."""
    size = len(kinds.levels) + 1
    for frame, kind in _by_kind(ordered, node, kinds):
        parent = frame.parent - frame.parent[0]
        yield np.bincount(parent * size + kind, minlength=(int(parent[-1]) + 1) * size).reshape(-1, size)


def _are_mixed(ordered: Ordered, node: Node, kinds: Kinds) -> bool:
    """Whether parents have rows of several kinds, rather than each of a kind of its own."""
    own, overall = 0, np.zeros(len(kinds.levels) + 1, dtype=np.int64)
    for table in _tables(ordered, node, kinds):
        own += int(table.max(axis=1).sum())
        overall += table.sum(axis=0)
    total = int(overall.sum())
    return total - own >= _MIXED * (total - int(overall.max()))


def _twins(ordered: Ordered, node: Node, kinds: Kinds) -> tuple[int, ...]:
    """For each kind the commonest one of which nearly all parents have as many rows."""
    unlike, some = np.zeros((2, len(kinds.levels) - 1), dtype=np.int64)
    for table in _tables(ordered, node, kinds):
        mine, next_ = table[:, : len(unlike)], table[:, 1 : len(unlike) + 1]
        unlike += (mine != next_).sum(axis=0)
        some += (mine + next_ > 0).sum(axis=0)
    first = list(range(kinds.count))
    for b in range(1, len(kinds.levels)):
        if unlike[b - 1] <= _UNLIKE * some[b - 1]:
            first[b] = first[b - 1]
    return tuple(first)


def come_once(ordered: Ordered, node: Node, kinds: Kinds) -> bool:
    """Whether parents mostly have one row of a kind, and hardly ever two rows at one time."""
    alone = groups = tied = later = 0
    for table in _tables(ordered, node, kinds):
        alone, groups = alone + int((table == 1).sum()), groups + int((table > 0).sum())
    time = node.table.order_by[0]
    for frame in ordered.frames(node, (time,)):
        coded = frame.columns[time].combine_chunks().dictionary_encode()
        codes = numpy_of(coded.indices, -1)
        both = ~frame.starts[1:] & (codes[1:] >= 0) & (codes[:-1] >= 0)
        later, tied = later + int(both.sum()), tied + int((codes[1:] == codes[:-1])[both].sum())
    return alone >= _ONCE * max(groups, 1) and tied <= _TIED * later


def _between(ordered: Ordered, node: Node, column: Column, kinds: Kinds) -> float:
    """The share of the variance of a quantity's ranks that lies between kinds."""
    share = min(1.0, _SAMPLE / max(ordered.rows(node.name), 1))
    cells, found = [], []
    for frame, kind in _by_kind(ordered, node, kinds, column.name):
        rows = np.arange(frame.first, frame.first + frame.rows)
        some = np.flatnonzero(rows * 2_654_435_761 % 2**32 < int(share * 2**32))
        cells += frame.columns[column.name].take(arrow_of(some)).chunks
        found.append(kind[some] if kinds.rest else np.where(kind == len(kinds.levels), 0, kind)[some])
    values = pa.chunked_array(cells, cells[0].type).combine_chunks()
    there = numpy_of(values.is_valid())
    numbers = numpy_of(pc.rank(values, tiebreaker="min"))[there].astype(float)
    kind = np.concatenate(found)[there]
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
