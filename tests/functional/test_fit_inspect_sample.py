"""`synth fit`, `synth inspect` and `synth sample` as a user meets them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.generators.registry import GENERATORS
from synth.io import dataset_digests, dataset_writer, open_dataset
from tests.unit.generators.clinic import clinic, dataset_of
from tests.unit.generators.reading import faults

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the clinic of 120 persons as CSV."""
    folder = tmp_path_factory.mktemp("real") / "clinic"
    real = clinic(120, seed=8)
    with dataset_writer(real.catalog, folder, "csv", overwrite=False, metadata=None) as writer:
        for table in real.catalog.tables:
            for batch in real.scan(table.name):
                writer.write(table.name, batch)
    return folder


@pytest.fixture(scope="module")
def model(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of it."""
    from synth.core.model import write_model
    from synth.generators import fit

    path = tmp_path_factory.mktemp("model") / "model.zip"
    write_model(fit(open_dataset(tables), "independent"), path)
    return path


def fails(answer: Any, *words: str) -> None:
    """Exit 2 and one line that holds the words."""
    assert answer.code == 2, answer
    assert answer.out == ""
    line = answer.err.strip()
    assert line.count("\n") == 0, line
    for word in words:
        assert word in line


def test_fit_says_how_much_was_learned_and_from_how_many(call_cli: Call, tables: Path, tmp_path: Path) -> None:
    answer = call_cli("fit", tables, "--out", tmp_path / "m.zip", "--generator", "trees", "--min-persons", 7)

    assert answer.code == 0, answer.err
    assert "about 119 persons" in answer.out  # rounded: see synth.core.counts
    assert "at least" in answer.out and "(asked: 7)" in answer.out
    assert (tmp_path / "m.zip").exists()


def test_fit_prints_its_receipt_as_json(call_cli: Call, tables: Path, tmp_path: Path) -> None:
    answer = call_cli("fit", tables, "--out", tmp_path / "m.zip", "--generator", "independent", "--json")
    told = json.loads(answer.out)

    assert told["digest"].startswith("sha256:")
    assert told["receipt"]["persons"] == 121
    assert told["receipt"]["smallest_support"] >= told["receipt"]["min_persons"] == 11


def test_the_same_tables_give_the_same_model_file(call_cli: Call, tables: Path, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        assert call_cli("fit", tables, "--out", tmp_path / name, "--generator", "independent").code == 0
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_an_unknown_generator_is_named_with_the_known_ones(call_cli: Call, tables: Path, tmp_path: Path) -> None:
    answer = call_cli("fit", tables, "--out", tmp_path / "m.zip", "--generator", "magic")

    fails(answer, "magic", "trees", "independent", "gaussian-copula")
    assert not (tmp_path / "m.zip").exists()


@pytest.mark.parametrize(("asked", "words"), [(1, "below 2"), (0, "below 2"), (121, "fewer than 121 persons")])
def test_a_rule_that_cannot_be_kept_is_refused(
    call_cli: Call, tables: Path, tmp_path: Path, asked: int, words: str
) -> None:
    fails(call_cli("fit", tables, "--out", tmp_path / "m.zip", "--min-persons", asked), words)
    assert list(tmp_path.iterdir()) == []


def test_a_catalog_without_a_person_is_refused_with_the_remedy(call_cli: Call, tables: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tables, tmp_path / "impersonal")
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    del descriptor["synth:person"]
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")

    fails(call_cli("fit", folder, "--out", tmp_path / "m.zip"), "synth:person")


def test_a_model_that_is_there_already_is_kept_unless_forced(call_cli: Call, tables: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.zip"
    out.write_text("mine")
    fails(call_cli("fit", tables, "--out", out, "--generator", "independent"), "already exists", "--force")
    assert out.read_text() == "mine"

    assert call_cli("fit", tables, "--out", out, "--generator", "independent", "--force").code == 0
    assert zipfile.is_zipfile(out)


def test_an_orphan_is_refused_before_anything_is_learned(call_cli: Call, tables: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tables, tmp_path / "orphan")
    visits = next(folder.rglob("visits.csv"))
    lines = visits.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].replace(lines[3].split(",")[0], "P-CANARY")
    visits.write_text("\n".join(lines) + "\n", encoding="utf-8")

    answer = call_cli("fit", folder, "--out", tmp_path / "m.zip")
    fails(answer, "visits", "persons")
    assert "CANARY" not in answer.err


def test_a_folder_that_is_not_there(call_cli: Call, tmp_path: Path) -> None:
    fails(call_cli("fit", tmp_path / "nowhere", "--out", tmp_path / "m.zip"), "nowhere")


def test_inspect_lists_every_statistic_with_its_support(call_cli: Call, model: Path) -> None:
    answer = call_cli("inspect", model)
    listed = json.loads(call_cli("inspect", model, "--json").out)

    assert answer.code == 0
    assert "about 121 persons" in answer.out
    assert len(answer.out.splitlines()) >= len(listed["statistics"])
    assert "public" in answer.out
    assert all(s["support"] >= 11 for s in listed["statistics"] if s["cells"] and s["kind"] != "public table")


def test_inspect_recounts_the_model_in_its_tables(call_cli: Call, model: Path, tables: Path) -> None:
    answer = call_cli("inspect", model, "--check-support", "--train", tables)
    assert answer.code == 0
    assert "every one covers at least 11 persons" in answer.out
    assert json.loads(call_cli("inspect", model, "--check-support", "--train", tables, "--json").out)["faults"] == []


def test_inspect_recounts_a_model_that_promises_too_much(
    call_cli: Call, model: Path, tables: Path, tmp_path: Path
) -> None:
    from dataclasses import replace

    from synth.core.model import read_model, write_model

    learned = read_model(model)
    write_model(replace(learned, receipt=dict(learned.receipt) | {"min_persons": 60}), tmp_path / "m.zip")
    answer = call_cli("inspect", tmp_path / "m.zip", "--check-support", "--train", tables)
    assert answer.code in (2, 4)
    assert answer.err or "fewer than 60 persons" in answer.out


def test_inspect_asks_for_the_tables_to_recount_in(call_cli: Call, model: Path) -> None:
    fails(call_cli("inspect", model, "--check-support"), "--train")


def test_inspect_writes_a_page_once(call_cli: Call, model: Path, tmp_path: Path) -> None:
    page = tmp_path / "m.html"
    assert call_cli("inspect", model, "--html", page).code == 0
    assert "What this model knows" in page.read_text(encoding="utf-8")
    fails(call_cli("inspect", model, "--html", page), "already exists")
    assert call_cli("inspect", model, "--html", page, "--force").code == 0


def test_inspect_shows_every_array_that_the_model_holds(call_cli: Call, model: Path) -> None:
    listed = json.loads(call_cli("inspect", model, "--json").out)
    named = {name for statistic in listed["statistics"] for name in statistic["arrays"]}
    with zipfile.ZipFile(model) as archive:
        held = {n.removeprefix("arrays/").removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")}

    assert named == held
    assert all(s["values"] for s in listed["statistics"] if s["arrays"] and s["kind"] != "public table")


def test_inspect_of_one_table_with_values(call_cli: Call, model: Path) -> None:
    answer = call_cli("inspect", model, "--table", "drugs", "--values")

    assert "A10BA02" in answer.out
    assert "visits/" not in answer.out
    fails(call_cli("inspect", model, "--table", "nowhere"), "nowhere")


@pytest.mark.parametrize("kind", ["parquet", "csv", "csv.gz", "duckdb", "sqlite"])
def test_samples_are_the_same_in_every_format(call_cli: Call, model: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / ("made" + (f".{kind}" if kind in ("duckdb", "sqlite") else ""))
    answer = call_cli("sample", model, "--persons", 50, "--seed", 3, "--out", out, "--format", kind)
    assert answer.code == 0, answer.err
    made = open_dataset(out)

    assert made.read("persons").num_rows == 50
    assert "persons: 50 rows" in answer.out
    assert faults(made) == []
    again = tmp_path / "again"
    assert call_cli("sample", model, "--persons", 50, "--seed", 3, "--out", again).code == 0
    assert dataset_digests(made) == dataset_digests(open_dataset(again))


def test_as_many_persons_are_drawn_as_were_learned_from_unless_said(
    call_cli: Call, model: Path, tmp_path: Path
) -> None:
    told = json.loads(call_cli("sample", model, "--out", tmp_path / "made", "--json").out)

    assert told["persons"] == told["rows"]["persons"] == 121
    assert told["synthetic"] is True
    assert told["seed"] == 0


def test_a_sample_that_is_there_already_is_kept_unless_forced(call_cli: Call, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "made"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    fails(call_cli("sample", model, "--persons", 5, "--out", out), "--force")
    assert (out / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("option", [("--persons", 0), ("--workers", 0)])
def test_a_sample_that_cannot_be_drawn_leaves_nothing(
    call_cli: Call, model: Path, tmp_path: Path, option: tuple[str, int]
) -> None:
    fails(call_cli("sample", model, *option, "--out", tmp_path / "made"), "below 1")
    assert list(tmp_path.iterdir()) == []


def test_an_altered_model_is_refused_by_inspect_and_sample(call_cli: Call, model: Path, tmp_path: Path) -> None:
    altered = tmp_path / "altered.zip"
    with zipfile.ZipFile(model) as archive, zipfile.ZipFile(altered, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, archive.read(name).replace(b'"persons": 121', b'"persons": 999'))

    fails(call_cli("inspect", altered), "altered.zip", "fit the model again")
    fails(call_cli("sample", altered, "--out", tmp_path / "made"), "altered.zip")
    assert not (tmp_path / "made").exists()


def test_what_is_no_model_is_told_so(call_cli: Call, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("not a zip")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")

    fails(call_cli("inspect", tmp_path / "text.zip"), "not a model")
    fails(call_cli("inspect", tmp_path / "other.zip"), "not a model")
    fails(call_cli("sample", tmp_path / "absent.zip", "--out", tmp_path / "made"), "not found")


def test_a_planted_value_is_in_no_message_and_no_file(call_cli: Call, tmp_path: Path) -> None:
    """From tables to sample, everything that is written or said is searched for what one person alone has."""
    person = Table("p", (Column("id", "string", "key", False), Column("note", "string", "text")), ("id",))
    event = Table("e", person.columns, foreign_keys=(ForeignKey(("id",), "p", ("id",)),))
    keys = [f"k{i}" for i in range(39)] + ["CANARYKEY"]
    notes = ["usual"] * 39 + ["CANARYNOTE"]
    real = dataset_of(
        Catalog((person, event), Person("p", ("id",))),
        {"p": {"id": keys, "note": notes}, "e": {"id": keys, "note": notes}},
    )
    with dataset_writer(real.catalog, tmp_path / "real", "csv", overwrite=False, metadata=None) as writer:
        for table in real.catalog.tables:
            for batch in real.scan(table.name):
                writer.write(table.name, batch)
    said = [
        call_cli("fit", tmp_path / "real", "--out", tmp_path / "out" / "m.zip", "--json"),
        call_cli("inspect", tmp_path / "out" / "m.zip", "--values"),
        call_cli(
            "sample",
            tmp_path / "out" / "m.zip",
            "--persons",
            500,
            "--out",
            tmp_path / "out" / "made",
            "--format",
            "csv",
        ),
    ]

    assert [answer.code for answer in said] == [0, 0, 0]
    assert not [answer for answer in said if "CANARY" in answer.out + answer.err]
    with zipfile.ZipFile(tmp_path / "out" / "m.zip") as archive:
        held = [archive.read(name) for name in archive.namelist()]
    held += [path.read_bytes() for path in (tmp_path / "out" / "made").rglob("*") if path.is_file()]
    assert len(held) > 5
    assert not [data for data in held if b"CANARY" in data]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_sample_that_is_ended_with_all_its_processes_leaves_nothing(model: Path, tmp_path: Path, sign: int) -> None:
    arguments = ["sample", model, "--persons", "5000000", "--workers", "2", "--out", tmp_path / "out"]
    command = [sys.executable, "-m", "synth", *map(str, arguments)]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    while run.poll() is None and not any(file.stat().st_size > 1000 for file in tmp_path.rglob("*.parquet")):
        time.sleep(0.02)
    os.killpg(run.pid, sign)
    out, err = run.communicate(timeout=120)
    assert (run.returncode, out, err.strip()) == (130, "", "synth: interrupted")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(run.pid, 0)


def test_fit_says_which_generators_there_are(call_cli: Call, tables: Path, tmp_path: Path) -> None:
    told = call_cli("fit", "--help").out
    assert all(name in told for name in GENERATORS)
    fails(call_cli("fit", tables, "--out", tmp_path / "m.zip", "--generator", "tree"), "trees")
