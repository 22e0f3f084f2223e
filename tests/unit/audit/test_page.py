"""The page of a model: whole, self-contained, and the same each time."""

from __future__ import annotations

import re

import pytest

from synth.audit.losses import choice_lines, losses
from synth.audit.page import render
from synth.core.model import Model
from synth.generators import fit
from tests.unit.generators.clinic import clinic


@pytest.fixture(scope="module", params=["trees", "gaussian-copula"])
def model(request: pytest.FixtureRequest) -> Model:
    return fit(clinic(200, seed=6), request.param, 5)


def test_every_statistic_has_a_line_and_a_loss(model: Model) -> None:
    page = render(model, 1234)
    assert page.count("<details><summary>values") == sum(s.kind != "public table" for s in model.statistics)
    assert set(losses(model)) == {s.name for s in model.statistics}
    assert "1234 bytes" in page
    assert model.digest in page


def test_nothing_is_fetched_and_nothing_runs(model: Model) -> None:
    page = render(model)
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!data:)', page)


def test_shares_lost_are_shares(model: Model) -> None:
    shares = [loss.share for loss in losses(model).values() if loss.share is not None]
    assert all(0 < share <= 1 for share in shares)


def test_the_same_model_gives_the_same_page(model: Model) -> None:
    assert render(model) == render(model)


def test_what_auto_chose_is_told_with_how_near_each_candidate_came() -> None:
    model = fit(clinic(220, seed=6), "auto", 5)
    lines = choice_lines(model)
    told = {item.name.split("/", 1)[1]: item.data for item in model.statistics if item.kind == "choice"}

    assert len(lines) == len(told) > 0
    for line in lines:
        part, _, said = line.partition(": ")
        assert said.startswith(told[part]["chosen"])
        assert all(f"{name} {distance:.3f}" in said for name, distance in told[part]["distances"].items())
    assert any(data["distances"] for data in told.values())
    assert all(line.split(": ", 1)[1] in render(model) for line in lines)
    assert choice_lines(fit(clinic(60, seed=6), "independent", 5)) == []
