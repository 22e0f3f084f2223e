"""`synth score --budget` and `--analyses` as a user meets them: what is told, what is refused, the same file twice."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from synth.io import dataset_writer
from tests.controls.people import CATALOG, Frames, dataset, people

ANALYSES = """
conditions:
  - {name: letter A, column: visit.code, values: [A]}
costs:
  - {name: visits, column: visit.cost}
tasks:
  - {target: sex, features: ["l'âge", visit.cost]}
"""


def written(frames: Frames, path: Path) -> Path:
    source = dataset(frames)
    with dataset_writer(CATALOG, path) as writer:
        for name in CATALOG.table_names:
            for batch in source.scan(name):
                writer.write(name, batch)
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("options")
    for seed, name in enumerate(("train", "holdout", "synthetic"), start=1):
        written(people(90, seed, 1000 * seed), root / name)
    (root / "analyses.yaml").write_text(ANALYSES, encoding="utf-8")
    return root


def call(call_cli, folders: Path, out: Path, *options: object):
    sides = [item for name in ("train", "holdout", "synthetic") for item in (f"--{name}", folders / name)]
    return call_cli("score", *sides, "--out", out, *options)


def test_a_budget_and_declared_analyses_are_followed_and_told(
    call_cli, folders: Path, tmp_path: Path, repo: Path
) -> None:
    options = ("--budget", "1s", "--analyses", folders / "analyses.yaml", "--html", tmp_path / "page.html")
    for name in ("one.json", "two.json"):
        outcome = call(call_cli, folders, tmp_path / name, *options)
        assert outcome.code == 0, outcome.err
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    document = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    schema = json.loads((repo / "schemas" / "scores.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["context"]["budget"]["sampled"]
    assert document["context"]["analyses"]["conditions"] == ["letter A"]
    found = {(score["metric"], score["scope"]) for score in document["scores"]}
    assert ("standardised_prevalence", "letter A") in found
    assert ("cost_mean", "cost: visits") in found
    assert ("tstr_gap", "sex predicted from (l'âge, visit.cost)") in found
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "power left" in page
    assert "puissance restante" in page


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--budget", "a while"), "not a length of time"),
        (("--analyses", "absent.yaml"), "file not found"),
        (("--analyses", "{root}/wrong.yaml"), "not there: visit.nothing"),
        (("--analyses", "{root}/broken.yaml"), "is not valid YAML"),
    ],
)
def test_bad_options_are_one_line_and_nothing_is_written(
    call_cli, folders: Path, tmp_path: Path, options: tuple[str, str], words: str
) -> None:
    (folders / "wrong.yaml").write_text("costs: [{name: a, column: visit.nothing}]", encoding="utf-8")
    (folders / "broken.yaml").write_text("costs: [", encoding="utf-8")
    outcome = call(call_cli, folders, tmp_path / "x.json", *(item.format(root=folders) for item in options))
    assert outcome.code == 2
    assert words in outcome.err
    assert outcome.err.strip().count("\n") == 0
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--out", "-", "--html", "-"), "both go to standard output"),
        (("--out", "s.json", "--json", "--html", "-"), "both go to standard output"),
        (("--out", "s.json", "--policy", "nobody"), "no policy of this name"),
        (("--out", "s.json", "--analyses", "wrong.yaml"), "wrong.yaml: `metadata` is no key of analyses"),
    ],
)
def test_what_cannot_be_told_is_refused_before_anything_is_measured(
    call_cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.yaml").write_text("metadata: {title: x}\n", encoding="utf-8")
    outcome = call_cli("score", "--train", "nowhere", "--synthetic", "nowhere", *options)
    assert (outcome.code, words in outcome.err) == (2, True), outcome.err
    assert not (tmp_path / "s.json").exists()
