"""Titles that a user imported from a publisher's own descriptions, for the columns that we do not title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from synth.core.catalog import Column, Table
from synth.core.jsontext import read_json
from synth.core.userdata import data_folder

# the newest first
SOURCES = ("kwikly", "schema-snds")


def imported_tables(source: str) -> Path:
    """The folder of tables imported from `source`, which may not exist."""
    return data_folder() / "tables" / source


def imported_titles(pattern: str) -> Mapping[str, str]:
    """Titles of the columns of a table (called by its pattern, `T_MCOaaB`) as the user's imports give them."""
    found: dict[str, str] = {}
    for source in reversed(SOURCES):
        path = imported_tables(source) / f"{pattern}.json"
        if path.is_file():
            fields = read_json(path).get("fields", ())
            found.update({str(field["name"]): str(field["title"]) for field in fields if field.get("title")})
    return found


def with_imported_titles(table: Table) -> Table:
    """The table of a loaded catalog, its untitled columns titled by the user's imports, and marked `synth:imported`."""
    pattern = str(table.extra.get("synth:pattern", table.name))
    titles = imported_titles(pattern) if any(not column.title for column in table.columns) else {}
    if not titles:
        return table

    def titled(column: Column) -> Column:
        if column.title or column.name not in titles:
            return column
        return replace(column, title=titles[column.name], extra={**column.extra, "synth:imported": True})

    return replace(table, columns=tuple(titled(column) for column in table.columns))
