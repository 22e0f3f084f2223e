"""CSV as we write it (RFC 4180 with LF): UTF-8, ISO dates, quotes only where needed, `""` for an empty text.

Lines are built column by column in Arrow, so writing runs at the speed of memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Table
from synth.io.stored import iso_moments

_SPECIAL = r'[",\r\n]|^$|^\s|\s$|^\x{FEFF}'
_ROWS = 16_384  # lines held at once


class CsvSink:
    """One CSV file, gzip when its name ends with `.gz` (no time, no name inside)."""

    def __init__(self, table: Table, path: Path) -> None:
        self._raw = path.open("wb")
        self._out: BinaryIO = self._raw
        if path.name.endswith(".gz"):
            # the zlib that pyarrow brings: that of the system differs from machine to machine, and so do its bytes
            zipped = pa.CompressedOutputStream(self._raw, "gzip")
            self._out = cast(BinaryIO, zipped)
        self._years = frozenset(column.name for column in table.columns if column.type == "year")
        names = pa.array(table.column_names, pa.string())
        self._out.write((",".join(_quoted(names).to_pylist()) + "\n").encode())

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        for start in range(0, batch.num_rows, _ROWS):
            self._out.write(csv_lines(batch.slice(start, _ROWS), self._years))

    def close(self) -> None:
        """Finish the file."""
        if self._out is not self._raw:
            self._out.close()
        self._raw.close()

    abandon = close


def csv_lines(batch: pa.RecordBatch, years: frozenset[str] = frozenset()) -> memoryview:
    """Rows as CSV lines, in bytes; the columns named in `years` in four digits at least."""
    cells = [
        pc.utf8_lpad(_text(column), 4, "0") if name in years else _text(column)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
    ended = pc.binary_join_element_wise(lines, "", "\n")
    _, offsets, data = ended.buffers()
    if data is None:
        return memoryview(b"")
    wide = pa.types.is_large_string(ended.type)
    bounds = memoryview(offsets).cast("q" if wide else "i")
    return memoryview(data)[bounds[ended.offset] : bounds[ended.offset + len(ended)]]


def _text(cells: pa.Array) -> pa.Array:
    kind = cells.type
    if pa.types.is_string(kind):
        return _quoted(cells)
    if pa.types.is_timestamp(kind):
        return iso_moments(cells)
    return pc.cast(cells, pa.string())


def _quoted(cells: pa.Array) -> pa.Array:
    needed = pc.match_substring_regex(cells, _SPECIAL)
    if not pc.any(needed).as_py():
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(needed, pc.binary_join_element_wise('"', doubled, '"', ""), cells)
