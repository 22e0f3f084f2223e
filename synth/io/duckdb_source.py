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
from synth.io.fitting import fitted
from synth.io.quoting import quoted


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


def duckdb_columns(path: Path) -> dict[str, list[str]]:
    """The columns of every table and view of the main schema, in order."""
    with connected(path) as database:
        rows = database.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'main' "
            "AND table_catalog = current_database() ORDER BY table_name, ordinal_position"
        ).fetchall()
    listed: dict[str, list[str]] = {}
    for table, column in rows:
        listed.setdefault(table, []).append(column)
    return listed
