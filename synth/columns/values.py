"""A column's cells as numbers or as texts, and back.

Dates are days, moments and times of a day seconds, months months since year 0.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.arrays import arrow_of, numpy_of
from synth.core.catalog import Column
from synth.core.dataset import arrow_type

Floats = NDArray[np.float64]
Measure = Literal["number", "level"]
_MICRO = 1e6
_LAST_SECOND = 86_399
_ROUNDING = 4e-16  # relative, of a number and its product
_LARGEST = float(2**63 - 1024)  # the largest float64 that is a 64-bit integer


def measure(column: Column) -> Measure:
    """Whether a column is a quantity (order and distance mean something) or a set of levels."""
    if column.categories or column.type in ("string", "boolean", "any"):
        return "level"
    if column.role in ("code", "text") and column.type in ("integer", "year"):
        return "level"
    return "number"


def to_numbers(cells: pa.ChunkedArray | pa.Array, column: Column) -> Floats:
    """Cells as float64; missing cells and NaN are NaN."""
    if column.type == "date":
        cells = pc.cast(cells, pa.int32())
    elif column.type == "datetime":
        return _floats(pc.cast(cells, pa.int64())) / _MICRO
    elif column.type == "yearmonth":
        years = pc.cast(pc.utf8_slice_codeunits(cells, 0, 4), pa.int32())
        months = pc.cast(pc.utf8_slice_codeunits(cells, 5, 7), pa.int32())
        return _floats(years) * 12 + _floats(months) - 1
    elif column.type == "time":
        return _seconds(cells)
    return _floats(cells)


def _seconds(times: pa.ChunkedArray | pa.Array) -> Floats:
    """Seconds since midnight of times written 08:15 or 08:15:30; what is below a second, and a zone, are left out."""
    hours, minutes, rest = (pc.utf8_slice_codeunits(times, first, first + 2) for first in (0, 3, 6))
    told = pc.equal(pc.utf8_slice_codeunits(times, 5, 6), ":")
    seconds = pc.if_else(told, rest, pa.scalar("0", pa.string()))
    return _floats(pc.cast(hours, pa.int32())) * 3600 + _floats(pc.cast(minutes, pa.int32())) * 60 + _floats(seconds)


def _floats(cells: pa.ChunkedArray | pa.Array) -> Floats:
    return numpy_of(pc.cast(cells, pa.float64(), safe=False), np.nan)


def from_numbers(numbers: Floats, column: Column) -> pa.Array:
    """Numbers as cells of the column's type; NaN gives a missing cell."""
    lost = np.isnan(numbers)
    empty = lost if lost.any() else None
    if column.type == "number":
        return arrow_of(numbers, empty)
    whole = np.rint(numbers if empty is None else np.where(lost, 0.0, numbers))
    whole = np.clip(whole, -_LARGEST, _LARGEST).astype(np.int64)
    if column.type == "date":
        return arrow_of(whole.astype(np.int32), empty).cast(pa.date32())
    if column.type == "datetime":
        micro = np.rint(np.where(lost, 0.0, numbers) * _MICRO).astype(np.int64)
        return arrow_of(micro, empty).cast(pa.timestamp("us"))
    if column.type == "time":
        return pa.array(np.clip(whole, 0, _LAST_SECOND).astype(np.int32), pa.time32("s"), mask=empty).cast(pa.string())
    if column.type == "yearmonth":
        texts = [f"{value // 12:04d}-{value % 12 + 1:02d}" for value in whole.tolist()]
        return pa.array(np.array(texts, dtype=object), mask=empty, type=pa.string())
    return arrow_of(whole, empty)


def to_texts(cells: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Cells as text, missing ones kept missing."""
    texts = pc.cast(cells, pa.string())
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def from_texts(texts: pa.Array, column: Column) -> pa.Array:
    """Texts made by `to_texts` as cells of the column's type."""
    return typed(texts, column)


def typed(cells: pa.Array, column: Column) -> pa.Array:
    """Cells as the column's type, which they often are."""
    wanted = arrow_type(column)
    return cells if cells.type == wanted else pc.cast(cells, wanted)


def decimals_of(numbers: Floats, column: Column) -> int:
    """Digits after the point with which to write made-up numbers: those declared, or the fewest that lose nothing.

    Where numbers are irregular, as many as separate a million steps over their spread: a reproducible rounding.
    """
    if column.type != "number":
        return 0
    if column.scale is not None:
        return column.scale
    known = numbers[~np.isnan(numbers)]
    for digits in range(5):
        scaled = known * 10**digits
        # what float64 cannot tell apart from a whole number is one: cents of billions
        if bool((np.abs(scaled - np.rint(scaled)) <= 1e-6 + _ROUNDING * np.abs(scaled)).all()):
            return digits
    spread = float(np.ptp(known)) if known.size else 1.0
    return int(np.clip(6 - np.ceil(np.log10(spread or 1.0)), 0, 12))
