"""Tables already in memory, as a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from synth.core.catalog import Catalog, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.io.batches import rechunk
from synth.io.fitting import fitted
from synth.io.headers import check_header


@dataclass(frozen=True)
class MemorySource:
    """Arrow tables by name."""

    tables: Mapping[str, pa.Table]

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows in order, fitted to the catalog's types."""
        held = self.tables[table.name]
        wanted = list(columns) or [table.column_names[0]]
        return fitted(rechunk(held.select(wanted).to_batches(), chunk), table, columns, None)


def memory_dataset(catalog: Catalog, tables: Mapping[str, pa.Table]) -> Dataset:
    """A dataset over `tables`, one for each table of the catalog.

    Raises UserError when a table or a column of the catalog is not among them; other columns are not read.
    """
    for table in catalog.tables:
        if table.name not in tables:
            raise UserError(
                "the table is not given", table=table.name, remedy="pass it, or leave it out of the catalog"
            )
        check_header(tables[table.name].column_names, table, "memory")
    return Dataset(catalog, MemorySource(dict(tables)), "memory")
