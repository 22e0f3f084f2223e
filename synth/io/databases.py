"""DuckDB and SQLite files, told apart by their first bytes, as `.db` may be either."""

from __future__ import annotations

from pathlib import Path

from synth.core.catalog import Table
from synth.core.errors import UserError
from synth.io.headers import check_header
from synth.io.readers import Reader


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
    remedy = "give its folder, or make or download it again"
    raise UserError("is neither a folder nor a DuckDB or SQLite file", file=path, remedy=remedy)


def columns_by_table(path: Path) -> dict[str, list[str]]:
    """The columns of every table and view of a database file, in order."""
    if database_kind(path) == "sqlite":
        from synth.io.sqlite_source import sqlite_columns

        return sqlite_columns(path)
    from synth.io.duckdb_source import duckdb_columns

    return duckdb_columns(path)


def open_database_table(path: Path, table: Table, listed: dict[str, list[str]]) -> Reader:
    """One table of a database file, its columns as `listed` checked against the catalog."""
    if table.name not in listed:
        raise UserError(
            "the database has no such table", file=path, table=table.name, remedy="correct the name in the catalog"
        )
    check_header(listed[table.name], table, path)
    if database_kind(path) == "sqlite":
        from synth.io.sqlite_source import SqliteTable

        return SqliteTable(path)
    from synth.io.duckdb_source import DuckdbTable

    return DuckdbTable(path)
