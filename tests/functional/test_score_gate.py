"""`synth score` and `synth gate` as a user meets them: files, exit codes, one-line errors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from synth.core.jsontext import dumps
from synth.core.score import scores_document
from synth.io import dataset_writer, open_dataset
from synth.metrics import score
from tests.controls.people import CATALOG, Frames, dataset, people, renumbered


def written(frames: Frames, path: Path) -> Path:
    source = dataset(frames)
    with dataset_writer(CATALOG, path) as writer:
        for name in CATALOG.table_names:
            for batch in source.scan(name):
                writer.write(name, batch)
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("score")
    train = people(200, 1)
    written(train, root / "train")
    written(people(200, 2, 1000), root / "holdout")
    written(people(200, 3, 2000), root / "fresh")
    written(renumbered(train), root / "copy")
    for name in ("fresh", "copy"):
        scores = score(*(open_dataset(root / side) for side in ("train", "holdout", name)))
        (root / f"{name}.json").write_text(dumps(scores_document(scores)), encoding="utf-8")
    return root


def test_scores_follow_their_schema_and_are_the_same_twice(folders: Path, tmp_path: Path, repo: Path, call_cli) -> None:
    import jsonschema

    outcome = call_cli(
        "score", "--train", folders / "train", "--holdout", folders / "holdout", "--synthetic", folders / "fresh",
        "--out", tmp_path / "scores.json", "--html", tmp_path / "report.html",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    text = (tmp_path / "scores.json").read_text(encoding="utf-8")
    assert text == (folders / "fresh.json").read_text(encoding="utf-8")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "BLOCKED" in page
    assert page.count("<svg") >= 4
    assert not re.search(r"https?://|<script|src=|url\(", page)
    document = json.loads(text)
    jsonschema.validate(document, json.loads((repo / "schemas" / "scores.schema.json").read_text()))
    assert set(document["digests"]) == {"train", "holdout", "synthetic"}


def test_gate_passes_with_0_and_blocks_with_3(folders: Path, tmp_path: Path, call_cli) -> None:
    for name, policy, code in (
        ("fresh", "internal-test", 0),
        ("fresh", "open-release", 3),
        ("copy", "internal-test", 3),
    ):
        scores, verdict = folders / f"{name}.json", tmp_path / "verdict.json"
        outcome = call_cli("gate", scores, "--policy", policy, "--out", verdict)
        assert outcome.code == code, outcome.out + outcome.err
        document = json.loads(verdict.read_text())
        assert document["passed"] is (code == 0)
        assert document["digests"] == json.loads(scores.read_text())["digests"]
        assert all(check["reason"] for check in document["checks"])
        printed = call_cli("gate", scores, "--policy", policy, "--json")
        assert json.loads(printed.out) == document


def test_a_small_trial_says_that_it_proves_nothing_for_an_open_release(folders: Path, call_cli) -> None:
    scores = folders / "fresh.json"
    document = json.loads(call_cli("gate", scores, "--policy", "internal-test", "--json").out)
    assert any("too few" in note for note in document["notes"])
    blocked = json.loads(call_cli("gate", scores, "--policy", "open-release", "--json").out)
    assert {check["outcome"] for check in blocked["checks"]} == {"pass", "inconclusive"}
    assert any("needed" in check["reason"] for check in blocked["checks"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gate", "absent.json"), "file not found"),
        (("gate", "{root}/train/datapackage.json"), "is not a scores file"),
        (("gate", "{scores}", "--policy", "nothing-of-the-kind"), "open-release"),
        (("score", "--train", "{root}/train", "--synthetic", "absent", "--out", "x.json"), "absent"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments, words: str, folders: Path, tmp_path: Path, call_cli) -> None:
    scores = tmp_path / "scores.json"
    scores.write_text('{"format": "synth-scores/1", "scores": [], "digests": {}, "seed": 0, "version": "0"}')
    outcome = call_cli(*(item.format(root=folders, scores=scores) for item in arguments))
    assert outcome.code == 2
    assert words in outcome.err
    assert outcome.err.strip().count("\n") <= 1
    assert not Path("x.json").exists()
