"""What is written where: the file of each table, and the catalog that describes what we write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast, get_args

from synth.core.catalog import Catalog, Column, Table
from synth.core.errors import UserError

Format = Literal["parquet", "csv", "csv.gz", "duckdb", "sqlite", "duckdb-export"]
FORMATS: tuple[str, ...] = get_args(Format)
DATABASES = frozenset(("duckdb", "sqlite"))
EXPORT: Format = "duckdb-export"  # Parquet files with the scripts of DuckDB's IMPORT DATABASE
METADATA = "synth:metadata"
# format -> the properties of a resource written in it
_PROPERTIES: dict[str, dict[str, Any]] = {
    "parquet": {"format": "parquet", "mediatype": "application/vnd.apache.parquet"},
    "csv": {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"},
    "csv.gz": {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"},
    "duckdb": {"format": "duckdb", "mediatype": "application/vnd.duckdb"},
    "sqlite": {"format": "sqlite", "mediatype": "application/vnd.sqlite3"},
    "duckdb-export": {"format": "parquet", "mediatype": "application/vnd.apache.parquet"},
}
# how the input was written: none of it holds for what we write
_STALE_RESOURCE = frozenset("bytes hash stats dialect scheme compression format mediatype encoding profile".split())
_STALE_SCHEMA = frozenset(("missingValues", "synth:quotedEmpty", "synth:distinctOf", "fieldsMatch"))
_STALE_FIELD = frozenset(
    "missingValues decimalChar groupChar bareNumber trueValues falseValues synth:rowNumber".split()
)
_DATED = frozenset(("date", "datetime", "time", "yearmonth"))
_FORBIDDEN = re.compile(r'[\x00-\x1f/\\:*?"<>|]')


def checked_format(name: str) -> Format:
    """`name` as a format. Raises UserError when we do not write it."""
    if name not in FORMATS:
        raise UserError("the format is unknown", remedy=f"use one of {', '.join(FORMATS)}")
    return cast(Format, name)


def check_names(catalog: Catalog, kind: Format) -> None:
    """Refuse, for databases, names that differ by case alone: SQL takes them for one. Raises UserError."""
    if kind not in DATABASES and kind != EXPORT:
        return
    if _folded_twice(catalog.table_names):
        raise UserError("two tables have one name but for its case", remedy=_ONE_NAME)
    for table in catalog.tables:
        if _folded_twice(table.column_names):
            raise UserError("two columns have one name but for its case", table=table.name, remedy=_ONE_NAME)


_ONE_NAME = "a database takes them for one: write parquet or csv"


def _folded_twice(names: Sequence[str]) -> bool:
    return len({name.encode().lower() for name in names}) < len(names)  # of ASCII letters alone, as SQL does


def file_names(catalog: Catalog, suffix: str) -> dict[str, str]:
    """A file name for each table: its own name, made safe for every file system and unique whatever the case."""
    taken: set[str] = set()
    names: dict[str, str] = {}
    for table in catalog.tables:
        stem = _FORBIDDEN.sub("_", table.name).strip(" .") or "table"
        candidate, again = stem, 2
        while candidate.casefold() in taken:
            candidate, again = f"{stem}_{again}", again + 1
        taken.add(candidate.casefold())
        names[table.name] = f"{candidate}.{suffix}"
    return names


def written_catalog(
    catalog: Catalog, kind: Format, paths: Mapping[str, str], metadata: Mapping[str, Any] | None
) -> Catalog:
    """`catalog` as it holds for the tables we write: their paths and formats, dates as ISO 8601 writes them."""
    extra = {key: value for key, value in catalog.extra.items() if key != METADATA}
    if metadata:
        extra[METADATA] = dict(metadata)
    return replace(
        catalog, tables=tuple(written_table(table, kind, paths[table.name]) for table in catalog.tables), extra=extra
    )


def written_table(table: Table, kind: Format, path: str) -> Table:
    """`table` as it holds for what we write: none of how its input was written, dates as ISO 8601 writes them."""
    kept = {key: value for key, value in table.resource.items() if key not in _STALE_RESOURCE}
    extra = {key: value for key, value in table.extra.items() if key not in _STALE_SCHEMA}
    if kind in ("csv", "csv.gz"):
        extra["synth:quotedEmpty"] = True
    return replace(
        table,
        columns=tuple(_written_column(column) for column in table.columns),
        path=path,
        extra=extra,
        resource=kept | _PROPERTIES[kind],
    )


def _written_column(column: Column) -> Column:
    extra = {key: value for key, value in column.extra.items() if key not in _STALE_FIELD}
    return replace(column, format=None if column.type in _DATED else column.format, extra=extra)
