"""What a column looks like, for the page of a package: how much is missing, and a dozen bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Column, Table

BARS = 12
PROFILE_ROWS = 100_000
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """`bars` are (label, rows): values of a code with the most frequent first, or equal bins of a quantity in order.

    `rows` were looked at, `missing` of them have no value; `others` hold a value that has no bar of its own.
    """

    name: str
    rows: int
    missing: int
    bars: tuple[tuple[str, int], ...] = ()
    ordered: bool = False
    others: int = 0


def profiles(table: Table, batches: Sequence[pa.RecordBatch]) -> tuple[ColumnProfile, ...]:
    """One profile for each column of the table over these rows; keys and free text have no bars."""
    return tuple(
        _profile(column, pa.chunked_array([batch.column(column.name) for batch in batches]))
        for column in table.columns
        if batches
    )


def _profile(column: Column, cells: pa.ChunkedArray) -> ColumnProfile:
    found = {"name": column.name, "rows": len(cells), "missing": cells.null_count}
    kept = cells.drop_null()
    if column.role in ("key", "text") or not len(kept):
        return ColumnProfile(**found)
    kind = kept.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        days = pc.cast(pc.cast(kept, pa.date32()) if pa.types.is_timestamp(kind) else kept, pa.date32())
        whole = np.concatenate([np.asarray(chunk.view(pa.int32())) for chunk in days.chunks])
        return ColumnProfile(**found, bars=_bins(whole.astype(np.float64), _day), ordered=True)
    counted = pc.value_counts(kept)
    if len(counted) <= BARS or not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return _coded(counted, found, len(kept))
    numbers = kept.to_numpy().astype(np.float64)
    return ColumnProfile(**found, bars=_bins(numbers, lambda value: f"{value:.6g}"), ordered=True)


def _coded(counted: Any, found: dict[str, Any], total: int) -> ColumnProfile:
    pairs = [(item["values"], item["counts"]) for item in counted.to_pylist()]
    ranked = sorted(pairs, key=lambda pair: (-pair[1], str(pair[0])))[:BARS]
    shown = tuple((_label(value), count) for value, count in ranked)
    return ColumnProfile(**found, bars=shown, others=total - sum(count for _, count in shown))


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _bins(values: Any, label: Any) -> tuple[tuple[str, int], ...]:
    counts, edges = np.histogram(values, bins=BARS)
    return tuple(
        (f"{label(low)} to {label(high)}", int(count))
        for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
    )


def _day(number: float) -> str:
    return (_EPOCH + timedelta(days=int(number))).isoformat()
