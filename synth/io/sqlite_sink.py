"""A SQLite file: keys declared, foreign keys indexed, dates as ISO 8601 text, rows in the order they came."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Catalog, Table
from synth.core.errors import UserError
from synth.io.quoting import quoted
from synth.io.stored import iso_moments

# BIGINT and not INTEGER: an INTEGER PRIMARY KEY would become the rowid and reorder the rows
_TYPES = {"integer": "BIGINT", "year": "BIGINT", "number": "REAL", "boolean": "BOOLEAN"}


class SqliteSink:
    """All tables of a catalog in one SQLite file."""

    def __init__(self, catalog: Catalog, path: Path) -> None:
        self._catalog = catalog
        self._path = path
        self._database = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "page_size = 8192"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("BEGIN")
        for table in catalog.tables:
            self._database.execute(_create(table))

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Append rows. Raises UserError when two rows have the same primary key."""
        slots = ", ".join("?" for _ in table.columns)
        rows = zip(*(_cells(column) for column in batch.columns), strict=True)
        try:
            self._database.executemany(f"INSERT INTO {quoted(table.name)} VALUES ({slots})", rows)
        except sqlite3.IntegrityError:
            problem, remedy = "two rows have the same primary key", "correct the key in the catalog, or the rows"
        except sqlite3.Error:
            problem, remedy = "cannot be written", "check the disk and its permissions"
        else:
            return
        raise UserError(problem, file=self._path.name, table=table.name, remedy=remedy)

    def close(self) -> None:
        """Index the foreign keys and finish the file."""
        try:
            for table in self._catalog.tables:
                for number, key in enumerate(table.foreign_keys, start=1):
                    columns = ", ".join(quoted(name) for name in key.columns)
                    index = quoted(f"{table.name} key {number}")
                    self._database.execute(f"CREATE INDEX {index} ON {quoted(table.name)} ({columns})")
            self._database.execute("COMMIT")
        except sqlite3.Error:
            raise UserError("cannot be written", file=self._path.name, remedy="check the disk") from None
        finally:
            self._database.close()

    def abandon(self) -> None:
        """Let go of the file."""
        self._database.close()


def _create(table: Table) -> str:
    parts = [f"{quoted(column.name)} {_TYPES.get(column.type, 'TEXT')}" for column in table.columns]
    if table.primary_key:
        parts.append(f"PRIMARY KEY ({_listed(table.primary_key)})")
    for key in table.foreign_keys:
        reference = f"{quoted(key.target)} ({_listed(key.target_columns)})"
        parts.append(f"FOREIGN KEY ({_listed(key.columns)}) REFERENCES {reference}")
    return f"CREATE TABLE {quoted(table.name)} ({', '.join(parts)})"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)


def _cells(cells: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(cells.type):
        cells = iso_moments(cells)
    elif pa.types.is_date(cells.type):
        cells = pc.cast(cells, pa.string())
    values: list[Any] = cells.to_pylist()
    return values
