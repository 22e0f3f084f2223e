"""Tables too large for a preview, split by year: data.gouv.fr shows CSV up to 100 MB and Parquet up to 50 MB.

The year is that of the column a table is ordered by, else of its first date. A year that is still too large is halved
until its parts fit; rows without a date go into a part of their own. The same table gives the same bytes each time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from publish.data import sha256
from publish.package import Package
from publish.push.content import File
from synth.core.catalog import Catalog, Table

LIMITS: Mapping[str, int] = {"csv": 100_000_000, "parquet": 50_000_000}
_DATED = ("date", "datetime", "year")
_UNDATED = "undated"


class _Sink(Protocol):
    def write(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...


def split_files(
    package: Package, files: tuple[File, ...], aside: Path, limits: Mapping[str, int] = LIMITS
) -> tuple[File, ...]:
    """The files to send: each one above its limit replaced by its parts, written under `aside`.

    A table without a date, or one that is not described, stays whole.
    """
    tables = {str(table.path): (table, "csv") for table in package.catalog.tables}
    tables |= {str(table.path): (table, "parquet") for table in package.parquet_catalog.tables}
    sent: list[File] = []
    for file in files:
        table, form = tables.get(file.name, (None, ""))
        column = None if table is None else dated_column(table)
        if table is None or column is None or file.bytes <= limits[form]:
            sent.append(file)
        else:
            sent += _parts(table, column, file, aside, limits[form])
    return tuple(sent)


def dated_column(table: Table) -> str | None:
    """The column whose year splits a table; None when it has no date."""
    dated = [column.name for column in table.columns if column.type in _DATED]
    ordered = [name for name in table.order_by if name in dated]
    return next(iter((*ordered, *dated)), None)


@dataclass(frozen=True)
class _Splitting:
    """One file that is being split: what it holds, where its parts are written, how large they may grow."""

    table: Table
    ending: str
    aside: Path
    limit: int
    mark: Mapping[str, Any]

    def path(self, name: str) -> Path:
        return self.aside / f"{name}.{self.ending}"

    def sink(self, path: Path) -> _Sink:
        from synth.io.csv_sink import CsvSink
        from synth.io.parquet_sink import ParquetSink

        return CsvSink(self.table, path) if self.ending != "parquet" else ParquetSink(self.table, path, self.mark)

    def scan(self, path: Path) -> Iterator[pa.RecordBatch]:
        from synth.io import open_dataset

        alone = replace(self.table, path=path.name, foreign_keys=())
        return open_dataset(path.parent, Catalog((alone,))).scan(self.table.name)


def _parts(table: Table, column: str, file: File, aside: Path, limit: int) -> Iterator[File]:
    stem, ending = file.flat.split(".", 1)
    splitting = _Splitting(table, ending, aside, limit, _mark(file.path))
    for year in _write_years(splitting, column, file.path, stem):
        for name in _fitting(splitting, f"{stem}_{year}"):
            path = splitting.path(name)
            title = f"{file.title}, {name.removeprefix(f'{stem}_')}"
            yield File(f"data/{path.name}", path, path.stat().st_size, sha256(path), title)


def _mark(path: Path) -> Mapping[str, Any]:
    """What the footer of a Parquet file says of its rows; nothing for other files."""
    if path.suffix != ".parquet":
        return {}
    import pyarrow.parquet as pq

    found: dict[str, Any] = json.loads((pq.read_metadata(path).metadata or {}).get(b"synth", b"{}"))
    return found


def _write_years(splitting: _Splitting, column: str, source: Path, stem: str) -> list[str]:
    """One file a year, in one pass over the table; the years, in order."""
    sinks: dict[str, _Sink] = {}
    with ExitStack() as opened:
        for batch in splitting.scan(source):
            for year, rows in _years(batch, column):
                if year not in sinks:
                    sinks[year] = splitting.sink(splitting.path(f"{stem}_{year}"))
                    opened.callback(sinks[year].close)
                sinks[year].write(rows)
    return sorted(sinks)


def _years(batch: pa.RecordBatch, column: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    cells = batch.column(column)
    years = cells if pa.types.is_integer(cells.type) else pc.year(cells)
    for year in years.unique().to_pylist():
        mask = pc.is_null(years) if year is None else pc.equal(years, year)
        yield (_UNDATED if year is None else f"{year:04}"), batch.filter(mask)


def _fitting(splitting: _Splitting, name: str) -> Iterator[str]:
    """The part itself when it is within the limit, else its halves, numbered, each made to fit in turn."""
    path = splitting.path(name)
    rows = sum(batch.num_rows for batch in splitting.scan(path))
    if path.stat().st_size <= splitting.limit or rows < 2:
        yield name
        return
    halves = [f"{name}-{number}" for number in (1, 2)]
    seen = 0
    with ExitStack() as opened:
        sinks = [splitting.sink(splitting.path(half)) for half in halves]
        for sink in sinks:
            opened.callback(sink.close)
        for batch in splitting.scan(path):
            first = max(0, min(batch.num_rows, rows // 2 - seen))
            for sink, part in zip(sinks, (batch.slice(0, first), batch.slice(first)), strict=True):
                if part.num_rows:
                    sink.write(part)
            seen += batch.num_rows
    path.unlink()
    for half in halves:
        yield from _fitting(splitting, half)
