"""Rows of a Parquet file, fitted to the types of the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from synth.core.catalog import Table
from synth.core.errors import UserError
from synth.io.batches import rechunk
from synth.io.fitting import fitted
from synth.io.headers import check_header

_UNREADABLE = (pa.ArrowException, OSError)


@dataclass(frozen=True)
class ParquetFile:
    """One table in one Parquet file whose columns have been checked against the catalog."""

    path: Path

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the file. Raises UserError at the first cell that cannot be of the catalog's type."""
        yield from fitted(rechunk(self._stored(table, columns, chunk), chunk), table, columns, str(self.path))

    def _stored(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        wanted = list(columns) or [table.column_names[0]]
        try:
            # read ahead, all of a file would end up in memory
            with pq.ParquetFile(self.path, pre_buffer=False) as file:
                yield from file.iter_batches(batch_size=chunk, columns=wanted)
        except _UNREADABLE:
            failure = _unreadable(self.path, table)
        else:
            return
        raise failure


def open_parquet_file(path: Path, table: Table) -> ParquetFile:
    """A Parquet file ready to scan. Raises UserError when it is not one or its columns do not fit the table."""
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
    except _UNREADABLE:
        raise _unreadable(path, table) from None
    check_header(names, table, path)
    return ParquetFile(path)


def _unreadable(path: Path, table: Table) -> UserError:
    return UserError(
        "cannot be read as Parquet",
        file=path,
        table=table.name,
        remedy="the file is damaged or of another format: make or download it again",
    )
