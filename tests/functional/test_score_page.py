"""The page of scores in a real browser, wide and on a phone, in both languages; what it shows, and pictures of it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from synth.core.jsontext import dumps
from synth.core.score import Scores, read_scores, scores_document
from synth.gate import judge, read_policy
from synth.metrics import Plan, score
from synth.metrics.report import render
from tests.browser import needs_browser, open_page
from tests.unit.metrics.test_analyses import DECLARED, FRAMES, data

PLAN = Plan(targets=120, pool=100, draws=10, queries=30, secrets=2, plants=(), analyses=DECLARED)


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """Scores as they are read back from their file."""
    found = score(data(FRAMES[0]), data(FRAMES[1]), data(FRAMES[2]), seed=4, plan=PLAN)
    path = tmp_path_factory.mktemp("scores") / "scores.json"
    path.write_text(dumps(scores_document(found)), encoding="utf-8")
    return read_scores(path)


@pytest.fixture(scope="module")
def page(scores: Scores, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(scores, [judge(scores, read_policy("open-release"))]), encoding="utf-8")
    return path


def test_the_file_follows_its_schema_figures_included(scores: Scores, repo: Path) -> None:
    schema = json.loads((repo / "schemas" / "scores.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(dumps(scores_document(scores))))
    assert {figure["kind"] for figure in scores.figures} == {"marginal", "pairs", "children", "transitions", "survival"}


@needs_browser
@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_shows_verdict_criteria_and_plots_without_complaint(page: Path, tmp_path: Path, width: int) -> None:
    with open_page(page, width, tmp_path / "profile") as view:
        assert view.evaluate("innerWidth") == width
        assert not view.too_wide(), "the page as a whole scrolls sideways"
        assert view.visible("section.verdict") == 1
        assert view.visible("section.criterion") == 3
        for plots in ("marginal", "pairs", "children", "transitions", "survival"):
            assert view.visible(f".plots.{plots} svg") >= 1, plots
        top = "document.querySelector('section.verdict').getBoundingClientRect().top"
        assert view.evaluate(top) < 300, "the verdict comes first"
        assert view.picture(tmp_path / f"page-{width}-en.png").stat().st_size > 20_000
        assert "BLOCKED" in view.evaluate("document.body.innerText")

        view.evaluate("document.getElementById('fr').click()")
        told = view.evaluate("document.body.innerText")
        assert "BLOQUÉ" in told
        assert "BLOCKED" not in told
        assert view.visible("section.verdict") == 1
        assert view.visible(".plots svg") >= 5
        view.picture(tmp_path / f"page-{width}-fr.png")
        assert view.complaints == []
        assert view.requests == []


@needs_browser
def test_french_readers_meet_no_english_sentence(page: Path, tmp_path: Path) -> None:
    with open_page(page, 1280, tmp_path / "profile") as view:
        view.evaluate("document.getElementById('fr').click()")
        view.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        view.evaluate("document.querySelectorAll('svg').forEach(each => each.remove())")  # hidden text counts there
        told = view.evaluate("document.body.innerText")
    english = [
        " the ",
        " persons ",
        " and ",
        " of ",
        " are ",
        " which ",
        "Measured",
        " no ",
        " nobody ",
        " with ",
        " from ",
    ]
    own = ("the persons", "how.it ended", "the end")  # names of the test's tables and columns
    met = [line for line in told.splitlines() if any(word in f" {line} " for word in english)]
    met = [line for line in met if not any(name in line for name in own)]
    assert met == []
