"""What a stage depends on decides whether a later run keeps it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from synth.pipeline.recipe import Recipe, read_recipe
from synth.pipeline.stages import stages_of
from synth.pipeline.walk import Walk

DEMO = Path("datasets", "demo", "recipe.yaml")


def fit_depends(recipe: Recipe) -> object:
    (fit,) = (stage for stage in stages_of(recipe) if stage.name == "fit")
    return fit.depends(Walk(recipe, Path("out")))


@pytest.mark.parametrize(("generator", "again"), [("trees", False), ("vine", True), ("auto", True)])
def test_an_optional_library_matters_to_the_generators_that_compute_with_it(
    generator: str, again: bool, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = read_recipe(repo / DEMO, ())
    recipe = replace(recipe, fit=replace(recipe.fit, generator=generator))
    before = fit_depends(recipe)
    monkeypatch.setattr("synth.pipeline.fingerprint.version", lambda _: "another")
    assert (fit_depends(recipe) != before) == again
