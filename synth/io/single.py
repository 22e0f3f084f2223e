"""One table in one file that may have only some of its columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from synth.core.catalog import Catalog, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.io.csv_source import read_header
from synth.io.dialect import dialect_of
from synth.io.layout import written_table
from synth.io.opening import format_of, open_dataset
from synth.io.sniffing import DELIMITERS, encoding_of


def open_single(path: Path, table: Table) -> Dataset:
    """The rows at `path`, as many columns of `table` as it has; the catalog has that table alone, without its keys.

    `path` is a CSV or Parquet file, or a folder whose catalog has a table of that name. Raises UserError when it is
    absent, of another format, or has no column of the table.
    """
    if not path.exists():
        raise UserError("not found", file=path, remedy="check the path")
    plain = replace(table, primary_key=(), foreign_keys=(), unique_keys=(), order_by=(), path=None)
    if path.is_dir():
        whole = open_dataset(path)
        there = whole.catalog.table(table.name)
        return Dataset(_only(plain, there.column_names, path), whole.source, str(path))
    kind = format_of(path.name)
    if kind == "csv":
        return _open_csv(path, plain)
    if kind == "parquet":
        return open_dataset(path, _only(plain, _stored_names(path), path))
    raise UserError("the file is of no format we read", file=path, remedy="use .csv, .csv.gz or .parquet")


def _stored_names(path: Path) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(path).names)
    except (OSError, pa.ArrowException):
        raise UserError("cannot be read as Parquet", file=path, remedy="make or download it again") from None


def _open_csv(path: Path, table: Table) -> Dataset:
    """A CSV file, whatever its encoding and delimiter; its cells as the table's own file has them or as we write them.

    The second is for rows taken from tables that were drawn, where dates and decimal marks are those of the standard.
    """
    encoding = encoding_of(path, table.name)
    tried = [_delimited(path, form, encoding) for form in (table, written_table(table, "csv", path.name))]
    faults = []
    for form, names in tried:
        found = open_dataset(path, _only(form, names, path))
        try:
            for _ in found.scan(table.name):
                pass
        except UserError as fault:
            faults.append(fault)
        else:
            return found
    raise faults[0]


def _delimited(path: Path, table: Table, encoding: str) -> tuple[Table, tuple[str, ...]]:
    """The table as the file is delimited, and the names in its header: as declared, else so that one is known."""
    declared = replace(table, resource={**table.resource, "encoding": encoding})
    others = [{**table.resource, "encoding": encoding, "dialect": {"delimiter": each}} for each in DELIMITERS]
    headers = []
    for form in (declared, *(replace(table, resource=resource) for resource in others)):
        headers.append((form, read_header(path, form, dialect_of(form, path))))
        if any(table.has(name) for name in headers[-1][1]):
            return headers[-1]
    return headers[0]


def _only(table: Table, names: tuple[str, ...], path: Path) -> Catalog:
    kept = tuple(column for column in table.columns if column.name in names)
    if not kept:
        remedy = f"name them as the model does: {', '.join(table.column_names)}"
        raise UserError("has no column of the table", file=path, table=table.name, remedy=remedy)
    return Catalog((replace(table, columns=kept),), None)
