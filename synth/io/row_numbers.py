"""A key for rows that have none: their number in the file, 1 for the first, as a column that no file holds.

Many tables have one row a person and nothing that names the person. The column that a schema names in `synth:rowNumber`
is read as if the file had it (so is a field with `"synth:rowNumber": true`, as catalogs had it before); what we write
has it as any other column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from synth.core.catalog import Table
from synth.core.dataset import arrow_schema
from synth.core.descriptor import ROW_NUMBER
from synth.core.errors import UserError
from synth.io.readers import Reader


@dataclass(frozen=True)
class NumberedRows:
    """The rows of another reader with their number in the column called `column`."""

    rows: Reader
    column: str

    @property
    def path(self) -> Path:
        """The file the table is in."""
        return self.rows.path

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows of the table, as `Source.scan`."""
        stored = [name for name in columns if name != self.column]
        done = 0
        for batch in self.rows.scan(stored_part(table), stored, chunk):
            numbers = pa.array(range(done + 1, done + 1 + batch.num_rows), pa.int64())
            done += batch.num_rows
            if len(stored) == len(columns):
                yield batch
                continue
            cells = [numbers if name == self.column else batch.column(name) for name in columns]
            yield pa.RecordBatch.from_arrays(cells, schema=arrow_schema(table, columns))


def row_number_column(table: Table) -> str | None:
    """The column that numbers the rows, if the catalog asks for one. Raises UserError when it is not an integer."""
    found = next((column for column in table.columns if column.extra.get(ROW_NUMBER) is True), None)
    if found is None:
        return None
    if found.type != "integer":
        raise UserError(
            f"a column with `{ROW_NUMBER}` is not an integer",
            table=table.name,
            column=found.name,
            remedy='write "type": "integer"',
        )
    return found.name


def stored_part(table: Table) -> Table:
    """The table as its file holds it, without the column that numbers its rows."""
    return replace(table, columns=tuple(column for column in table.columns if column.extra.get(ROW_NUMBER) is not True))
