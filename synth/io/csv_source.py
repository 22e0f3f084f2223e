"""Rows of a CSV file, plain or gzip: read as text, then cast, so that a fault can be placed without quoting it."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Column, Table
from synth.core.dataset import arrow_schema
from synth.core.errors import UserError
from synth.io.batches import rechunk
from synth.io.cells import missing_values, parse_cells
from synth.io.csv_diagnosis import UNREADABLE, diagnose
from synth.io.csv_text import Tail, codec, opened, records, unclosed
from synth.io.dialect import Dialect, dialect_of
from synth.io.fitting import rows_alone
from synth.io.headers import check_header
from synth.io.place import Place

BLOCK_BYTES = 4 << 20  # a row must fit in a block


@dataclass(frozen=True)
class CsvFile:
    """One table in one CSV file whose header has been checked against the catalog."""

    path: Path
    dialect: Dialect
    header: tuple[str, ...]

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the file. Raises UserError at the first that is ragged or has a cell of another type."""
        schema = arrow_schema(table, columns)
        listed = table.extra.get("missingValues")
        first = 1
        for texts in rechunk(self._texts(table, columns), chunk):
            place = Place(str(self.path), table.name, first=first)
            first += texts.num_rows
            if not columns:
                yield rows_alone(texts.num_rows)
                continue
            cells = [self._typed(texts.column(name), table.column(name), listed, place) for name in columns]
            yield pa.RecordBatch.from_arrays(cells, schema=schema)

    def _typed(self, cells: pa.Array, column: Column, listed: Sequence[str] | None, place: Place) -> pa.Array:
        missing = missing_values(column, listed)
        text = column.type in ("string", "any")
        if text and "" not in missing:
            cells = pc.fill_null(cells, "")
        elif self.dialect.quoted_empty and text:
            missing = tuple(value for value in missing if value)
        gone = missing if text else ("", *missing)
        if gone:
            mask = pc.is_in(cells, pa.array(gone, cells.type))
            if pc.any(mask).as_py():
                cells = pc.if_else(mask, pa.scalar(None, cells.type), cells)
        return parse_cells(cells, column, place)

    def _texts(self, table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Batches of text as the file cuts them; the last column is among them, to see that quotes close."""
        from pyarrow import csv as arrow_csv

        last = self.header[-1]
        wanted = list(dict.fromkeys((*columns, last)))
        cell = None
        options = arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in self.header},
            include_columns=wanted,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        )
        try:
            with opened(self.path) as raw:
                stream = Tail(raw)
                reader = arrow_csv.open_csv(
                    stream, read_options=self._reading(), parse_options=self._parsing(), convert_options=options
                )
                for batch in reader:
                    if batch.num_rows:
                        cell = batch.column(last)[-1].as_py()
                    yield batch
        except UNREADABLE:
            failure = diagnose(self.path, table, self.dialect, self.header)
        else:
            if not unclosed(cell, stream.end, self.dialect):
                return
            failure = diagnose(self.path, table, self.dialect, self.header)
        raise failure

    def _reading(self) -> object:
        from pyarrow import csv as arrow_csv

        skipped = 1 if self.dialect.header else 0
        encoding = "utf8" if self.dialect.encoding in ("utf-8", "utf-8-sig", "ascii") else self.dialect.encoding
        return arrow_csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            column_names=list(self.header),
            skip_rows_after_names=skipped,
            encoding=encoding,
        )

    def _parsing(self) -> object:
        from pyarrow import csv as arrow_csv

        return arrow_csv.ParseOptions(
            delimiter=self.dialect.delimiter,
            quote_char=self.dialect.quote or False,
            double_quote=self.dialect.double_quote,
            escape_char=self.dialect.escape or False,
            newlines_in_values=True,
            ignore_empty_lines=len(self.header) > 1,
        )


def open_csv_file(path: Path, table: Table) -> CsvFile:
    """A CSV file ready to scan. Raises UserError when it is empty, unreadable or its header does not fit the table."""
    dialect = dialect_of(table, path)
    names = read_header(path, table, dialect)
    if not dialect.header:
        if len(names) != len(table.columns):
            raise UserError(
                f"the first row has {len(names)} cells, the catalog {len(table.columns)} columns",
                file=path,
                table=table.name,
                remedy="correct the catalog or the dialect's delimiter",
            )
        return CsvFile(path, dialect, table.column_names)
    check_header(names, table, path)
    return CsvFile(path, dialect, names)


def read_header(path: Path, table: Table, dialect: Dialect) -> tuple[str, ...]:
    """The first record of the file."""
    try:
        with opened(path) as stream:
            lines = io.TextIOWrapper(stream, encoding=codec(dialect), newline="")
            first = next(records(lines, dialect), None)
    except (OSError, EOFError, zlib.error, UnicodeError, csv.Error):
        raise diagnose(path, table, dialect, ()) from None
    if first is None:
        raise UserError("the file is empty", file=path, table=table.name, remedy="write its header line, then its rows")
    return tuple(first)
