"""Dataset: a catalog and the rows behind it, read as a stream of Arrow record batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from synth.core.catalog import Catalog, Column, Table

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_ROWS = 65_536


class Source(Protocol):
    """Where rows come from; `synth.io` has one for each file format."""

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows of `table` in their stored order, at most `chunk` at a time, typed as `arrow_schema` says."""
        ...


@dataclass(frozen=True, slots=True)
class Dataset:
    """Tables that can be read. `origin` is what to call it in messages (a path, never a value)."""

    catalog: Catalog
    source: Source
    origin: str = ""

    def scan(
        self, table: str, columns: Sequence[str] | None = None, chunk: int = CHUNK_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Record batches of one table with the named columns (all when None), in stored order.

        Raises UserError when the table or a column is not in the catalog, or a cell does not fit its type.
        """
        described = self.catalog.table(table)
        names = described.column_names if columns is None else tuple(described.column(name).name for name in columns)
        return self.source.scan(described, names, chunk)

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The whole table in memory; for tables known to be small."""
        import pyarrow as pa

        described = self.catalog.table(table)
        names = described.column_names if columns is None else tuple(columns)
        schema = arrow_schema(described, names)
        return pa.Table.from_batches(self.scan(table, names), schema=schema)


def arrow_schema(table: Table, columns: Sequence[str] | None = None) -> pa.Schema:
    """The Arrow schema in which rows of `table` travel: `columns`, or all, in that order."""
    import pyarrow as pa

    names = table.column_names if columns is None else tuple(columns)
    return pa.schema([pa.field(name, arrow_type(table.column(name))) for name in names])


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column: codes stay text; `yearmonth` and `time` are text as ISO 8601 writes them."""
    import pyarrow as pa

    types = {
        "integer": pa.int64(),
        "year": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
    }
    return types.get(column.type, pa.string())
