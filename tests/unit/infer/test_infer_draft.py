"""Drafts of catalogs: careful types, keys that hold, references that are meant, the person guessed and marked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from synth.commands.schemas_infer import command
from synth.core.catalog import Catalog
from synth.core.descriptor import catalog_from, read_catalog
from synth.core.descriptor_writer import descriptor_of
from synth.core.errors import UserError
from synth.core.joins import person_paths
from synth.infer import infer_catalog, write_draft
from synth.io import dataset_writer, open_dataset
from synth.io.integrity import integrity_faults


def _table(folder: Path, name: str, columns: dict[str, list[str]], delimiter: str = ",") -> None:
    lines = [delimiter.join(columns), *(delimiter.join(cells) for cells in zip(*columns.values(), strict=True))]
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")


def _keys(catalog: Catalog) -> dict[str, set[tuple[Any, ...]]]:
    return {
        table.name: {(key.columns, key.target, key.target_columns) for key in table.foreign_keys}
        for table in catalog.tables
    }


TYPES: list[tuple[str, list[str], str, str | None]] = [
    ("code", ["01", "2", "3"], "string", None),
    ("n", ["1", "", "-3"], "integer", None),
    ("big", ["12345678901234567890", "1", "2"], "string", None),
    ("weight", ["1.5", "2", ""], "number", None),
    ("visit_id", ["1.0", "2.0", ""], "integer", None),
    ("n° séjour", ["1.0", "2.0", ""], "integer", None),
    ("height", ["1.0", "2.0", ""], "number", None),
    ("flag", ["true", "false", ""], "boolean", None),
    ("day", ["2020-02-29", "1600-01-01", ""], "date", None),
    ("bad day", ["2020-02-30", "2020-01-01", ""], "string", None),
    ("moment", ["2020-02-29 10:11:12", "2020-02-29", ""], "datetime", None),
    ("jour", ["31/12/2020", "01/02/2020", ""], "date", "%d/%m/%Y"),
    ("us", ["12/31/2020", "01/02/2020", ""], "date", "%m/%d/%Y"),
    ("birth_dt", ["20081231", "19500101", ""], "date", "%Y%m%d"),
    ("amount", ["20081231", "19500101", ""], "integer", None),
    ("short", ["1/2/2020", "31/12/2020", ""], "date", "%d/%m/%Y"),
    ("arrival", ["31/12/2020 08:05", "01/02/2020 23:59", ""], "datetime", "%d/%m/%Y %H:%M"),
    ("left", ["2020/12/31 8:05:00", "2020/01/02 23:59:01", ""], "datetime", "%Y/%m/%d %H:%M:%S"),
    ("mois", ["2020-12", "2021-01", ""], "yearmonth", None),
    ("year", ["2020", "2021", ""], "year", None),
    ("at", ["10:11", "23:59", ""], "time", None),
    ("age", ["12", "NA", "40"], "integer", None),
    ("letter", ["a", "NA", "b"], "string", None),
    ("nothing", ["", "", ""], "string", None),
    ("icd.code", ["250.00", "V27.0", ""], "string", None),
]


@pytest.mark.parametrize(("name", "cells", "kind", "form"), TYPES)
def test_the_type_of_a_column(name: str, cells: list[str], kind: str, form: str | None, tmp_path: Path) -> None:
    _table(tmp_path, "t", {"first": ["x", "y", "z"], name: cells})
    catalog, _ = infer_catalog(tmp_path)
    column = catalog.table("t").column(name)
    assert (column.type, column.format) == (kind, form)
    assert list(integrity_faults(open_dataset(tmp_path, catalog))) == []


def test_decimal_commas_semicolons_and_windows_letters(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("nom;poids\nété;1,5\nà;2\n".encode("cp1252"))
    catalog, _ = infer_catalog(tmp_path)
    table = catalog.table("t")
    assert table.resource == {"format": "csv", "dialect": {"delimiter": ";"}, "encoding": "cp1252"}
    assert open_dataset(tmp_path, catalog).read("t", ["nom", "poids"]).to_pylist() == [
        {"nom": "été", "poids": 1.5},
        {"nom": "à", "poids": 2.0},
    ]


UNITS: list[tuple[list[str], list[float | None] | None]] = [
    (["12,50 €", "1\u00a0234,05 €", ""], [12.5, 1234.05, None]),
    (["0 %", "65 %", "7,5 %"], [0, 65, 7.5]),
    (["-12.50 EUR", "3 EUR", "NA"], [-12.5, 3, None]),
    (["$1,234.50", "$ 3", ""], [1234.5, 3, None]),
    (["20%", "30%", ""], [20, 30, None]),
    (["1,234 €", "5,678 €", ""], None),  # thousands or thousandths
    (["12 €", "12 $", ""], None),
    (["12 €", "12", ""], None),
    (["5 A", "6 A", ""], None),
    (["1 234,5 €", "1\u202f234,5 €", ""], None),
]


@pytest.mark.parametrize(("cells", "numbers"), UNITS)
def test_numbers_beside_one_unit(cells: list[str], numbers: list[float | None] | None, tmp_path: Path) -> None:
    from frictionless import Package

    _table(tmp_path, "t", {"first": ["x", "y", "z"], "n": cells}, ";")
    catalog, _ = infer_catalog(tmp_path)
    write_draft(catalog, tmp_path / "datapackage.json")
    column = catalog.table("t").column("n")

    assert column.type == ("string" if numbers is None else "number")
    if numbers is not None:
        assert open_dataset(tmp_path).read("t", ["n"]).column("n").to_pylist() == numbers
        assert (column.role, str(column.description).startswith("In ")) == ("number", True)
        assert Package(tmp_path / "datapackage.json").validate().valid


def test_text_in_parquet_is_meant_but_for_dates(tmp_path: Path) -> None:
    cells = {"code": ["1", "2"], "day": ["2020-01-01", None], "n": pa.array([1.0, None]), "x": pa.array([None, None])}
    pq.write_table(pa.table(cells), tmp_path / "t.parquet")
    catalog, _ = infer_catalog(tmp_path)
    assert [column.type for column in catalog.table("t").columns[1:]] == ["string", "date", "number", "string"]


def _clinic(folder: Path) -> None:
    count = 60
    numbers = list(range(1, count + 1))
    _table(
        folder,
        "patients",
        {"row_id": [str(n + 500) for n in numbers], "Id": [f"u{n * 7919}" for n in numbers], "sex": ["1", "2"] * 30},
    )
    _table(
        folder,
        "visits",
        {
            "row_id": [str(n) for n in range(1, 2 * count + 1)],
            "visit_id": [str(n * 3) for n in range(1, 2 * count + 1)],
            "PATIENT": [f"u{n * 7919}" for n in numbers * 2],
            "start": ["2020-01-01"] * (2 * count),
            "small": [str(n % 5 + 1) for n in range(2 * count)],
        },
    )
    _table(
        folder,
        "acts",
        {
            "visit_id": [str((n // 2 + 1) * 3) for n in range(4 * count)],
            "rang": [str(n % 2) for n in range(4 * count)],
            "previous_visit_id": [""] * 4 * count,
            "n": [str(n % 7 + 1) for n in range(4 * count)],
        },
    )
    _table(folder, "wards", {"ward": [str(n) for n in range(1, 11)], "beds": [str(n * 2) for n in range(1, 11)]})


def test_keys_references_and_person(tmp_path: Path) -> None:
    _clinic(tmp_path)
    catalog, notes = infer_catalog(tmp_path)
    assert {table.name: table.primary_key for table in catalog.tables} == {
        "acts": ("visit_id", "rang"),
        "patients": ("Id",),
        "visits": ("visit_id",),
        "wards": ("ward",),
    }
    assert _keys(catalog) == {
        "acts": {(("visit_id",), "visits", ("visit_id",))},
        "patients": set(),
        "visits": {(("PATIENT",), "patients", ("Id",))},
        "wards": set(),
    }
    assert catalog.person is not None
    assert (catalog.person.table, catalog.person.key, catalog.person.guessed) == ("patients", ("Id",), True)
    assert catalog.table("visits").order_by == ("start",)
    assert not catalog.table("visits").column("PATIENT").nullable
    assert notes == ["lead to no person: wards; mark those that anyone may see with `synth:public`"]
    assert list(integrity_faults(open_dataset(tmp_path, catalog))) == []


@pytest.mark.parametrize("form", ["duckdb", "sqlite"])
def test_a_database_gives_the_same_draft(form: str, tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    _clinic(tmp_path / "csv")
    catalog, _ = infer_catalog(tmp_path / "csv")
    source = open_dataset(tmp_path / "csv", catalog)
    with dataset_writer(catalog, tmp_path / f"clinic.{form}", form) as writer:
        for name in catalog.table_names:
            for batch in source.scan(name):
                writer.write(name, batch)
    again, _ = infer_catalog(tmp_path / f"clinic.{form}")
    assert _keys(again) == _keys(catalog)
    assert again.person == catalog.person
    assert list(integrity_faults(open_dataset(tmp_path / f"clinic.{form}", again))) == []


def test_small_integers_refer_to_nothing_by_chance(tmp_path: Path) -> None:
    for name in ("colon", "lung"):
        _table(tmp_path, name, {"id": [str(n) for n in range(1, 101)], "age": [str(n % 50) for n in range(100)]})
    _table(
        tmp_path, "lung_visit", {"id": [str(n // 2 + 1) for n in range(200)], "day": [str(n % 2) for n in range(200)]}
    )
    catalog, _ = infer_catalog(tmp_path)
    found = _keys(catalog)
    assert found["colon"] == found["lung"] == set()
    assert found["lung_visit"] == {(("id",), "lung", ("id",))}


def test_rows_of_a_person_without_a_table_of_persons_are_told(tmp_path: Path) -> None:
    ids = [f"{n * 31 + 10000}" for n in range(40)]
    _table(tmp_path, "stays", {"stay_id": ids, "subject_id": [*ids[:19] * 2, ids[0], ""]})
    _table(tmp_path, "bills", {"bill_id": [f"9{one}" for one in ids], "stay_id": ids})
    catalog, notes = infer_catalog(tmp_path)
    assert catalog.person is None
    assert any("several rows of the same subject_id" in note and "make a table" in note for note in notes)


def _visits(folder: Path, named: str, kind: str = "csv", wrong: bool = False) -> Path:
    """Visits and what was done there, each with the person's identifier; the tables are in a folder or a database."""
    visits = [f"{n * 31 + 10000}" for n in range(40)]
    persons = [f"P{n % 15:03d}" for n in range(40)]
    _table(folder, "visit", {"visit_id": visits, named: persons, "site": ["a", "b"] * 20})
    acts = {"visit_id": visits * 2, named: [*persons, *(reversed(persons) if wrong else persons)]}
    _table(folder, "act", {**acts, "rank": ["1"] * 40 + ["2"] * 40})
    _table(folder, "drug", {"visit_id": visits, named: persons, "code": ["x", "y"] * 20})
    if kind == "csv":
        return folder
    with duckdb.connect(str(folder / "all.duckdb")) as database:
        for name in ("visit", "act", "drug"):
            database.sql(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{folder / name}.csv')")
    return folder / "all.duckdb"


@pytest.mark.parametrize(("named", "kind"), [("subject_id", "csv"), ("patient id", "duckdb"), ("thing_id", "csv")])
def test_persons_that_come_several_times_have_a_table_of_their_own(named: str, kind: str, tmp_path: Path) -> None:
    where = _visits(tmp_path, named, kind)
    catalog, notes = infer_catalog(where)
    assert catalog.person is not None and catalog.person.key == (named,)
    assert any(f"several rows of the same {named}" in note and "distinctOf" in note for note in notes)
    home = catalog.person.table
    assert {name: path.depth for name, path in person_paths(catalog).items()} == {
        home: 0,
        "visit": 1,
        "act": 2,
        "drug": 2,
    }

    write_draft(catalog, tmp_path / "draft.json")
    assert read_catalog(tmp_path / "draft.json") == catalog
    dataset = open_dataset(where, tmp_path / "draft.json")
    assert list(integrity_faults(dataset)) == []
    assert dataset.read(home).column(named).to_pylist() == [f"P{n:03d}" for n in range(15)]
    assert [batch.num_rows for batch in dataset.scan(home, [], chunk=10)] == [10, 5]
    with dataset_writer(catalog, tmp_path / "out", format="csv") as writer:
        for table in catalog.table_names:
            for batch in dataset.scan(table):
                writer.write(table, batch)
    assert open_dataset(tmp_path / "out").read(home).num_rows == 15
    assert "distinctOf" not in (tmp_path / "out" / "datapackage.json").read_text()


def test_an_identifier_that_visits_disagree_on_is_no_person(tmp_path: Path) -> None:
    catalog, _ = infer_catalog(_visits(tmp_path, "thing_id", wrong=True))
    assert catalog.person is not None and catalog.person.key == ("visit_id",)


@pytest.mark.parametrize(
    ("change", "said"), [({"synth:distinctOf": "no"}, "no table"), ({"type": "date"}, "no such column")]
)
def test_rows_of_another_table_need_that_table_and_its_columns(
    change: dict[str, str], said: str, tmp_path: Path
) -> None:
    catalog, _ = infer_catalog(_visits(tmp_path, "subject_id"))
    document = descriptor_of(catalog)
    schema = document["resources"][0]["schema"]
    if "type" in change:
        schema["fields"][0] |= change
    else:
        schema |= change
    with pytest.raises(UserError, match=said):
        open_dataset(tmp_path, catalog_from(document))


def test_the_command_writes_a_draft_that_opens(tmp_path: Path) -> None:
    _clinic(tmp_path)
    answer = CliRunner().invoke(command, [str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    assert json.loads((tmp_path / "datapackage.json").read_text())["synth:person"]["guessed"] is True
    assert list(integrity_faults(open_dataset(tmp_path))) == []
    again = CliRunner().invoke(command, [str(tmp_path)])
    assert isinstance(again.exception, UserError)
    assert "--force" in str(again.exception)
    assert CliRunner().invoke(command, [str(tmp_path), "--force"]).exit_code == 0
    printed = CliRunner().invoke(command, [str(tmp_path), "--out", "-"])
    assert json.loads(printed.stdout)["resources"][0]["name"] == "acts"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", b"", "empty"),
        ("t.csv", b"a,,c\n1,2,3\n", "column 2"),
        ("t.csv", b"a,a\n1,2\n", "twice"),
        ("t.csv", b"a,b\nZq7,2\nZq7,3,Zq7\n", "row 2"),
        ("t.csv.gz", b"\x1f\x8b" + b"Zq7" * 20, "cannot be read"),
        ("t.parquet", b"Zq7" * 20, "Parquet"),
        ("readme.md", b"Zq7", "no table"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        infer_catalog(tmp_path)
    assert words in str(error.value)
    assert "Zq7" not in str(error.value)


# reference data: number of references found, some that must be there, the person's key
REFERENCE = {
    "nafld": (2, [("nafld2", ("id",), "nafld1")], ("id",)),
    "berka": (8, [("disp", ("client_id",), "client"), ("trans_sample", ("account_id",), "account")], ("client_id",)),
    "mimic4ed_demo": (
        11,
        [("triage", ("stay_id",), "edstays"), ("edstays", ("subject_id",), "subject")],
        ("subject_id",),
    ),
    "synpuf_claimsdb": (0, [], None),
    "survival_pack": (1, [("pbcseq", ("id",), "pbc")], ("id",)),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", REFERENCE)
def test_reference_data(name: str, shared: Path) -> None:
    count, needed, key = REFERENCE[name]
    catalog, _ = infer_catalog(shared / "data" / name)
    found = {(table.name, one.columns, one.target) for table in catalog.tables for one in table.foreign_keys}
    assert len(found) == count
    assert set(needed) <= found
    assert (catalog.person.key if catalog.person else None) == key
    assert list(integrity_faults(open_dataset(shared / "data" / name, catalog))) == []


def test_identifiers_of_one_name_that_are_scattered_refer_whatever_the_tables_are_called(tmp_path: Path) -> None:
    ids = [f"{i * 7919 % 99991:08x}" for i in range(60)]
    _table(tmp_path, "personnes", {"id": ids, "x": ["1", "2"] * 30})
    _table(tmp_path, "soins", {"id": ids[:40] * 2, "code": [str(i) for i in range(80)]})
    catalog, _ = infer_catalog(tmp_path)
    assert _keys(catalog)["soins"] == {(("id",), "personnes", ("id",))}


def test_a_key_that_a_gap_turned_into_numbers_with_a_point(tmp_path: Path) -> None:
    _table(tmp_path, "doctors", {"doctor": ["1.0", "2.0", "3.0"], "ward": ["a", "b", "a"], "price": ["1.0", "2.0", ""]})
    _table(tmp_path, "stays", {"stay": list("abcd"), "doctor": ["1.0", "", "3.0", "1.0"], "price": ["1.0"] * 4})
    catalog, _ = infer_catalog(tmp_path)
    assert _keys(catalog)["stays"] == {(("doctor",), "doctors", ("doctor",))}
    assert catalog.table("stays").column("price").type == "number"


def test_a_key_that_other_tables_have_comes_before_a_date(tmp_path: Path) -> None:
    people, days = [str(i) for i in range(30)], [f"2020-01-{i + 1:02d}" for i in range(30)]
    _table(tmp_path, "patients", {"patient_id": people})
    _table(tmp_path, "stays", {"patient_id": people, "entry": days, "stay": ["1", "2"] * 15, "n": ["5"] * 30})
    stays = tmp_path / "stays.csv"
    stays.write_text(stays.read_text() + "0,2020-03-01,2,5\n")
    _table(tmp_path, "acts", {"patient_id": people * 2, "stay": ["1", "2"] * 30, "act": ["1"] * 30 + ["2"] * 30})
    catalog, _ = infer_catalog(tmp_path)
    assert catalog.table("stays").primary_key == ("patient_id", "stay")


def test_text_of_two_bytes_a_letter(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("nom,n\nété,1\nà,2\n".encode("utf-16"))
    catalog, _ = infer_catalog(tmp_path)
    assert open_dataset(tmp_path, catalog).read("t").column("nom").to_pylist() == ["été", "à"]


def test_files_of_other_kinds_are_named(tmp_path: Path) -> None:
    (tmp_path / "tables.ZIP").write_bytes(b"")
    with pytest.raises(UserError, match=r"unpack or convert its \.zip files"):
        infer_catalog(tmp_path)


def test_columns_of_lists_are_left_out_and_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2, 3], "many": [[1], [2], []]}), tmp_path / "t.parquet")
    catalog, notes = infer_catalog(tmp_path)
    assert catalog.table("t").column_names == ("id",)
    assert any("many" in note for note in notes)


def test_columns_of_a_database_that_no_table_can_hold_are_left_out_and_named(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as database:
        database.execute(
            "create table t as select i as id, ['a'] as l, {'a': 1} as s, interval 1 month as v, uuid() as u, "
            "'\\xFF'::blob as b, 1::decimal(18, 4) as d, i::hugeint as h, now() as z from range(30) r(i)"
        )
        database.execute("create table nested as select [1] as l")
    with pytest.raises(UserError, match="table nested: no column can be read"):
        infer_catalog(tmp_path / "a.duckdb")
    with duckdb.connect(str(tmp_path / "a.duckdb")) as database:
        database.execute("drop table nested")
    catalog, notes = infer_catalog(tmp_path / "a.duckdb")
    assert catalog.table("t").column_names == ("id", "u", "d", "h", "z")
    assert any("l, s, v, b" in note for note in notes)
    assert open_dataset(tmp_path / "a.duckdb", catalog).read("t").num_rows == 30


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_rows_that_nothing_identifies_are_numbered(kind: str, tmp_path: Path) -> None:
    cells = {"weight": [1.5, 2.0, 1.5], "group": ["a", "b", "a"]}
    if kind == "csv":
        _table(tmp_path, "t", {name: [str(cell) for cell in column] for name, column in cells.items()})
    else:
        pq.write_table(pa.table(cells), tmp_path / "t.parquet")
    catalog, notes = infer_catalog(tmp_path)
    assert catalog.person is not None and catalog.person.key == ("row",)
    assert any("each row is taken for one" in note for note in notes)

    dataset = open_dataset(tmp_path, catalog)
    assert [batch.num_rows for batch in dataset.scan("t", [], chunk=2)] == [2, 1]
    assert [list(batch.column("row").to_pylist()) for batch in dataset.scan("t", chunk=2)] == [[1, 2], [3]]
    with dataset_writer(catalog, tmp_path / "out", format="csv") as writer:
        writer.write("t", dataset.read("t").to_batches()[0])
    assert open_dataset(tmp_path / "out").read("t").column("row").to_pylist() == [1, 2, 3]
    assert "rowNumber" not in (tmp_path / "out" / "datapackage.json").read_text()


def test_rows_of_several_persons_are_not_numbered(tmp_path: Path) -> None:
    _table(tmp_path, "visits", {"patient_id": ["1", "1", "2"], "x": ["a", "b", "a"]})
    catalog, _ = infer_catalog(tmp_path)
    assert catalog.person is None


def test_a_quantity_of_few_values_is_no_code(tmp_path: Path) -> None:
    _table(tmp_path, "lines", {"line_id": list("abcdef"), "qte": list("123123"), "kind": list("123123")})
    catalog, _ = infer_catalog(tmp_path)
    assert [catalog.table("lines").column(name).role for name in ("qte", "kind")] == ["number", "code"]


def test_tables_of_the_snds_are_tied_as_they_are_known_to_be(tmp_path: Path) -> None:
    people = [f"P{i:03d}" for i in range(40)]
    _table(tmp_path, "IR_BEN_R", {"BEN_NIR_PSA": people, "BEN_RNG_GEM": ["1"] * 40, "BEN_SEX_COD": ["1", "2"] * 20})
    numbers = [str(i) for i in range(40)]
    stays = {"ETA_NUM": ["010000001"] * 40, "RSA_NUM": numbers, "NIR_ANO_17": people[:20] * 2}
    _table(tmp_path, "T_MCO22C", {**stays, "EXE_SOI_DTD": ["2022-01-01", "2022-02-01"] * 20})
    _table(tmp_path, "T_MCO22D", {"ETA_NUM": ["010000001"] * 80, "RSA_NUM": numbers * 2, "ASS_DGN": ["I10"] * 80})
    _table(tmp_path, "T_MCO21C", {**stays, "EXE_SOI_DTD": ["2021-01-01", "2021-02-01"] * 20})
    catalog, notes = infer_catalog(tmp_path)
    assert catalog.person is not None and catalog.person.table == "IR_BEN_R"
    for year in ("21", "22"):
        table = catalog.table(f"T_MCO{year}C")
        assert table.primary_key == ("ETA_NUM", "RSA_NUM")
        assert _keys(catalog)[table.name] == {(("NIR_ANO_17",), "IR_BEN_R", ("BEN_NIR_PSA",))}
        assert table.extra["synth:logical"] == [["NIR_ANO_17"]]
    assert {target for _, target, _ in _keys(catalog)["T_MCO22D"]} == {"T_MCO22C"}
    assert not any("lead to no person" in note for note in notes)
    assert list(integrity_faults(open_dataset(tmp_path, catalog))) == []


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_frictionless_finds_numbered_rows_valid_as_they_are_in_the_file(kind: str, tmp_path: Path) -> None:
    from frictionless import Package

    cells = {"weight": ["1.5", "2.0", "1.5"], "group": ["a", "b", "a"]}
    if kind == "csv":
        _table(tmp_path, "t", cells)
    else:
        pq.write_table(pa.table({"weight": [1.5, 2.0, 1.5], "group": cells["group"]}), tmp_path / "t.parquet")
    catalog, _ = infer_catalog(tmp_path)
    write_draft(catalog, tmp_path / "datapackage.json")

    report = Package(tmp_path / "datapackage.json").validate()
    assert report.valid, report.flatten(["type", "message"])
    assert open_dataset(tmp_path).read("t").column("row").to_pylist() == [1, 2, 3]
    assert read_catalog(tmp_path / "datapackage.json") == catalog


def _school(folder: Path) -> None:
    rows = range(40)
    _table(
        folder,
        "teachers",
        {
            "teacher_id": [str(i + 1) for i in rows],
            "manager_id": ["" if i == 0 else str(i % 6 + 1) for i in rows],
            "mother": [str(20 + i % 9) for i in rows],  # her age
            "subject": ["maths", "music"] * 20,
        },
    )
    _table(folder, "classes", {"class": [f"6{i}" for i in range(20)], "room": [str(i % 7) for i in range(20)]})
    pupils = {"pupil": [str(20_000 + i) for i in rows], "class": [f"6{i % 20}" for i in rows]}
    _table(folder, "pupils", pupils | {"taux": ["15", "30"] * 20, "kind": ["1", "2"] * 20})
    grades = {"pupil": [str(20_000 + i % 40) for i in range(80)], "term": [str(i // 40) for i in range(80)]}
    _table(folder, "grades", grades | {"mark": [str(i % 20) for i in range(80)]})


def test_a_school(tmp_path: Path) -> None:
    _school(tmp_path)
    catalog, _ = infer_catalog(tmp_path)
    assert _keys(catalog) == {
        "teachers": {(("manager_id",), "teachers", ("teacher_id",))},
        "classes": set(),
        "pupils": {(("class",), "classes", ("class",))},
        "grades": {(("pupil",), "pupils", ("pupil",))},
    }
    assert catalog.person is not None and catalog.person.table == "pupils"
    assert [catalog.table("pupils").column(name).role for name in ("taux", "kind")] == ["number", "code"]


def test_sentences_are_no_key_whatever_the_column_is_called(tmp_path: Path) -> None:
    rows = range(30)
    _table(tmp_path, "notes", {"id": [str(i) for i in rows], "note": [f"note of day {i} by no one" for i in rows]})
    catalog, _ = infer_catalog(tmp_path)
    assert catalog.table("notes").primary_key == ("id",)


def test_of_two_dates_alike_the_one_that_no_row_lacks_puts_rows_in_order(tmp_path: Path) -> None:
    rows = range(30)
    days = [f"2020-01-{i + 1:02d}" for i in rows]
    _table(tmp_path, "patients", {"patient_id": [str(i) for i in rows]})
    loans = {"loan_id": [str(i + 900) for i in rows], "patient_id": [str(i % 20) for i in rows]}
    _table(tmp_path, "loans", loans | {"second": [*days[1:], ""], "first": days})
    catalog, _ = infer_catalog(tmp_path)
    assert catalog.table("loans").order_by == ("first",)
