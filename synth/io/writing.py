"""Writing tables in any format: whole or not at all, the same bytes whatever the batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from synth.core.catalog import Catalog, Table
from synth.core.dataset import arrow_schema
from synth.core.descriptor_writer import descriptor_of
from synth.core.errors import UserError
from synth.core.files import atomic_file, atomic_folder
from synth.core.jsontext import dumps
from synth.io.layout import DATABASES, EXPORT, Format, check_names, checked_format, file_names, written_catalog
from synth.io.opening import CATALOG_FILE, format_of, side_catalog


class Sink(Protocol):
    """Where batches of one or more tables go; `close` finishes the files, `abandon` lets go of them."""

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add rows to a table."""
        ...

    def close(self) -> None:
        """Finish every table, the empty ones too."""
        ...

    def abandon(self) -> None:
        """Release what is open; the files are about to be removed."""
        ...


class Writer:
    """Takes record batches for the tables of a catalog, in any interleaving."""

    def __init__(self, catalog: Catalog, sink: Sink) -> None:
        self._sink = sink
        self._tables = {table.name: (table, arrow_schema(table)) for table in catalog.tables}

    def write(self, table: str, batch: pa.RecordBatch) -> None:
        """Append rows. Raises UserError when the table is unknown or the columns are not those of the catalog."""
        if table not in self._tables:
            raise UserError("no such table in the catalog", table=table, remedy="correct the name")
        described, schema = self._tables[table]
        if batch.schema != schema:
            if sorted(batch.schema.names) != sorted(schema.names):
                raise UserError("the batch has other columns than the catalog", table=table, remedy="match them")
            batch = _conformed(batch, schema, table)
        if batch.num_rows:
            self._sink.write(described, batch)


def _conformed(batch: pa.RecordBatch, schema: pa.Schema, table: str) -> pa.RecordBatch:
    arrays = []
    for field in schema:
        try:
            arrays.append(batch.column(field.name).cast(field.type))
        except pa.ArrowException:
            raise UserError(
                f"the batch holds {batch.schema.field(field.name).type} where the catalog says {field.type}",
                table=table,
                column=field.name,
                remedy="cast it first",
            ) from None
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@contextmanager
def dataset_writer(
    catalog: Catalog,
    path: Path | str,
    format: str = "parquet",
    overwrite: bool = False,
    metadata: Mapping[str, Any] | None = None,
) -> Iterator[Writer]:
    """A writer whose tables and `datapackage.json` appear at `path` together when the block ends well, or not at all.

    `path` is a folder; for `duckdb` and `sqlite` it may also be the database file itself (a name that ends with
    `.duckdb`, `.sqlite` ...), whose catalog is then written beside it as `FILE.datapackage.json`. `duckdb-export` is
    Parquet with the scripts that DuckDB's IMPORT DATABASE reads. `metadata` (JSON values, such as a mark that the
    rows are synthetic) is written in the catalog and in every Parquet file. CSV, gzip and Parquet files are the same
    bytes for the same rows, however they are cut into batches.

    Raises UserError when something is at `path` and `overwrite` is false, the format is unknown, or it is a database
    and two names differ by case alone.
    """
    kind = checked_format(format)
    check_names(catalog, kind)
    path = Path(path)
    if kind in DATABASES and format_of(path.name) in DATABASES:
        with _database_file(catalog, path, kind, overwrite, metadata) as writer:
            yield writer
        return
    with atomic_folder(path, overwrite=overwrite) as folder:
        names = _paths(catalog, kind)
        described = written_catalog(catalog, kind, names, metadata)
        with _closing(_sink(described, folder, kind, metadata)) as sink:
            yield Writer(described, sink)
        (folder / CATALOG_FILE).write_text(dumps(descriptor_of(described)), encoding="utf-8")


def _paths(catalog: Catalog, kind: Format) -> dict[str, str]:
    if kind in DATABASES:
        return {table.name: f"tables.{kind}" for table in catalog.tables}
    return file_names(catalog, "parquet" if kind == EXPORT else kind)


@contextmanager
def _database_file(
    catalog: Catalog, path: Path, kind: Format, overwrite: bool, metadata: Mapping[str, Any] | None
) -> Iterator[Writer]:
    beside = path.with_name(side_catalog(path))
    for target in (path, beside):
        if target.exists() and not overwrite:
            raise UserError("already exists", file=target, remedy="choose another file or pass --force")
    described = written_catalog(catalog, kind, {table.name: path.name for table in catalog.tables}, metadata)
    with atomic_file(path) as aside, atomic_file(beside) as document:
        aside.unlink()  # a database wants to make its file itself
        with _closing(_database(described, aside, kind)) as sink:
            yield Writer(described, sink)
        document.write_text(dumps(descriptor_of(described)), encoding="utf-8")


@contextmanager
def _closing(sink: Sink) -> Iterator[Sink]:
    try:
        yield sink
        sink.close()
    except BaseException:
        sink.abandon()
        raise


def _sink(catalog: Catalog, folder: Path, kind: Format, metadata: Mapping[str, Any] | None) -> Sink:
    if kind in DATABASES:
        return _database(catalog, folder / f"tables.{kind}", kind)
    if kind == EXPORT:
        from synth.io.duckdb_export import ExportSink

        return ExportSink(catalog, folder, metadata)
    make: Callable[[Table, Path], Any]
    if kind == "parquet":
        from synth.io.parquet_sink import ParquetSink

        def make(table: Table, path: Path) -> Any:
            return ParquetSink(table, path, metadata)
    else:
        from synth.io.csv_sink import CsvSink

        make = CsvSink
    return FileSinks(catalog, folder, make)


def _database(catalog: Catalog, path: Path, kind: Format) -> Sink:
    if kind == "duckdb":
        from synth.io.duckdb_sink import DuckdbSink

        return DuckdbSink(catalog, path)
    from synth.io.sqlite_sink import SqliteSink

    return SqliteSink(catalog, path)


class FileSinks:
    """One file a table."""

    def __init__(self, catalog: Catalog, folder: Path, make: Callable[[Table, Path], Any]) -> None:
        self._open = {table.name: make(table, folder / str(table.path)) for table in catalog.tables}

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add rows to the file of a table."""
        self._open[table.name].write(batch)

    def close(self) -> None:
        """Finish every file."""
        for sink in self._open.values():
            sink.close()

    def abandon(self) -> None:
        """Close the files as they are."""
        for sink in self._open.values():
            sink.abandon()
