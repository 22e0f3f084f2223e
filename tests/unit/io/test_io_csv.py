"""CSV files as people have them: delimiters, encodings, quotes, missing values, other orders of columns."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from synth.core.catalog import Catalog, Column, Table
from synth.core.descriptor import catalog_from
from synth.core.errors import UserError
from synth.io import open_dataset
from synth.io.single import open_single

FIELDS = [{"name": "case.id", "type": "string"}, {"name": "n", "type": "integer"}]


def _read(folder: Path, content: bytes, *, path: str = "t.csv", **resource: Any) -> list[dict[str, Any]]:
    schema = {"fields": resource.pop("fields", FIELDS), **resource.pop("schema", {})}
    (folder / path).write_bytes(content)
    catalog = catalog_from({"resources": [{"name": "t", "path": path, "schema": schema, **resource}]})
    rows: list[dict[str, Any]] = open_dataset(folder, catalog).read("t").to_pylist()
    return rows


@pytest.mark.parametrize(
    ("content", "resource"),
    [
        (b"case.id,n\n01,2\n,\n", {}),
        (b"\xef\xbb\xbfcase.id,n\r\n01,2\r\n,\r\n", {}),
        (b"n,case.id\n2,01\n,\n", {}),
        (b"case.id;n\n01;2\n;\n", {"dialect": {"delimiter": ";"}}),
        (b"'case.id'\tn\n'01'\t2\n''\t''\n", {"dialect": {"csv": {"delimiter": "\t", "quoteChar": "'"}}}),
        (b"01,2\n,\n", {"dialect": {"header": False}}),
        (b'"case.id","n"\n"01","2"\n"",""\n', {}),
        (b"case.id,n\n01,2\n\nNA,NA\n", {"schema": {"missingValues": ["", "NA"]}}),
        (gzip.compress(b"case.id,n\n01,2\n,\n"), {"path": "t.csv.gz"}),
        ("case.id,n\n01,2\n,\n".encode("utf-16"), {"encoding": "utf-16"}),
    ],
)
def test_the_same_rows_however_written(tmp_path: Path, content: bytes, resource: dict[str, Any]) -> None:
    expected = [{"case.id": "01", "n": 2}, {"case.id": None, "n": None}]
    assert _read(tmp_path, content, **resource) == expected


def test_latin_1_is_read_when_declared(tmp_path: Path) -> None:
    rows = _read(tmp_path, "case.id,n\nété,1\n".encode("latin-1"), encoding="latin-1")
    assert rows == [{"case.id": "été", "n": 1}]


def test_a_fields_own_missing_values_come_first(tmp_path: Path) -> None:
    fields = [FIELDS[0], {**FIELDS[1], "missingValues": ["", "-1"]}]
    assert _read(tmp_path, b"case.id,n\n-1,-1\n", fields=fields) == [{"case.id": "-1", "n": None}]


def test_without_the_empty_text_among_missing_values_it_is_a_value(tmp_path: Path) -> None:
    rows = _read(tmp_path, b"case.id,n\n,1\nNA,2\n", schema={"missingValues": ["NA"]})
    assert [row["case.id"] for row in rows] == ["", None]


def test_values_over_several_lines_keep_their_rows(tmp_path: Path) -> None:
    rows = _read(tmp_path, b'case.id,n\n"a\nb ""c"", d",1\n"x\r\ny",2\n')
    assert [row["case.id"] for row in rows] == ['a\nb "c", d', "x\r\ny"]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_last_cell_over_several_lines_is_whole(tmp_path: Path, ending: str) -> None:
    fields = [FIELDS[1], FIELDS[0]]
    content = f'n,case.id\n1,"a\nb ""c"""{ending}'.encode()
    assert _read(tmp_path, content, fields=fields) == [{"n": 1, "case.id": 'a\nb "c"'}]


@pytest.mark.parametrize(
    "content", [b'n,case.id\n1,"a\n2,b\n3,c\n', b'n,case.id\n1,"a\n2,b\n3,c', b'n,case.id\n1,"a\n']
)
def test_a_quote_left_open_is_no_end_of_file(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UserError, match="row 1: a quote is not closed"):
        _read(tmp_path, content)


def test_the_row_of_a_fault_does_not_depend_on_the_chunk(tmp_path: Path) -> None:
    lines = ["case.id,n"] + [f"a,{number}" for number in range(500)]
    lines[377] = "a,b"
    (tmp_path / "t.csv").write_text("\n".join(lines))
    catalog = catalog_from({"resources": [{"name": "t", "path": "t.csv", "schema": {"fields": FIELDS}}]})
    for chunk in (1, 7, 100, 10_000):
        with pytest.raises(UserError) as error:
            list(open_dataset(tmp_path, catalog).scan("t", chunk=chunk))
        assert error.value.row == 377


def test_other_delimiter_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="delimited by ;"):
        _read(tmp_path, b"case.id;n\n01;2\n")


def test_a_file_that_is_not_there_is_looked_for_by_name(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"case.id,n\n01,2\n"))
    catalog = catalog_from({"resources": [{"name": "t", "schema": {"fields": FIELDS}}]})
    assert open_dataset(tmp_path, catalog).read("t").num_rows == 1
    (tmp_path / "t.csv.gz").unlink()
    with pytest.raises(UserError, match="not found"):
        open_dataset(tmp_path, catalog)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_one_table_is_read_whatever_delimits_its_cells(tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "some.csv").write_text(f"town{delimiter}id\nLyon{delimiter}1\n", encoding="utf-8")
    table = Table("t", (Column("id", "integer"), Column("town"), Column("more")))
    assert open_single(tmp_path / "some.csv", table).read("t").to_pylist() == [{"id": 1, "town": "Lyon"}]


@pytest.mark.parametrize(
    "content",
    [
        "né le;poids;ville\n31/12/1950;1,5;Nîmes\n".encode("cp1252"),
        "né le,poids,ville\n1950-12-31,1.5,Nîmes\n".encode(),  # as we write what was drawn
        "ville|né le\nNîmes|31/12/1950\n".encode(),
        "né le\n1950-12-31\n".encode("cp1252"),
    ],
)
def test_one_table_is_read_as_its_own_file_is_written_or_as_we_write(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "some.csv").write_bytes(content)
    resource = {"format": "csv", "encoding": "cp1252", "dialect": {"delimiter": ";"}}
    columns = (
        Column("né le", "date", format="%d/%m/%Y"),
        Column("poids", "number", extra={"decimalChar": ","}),
        Column("ville"),
    )
    (row,) = open_single(tmp_path / "some.csv", Table("t", columns, resource=resource)).read("t").to_pylist()
    assert row == {name: ROW[name] for name in row} and "né le" in row


ROW = {"né le": date(1950, 12, 31), "poids": 1.5, "ville": "Nîmes"}


def test_one_table_that_is_neither_says_what_its_own_file_lacks(tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text("day\nhier\n", encoding="utf-8")
    with pytest.raises(UserError, match="row 1: the value is not a date") as caught:
        open_single(tmp_path / "some.csv", Table("t", (Column("day", "date", format="%d/%m/%Y"),)))
    assert "hier" not in str(caught.value)
    with pytest.raises(UserError, match="name them as the model does: days"):
        open_single(tmp_path / "some.csv", Table("t", (Column("days"),)))


def test_one_file_of_a_folder_of_several_tables_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("id\n1\n", encoding="utf-8")
    catalog = Catalog(tuple(Table(name, (Column("id"),)) for name in ("a", "b")))
    with pytest.raises(UserError, match="is one table, and the catalog describes several; give "):
        open_dataset(tmp_path / "a.csv", catalog)
