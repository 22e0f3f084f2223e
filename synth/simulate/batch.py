"""Record batches from plain numpy columns, in the types and order of a catalog table; columns not given are empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.catalog import Column, Table
from synth.core.dataset import arrow_schema, arrow_type

NONE = -(2**31)  # an absent day or whole number
_DAY_MICROSECONDS = 86_400_000_000


@dataclass(frozen=True)
class Coded:
    """Text given as indices into a short list of values; an index below 0 is an absent value."""

    values: NDArray[np.str_] | list[str]
    index: NDArray[np.int64]


def padded(values: NDArray[np.int64], width: int) -> Coded:
    """Whole numbers as text of at least `width` digits."""
    encoded = pa.array(values).dictionary_encode()
    words = [f"{value:0{width}d}" for value in encoded.dictionary.to_pylist()]
    return Coded(words, encoded.indices.to_numpy())


def record_batch(table: Table, columns: Mapping[str, Any], n: int) -> pa.RecordBatch:
    """`n` rows of `table`. Values are numpy arrays, `Coded`, Arrow arrays or constants; names the table lacks are
    left out.
    """
    empty: dict[pa.DataType, pa.Array] = {}  # one array a type serves every empty column
    arrays = [
        _empty(arrow_type(column), n, empty)
        if columns.get(column.name) is None
        else column_array(column, columns[column.name], n)
        for column in table.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(table))


def _empty(kind: pa.DataType, n: int, made: dict[pa.DataType, pa.Array]) -> pa.Array:
    if kind not in made:
        made[kind] = pa.nulls(n, kind)
    return made[kind]


def taken(values: Any, rows: NDArray[np.int64]) -> Any:
    """Some rows of a column as `record_batch` takes it; a constant stays one."""
    if isinstance(values, Coded):
        return Coded(values.values, values.index[rows])
    return values[rows] if isinstance(values, np.ndarray) else values


@dataclass(frozen=True)
class Packed:
    """The rows of a batch on their way between processes: the columns that are empty stay behind."""

    rows: int
    columns: Mapping[str, pa.Array]


def pack(batch: pa.RecordBatch) -> Packed:
    """A batch without its empty columns."""
    n = batch.num_rows
    named = zip(batch.schema.names, batch.columns, strict=True)
    return Packed(n, {name: column for name, column in named if column.null_count < n})


def unpack(table: Table, packed: Packed) -> pa.RecordBatch:
    """The batch that was packed."""
    return record_batch(table, packed.columns, packed.rows)


def column_array(column: Column, values: Any, n: int) -> pa.Array:
    """One column in its Arrow type. Whole numbers become text where the column is text; NONE and NaN become null."""
    kind = arrow_type(column)
    if values is None:
        return pa.nulls(n, kind)
    if isinstance(values, pa.Array):
        return values if values.type == kind else values.cast(kind)
    if isinstance(values, Coded):
        return _coded(values, kind)
    if not isinstance(values, np.ndarray):
        return pa.repeat(_scalar(values, kind), n)
    if pa.types.is_date32(kind):
        return pa.array(values.astype(np.int32), type=pa.int32(), mask=_where(values == NONE)).cast(kind)
    if pa.types.is_timestamp(kind):
        micro = np.where(values == NONE, 0, values) * _DAY_MICROSECONDS
        return pa.array(micro, type=pa.int64(), mask=values == NONE).cast(kind)
    if pa.types.is_string(kind):
        return _text(values, column.type)
    if values.dtype.kind in "US":
        values = values.astype(np.int64)
    if pa.types.is_integer(kind):
        whole = values.astype(np.int64, copy=False)
        return pa.array(whole, type=kind, mask=_where(whole == NONE))
    numbers = values.astype(np.float64, copy=False)
    return pa.array(numbers, type=kind, mask=_where(np.isnan(numbers) | (numbers == NONE)))


def _where(missing: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """A mask of missing values, or None when none is: Arrow then takes the values as they are."""
    return missing if missing.any() else None


def _scalar(value: Any, kind: pa.DataType) -> pa.Scalar:
    if pa.types.is_string(kind):
        return pa.scalar(str(value), kind)
    if pa.types.is_date32(kind):
        return pa.scalar(int(value), pa.int32()).cast(kind)
    return pa.scalar(value).cast(kind)


def _text(values: NDArray[Any], declared: str) -> pa.Array:
    """Text, made once for each distinct value (columns of codes repeat a few values many times)."""
    if values.dtype.kind == "U":
        return pa.array(values.tolist(), type=pa.string())
    encoded = pa.array(values).dictionary_encode()
    words = [None if value == NONE else _word(int(value), declared) for value in encoded.dictionary.to_pylist()]
    return pa.array(words, type=pa.string()).take(encoded.indices)


def _word(value: int, declared: str) -> str:
    return f"{value // 100:04d}-{value % 100:02d}" if declared == "yearmonth" else str(value)


def _coded(values: Coded, kind: pa.DataType) -> pa.Array:
    absent = values.index < 0
    index = pa.array(np.where(absent, 0, values.index), mask=absent) if absent.any() else pa.array(values.index)
    words = list(values.values)
    return pa.array(words, type=pa.string()).take(index).cast(kind)
