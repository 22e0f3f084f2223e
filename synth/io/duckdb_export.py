"""A folder as DuckDB's EXPORT DATABASE writes it: Parquet files, schema.sql and load.sql.

`IMPORT DATABASE 'FOLDER'` makes the tables again, in R, Python or the shell, wherever the folder is: DuckDB looks for
the files that load.sql names in the folder it is given. No keys are declared, as on the portal; `datapackage.json`
has them. Source: DuckDB documentation, "Export & Import Database Statements".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth.core.catalog import Catalog, Table
from synth.io.parquet_sink import ParquetSink
from synth.io.quoting import quoted
from synth.io.sql_types import FittingTypes

SCHEMA, LOAD = "schema.sql", "load.sql"


class ExportSink:
    """One Parquet file a table, and the two scripts."""

    def __init__(self, catalog: Catalog, folder: Path, metadata: Mapping[str, Any] | None = None) -> None:
        self._folder = folder
        self._tables = catalog.tables
        self._types = {table.name: FittingTypes(table) for table in catalog.tables}
        self._files = {table.name: ParquetSink(table, folder / str(table.path), metadata) for table in catalog.tables}

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add rows to the file of a table."""
        self._types[table.name].see(batch)
        self._files[table.name].write(batch)

    def close(self) -> None:
        """Finish every file and write the scripts."""
        for sink in self._files.values():
            sink.close()
        schema = "".join(f"{_create(table, self._types[table.name].types())}\n" for table in self._tables)
        load = "".join(f"{_copy(table)}\n" for table in self._tables)
        (self._folder / SCHEMA).write_text(schema, encoding="utf-8")
        (self._folder / LOAD).write_text(load, encoding="utf-8")

    def abandon(self) -> None:
        """Close the files as they are."""
        for sink in self._files.values():
            sink.abandon()


def _create(table: Table, types: Mapping[str, str]) -> str:
    columns = ", ".join(f"{quoted(name)} {types[name]}" for name in table.column_names)
    return f"CREATE TABLE {quoted(table.name)} ({columns});"


def _copy(table: Table) -> str:
    path = str(table.path).replace("'", "''")
    return f"COPY {quoted(table.name)} FROM '{path}' (FORMAT 'parquet');"
