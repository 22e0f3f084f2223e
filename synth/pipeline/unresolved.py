"""References to rows that are not there, taken as missing when a recipe says so: extracts often leave such ends.

A matched control whose case was excluded, a mother outside the cohort: the reference is true but leads nowhere, and no
other table can be made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.catalog import ForeignKey, Table
from synth.core.dataset import Dataset, arrow_schema
from synth.core.progress import say

Rows = NDArray[np.int64]


def without_unresolved(dataset: Dataset, *, tell: bool = False) -> Dataset:
    """The dataset with every reference that resolves to no row emptied, where the catalog allows a missing value.

    Keys are held in memory, other columns are not. `tell` says on stderr how many were emptied, table by table.
    """
    found: dict[str, dict[str, list[Rows]]] = {}
    for table in dataset.catalog.tables:
        for key in table.foreign_keys:
            rows = _unresolved(dataset, table, key) if _may_be_empty(table, key) else np.empty(0, np.int64)
            if rows.size == 0:
                continue
            if tell:
                named = ", ".join(key.columns)
                say(f"{dataset.origin}, table {table.name}, column {named}: {rows.size} references to no row, emptied")
            for name in key.columns:
                found.setdefault(table.name, {}).setdefault(name, []).append(rows)
    emptied = {
        table: {name: np.unique(np.concatenate(parts)) for name, parts in columns.items()}
        for table, columns in found.items()
    }
    return Dataset(dataset.catalog, _Emptied(dataset, emptied), dataset.origin) if emptied else dataset


def _may_be_empty(table: Table, key: ForeignKey) -> bool:
    return all(table.column(name).nullable and name not in table.primary_key for name in key.columns)


def _unresolved(dataset: Dataset, table: Table, key: ForeignKey) -> Rows:
    mine = dataset.read(table.name, key.columns).rename_columns([f"k{i}" for i in range(len(key.columns))])
    theirs = dataset.read(key.target, key.target_columns).rename_columns(mine.column_names)
    if mine.schema.types != theirs.schema.types:
        return np.empty(0, np.int64)
    mine = mine.append_column("row", pa.array(np.arange(len(mine))))
    filled = mine.drop_null()
    loose = filled.join(theirs.group_by(theirs.column_names).aggregate([]), theirs.column_names, join_type="left anti")
    return np.sort(loose.column("row").to_numpy().astype(np.int64))


@dataclass(frozen=True)
class _Emptied:
    """A source whose cells at known rows of known columns are missing."""

    dataset: Dataset
    emptied: Mapping[str, Mapping[str, Rows]]

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows of the table, as `Source.scan`."""
        holes = {name: rows for name, rows in self.emptied.get(table.name, {}).items() if name in columns}
        schema = arrow_schema(table, columns)
        start = 0
        for batch in self.dataset.source.scan(table, columns, chunk):
            arrays = [_with_holes(batch.column(name), holes.get(name), start) for name in columns]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)
            start += batch.num_rows


def _with_holes(array: pa.Array, rows: Rows | None, start: int) -> Any:
    if rows is None:
        return array
    inside = rows[np.searchsorted(rows, start) : np.searchsorted(rows, start + len(array))] - start
    if inside.size == 0:
        return array
    mask = np.zeros(len(array), dtype=bool)
    mask[inside] = True
    return pc.if_else(pa.array(mask), pa.scalar(None, array.type), array)
