"""Databases as other tools meet them: DuckDB's IMPORT DATABASE, portal types, two databases in one folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth.core.catalog import Catalog, Column, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.io import dataset_digests, dataset_writer, memory_dataset, open_dataset


def _oracle(name: str, kind: str, declared: str) -> Column:
    return Column(name, kind, extra={"synth:oracle": declared})


TABLE = Table(
    "l'été; COPY",
    (
        _oracle("NIR", "string", "VARCHAR2(17)"),
        _oracle("N", "integer", "NUMBER(5)"),
        _oracle("case.id", "integer", "NUMBER(15)"),
        _oracle("M T", "number", "NUMBER(11,2)"),
        _oracle('q"', "date", "DATE"),
        Column("free", "number"),
    ),
)
CATALOG = Catalog((TABLE, Table("empty", (Column("x"),))))


def _dataset(numbers: list[int | None], amounts: list[float | None]) -> Dataset:
    count = len(numbers)
    rows = pa.table(
        {
            "NIR": ["é'\""] * count,
            "N": pa.array(numbers, pa.int64()),
            "case.id": [2**50] * count,
            "M T": pa.array(amounts, pa.float64()),
            'q"': pa.array([dt.date(1600, 1, 1)] * count, pa.date32()),
            "free": [0.1 + 0.2] * count,
        }
    )
    return memory_dataset(CATALOG, {TABLE.name: rows, "empty": pa.table({"x": pa.array([], pa.string())})})


def _write(dataset: Dataset, path: Path, form: str) -> Dataset:
    with dataset_writer(dataset.catalog, path, form) as writer:
        for name in dataset.catalog.table_names:
            for batch in dataset.scan(name):
                writer.write(name, batch)
    return open_dataset(path)


def _types(folder: Path, form: str) -> dict[str, str]:
    import duckdb

    with duckdb.connect(str(folder / "tables.duckdb") if form == "duckdb" else ":memory:") as database:
        if form == "duckdb-export":
            database.execute(f"IMPORT DATABASE '{folder}'")
        return dict(
            database.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE NOT internal").fetchall()
        )


def test_an_export_is_imported_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    dataset = _dataset([1, None], [17.5, -0.01])
    _write(dataset, tmp_path / "here", "duckdb-export")
    moved = tmp_path / "another place"
    (tmp_path / "here").rename(moved)
    for inside in (tmp_path, moved):
        monkeypatch.chdir(inside)
        database = duckdb.connect()
        database.execute(f"IMPORT DATABASE '{'.' if inside == moved else 'another place'}'")
        assert database.sql('SELECT sum("M T")::VARCHAR, max(NIR), min("q""") FROM "l\'été; COPY"').fetchall() == [
            ("17.49", "é'\"", dt.date(1600, 1, 1))
        ]
        assert database.sql("SELECT count(*) FROM empty").fetchall() == [(0,)]


@pytest.mark.parametrize("form", ["duckdb", "duckdb-export"])
def test_types_are_those_of_the_portal(form: str, tmp_path: Path) -> None:
    dataset = _dataset([99999], [123456789.99])
    again = _write(dataset, tmp_path / "out", form)
    types = _types(tmp_path / "out", form)
    assert (types["N"], types["case.id"], types["M T"]) == ("INTEGER", "BIGINT", "DECIMAL(11,2)")
    assert (types["NIR"], types['q"'], types["free"]) == ("VARCHAR", "DATE", "DOUBLE")
    assert dataset_digests(again) == dataset_digests(dataset)


@pytest.mark.parametrize("form", ["duckdb", "duckdb-export"])
@pytest.mark.parametrize(("number", "amount"), [(2**40, 0.001), (-(2**40), 1e9), (2**40, float(10**15))])
def test_types_are_wider_where_values_are(form: str, number: int, amount: float, tmp_path: Path) -> None:
    dataset = _dataset([1, number, None], [1.0, None, amount])
    again = _write(dataset, tmp_path / "out", form)
    types = _types(tmp_path / "out", form)
    assert (types["N"], types["M T"]) == ("BIGINT", "DOUBLE")
    assert dataset_digests(again) == dataset_digests(dataset)


def test_decimals_are_read_as_the_nearest_number(tmp_path: Path) -> None:
    """Arrow's own cast of a decimal misses the nearest double for some hundredths."""
    cents = list(range(-20_000, 20_000))
    stored = pa.array([value / 100 for value in cents]).cast(pa.decimal128(9, 2))
    pq.write_table(pa.table({"x": stored}), tmp_path / "t.parquet")
    read = open_dataset(tmp_path, Catalog((Table("t", (Column("x", "number"),)),))).read("t")["x"]
    assert read.to_pylist() == [value / 100 for value in cents]


def test_two_databases_of_one_name_live_in_one_folder(tmp_path: Path) -> None:
    one, two = _dataset([1], [1.0]), _dataset([2], [2.0])
    _write(one, tmp_path / "base.duckdb", "duckdb")
    _write(two, tmp_path / "base.sqlite", "sqlite")
    assert dataset_digests(open_dataset(tmp_path / "base.duckdb")) == dataset_digests(one)
    assert dataset_digests(open_dataset(tmp_path / "base.sqlite")) == dataset_digests(two)


def test_a_catalog_under_its_former_name_is_found(tmp_path: Path) -> None:
    dataset = _dataset([1], [1.0])
    _write(dataset, tmp_path / "base.sqlite", "sqlite")
    (tmp_path / "base.sqlite.datapackage.json").rename(tmp_path / "base.datapackage.json")
    assert dataset_digests(open_dataset(tmp_path / "base.sqlite")) == dataset_digests(dataset)


@pytest.mark.parametrize("form", ["duckdb", "sqlite", "duckdb-export"])
@pytest.mark.parametrize(
    "catalog",
    [
        Catalog((Table("t", (Column("a"), Column("A"))),)),
        Catalog((Table("t", (Column("a"),)), Table("T", (Column("a"),)))),
    ],
)
def test_names_that_differ_by_case_alone_are_refused(form: str, catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="case"), dataset_writer(catalog, tmp_path / "out", form):
        pass
    assert list(tmp_path.iterdir()) == []
