"""A table that no file holds: the rows of another table's columns, each once.

Many extracts name the person in every table and have no table of persons. A schema with `synth:distinctOf` names the
table whose rows tell which persons there are; its fields are columns of that table and its key. What we write has it
as any other table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth.core.catalog import Catalog, Table
from synth.core.dataset import arrow_schema
from synth.core.descriptor import DISTINCT_OF
from synth.core.errors import UserError
from synth.io.batches import rechunk
from synth.io.fitting import rows_alone
from synth.io.readers import Reader

_AT_ONCE = 65_536


@dataclass(frozen=True)
class DistinctRows:
    """Each row of a table's key that the rows of `source` name, read by `rows`, in the order of its first row."""

    rows: Reader
    source: Table

    @property
    def path(self) -> Path:
        """The file the table is in."""
        return self.rows.path

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows of the table, as `Source.scan`; those without a value in every column are none."""
        schema = arrow_schema(table, columns)
        for batch in rechunk(self._new(table), chunk):
            cells = [batch.column(name) for name in columns]
            yield pa.RecordBatch.from_arrays(cells, schema=schema) if columns else rows_alone(batch.num_rows)

    def _new(self, table: Table) -> Iterator[pa.RecordBatch]:
        names, seen = table.column_names, set[Any]()
        for batch in self.rows.scan(self.source, names, _AT_ONCE):
            keys = zip(*(batch.column(name).to_pylist() for name in names), strict=True)
            fresh = [key for key in dict.fromkeys(keys) if None not in key and key not in seen]
            seen.update(fresh)
            if fresh:
                kinds = [batch.schema.field(name).type for name in names]
                cells = [pa.array(cells, kind) for cells, kind in zip(zip(*fresh, strict=True), kinds, strict=True)]
                yield pa.RecordBatch.from_arrays(cells, names=list(names))


def source_of(table: Table, catalog: Catalog) -> Table | None:
    """The table whose rows `table` holds once each, if it is such a table. Raises UserError when it cannot be."""
    name = table.extra.get(DISTINCT_OF)
    if name is None:
        return None
    source = next((other for other in catalog.tables if other.name == name), None)
    if source is None or DISTINCT_OF in source.extra:
        raise UserError(f"`{DISTINCT_OF}` names no table with a file", table=table.name, remedy="correct the name")
    for column in table.columns:
        if not source.has(column.name) or source.column(column.name).type != column.type:
            raise UserError(
                f"{source.name} has no such column of this type",
                table=table.name,
                column=column.name,
                remedy=f"name columns of {source.name}, with their types",
            )
    return source
