"""The digest of what a table says: its names, types, values and order, whatever file holds it."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.dataset import Dataset, arrow_type
from synth.core.jsontext import digest


def dataset_digests(dataset: Dataset) -> dict[str, str]:
    """`sha256:` and a hex digest for each table, equal for equal rows in equal order in any format.

    The digest covers the table's and columns' names and types, which cells are missing, and every value.
    """
    return {table.name: _table_digest(dataset, table.name) for table in dataset.catalog.tables}


def dataset_digest(dataset: Dataset) -> str:
    """One digest for all tables of a dataset; the order of the tables does not matter."""
    return digest(dataset_digests(dataset))


class _ColumnHash:
    """Presence, lengths and values of one column, each hashed as one stream so that batches leave no trace."""

    def __init__(self) -> None:
        self.present = hashlib.sha256()
        self.lengths = hashlib.sha256()
        self.values = hashlib.sha256()

    def add(self, cells: pa.Array) -> None:
        """Hash a run of cells."""
        self.present.update(_bytes(np.asarray(pc.is_valid(cells))))
        if pa.types.is_string(cells.type):
            filled = pc.fill_null(cells, "")
            self.lengths.update(_bytes(pc.binary_length(filled).to_numpy(zero_copy_only=False).astype("<i4")))
            self.values.update(_text_bytes(filled))
            return
        number = cells.type if pa.types.is_floating(cells.type) else pa.int64()
        plain = pc.cast(cells.view(pa.int32()) if pa.types.is_date32(cells.type) else cells, number)
        filled = pc.fill_null(plain, 0).to_numpy(zero_copy_only=False) + 0  # -0.0 is 0.0: SQLite keeps no difference
        self.values.update(_bytes(filled.astype(filled.dtype.newbyteorder("<"), copy=False)))

    def hex(self) -> list[str]:
        """The three digests."""
        return [self.present.hexdigest(), self.lengths.hexdigest(), self.values.hexdigest()]


def _bytes(values: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(values).view(np.uint8).data


def _text_bytes(cells: pa.StringArray) -> memoryview:
    """The UTF-8 bytes of all the texts, one after the other."""
    if len(cells) == 0:
        return memoryview(b"")
    _, offsets, data = cells.buffers()
    if data is None:
        return memoryview(b"")
    bounds = np.frombuffer(offsets, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    return memoryview(data)[int(bounds[0]) : int(bounds[-1])]


def _table_digest(dataset: Dataset, name: str) -> str:
    table = dataset.catalog.table(name)
    hashes = [_ColumnHash() for _ in table.columns]
    rows = 0
    for batch in dataset.scan(name):
        rows += batch.num_rows
        for column, cells in zip(hashes, batch.columns, strict=True):
            column.add(cells)
    columns = [
        [column.name, str(arrow_type(column)), *hashed.hex()]
        for column, hashed in zip(table.columns, hashes, strict=True)
    ]
    return digest({"table": name, "rows": rows, "columns": columns})
