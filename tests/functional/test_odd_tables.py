"""Odd tables through every generator, from CSV and from Parquet: nothing breaks, and what is drawn makes sense."""

from __future__ import annotations

import json
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth.core.dataset import Dataset
from synth.core.model import read_model
from synth.generators import GENERATORS
from synth.io import open_dataset
from tests.functional.odd_tables import CASES, CODES, PARTS, PERSONS, write_odd_tables
from tests.unit.generators.reading import faults, values

ODD_FORM = {"trees": "csv", "auto": "csv"}  # the others read Parquet


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("odd")
    return {kind: write_odd_tables(root / kind, kind) for kind in ("csv", "parquet")}


@pytest.fixture(scope="module")
def drawn(folders: dict[str, Path]) -> Any:
    """What a generator draws of them, fitted and sampled by the command line, without one warning."""

    @cache
    def draw(name: str) -> Dataset:
        from synth.cli import cli

        source = folders[ODD_FORM.get(name, "parquet")]
        model, out = source.parent / f"{name}.zip", source.parent / f"drawn by {name}"
        form = "parquet" if name in ODD_FORM else "csv"  # each form is read and written
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for arguments in (
                ("fit", source, "--out", model, "--generator", name, "--no-held-out"),
                ("sample", model, "--persons", 400, "--seed", 1, "--out", out, "--format", form),
            ):
                cli.main(args=[str(each) for each in arguments], standalone_mode=False)
        return open_dataset(out)

    return draw


def test_csv_and_parquet_are_read_alike(folders: dict[str, Path]) -> None:
    texts, typed = (open_dataset(folder) for folder in folders.values())

    assert {name for name in PARTS if not texts.read(name).equals(typed.read(name))} == set()
    assert len(set(values(texts, "many codes", "coöde"))) > 0.9 * CODES


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("column", CASES)
def test_what_is_drawn_of_an_odd_column_makes_sense(name: str, column: str, drawn: Any) -> None:
    cells = drawn(name).read("persons", [column])[column].to_pylist()

    assert len(cells) == 400
    assert CASES[column].sensible(cells)


@pytest.mark.parametrize("name", GENERATORS)
def test_what_is_drawn_of_odd_tables_makes_sense(name: str, drawn: Any) -> None:
    made = drawn(name)
    rows = {table: made.read(table).num_rows for table in PARTS}

    assert faults(made) == []
    assert rows["key only"] == pytest.approx(400, rel=0.2)
    assert rows["empty"] == rows["one row"] == 0
    assert rows["lone place"] >= 1
    assert 977 not in values(made, "lone place", "beds")
    assert rows["many codes"] == pytest.approx(400 * 50, rel=0.05)
    listed = {code for code in values(made, "many codes", "coöde") if code[1:].isdigit()}
    real = PARTS["many codes"].columns
    had_by = {code: set() for code in listed}
    for person, code in zip(real["case.id"], real["coöde"], strict=True):
        had_by.setdefault(code, set()).add(person)
    assert all(len(had_by[code]) >= 11 for code in listed)


def test_odd_tables_are_inspected_recounted_scored_and_judged(
    folders: dict[str, Path], call_cli: Any, tmp_path: Path
) -> None:
    """The whole path, with the report on held-out persons and every page."""
    at = {name: tmp_path / name for name in ("parts", "m.zip", "m.html", "drawn", "s.json", "s.html")}
    train = at["parts"] / "train"
    steps = [
        ("split", folders["csv"], "--seed", 1, "--out", at["parts"], "--shares", "0.5,0.4,0.1"),
        ("fit", folders["csv"], "--out", at["m.zip"]),
        ("inspect", at["m.zip"], "--html", at["m.html"]),
        ("inspect", at["m.zip"], "--values"),
        ("inspect", at["m.zip"], "--check-support", "--train", folders["csv"]),
        ("sample", at["m.zip"], "--out", at["drawn"], "--format", "csv"),
        (
            *("score", "--train", train, "--holdout", at["parts"] / "holdout", "--synthetic", at["drawn"]),
            *("--model", at["m.zip"], "--budget", "2s", "--out", at["s.json"], "--html", at["s.html"]),
        ),
        ("gate", at["s.json"], "--policy", "internal-test"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for step in steps:
            answer = call_cli(*step)
            assert answer.code == 0 or step[0] == "gate", (step[0], answer.err)
    assert read_model(at["m.zip"]).receipt["held_out"]["worst"]["columns"]


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A table of persons to be spoilt, as Parquet."""
    fields = [{"name": "id", "type": "string", "constraints": {"required": True}}, {"name": "x", "type": "number"}]
    resource = {"name": "p", "path": "p.parquet", "schema": {"fields": fields, "primaryKey": ["id"]}}
    document = {"name": "few", "synth:person": {"table": "p", "key": ["id"]}, "resources": [resource]}
    (tmp_path / "datapackage.json").write_text(json.dumps(document))
    return tmp_path


def persons(*cells: float) -> pa.Table:
    return pa.table({"id": [f"k{i}" for i in range(len(cells))], "x": list(cells)})


SPOILT = {
    "no row": (persons(), "no rows"),
    "one row": (persons(1.0), "fewer than 11 persons"),
    "one person too few": (persons(*[1.0] * 10), "fewer than 11 persons"),
    "an infinity": (persons(*[1.0] * PERSONS, float("-inf")), "row 241: the number is infinite"),
    "a column twice": (persons(*[1.0] * 20).append_column("x", pa.array([2.0] * 20)), "twice"),
    "a column less": (persons(*[1.0] * 20).drop_columns(["x"]), "column x"),
}


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("what", SPOILT)
def test_spoilt_tables_are_refused_in_one_line(what: str, name: str, few: Path, call_cli: Any) -> None:
    table, why = SPOILT[what]
    pq.write_table(table, few / "p.parquet")
    answer = call_cli("fit", few, "--out", few / "m.zip", "--generator", name)

    assert answer.code == 2
    assert why in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert not (few / "m.zip").exists()


def test_just_enough_persons_are_enough(few: Path, call_cli: Any) -> None:
    pq.write_table(persons(*[1.0] * 11), few / "p.parquet")

    assert call_cli("fit", few, "--out", few / "m.zip").code == 0
    assert call_cli("sample", few / "m.zip", "--persons", 1, "--out", few / "drawn").code == 0
    assert open_dataset(few / "drawn").read("p")["x"].to_pylist() == [1.0]
