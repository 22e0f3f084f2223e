"""Rows of a table in a DuckDB file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth.core.catalog import Table
from synth.core.errors import UserError
from synth.io.batches import rechunk
from synth.io.databases import quoted
from synth.io.fitting import fitted
from synth.io.headers import check_header


@dataclass(frozen=True)
class DuckdbTable:
    """One table or view of a DuckDB file whose columns have been checked against the catalog."""

    path: Path

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the table (DuckDB keeps the order of insertion)."""
        yield from fitted(rechunk(self.stored(table, columns, chunk), chunk), table, columns, str(self.path))

    def stored(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows with the types of the database."""
        wanted = ", ".join(quoted(name) for name in columns) or "NULL"
        with connected(self.path, table.name) as database:
            rows = database.sql(f"SELECT {wanted} FROM {quoted(table.name)}")
            read = getattr(rows, "to_arrow_reader", None) or rows.fetch_record_batch  # the name before DuckDB 2
            yield from read(chunk)


@contextmanager
def connected(path: Path, table: str | None = None) -> Iterator[Any]:
    """A read-only connection whose failures are told without DuckDB's words, which may quote a value."""
    import duckdb

    try:
        with duckdb.connect(str(path), read_only=True) as database:
            yield database
        return
    except duckdb.CatalogException:
        problem, remedy = "the database has no such table", "correct the name in the catalog"
    except (duckdb.Error, pa.ArrowException):
        problem, remedy = "cannot be read as a DuckDB file", "close other programs that use it, or make it again"
    raise UserError(problem, file=path, table=table, remedy=remedy)


def open_duckdb_table(path: Path, table: Table) -> DuckdbTable:
    """A table of a DuckDB file ready to scan. Raises UserError when it is absent or its columns do not fit."""
    with connected(path, table.name) as database:
        names = [row[0] for row in database.execute(f"SELECT * FROM {quoted(table.name)} LIMIT 0").description]
    check_header(names, table, path)
    return DuckdbTable(path)
