"""Tables found in a folder or a database file, before anything is known of their types."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth.core.catalog import Column, Table
from synth.core.errors import UserError
from synth.io import databases
from synth.io.csv_source import open_csv_file
from synth.io.csv_text import opened
from synth.io.duckdb_source import DuckdbTable
from synth.io.sniffing import delimiter_of, encoding_of
from synth.io.sqlite_source import SqliteTable

_ENDINGS = {".csv": "csv", ".csv.gz": "csv", ".tsv": "csv", ".tsv.gz": "csv", ".parquet": "parquet", ".pq": "parquet"}
_OTHER_ENDINGS = frozenset(".zip .7z .bz2 .xz .xlsx .xls .ods .sas7bdat .xpt .dta .sav .rds .rdata .feather".split())
_BATCH = 65_536
_SNIFFED = 1 << 16


@dataclass(frozen=True)
class Found:
    """One table: where it is, how its file is written, its columns; `left_out` names those of lists or structures."""

    name: str
    path: Path
    kind: str
    columns: tuple[str, ...]
    resource: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def as_text(self) -> Table:
        """The table with every column read as text."""
        columns = tuple(Column(name) for name in self.columns)
        return Table(self.name, columns, path=self.path.name, resource=self.resource)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Rows with the types they are stored in; those of CSV and SQLite as text."""
        if self.kind == "parquet":
            return _parquet_batches(self)
        if self.kind == "csv":
            return open_csv_file(self.path, self.as_text).scan(self.as_text, self.columns, _BATCH)
        if self.kind == "sqlite":
            return SqliteTable(self.path).scan(self.as_text, self.columns, _BATCH)
        return DuckdbTable(self.path).stored(self.as_text, self.columns, _BATCH)


def find_tables(path: Path) -> list[Found]:
    """The tables at `path`, by name. Raises UserError when there is none or one cannot be read."""
    if not path.exists():
        raise UserError("not found", file=path, remedy="check the path")
    found = _in_folder(path) if path.is_dir() else _in_database(path)
    if not found:
        others = _other_kinds(path) if path.is_dir() else ()
        remedy = "put CSV, CSV.gz or Parquet files in the folder"
        more = f"; unpack or convert its {', '.join(others)} files" if others else ""
        raise UserError("there is no table", file=path, remedy=remedy + more)
    return found


def _other_kinds(folder: Path) -> tuple[str, ...]:
    """The endings of files that hold tables in ways that are not read here."""
    return tuple(sorted(_OTHER_ENDINGS & {path.suffix.lower() for path in folder.iterdir()}))


def _in_folder(folder: Path) -> list[Found]:
    found: dict[str, Found] = {}
    for path in sorted(folder.iterdir()):
        ending = next((end for end in sorted(_ENDINGS, key=len, reverse=True) if path.name.lower().endswith(end)), None)
        if ending is None or path.name.startswith(".") or not path.is_file():
            continue
        name = path.name[: -len(ending)]
        if name in found:
            raise UserError(
                "two files hold this table", file=path, table=name, remedy="keep one of them, or rename the other"
            )
        found[name] = _csv_file(name, path) if _ENDINGS[ending] == "csv" else _parquet_file(name, path)
    return list(found.values())


def _csv_file(name: str, path: Path) -> Found:
    encoding = encoding_of(path, name)
    with opened(path) as stream:
        lines = io.TextIOWrapper(stream, encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")
        head = lines.read(_SNIFFED)
    delimiter = delimiter_of(head)
    columns = next((row for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row), [])
    if not columns:
        raise UserError("the file is empty", file=path, table=name, remedy="write its header line, then its rows")
    resource: dict[str, Any] = {"format": "csv"}
    if delimiter != ",":
        resource["dialect"] = {"delimiter": delimiter}
    if encoding != "utf-8":
        resource["encoding"] = encoding
    return Found(name, path, "csv", _named(columns, path, name), resource)


def _named(columns: list[str], path: Path, table: str) -> tuple[str, ...]:
    blank = [position for position, name in enumerate(columns, start=1) if not name.strip()]
    if blank:
        raise UserError(
            f"column {blank[0]} of the header has no name", file=path, table=table, remedy="name it or remove it"
        )
    return tuple(columns)


def _parquet_file(name: str, path: Path) -> Found:
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError):
        raise UserError(
            "cannot be read as Parquet", file=path, table=name, remedy="make or download it again"
        ) from None
    flat = [item.name for item in schema if not pa.types.is_nested(item.type)]
    nested = tuple(item.name for item in schema if pa.types.is_nested(item.type))
    return Found(name, path, "parquet", _named(flat, path, name), {"format": "parquet"}, nested)


def _parquet_batches(found: Found) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(found.path) as file:
            for batch in file.iter_batches(batch_size=_BATCH, columns=list(found.columns)):
                yield batch.select(list(found.columns))
        return
    except (pa.ArrowException, OSError):
        failure = UserError(
            "cannot be read as Parquet", file=found.path, table=found.name, remedy="make or download it again"
        )
    raise failure


def _in_database(path: Path) -> list[Found]:
    kind = databases.database_kind(path)
    return [
        Found(name, path, kind, _named(listed, path, name), {"format": kind})
        for name, listed in databases.columns_by_table(path).items()
    ]
