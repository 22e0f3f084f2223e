"""Names as DuckDB and SQLite take them whatever they hold."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
