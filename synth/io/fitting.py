"""Batches as a file or database stores them, turned into the catalog's types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from synth.core.catalog import Table
from synth.core.dataset import arrow_schema
from synth.io.place import Place
from synth.io.stored import fit_array


def fitted(
    batches: Iterable[pa.RecordBatch], table: Table, columns: Sequence[str], file: str | None
) -> Iterator[pa.RecordBatch]:
    """The named columns of each batch with the types of `table`. Raises UserError at the first cell of another type."""
    schema = arrow_schema(table, columns)
    listed = table.extra.get("missingValues", ())
    first = 1
    for batch in batches:
        place = Place(file, table.name, first=first)
        first += batch.num_rows
        if not columns:
            yield rows_alone(batch.num_rows)
            continue
        cells = [fit_array(batch.column(name), table.column(name), place, listed) for name in columns]
        yield pa.RecordBatch.from_arrays(cells, schema=schema)


def rows_alone(rows: int) -> pa.RecordBatch:
    """A batch without columns that still counts its rows."""
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
