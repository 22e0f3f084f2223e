"""What each code of a column tells of other columns, over all rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.arrays import numpy_of
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.engines.unit_blocks import distinct_units

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Told:
    """A code, its rows and distinct units; of each other column its least value, and whether all rows have that one.

    Where a column is missing in all rows, that is what all have.
    """

    code: str
    rows: int
    units: int
    told: tuple[tuple[str | None, bool], ...]


def told_by(ordered: Ordered, node: Node, source: str, targets: Sequence[str]) -> list[Told]:
    """What the codes of column `source`, in the order of texts, tell of the `targets`."""
    columns = [node.table.column(name) for name in (source, *targets)]
    if ordered.holds(node) and all(column.type != "datetime" for column in columns):
        return sorted(_read(ordered, node, source, targets), key=lambda each: each.code)
    return _asked(ordered, node, source, targets)


def _asked(ordered: Ordered, node: Node, source: str, targets: Sequence[str]) -> list[Told]:
    mine = ordered.column(node, source)
    terms = []
    for name in targets:
        theirs = ordered.column(node, name)
        terms.append(f"min({theirs})::varchar, min({theirs}) = max({theirs}), count({theirs})")
    rows: list[tuple[Any, ...]] = ordered.sql.execute(
        f"select {mine}::varchar, count(*), count(distinct unit), {', '.join(terms)} from {ordered.name(node)} "
        f"where {mine} is not null group by {mine} order by 1"
    ).fetchall()
    found = []
    for code, count, units, *told in rows:
        values = zip(told[::3], told[1::3], told[2::3], strict=True)
        pairs = tuple((value, filled == 0 or (bool(alone) and filled == count)) for value, alone, filled in values)
        found.append(Told(code, count, units, pairs))
    return found


def _read(ordered: Ordered, node: Node, source: str, targets: Sequence[str]) -> list[Told]:
    cells = ordered.frame(node, 0, ordered.rows(node.name), list(dict.fromkeys((source, *targets)))).columns
    mine, texts = _ranked(cells[source])
    inside = np.flatnonzero(mine >= 0)
    if not len(inside):
        return []
    codes = mine[inside]
    rows = np.bincount(codes, minlength=len(texts))
    units = distinct_units(codes, ordered.units[node.name][inside], len(texts))
    order = inside[np.argsort(codes, kind="stable")]
    starts = np.cumsum(rows) - rows
    told = [_least(*_ranked(cells[name]), order, starts) for name in targets]
    return [
        Told(text, int(rows[code]), int(units[code]), tuple(each[code] for each in told))
        for code, text in enumerate(texts)
    ]


def _least(codes: Codes, texts: list[str], order: Codes, starts: Codes) -> list[tuple[str | None, bool]]:
    """The least value of each run of rows, and whether all rows have it (or none has any)."""
    ranked = codes[order]
    low = np.minimum.reduceat(np.where(ranked < 0, len(texts), ranked), starts)
    one = np.minimum.reduceat(ranked, starts) == np.maximum.reduceat(ranked, starts)
    named: list[str | None] = [*texts, None]
    return [(named[place], alone) for place, alone in zip(low.tolist(), one.tolist(), strict=True)]


def _ranked(cells: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    """Cells as places among their distinct values, in order (-1: missing), and these as texts."""
    coded = cells.combine_chunks().dictionary_encode()
    order = pc.sort_indices(coded.dictionary)
    rank = np.full(len(order) + 1, -1)
    rank[numpy_of(order).astype(np.int64)] = np.arange(len(order))
    values = coded.dictionary.take(order)
    if pa.types.is_floating(values.type):
        texts = [repr(value) for value in values.to_pylist()]
    else:
        texts = pc.cast(values, pa.string()).to_pylist()
    return rank[numpy_of(coded.indices, -1)], texts
