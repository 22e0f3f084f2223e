"""Random catalogs and tables, written in every format and read again: equal to the last cell, whatever the chunk."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.core.catalog import Catalog, Column, Table
from synth.core.dataset import Dataset, arrow_schema
from synth.io import FORMATS, dataset_digests, dataset_writer, memory_dataset, open_dataset

# any text, but for NUL, which SQLite ends a text at, and halves of surrogate pairs, which are no text
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
AWKWARD = st.sampled_from(["", " ", '"', '""', ",", "a,b", "\n", "\r\n", "\r", "NA", "01", "é", "'", "\ufeff", "\t x"])
NAMES = st.one_of(
    st.sampled_from(["case.id", "a b", "é", "l'an", 'q"q', "A", "a", "select", "01", "r", "c0", "synth:x"]),
    st.text("abcdéÉ _.-", min_size=1, max_size=6).filter(lambda name: name.strip() == name),
)
MOMENTS = st.datetimes(dt.datetime(1600, 1, 1), dt.datetime(9999, 12, 31))
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.one_of(TEXT, AWKWARD),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "date": st.dates(dt.date(1600, 1, 1), dt.date(9999, 12, 31)),
    "datetime": MOMENTS,
    "year": st.integers(1, 9999),
    "yearmonth": st.dates(dt.date(1000, 1, 1)).map(lambda day: day.isoformat()[:7]),
    "time": st.times().map(lambda time: time.isoformat()),
}


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """One to three tables of one to five columns, at most six rows."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    tables, rows = [], {}
    for name in names:
        columns = draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=str.casefold))
        kinds = [draw(st.sampled_from(sorted(CELLS))) for _ in columns]
        table = Table(name, tuple(Column(column, kind) for column, kind in zip(columns, kinds, strict=True)))
        count = draw(st.integers(0, 6))
        cells = [
            pa.array([draw(st.one_of(st.none(), CELLS[kind])) for _ in range(count)], field.type)
            for kind, field in zip(kinds, arrow_schema(table), strict=True)
        ]
        tables.append(table)
        rows[name] = pa.table(cells, schema=arrow_schema(table))
    return memory_dataset(Catalog(tuple(tables)), rows)


def _names_apart(dataset: Dataset) -> bool:
    """Databases do not tell `A` from `a`."""
    names = [name.casefold() for name in dataset.catalog.table_names]
    return len(set(names)) == len(names)


def _round_trip(dataset: Dataset, form: str) -> None:
    expected = dataset_digests(dataset)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        with dataset_writer(dataset.catalog, path, form) as writer:
            for name in dataset.catalog.table_names:
                for batch in dataset.scan(name, chunk=2):
                    writer.write(name, batch)
        again = open_dataset(path)
        assert dataset_digests(again) == expected, form
        for name in dataset.catalog.table_names:
            assert again.read(name).to_pylist() == dataset.read(name).to_pylist(), form


@given(datasets())
@settings(max_examples=20)
def test_every_file_format_gives_the_same_cells_again(dataset: Dataset) -> None:
    for form in ("parquet", "csv", "csv.gz"):
        _round_trip(dataset, form)


@given(datasets().filter(_names_apart), st.sampled_from(["duckdb", "sqlite"]))
@settings(max_examples=10)
def test_databases_give_the_same_cells_again(dataset: Dataset, form: str) -> None:
    _round_trip(dataset, form)


@given(datasets(), st.integers(1, 7), st.data())
def test_chunks_and_projections_leave_no_trace(dataset: Dataset, chunk: int, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        form = data.draw(st.sampled_from(FORMATS[:3]))
        path = Path(folder) / "out"
        with dataset_writer(dataset.catalog, path, form) as writer:
            for name in dataset.catalog.table_names:
                for batch in dataset.scan(name):
                    writer.write(name, batch)
        again = open_dataset(path)
        for table in dataset.catalog.tables:
            wanted = data.draw(st.lists(st.sampled_from(table.column_names), min_size=1, unique=True))
            batches = list(again.scan(table.name, wanted, chunk=chunk))
            assert all(batch.num_rows == chunk for batch in batches[:-1])
            found = pa.Table.from_batches(batches, arrow_schema(table, wanted))
            assert found.to_pylist() == dataset.read(table.name, wanted).to_pylist()
