"""Writing: whole or absent, the same bytes for the same rows, keys declared in databases, a catalog that says it."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.io import FORMATS, dataset_digest, dataset_digests, dataset_writer, memory_dataset, open_dataset

PARENT = Table(
    "parent d'été",
    (Column("id", "integer", nullable=False), Column("name", "string"), Column("born", "date", format="%d%m%Y")),
    primary_key=("id",),
)
CHILD = Table(
    "child",
    (Column("parent", "integer"), Column("n.o", "integer"), Column("note", "string")),
    primary_key=("parent", "n.o"),
    foreign_keys=(ForeignKey(("parent",), PARENT.name, ("id",)),),
)
CATALOG = Catalog((CHILD, PARENT), Person(PARENT.name, ("id",)))
PARENTS = pa.table({"id": [3, 1, 2], "name": ["a,b", "", None], "born": pa.array([None, 0, -135140], pa.date32())})
CHILDREN = pa.table({"parent": [1, 1, 3], "n.o": [2, 1, 1], "note": ['"q"', "x\ny", None]})


@pytest.fixture
def tables() -> Dataset:
    return memory_dataset(CATALOG, {PARENT.name: PARENTS, "child": CHILDREN})


def _write(dataset: Dataset, path: Path, form: str, chunk: int = 100, **options: Any) -> Dataset:
    with dataset_writer(dataset.catalog, path, form, **options) as writer:
        for name in dataset.catalog.table_names:
            for batch in dataset.scan(name, chunk=chunk):
                writer.write(name, batch)
    return open_dataset(path)


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_is_read_again(form: str, tables: Dataset, tmp_path: Path) -> None:
    again = _write(tables, tmp_path / "out", form, metadata={"synthetic": True})
    assert dataset_digests(again) == dataset_digests(tables)
    assert again.read(PARENT.name).equals(PARENTS)
    assert again.catalog.extra["synth:metadata"] == {"synthetic": True}
    assert again.catalog.person == CATALOG.person


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet"])
def test_the_bytes_do_not_depend_on_the_batches(form: str, tables: Dataset, tmp_path: Path) -> None:
    _write(tables, tmp_path / "one", form, chunk=1)
    _write(tables, tmp_path / "all", form, chunk=1000)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 3
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "all" / name).read_bytes()


def test_csv_is_plain(tables: Dataset, tmp_path: Path) -> None:
    _write(tables, tmp_path / "out", "csv")
    text = (tmp_path / "out" / "parent d'été.csv").read_bytes().decode()
    assert text == 'id,name,born\n3,"a,b",\n1,"",1970-01-01\n2,,1600-01-01\n'


def test_gzip_carries_no_time(tables: Dataset, tmp_path: Path) -> None:
    _write(tables, tmp_path / "out", "csv.gz")
    raw = (tmp_path / "out" / "child.csv.gz").read_bytes()
    assert raw[3:8] == b"\x00" * 5  # no name, time 0
    assert gzip.decompress(raw).startswith(b"parent,n.o,note\n")


def test_the_descriptor_says_what_was_written(tables: Dataset, tmp_path: Path) -> None:
    _write(tables, tmp_path / "out", "csv.gz")
    resource = json.loads((tmp_path / "out" / "datapackage.json").read_text())["resources"][1]
    assert (resource["path"], resource["format"], resource["mediatype"]) == ("parent d'été.csv.gz", "csv", "text/csv")
    assert "format" not in resource["schema"]["fields"][2], "dates are written as ISO 8601"


def test_parquet_is_marked(tables: Dataset, tmp_path: Path) -> None:
    _write(tables, tmp_path / "out", "parquet", metadata={"synthetic": True})
    assert json.loads(pq.read_schema(tmp_path / "out" / "child.parquet").metadata[b"synth"]) == {"synthetic": True}


def test_duckdb_declares_keys(tables: Dataset, tmp_path: Path) -> None:
    import duckdb

    _write(tables, tmp_path / "t.duckdb", "duckdb")
    assert (tmp_path / "t.duckdb.datapackage.json").is_file()
    with duckdb.connect(str(tmp_path / "t.duckdb"), read_only=True) as database:
        kinds = database.sql("SELECT constraint_type FROM duckdb_constraints() WHERE table_name = 'child'").fetchall()
    assert {"PRIMARY KEY", "FOREIGN KEY"} <= {kind for (kind,) in kinds}


def test_sqlite_declares_keys_and_keeps_the_order(tables: Dataset, tmp_path: Path) -> None:
    again = _write(tables, tmp_path / "t.sqlite", "sqlite")
    with sqlite3.connect(tmp_path / "t.sqlite") as database:
        assert database.execute("PRAGMA foreign_key_list(child)").fetchone()[2:5] == (PARENT.name, "parent", "id")
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute('SELECT born FROM "parent d\'été" WHERE id = 2').fetchone() == ("1600-01-01",)
    assert again.read("child", ["n.o"])["n.o"].to_pylist() == [2, 1, 1]


def test_duckdb_without_keys_when_rows_break_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    children = pa.table({"parent": [9, 9], "n.o": [1, 1], "note": ["a", "a"]})
    broken = memory_dataset(CATALOG, {PARENT.name: PARENTS, "child": children})
    again = _write(broken, tmp_path / "t.duckdb", "duckdb")
    assert again.read("child").num_rows == 2
    assert "keys not declared" in capsys.readouterr().err


def test_duckdb_without_keys_when_a_table_is_large(
    tables: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    monkeypatch.setattr("synth.io.duckdb_sink._MOST_KEYED", 2)
    again = _write(tables, tmp_path / "t.duckdb", "duckdb")
    assert dataset_digests(again) == dataset_digests(tables)
    assert capsys.readouterr().err.count("since it is large") == 2
    with duckdb.connect(str(tmp_path / "t.duckdb"), read_only=True) as database:
        assert database.sql("SELECT * FROM duckdb_constraints()").fetchall() == []


def test_sqlite_refuses_a_repeated_key_without_its_value(tmp_path: Path) -> None:
    children = pa.table({"parent": [987654, 987654], "n.o": [1, 1], "note": ["a", "a"]})
    broken = memory_dataset(CATALOG, {PARENT.name: PARENTS, "child": children})
    with pytest.raises(UserError, match="primary key") as error:
        _write(broken, tmp_path / "t.sqlite", "sqlite")
    assert "987654" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_an_interruption_leaves_nothing(form: str, tables: Dataset, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), dataset_writer(CATALOG, tmp_path / "out", form) as writer:
        for batch in tables.scan("child"):
            writer.write("child", batch)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "sqlite", "duckdb"])
def test_what_is_there_is_not_replaced_unasked(form: str, tables: Dataset, tmp_path: Path) -> None:
    path = tmp_path / ("out" if form == "csv" else f"t.{form}")
    _write(tables, path, form)
    with pytest.raises(UserError, match="already exists"):
        _write(tables, path, form)
    _write(tables, path, form, overwrite=True)


def test_interleaved_tables_and_none_at_all(tables: Dataset, tmp_path: Path) -> None:
    child, parent = next(tables.scan("child")), next(tables.scan(PARENT.name))
    with dataset_writer(CATALOG, tmp_path / "mixed", "duckdb") as writer:
        for start in range(3):
            writer.write("child", child.slice(start, 1))
            writer.write(PARENT.name, parent.slice(start, 1))
    assert dataset_digest(open_dataset(tmp_path / "mixed")) == dataset_digest(tables)
    for form in FORMATS:
        with dataset_writer(CATALOG, tmp_path / form, form):
            pass
        assert open_dataset(tmp_path / form).read("child").num_rows == 0


def test_names_that_are_no_file_names(tmp_path: Path) -> None:
    names = ("a/b", "A:B", "a_b", "..", "é 1")
    catalog = Catalog(tuple(Table(name, (Column("x"),)) for name in names))
    dataset = memory_dataset(catalog, {name: pa.table({"x": [name]}) for name in names})
    again = _write(dataset, tmp_path / "out", "csv")
    assert [again.read(name)["x"].to_pylist() for name in names] == [[name] for name in names]


def test_a_batch_of_other_columns_is_refused(tables: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="other columns"), dataset_writer(CATALOG, tmp_path / "out") as writer:
        writer.write("child", pa.record_batch({"x": [1]}))
    assert list(tmp_path.iterdir()) == []


def test_the_digest_sees_values_order_and_names(tables: Dataset) -> None:
    def digest(children: pa.Table) -> str:
        return dataset_digests(memory_dataset(CATALOG, {PARENT.name: PARENTS, "child": children}))["child"]

    plain = digest(CHILDREN)
    assert digest(CHILDREN.slice(0, 2)) != plain
    assert digest(CHILDREN.take([1, 0, 2])) != plain
    assert digest(CHILDREN.set_column(2, "note", pa.array(['"q"', "x\ny", ""]))) != plain
    assert digest(CHILDREN.set_column(2, "note", pa.array(['"q"x', "\ny", None], pa.string()))) != plain


@pytest.mark.parametrize("form", FORMATS)
def test_rows_can_be_counted_without_a_column(form: str, tables: Dataset, tmp_path: Path) -> None:
    again = _write(tables, tmp_path / "out", form)
    for dataset in (again, tables):
        assert [batch.num_rows for batch in dataset.scan("child", (), chunk=2)] == [2, 1]


def test_parquet_footers_tell_bounds_of_numbers_and_dates_but_no_text(tables: Dataset, tmp_path: Path) -> None:
    _write(tables, tmp_path / "out", "parquet")
    group = pq.ParquetFile(tmp_path / "out" / "parent d'été.parquet").metadata.row_group(0)
    stated = {group.column(place).path_in_schema: group.column(place).statistics for place in range(3)}
    assert (stated["id"].min, stated["id"].max, stated["born"].has_min_max) == (1, 3, True)
    assert stated["name"] is None
