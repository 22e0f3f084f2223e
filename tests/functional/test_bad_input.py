"""Broken input of every kind: one line that says where and what to do, exit 2, no cell's value, nothing left behind."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CANARY = "Zq7canary"  # stands in cells only, next to each fault
CATALOG: dict[str, Any] = {
    "name": "clinic",
    "synth:person": {"table": "person", "key": ["id"]},
    "resources": [
        {
            "name": "person",
            "path": "person.csv",
            "schema": {
                "fields": [
                    {"name": "id", "type": "string", "constraints": {"required": True}},
                    {"name": "born", "type": "date"},
                    {"name": "weight", "type": "number", "constraints": {"minimum": 0}},
                    {"name": "note", "type": "string", "constraints": {"maxLength": 20}},
                    {"name": "sex", "type": "string", "categories": ["1", "2"]},
                ],
                "primaryKey": ["id"],
            },
        },
        {
            "name": "stay",
            "path": "stay.csv",
            "schema": {
                "fields": [
                    {"name": "id", "type": "string", "constraints": {"required": True}},
                    {"name": "number", "type": "integer"},
                    {"name": "code", "type": "string"},
                ],
                "primaryKey": ["id", "number"],
                "foreignKeys": [{"fields": ["id"], "reference": {"resource": "person", "fields": ["id"]}}],
            },
        },
    ],
}
PERSONS = ["id,born,weight,note,sex"] + [f"{CANARY}{n},1950-01-{n:02},{50 + n}.5,{CANARY},1" for n in range(1, 21)]
STAYS = ["id,number,code"] + [f"{CANARY}{n},{visit},{CANARY}" for n in range(1, 21) for visit in (1, 2)]


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    folder = tmp_path / "clinic"
    folder.mkdir()
    _catalog(folder, lambda document: None)
    (folder / "person.csv").write_text("\n".join(PERSONS) + "\n")
    (folder / "stay.csv").write_text("\n".join(STAYS) + "\n")
    return folder


def _catalog(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(json.dumps(CATALOG))
    change(document)
    (folder / "datapackage.json").write_text(json.dumps(document))


def _row(name: str, number: int, text: str) -> Callable[[Path], None]:
    """Replace one row of a table; the header is row 0."""

    def break_it(folder: Path) -> None:
        lines = (folder / name).read_text().splitlines()
        lines[number] = text
        (folder / name).write_text("\n".join(lines) + "\n")

    return break_it


def _swap(name: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: _write(folder / name, (folder / name).read_text().replace(old, new))


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _fields(document: dict[str, Any], table: int) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = document["resources"][table]["schema"]["fields"]
    return fields


def _unreadable_parquet(folder: Path) -> None:
    _catalog(folder, lambda document: document["resources"][0].update(path="person.parquet"))
    (folder / "person.parquet").write_bytes(b"PAR1" + CANARY.encode() * 9)


def _short_gzip(folder: Path) -> None:
    _catalog(folder, lambda document: document["resources"][0].update(path="person.csv.gz"))
    whole = gzip.compress((folder / "person.csv").read_bytes())
    (folder / "person.csv.gz").write_bytes(whole[: len(whole) // 2])


def _folder_as_file(folder: Path) -> None:
    (folder / "person.csv").unlink()
    (folder / "person.csv").mkdir()


def _latin(folder: Path) -> None:
    text = (folder / "person.csv").read_text().replace(f",{CANARY},1", f",é{CANARY},1", 1)
    (folder / "person.csv").write_bytes(text.encode("latin-1"))


def _cycle(document: dict[str, Any]) -> None:
    _fields(document, 0).append({"name": "stay", "type": "integer"})
    back = {"fields": ["id"], "reference": {"resource": "stay", "fields": ["id"]}}
    document["resources"][0]["schema"]["foreignKeys"] = [back]


def _parquet_of_other_type(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    _catalog(folder, lambda document: document["resources"][1].update(path="stay.parquet"))
    rows = {"id": [f"{CANARY}1"], "number": [f"{CANARY}"], "code": [CANARY]}
    pq.write_table(pa.table(rows), folder / "stay.parquet")


# what is broken -> (how, what the message must name)
BROKEN: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "missing file": (lambda folder: (folder / "stay.csv").unlink(), ("stay.csv", "table stay")),
    "folder for a file": (_folder_as_file, ("person.csv", "table person", "folder")),
    "empty file": (lambda folder: _write(folder / "stay.csv", ""), ("stay.csv", "table stay", "empty")),
    "person table without rows": (
        lambda folder: (_write(folder / "person.csv", PERSONS[0] + "\n"), _write(folder / "stay.csv", STAYS[0] + "\n")),
        ("table person", "no rows"),
    ),
    "missing column": (_row("person.csv", 0, "id,born,weight,remark,sex"), ("person.csv", "column note")),
    "column twice": (_row("person.csv", 0, "id,born,note,note,sex"), ("table person", "column weight")),
    "duplicated column": (_row("stay.csv", 0, "id,number,code,code"), ("stay.csv", "column code", "twice")),
    "other delimiter": (lambda folder: _swap("person.csv", ",", ";")(folder), ("person.csv", "delimited by ;")),
    "no header": (_row("stay.csv", 0, f"{CANARY},1,{CANARY}"), ("stay.csv", "column id", "missing")),
    "wrong type": (
        _row("person.csv", 7, f"{CANARY}7,{CANARY},57.5,a,1"),
        ("person.csv", "table person", "column born", "row 7", "date"),
    ),
    "no number": (_row("person.csv", 7, f"{CANARY}7,,{CANARY},a,1"), ("column weight", "row 7", "a number")),
    "no integer": (_row("stay.csv", 3, f"{CANARY}2,{CANARY},a"), ("table stay", "column number", "row 3")),
    "huge integer": (_row("stay.csv", 3, f"{CANARY}2,98765432109876543210,a"), ("column number", "row 3", "64 bits")),
    "30 February": (_row("person.csv", 7, f"{CANARY}7,1950-02-30,57.5,a,1"), ("column born", "row 7")),
    "infinite": (_row("person.csv", 7, f"{CANARY}7,,inf,a,1"), ("column weight", "row 7")),
    "ragged row": (_row("stay.csv", 5, f"{CANARY}3,1,{CANARY},{CANARY}"), ("stay.csv", "row 5", "4 cells")),
    "open quote": (_row("stay.csv", 5, f'{CANARY}3,1,"{CANARY}'), ("stay.csv", "row 5", "quote")),
    "wrong encoding": (_latin, ("person.csv", "table person", "encoding")),
    "truncated gzip": (_short_gzip, ("person.csv.gz", "table person", "gzip")),
    "unreadable Parquet": (_unreadable_parquet, ("person.parquet", "table person", "Parquet")),
    "Parquet of another type": (_parquet_of_other_type, ("stay.parquet", "column number", "row 1")),
    "duplicate key": (
        _row("person.csv", 9, f"{CANARY}3,1950-01-03,53.5,a,1"),
        ("person.csv", "table person", "column id", "row 9", "primary key"),
    ),
    "missing key": (_row("person.csv", 9, ",1950-01-03,53.5,a,1"), ("column id", "row 9", "required")),
    "orphan": (_row("stay.csv", 4, f"{CANARY}99,1,a"), ("stay.csv", "table stay", "column id", "row 4", "person")),
    "out of bounds": (_row("person.csv", 2, f"{CANARY}2,,-3,a,1"), ("column weight", "row 2", "minimum")),
    "too long": (_row("person.csv", 2, f"{CANARY}2,,3,{CANARY * 9},1"), ("column note", "row 2", "maxLength")),
    "not in the list": (_row("person.csv", 2, f"{CANARY}2,,3,a,{CANARY}"), ("column sex", "row 2", "closed list")),
    "catalog is no JSON": (lambda folder: _write(folder / "datapackage.json", "{"), ("datapackage.json", "JSON")),
    "catalog absent": (lambda folder: (folder / "datapackage.json").unlink(), ("datapackage.json", "infer")),
    "catalog with a cycle": (lambda folder: _catalog(folder, _cycle), ("datapackage.json", "cycle")),
    "path out of the folder": (
        lambda folder: _catalog(folder, lambda document: document["resources"][0].update(path="../person.csv")),
        ("table person", "leaves the folder"),
    ),
    "type unknown": (
        lambda folder: _catalog(folder, lambda document: _fields(document, 0)[1].update(type="moment")),
        ("table person", "column born", "type"),
    ),
    "unknown encoding": (
        lambda folder: _catalog(folder, lambda document: document["resources"][0].update(encoding="klingon")),
        ("table person", "encoding"),
    ),
    "unknown format": (
        lambda folder: _catalog(folder, lambda document: document["resources"][0].update(path="datapackage.json")),
        ("table person", "format"),
    ),
    "no person": (
        lambda folder: _catalog(folder, lambda document: document.pop("synth:person")),
        ("person", "synth:person"),
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_split_refuses_broken_input(what: str, clinic: Path, call_cli: Any) -> None:
    break_it, named = BROKEN[what]
    break_it(clinic)
    out = clinic.parent / "parts"
    answer = call_cli("split", clinic, "--out", out, "--seed", 1)
    assert answer.code == 2, answer.err
    assert len(answer.err.strip().splitlines()) == 1, answer.err
    for word in named:
        assert word in answer.err
    assert ";" in answer.err, "the line ends with a remedy"
    assert CANARY not in answer.err + answer.out
    assert sorted(path.name for path in clinic.parent.iterdir()) == ["clinic"], "nothing half-written"


def test_the_unbroken_folder_is_accepted(clinic: Path, call_cli: Any) -> None:
    answer = call_cli("split", clinic, "--out", clinic.parent / "parts", "--seed", 1)
    assert answer.code == 0, answer.err
    assert CANARY not in answer.err + answer.out


def test_a_column_that_is_not_described_is_told_by_position(clinic: Path, call_cli: Any) -> None:
    lines = [f"{line},{CANARY}" for line in (clinic / "stay.csv").read_text().splitlines()]
    (clinic / "stay.csv").write_text("\n".join(lines) + "\n")
    answer = call_cli("split", clinic, "--out", clinic.parent / "parts", "--seed", 1)
    assert answer.code == 0
    assert "position 4" in answer.err
    assert CANARY not in answer.err


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00" + CANARY.encode() * 99, CANARY.encode() * 99])
@pytest.mark.parametrize("suffix", ["duckdb", "sqlite"])
def test_a_damaged_database_is_refused(clinic: Path, call_cli: Any, suffix: str, content: bytes) -> None:
    database = clinic / f"tables.{suffix}"
    database.write_bytes(content)
    answer = call_cli("split", database, "--out", clinic.parent / "parts", "--seed", 1)
    assert answer.code == 2
    assert "tables." in answer.err
    assert CANARY not in answer.err


def test_a_cell_of_another_type_in_sqlite_is_placed(clinic: Path, call_cli: Any) -> None:
    with sqlite3.connect(clinic / "tables.sqlite") as database:
        database.execute("CREATE TABLE person (id TEXT, born TEXT, weight REAL, note TEXT, sex TEXT)")
        database.execute("CREATE TABLE stay (id TEXT, number BIGINT, code TEXT)")
        database.executemany("INSERT INTO person VALUES (?, NULL, 1.5, 'a', '1')", [(str(n),) for n in range(9)])
        database.executemany("INSERT INTO stay VALUES ('1', ?, 'a')", [(1,), (2,), (CANARY,)])
    answer = call_cli("split", clinic / "tables.sqlite", "--out", clinic.parent / "parts", "--seed", 1)
    assert answer.code == 2
    for word in ("tables.sqlite", "table stay", "column number", "row 3"):
        assert word in answer.err
    assert CANARY not in answer.err


@pytest.mark.parametrize(
    "arguments",
    [("--shares", "0.5,0.6,0.1"), ("--shares", "a,b"), ("--shares", "0,0.5,0.5"), ("--shares", "0.999999,0.000001,0")],
)
def test_shares_that_cannot_be_are_refused(clinic: Path, call_cli: Any, arguments: tuple[str, ...]) -> None:
    answer = call_cli("split", clinic, "--out", clinic.parent / "parts", "--seed", 1, *arguments)
    assert answer.code == 2
    assert len(answer.err.strip().splitlines()) == 1
    assert not (clinic.parent / "parts").exists()
