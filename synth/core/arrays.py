"""Between numpy and Arrow by their buffers, without a copy where there is none to make.

Arrow's own conversions import pandas the first time, which takes longer than a small table takes to learn or to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
_KINDS: dict[str, pa.DataType] = {
    kind.name: getattr(pa, kind.name)()
    for kind in map(
        np.dtype, ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
    )
}
_STORED = {
    **{arrow: np.dtype(name) for name, arrow in _KINDS.items()},
    pa.date32(): np.dtype("int32"),
    pa.timestamp("us"): np.dtype("int64"),
}


def arrow_of(values: NDArray[Any], missing: Flags | None = None) -> pa.Array:
    """Numbers or flags as an Arrow array of the same type, null where `missing`. Do not change `values` afterwards."""
    valid = None if missing is None or not missing.any() else _bits(~missing)
    if values.dtype == np.bool_:
        return pa.Array.from_buffers(pa.bool_(), len(values), [valid, _bits(values)])
    return pa.Array.from_buffers(
        _KINDS[values.dtype.name], len(values), [valid, pa.py_buffer(np.ascontiguousarray(values))]
    )


def numpy_of(cells: pa.Array | pa.ChunkedArray, missing: float | bool | None = None) -> NDArray[Any]:
    """Numbers, dates (as days), moments (as microseconds) or flags as a numpy array, with `missing` in place of nulls.

    Raises ValueError where there are nulls and nothing to put in their place.
    """
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    if not len(cells):
        return np.empty(0, dtype=np.bool_ if pa.types.is_boolean(cells.type) else _STORED[cells.type])
    valid, data = cells.buffers()
    span = slice(cells.offset, cells.offset + len(cells))
    if pa.types.is_boolean(cells.type):
        values = _flags(data, span)
    else:
        values = np.frombuffer(data, dtype=_STORED[cells.type], count=span.stop)[span]
    if not cells.null_count:
        return values
    if missing is None:
        raise ValueError("nulls among the cells")
    return np.where(_flags(valid, span), values, np.asarray(missing, dtype=values.dtype))


def text_array(texts: Sequence[str | None]) -> pa.Array:
    """Texts as an Arrow array of strings, null where None."""
    encoded = [b"" if text is None else text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)])
    if ends[-1] >= 2**31:
        raise ValueError("too much text for one array")
    valid = _bits(np.array([text is not None for text in texts])) if None in texts else None
    return pa.Array.from_buffers(
        pa.string(), len(encoded), [valid, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(b"".join(encoded))]
    )


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The distinct values, in order; NaN at most once. `np.unique` imports numpy's masked arrays the first time."""
    ranked = np.sort(values, axis=None)
    first = np.ones(len(ranked), dtype=bool)
    np.not_equal(ranked[1:], ranked[:-1], out=first[1:])
    if ranked.dtype.kind == "f":
        first[1:] &= ~np.isnan(ranked[:-1])
    return ranked[first]


def _bits(flags: Flags) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def _flags(data: pa.Buffer, span: slice) -> Flags:
    found = np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=span.stop, bitorder="little")[span]
    return found.view(np.bool_)
