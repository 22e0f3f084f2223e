"""One table in one file that may have only some of its columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from synth.core.catalog import Catalog, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.io.csv_source import read_header
from synth.io.dialect import dialect_of
from synth.io.opening import format_of, open_dataset


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
    if kind not in ("csv", "parquet"):
        raise UserError("the file is of no format we read", file=path, remedy="use .csv, .csv.gz or .parquet")
    if kind == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            names = tuple(pq.read_schema(path).names)
        except (OSError, pa.ArrowException):
            raise UserError("cannot be read as Parquet", file=path, remedy="make or download it again") from None
    else:
        names = read_header(path, plain, dialect_of(plain, path))
        delimiter = next((each for each in (";", "\t", "|") if len(names) == 1 and each in names[0]), None)
        if delimiter is not None and not plain.has(names[0]):  # as spreadsheets write it in many countries
            plain = replace(plain, resource={**plain.resource, "dialect": {"delimiter": delimiter}})
            names = read_header(path, plain, dialect_of(plain, path))
    return open_dataset(path, _only(plain, names, path))


def _only(table: Table, names: tuple[str, ...], path: Path) -> Catalog:
    kept = tuple(column for column in table.columns if column.name in names)
    if not kept:
        remedy = "name the columns as the model does"
        raise UserError("has no column of the table", file=path, table=table.name, remedy=remedy)
    return Catalog((replace(table, columns=kept),), None)
