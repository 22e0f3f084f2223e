"""DuckDB and SQLite files, told apart by their first bytes, as `.db` may be either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from synth.core.catalog import Table
from synth.core.errors import UserError

if TYPE_CHECKING:
    from synth.io.opening import Reader


def database_kind(path: Path) -> str:
    """`sqlite` or `duckdb`. Raises UserError when the file is neither or cannot be read."""
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
    except OSError:
        raise UserError("the file cannot be read", file=path, remedy="check the path and its permissions") from None
    if head == b"SQLite format 3\x00":
        return "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    raise UserError("is neither a DuckDB nor a SQLite file", file=path, remedy="make or download it again")


def open_database_table(path: Path, table: Table) -> Reader:
    """One table of a database file, its columns checked against the catalog."""
    if database_kind(path) == "sqlite":
        from synth.io.sqlite_source import open_sqlite_table

        return open_sqlite_table(path, table)
    from synth.io.duckdb_source import open_duckdb_table

    return open_duckdb_table(path, table)


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
