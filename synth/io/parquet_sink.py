"""Parquet as we write it: zstd, row groups of a bounded number of cells, the same bytes whatever the batches.

Footers hold the least and greatest number or date of each row group, which readers skip groups by; not those of text,
which cost as much to find as all the rest and would carry values.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth.core.catalog import Table
from synth.core.dataset import arrow_schema
from synth.core.jsontext import canonical
from synth.io.batches import joined

_GROUP_ROWS = 131_072
_GROUP_CELLS = 8_000_000
_LEAST_ROWS = 4_096


class ParquetSink:
    """One Parquet file. `metadata` goes into the key `synth` of its footer."""

    def __init__(self, table: Table, path: Path, metadata: Mapping[str, Any] | None = None) -> None:
        import pyarrow.parquet as pq

        self._schema = arrow_schema(table)
        if metadata:
            self._schema = self._schema.with_metadata({b"synth": canonical(dict(metadata))})
        self._rows = max(_LEAST_ROWS, min(_GROUP_ROWS, _GROUP_CELLS // len(table.columns)))
        self._held: list[pa.RecordBatch] = []
        self._count = 0
        ordered = [field.name for field in self._schema if not pa.types.is_string(field.type)]
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            compression="zstd",
            version="2.6",
            store_schema=True,
            write_statistics=ordered or False,
        )

    def write(self, batch: pa.RecordBatch) -> None:
        """Hold rows until a row group is full."""
        while self._count + batch.num_rows >= self._rows:
            taken = self._rows - self._count
            self._held.append(batch.slice(0, taken))
            self._flush()
            batch = batch.slice(taken)
        if batch.num_rows:
            self._held.append(batch)
            self._count += batch.num_rows

    def _flush(self) -> None:
        if self._held:
            group = joined(self._held)
            table = pa.Table.from_arrays(group.columns, schema=self._schema)
            self._writer.write_table(table, row_group_size=self._rows)
        self._held, self._count = [], 0

    def close(self) -> None:
        """Write the last row group and the footer."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._writer.close()
