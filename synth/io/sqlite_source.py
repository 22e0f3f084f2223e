"""Rows of a table in a SQLite file, whose cells may be of any type whatever the column declares."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth.core.catalog import Table
from synth.core.errors import UserError
from synth.io.fitting import fitted
from synth.io.quoting import quoted


@dataclass(frozen=True)
class SqliteTable:
    """One table or view of a SQLite file whose columns have been checked against the catalog."""

    path: Path

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows by rowid, which is the order of insertion."""
        yield from fitted(self._stored(table, columns, chunk), table, columns, str(self.path))

    def _stored(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        wanted = ", ".join(quoted(name) for name in columns) or "NULL"
        with connected(self.path, table.name) as database:
            # without an order SQLite may walk an index instead of the table
            order = " ORDER BY _rowid_" if _has_rowid(database, table.name) else ""
            cursor = database.execute(f"SELECT {wanted} FROM {quoted(table.name)}{order}")
            while rows := cursor.fetchmany(chunk):
                arrays = [_array(cells) for cells in zip(*rows, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, names=list(columns) or ["rows"])


def _array(cells: Sequence[Any]) -> pa.Array:
    """Cells as one Arrow type: their own when they agree, else text."""
    try:
        return pa.array(cells)
    except pa.ArrowException:
        return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    return cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else str(cell)


@contextmanager
def connected(path: Path, table: str | None = None) -> Iterator[sqlite3.Connection]:
    """A read-only connection whose failures are told without SQLite's words, which may quote a value."""
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, check_same_thread=False)) as database:
            yield database
        return
    except sqlite3.Error:
        failure = UserError(
            "cannot be read as a SQLite table", file=path, table=table, remedy="check that it is there and is UTF-8"
        )
    raise failure


def sqlite_columns(path: Path) -> dict[str, list[str]]:
    """The columns of every table and view, in order."""
    query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'"
    with connected(path) as database:
        names = [row[0] for row in database.execute(f"{query} ORDER BY name")]
        return {name: [row[1] for row in database.execute(f"PRAGMA table_info({quoted(name)})")] for name in names}


def _has_rowid(database: sqlite3.Connection, name: str) -> bool:
    try:
        database.execute(f"SELECT _rowid_ FROM {quoted(name)} LIMIT 0")
    except sqlite3.OperationalError:  # a view, or a table declared WITHOUT ROWID
        return False
    return True
