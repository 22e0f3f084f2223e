"""A person like nobody else leaves no trace in what any command writes or says, whatever the generator.

They are 127 years old, with an invented code, an amount, a text, a visit of their own, and are learned from.
"""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from synth.core.seeds import rng
from synth.generators import GENERATORS

PERSONS = 260
BORN, VISIT = date(1896, 2, 29), date(1897, 5, 13)
DAYS = [(day - date(1970, 1, 1)).days for day in (BORN, VISIT)]
_NUMBERS = "|".join(["1896", "1897", "31415926", *map(str, DAYS)])
# whole numbers: a digest or a share (0.1896, in French 0,1896) may hold any four digits
TRACES = re.compile(rf"CANARY|(?<![0-9a-f.])(?<!0,)({_NUMBERS})(?![0-9a-f])")
METADATA = """\
metadata:
  title: Visits to a clinic
  description: Persons and visits made for a test of what leaves with a release; nobody stands behind a row of them.
  version: 1.0.0
  keywords: [test]
  publisher: {name: Tests, url: https://example.org, email: tests@example.org}
  spatial: France
  temporal: 2021-01-01/2022-12-31
"""
FIELDS = {
    "person": {"id": "string", "born": "date", "town": "string", "income": "number"},
    "visit": {"id": "string", "day": "date", "code": "string", "cost": "number", "seen": "integer"},
}


def write_clinic(folder: Path, prefix: str, planted: bool) -> Path:
    """Persons and their visits, among them perhaps the planted one."""
    folder.mkdir()
    stream = rng(1, prefix)
    persons, visits = [], []
    for i, age in enumerate(stream.integers(PERSONS, 20_000).tolist()):
        key = f"{prefix}{i:04d}"
        persons.append([key, date(1950, 1, 1) + timedelta(age), "Lyon Nantes Brest".split()[i % 3], 900 + age % 97])
        for n, day in enumerate(stream.integers(i % 5, 700).tolist()):
            visits.append([key, date(2021, 1, 1) + timedelta(day), f"C{(i + n) % 4}", 20 + day % 31, n + 1])
    if planted:
        persons.append(["CANARY4711", BORN, "l'Ile CANARY", 31415926.53])
        visits += [["CANARY4711", VISIT + timedelta(n), "ZZCANARY9", 31415926 + n / 100, 31415926] for n in (0, 1)]
    resources = []
    for name, rows in (("person", persons), ("visit", visits)):
        lines = [",".join(FIELDS[name]), *(",".join(map(str, row)) for row in rows)]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        fields: list[dict[str, Any]] = [{"name": column, "type": kind} for column, kind in FIELDS[name].items()]
        fields[0]["constraints"] = {"required": True}
        schema: dict[str, Any] = {"fields": fields, "primaryKey": ["id"]}
        if name == "visit":
            to_person = {"fields": ["id"], "reference": {"resource": "person", "fields": ["id"]}}
            schema = {"fields": fields, "foreignKeys": [to_person], "synth:orderBy": ["day"]}
        resources.append({"name": name, "path": f"{name}.csv", "schema": schema})
    document = {"name": "clinic", "synth:person": {"table": "person", "key": ["id"]}, "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(document))
    return folder


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("clinic")
    return write_clinic(root / "train", "P", True), write_clinic(root / "holdout", "H", False)


@pytest.mark.parametrize("name", GENERATORS)
def test_a_person_like_nobody_else_leaves_no_trace(
    name: str, sides: tuple[Path, Path], tmp_path: Path, call_cli: Any
) -> None:
    train, holdout = sides
    (tmp_path / "metadata.yaml").write_text(METADATA)
    at = {each: tmp_path / each for each in ("m.zip", "m.html", "drawn", "more", "s.json", "s.html", "v.json", "out")}
    steps: list[tuple[Any, ...]] = [
        ("fit", train, "--out", at["m.zip"], "--generator", name, "--json"),
        ("inspect", at["m.zip"], "--values"),
        ("inspect", at["m.zip"], "--json"),
        ("inspect", at["m.zip"], "--html", at["m.html"]),
        ("inspect", at["m.zip"], "--check-support", "--train", train),
        ("inspect", at["m.zip"], "--check-support", "--train", train, "--json"),
        ("sample", at["m.zip"], "--persons", 600, "--out", at["drawn"], "--json"),
        ("sample", at["m.zip"], "--oversample", "born < '1960-01-01'", 4, "--out", at["more"], "--format", "csv"),
        (
            *("score", "--train", train, "--holdout", holdout, "--synthetic", at["drawn"], "--model", at["m.zip"]),
            *("--budget", "1s", "--out", at["s.json"], "--html", at["s.html"], "--json"),
        ),
        ("gate", at["s.json"], "--policy", "internal-test", "--out", at["v.json"], "--json"),
        (
            *("publish", "build", at["drawn"], "--verdict", at["v.json"], "--scores", at["s.json"], "--draft"),
            *("--report", at["s.html"], "--metadata", tmp_path / "metadata.yaml", "--out", at["out"]),
        ),
        ("publish", "verify", at["out"], "--json"),
    ]
    if name != "trees":  # held-out figures, scores and packages are made alike
        steps = [(*steps[0], "--no-held-out"), *(step for step in steps if step[0] in ("inspect", "sample"))]
    for step in steps:
        answer = call_cli(*step)
        assert answer.code == 0 or step[0] == "gate", (step[0], answer.err)
        assert found_in(answer.out + answer.err) == [], step[:2]
    for path in sorted(tmp_path.rglob("*")):
        for part, content in contents(path):
            assert found_in(content) == [], part


def found_in(text: str) -> list[str]:
    return [text[max(0, found.start() - 60) : found.end() + 60] for found in TRACES.finditer(text)]


def contents(path: Path) -> list[tuple[str, str]]:
    if path.is_dir():
        return []
    if path.suffix == ".parquet":
        return [(path.name, str(pq.read_table(path).to_pylist()))]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return [(name, archive.read(name).decode("utf-8", "replace")) for name in archive.namelist()]
    return [(path.name, path.read_bytes().decode("utf-8", "replace"))]


def test_the_traces_are_there_to_be_found(sides: tuple[Path, Path]) -> None:
    train, holdout = sides

    told = found_in((train / "visit.csv").read_text())
    assert all(any(trace in each for each in told) for trace in ("CANARY", "1897", "31415926"))
    assert found_in((holdout / "visit.csv").read_text()) == []
    assert found_in(f"[7,{DAYS[0]}, 1]") != []


@pytest.mark.parametrize("command", ["fit", "split", "score", "sample", "inspect"])
def test_a_bug_tells_nothing_of_what_it_met(
    command: str, sides: tuple[Path, Path], tmp_path: Path, call_cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages of exceptions that nobody foresaw may carry values: without SYNTH_DEBUG they are not shown."""

    def fail(*_: object, **__: object) -> None:
        raise ValueError("invalid literal: 'CANARY'")

    monkeypatch.setattr("synth.io.open_dataset", fail)
    monkeypatch.setattr("synth.core.model.read_model", fail)
    train, holdout = sides
    arguments: dict[str, tuple[object, ...]] = {
        "fit": (train, "--out", tmp_path / "new.zip"),
        "split": (train, "--seed", 1, "--out", tmp_path / "parts"),
        "score": ("--train", train, "--holdout", holdout, "--synthetic", train, "--out", tmp_path / "s.json"),
        "sample": (tmp_path / "m.zip", "--out", tmp_path / "drawn"),
        "inspect": (tmp_path / "m.zip", "--json"),
    }
    (tmp_path / "m.zip").write_bytes(b"")
    answer = call_cli(command, *arguments[command])

    assert answer.code == 1
    assert "internal error (ValueError)" in answer.err
    assert "CANARY" not in answer.out + answer.err
