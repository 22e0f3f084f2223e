"""Shadow models: a generator that repeats its persons gives the most vulnerable ones away, one of margins does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from synth.core.errors import UserError
from synth.core.jsontext import dumps
from synth.metrics.disclosure import shadow
from synth.metrics.evidence import build_evidence
from synth.metrics.evidence.shadows import Shadows, read_shadows
from synth.pipeline.shadows import run_shadows
from tests.controls.people import dataset, people


def judged(shadows: Shadows):
    from dataclasses import replace

    sides = [dataset(people(40, seed, 1000 * seed)) for seed in (1, 2, 3)]
    (score,) = shadow.evaluate(replace(build_evidence(*sides), shadows=shadows), 0)
    return score


def shown(leak: float, models: int = 20, targets: int = 40) -> Shadows:
    """Figures of shadow models whose outputs come `leak` standard deviations closer to those who were in."""
    r = np.random.default_rng(3)
    inside = r.random((models, targets)) < 0.5
    near = r.normal(size=(models, targets, 4)) + leak * inside[:, :, None] + r.normal(size=(1, targets, 4))
    return Shadows("any", 100, inside, near, r.normal(size=(models, targets, 4)))


def test_outputs_that_come_closer_to_members_give_them_away() -> None:
    score = judged(shown(3.0))
    assert score.value > 0.8
    assert score.low > 0.5
    assert abs(score.control) < 0.2


def test_outputs_that_do_not_give_nobody_away() -> None:
    score = judged(shown(0.0))
    assert score.low <= 0 <= score.high


def test_margins_give_nobody_away(tmp_path: Path) -> None:
    train, holdout = dataset(people(150, 1)), dataset(people(200, 2, 10_000))
    document = run_shadows(train, holdout, "independent", 11, models=8, targets=12, persons=60, seed=1)
    assert document == run_shadows(train, holdout, "independent", 11, models=8, targets=12, persons=60, seed=1)
    path = tmp_path / "shadows.json"
    path.write_text(dumps(document), encoding="utf-8")
    score = judged(read_shadows(path, document["digests"]))
    assert score.low <= 0 <= score.high
    with pytest.raises(UserError):
        read_shadows(path, {"train": "sha256:other", "holdout": document["digests"]["holdout"]})


def test_a_generator_that_gives_its_persons_away_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth.pipeline.shadows._output", lambda learnt, *_: learnt)  # what it learned, as it was
    train, holdout = dataset(people(150, 1)), dataset(people(200, 2, 10_000))
    document = run_shadows(train, holdout, "independent", 11, models=12, targets=12, persons=60, seed=1)
    path = tmp_path / "shadows.json"
    path.write_text(dumps(document), encoding="utf-8")
    score = judged(read_shadows(path, document["digests"]))
    assert score.value > 0.9
    assert score.low > 0.09
