"""`-` where a file is asked for: the document alone on standard output, what is told beside it on standard error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.functional.odd_tables import cycle

PACKAGE = "datasets/snds-500/package"
SCORES = f"{PACKAGE}/scores.json"


@pytest.fixture
def place(tmp_path: Path, repo: Path, monkeypatch: pytest.MonkeyPatch, call_cli: Any) -> Path:
    """A folder with a link to what is published, a table of persons and a model of them."""
    (tmp_path / "datasets").symlink_to(repo / "datasets")
    rows = [f"k{i},{sex}" for i, sex in enumerate(cycle("1", "2"))]
    (tmp_path / "p.csv").write_text("\n".join(["id,sex", *rows]) + "\n")
    fields = [{"name": "id", "type": "string", "constraints": {"required": True}}, {"name": "sex", "type": "string"}]
    resource = {"name": "p", "path": "p.csv", "schema": {"fields": fields, "primaryKey": ["id"]}}
    document = {"name": "few", "synth:person": {"table": "p", "key": ["id"]}, "resources": [resource]}
    (tmp_path / "datapackage.json").write_text(json.dumps(document))
    monkeypatch.chdir(tmp_path)
    assert call_cli("fit", ".", "--out", "m.zip", "--no-held-out").code == 0
    return tmp_path


DOCUMENTS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "check": (("check", PACKAGE, "--json", "-"), 0, "rules checked"),
    "calibrate": (("calibrate", "report", PACKAGE, "--json", "-"), 0, "figures"),
    "calibrate, a page": (("calibrate", "report", PACKAGE, "--html", "-"), 0, "figures"),
    "gate": (("gate", SCORES, "--policy", "internal-test", "--out", "-"), 3, "BLOCK"),
    "gate, twice": (("gate", SCORES, "--policy", "internal-test", "--out", "-", "--json"), 3, ""),
    "score": (("score", "--train", ".", "--synthetic", ".", "--budget", "1s", "--out", "-"), 0, "structure"),
    "inspect, a page": (("inspect", "m.zip", "--html", "-"), 0, "statistics"),
    "infer": (("schemas", "infer", ".", "--out", "-"), 0, "1 tables"),
}


@pytest.mark.parametrize("what", DOCUMENTS)
def test_the_document_stands_alone_on_standard_output(what: str, place: Path, call_cli: Any) -> None:
    arguments, code, told = DOCUMENTS[what]
    before = sorted(place.iterdir())
    answer = call_cli(*arguments)

    assert answer.code == code, answer.err
    if "--html" in arguments:
        assert answer.out.lower().startswith("<!doctype html>")
        assert answer.out.count("</html>") == 1
    else:
        assert json.loads(answer.out)
    assert told in answer.err
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("fit", ".", "--out", "-"),
        ("sample", "m.zip", "--out", "-"),
        ("split", ".", "--seed", "1", "--out", "-"),
        ("simulate", "snds", "--persons", "1", "--out", "-"),
    ],
)
def test_what_is_no_text_is_refused_there(arguments: tuple[str, ...], place: Path, call_cli: Any) -> None:
    before = sorted(place.iterdir())
    answer = call_cli(*arguments)

    assert answer.code == 2
    assert "standard output" in answer.err
    assert answer.out == ""
    assert sorted(place.iterdir()) == before
