"""The dictionary of the columns, as CSV and as a page: one row a column, from the same catalog as the data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from publish.release import Release
from publish.render import render
from synth.core.catalog import Column, Table

HEADER = (
    "table position column type role required key refers_to minimum maximum minimum_length maximum_length pattern "
    "values nomenclature valid_from valid_to title description"
).split()


def dictionary_csv(release: Release) -> str:
    """The dictionary as CSV text (UTF-8, commas, LF)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for table in release.catalog.tables:
        writer.writerows(rows_of(table))
    return out.getvalue()


def dictionary_html(release: Release) -> str:
    """The dictionary as a self-contained page."""
    return render("dictionary.html.j2", release, header=HEADER[1:], rows_of=rows_of)


def rows_of(table: Table) -> Iterator[list[str]]:
    """One row of texts for each column of a table."""
    for position, column in enumerate(table.columns, start=1):
        yield [
            table.name,
            str(position),
            column.name,
            column.type,
            column.role,
            "yes" if not column.nullable or column.name in table.primary_key else "no",
            key_of(table, column),
            refers_to(table, column),
            *map(_number, (column.minimum, column.maximum, column.minimum_length, column.maximum_length)),
            column.pattern or "",
            " | ".join(column.categories),
            column.nomenclature or "",
            _number(column.valid_from),
            _number(column.valid_to),
            column.title or "",
            column.description or "",
        ]


def key_of(table: Table, column: Column) -> str:
    """`primary`, `unique`, or nothing."""
    if column.name in table.primary_key:
        return "primary"
    unique = column.unique or any(column.name in key for key in table.unique_keys)
    return "unique" if unique else ""


def refers_to(table: Table, column: Column) -> str:
    """The columns of other tables that a column refers to, as `table.column`."""
    found = [
        f"{key.target}.{key.target_columns[key.columns.index(column.name)]}"
        for key in table.foreign_keys
        if column.name in key.columns
    ]
    return " | ".join(dict.fromkeys(found))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"
