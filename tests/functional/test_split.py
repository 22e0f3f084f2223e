"""`synth split` as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.io import FORMATS, dataset_writer, open_dataset

PERSON = Table("person", (Column("id", "integer"), Column("sex", "string")), ("id",))
VISIT = Table(
    "visit", (Column("id", "integer"), Column("n", "integer")), ("id", "n"), (ForeignKey(("id",), "person", ("id",)),)
)
CATALOG = Catalog((PERSON, VISIT), Person("person", ("id",)))
COUNT = 200


def _tables() -> dict[str, pa.RecordBatch]:
    return {
        "person": pa.record_batch({"id": list(range(COUNT)), "sex": ["01", "02"] * (COUNT // 2)}),
        "visit": pa.record_batch({"id": [n // 3 for n in range(3 * COUNT)], "n": [n % 3 for n in range(3 * COUNT)]}),
    }


def _folder(path: Path, form: str = "csv") -> Path:
    with dataset_writer(CATALOG, path, form) as writer:
        for name, batch in _tables().items():
            writer.write(name, batch)
    return path


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_in_and_out_gives_the_same_parts(form: str, tmp_path: Path, call_cli: Any) -> None:
    source = _folder(tmp_path / "source", form)
    answer = call_cli("split", source, "--out", tmp_path / "parts", "--seed", 3, "--format", form, "--json")
    assert answer.code == 0, answer.err
    document = json.loads(answer.out)
    assert document == json.loads((tmp_path / "parts" / "split.json").read_text())
    assert document["parts"]["train"]["digest"] == TRAIN
    assert open_dataset(tmp_path / "parts" / "train").read("person")["sex"][0].as_py() in ("01", "02")


# the part of every person is a promise: a later version must give the same one
TRAIN = "sha256:6d716f9eb9f58f34d37e8a04fa2cfcb43de1dc491f8ec46a5fef39d11861f1fe"


def test_the_summary_names_the_parts(tmp_path: Path, call_cli: Any) -> None:
    answer = call_cli(
        "split", _folder(tmp_path / "in"), "--out", tmp_path / "out", "--seed", 3, "--shares", "0.5,0.5,0"
    )
    assert answer.code == 0
    assert [line.split()[0] for line in answer.out.splitlines()] == ["train", "holdout"]
    assert answer.err == ""


def test_an_output_that_is_there_needs_force(tmp_path: Path, call_cli: Any) -> None:
    source, out = _folder(tmp_path / "in"), tmp_path / "out"
    assert call_cli("split", source, "--out", out, "--seed", 3).code == 0
    before = (out / "split.json").read_bytes()
    again = call_cli("split", source, "--out", out, "--seed", 4)
    assert (again.code, (out / "split.json").read_bytes()) == (2, before)
    assert "--force" in again.err
    assert call_cli("split", source, "--out", out, "--seed", 4, "--force").code == 0


@pytest.mark.parametrize("out", ["in", "."])
def test_the_input_is_never_replaced(out: str, tmp_path: Path, call_cli: Any) -> None:
    source = _folder(tmp_path / "in")
    answer = call_cli("split", source, "--out", tmp_path / out, "--seed", 3, "--force")
    assert answer.code == 2
    assert "replace the input" in answer.err
    assert open_dataset(source).read("person").num_rows == COUNT


def test_help_has_an_example(call_cli: Any) -> None:
    answer = call_cli("split", "--help")
    assert answer.code == 0
    assert "Example:" in answer.out


def test_it_runs_as_a_program(tmp_path: Path, repo: Path) -> None:
    source = _folder(tmp_path / "in")
    command = [sys.executable, "-m", "synth", "split", str(source), "--out", str(tmp_path / "out"), "--seed", "3"]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3


def test_an_interruption_leaves_nothing(tmp_path: Path, call_cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from synth.split import dividing

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    source = _folder(tmp_path / "in")
    monkeypatch.setattr(dividing, "sealed_part", interrupted)
    answer = call_cli("split", source, "--out", tmp_path / "out", "--seed", 3)
    assert (answer.code, answer.err.strip()) == (130, "synth: interrupted")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_tables_that_lead_to_no_person_are_named_by_split_and_not_by_the_trial_of_fit(
    tmp_path: Path, call_cli: Any
) -> None:
    ward = Table("ward", (Column("ward", "string"),), ("ward",))
    with dataset_writer(Catalog((PERSON, VISIT, ward), CATALOG.person), tmp_path / "in", "csv") as writer:
        for name, batch in _tables().items():
            writer.write(name, batch)
        writer.write("ward", pa.record_batch({"ward": ["a", "b"]}))

    split = call_cli("split", tmp_path / "in", "--out", tmp_path / "out", "--seed", 3)
    fitted = call_cli("fit", tmp_path / "in", "--out", tmp_path / "m.zip", "--min-persons", 5)
    assert split.code == fitted.code == 0
    assert "copied to every part, as they lead to no person: ward" in split.err
    assert "held out (in brackets" in fitted.out and "copied" not in fitted.err
