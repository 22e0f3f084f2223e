"""What every registered metric keeps: its names, its family, finite figures, a reason when skipped, the same twice."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from synth.metrics import Plan
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import Evidence, build_evidence
from synth.metrics.registry import METRICS, Metric
from tests.controls.people import dataset, people

PLAN = Plan(targets=150, pool=120, draws=10, queries=30, secrets=2, plants=(0.05,))


def built(holdout: bool = True) -> Evidence:
    sides = [dataset(people(120, seed, 1000 * seed)) for seed in (1, 2, 3, 4)]
    return build_evidence(sides[0], sides[1] if holdout else None, sides[2], sides[3], plan=PLAN)


@pytest.fixture(scope="module")
def whole() -> Evidence:
    return built()


@pytest.fixture(scope="module")
def without_holdout() -> Evidence:
    return built(holdout=False)


def test_names_are_given_once() -> None:
    names = [name for metric in METRICS for name in metric.names]
    assert len(names) == len(set(names))
    assert all(metric.summary and metric.evaluate.__doc__ for metric in METRICS)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.names[0])
def test_a_metric_keeps_its_word(metric: Metric, whole: Evidence, without_holdout: Evidence) -> None:
    scores = metric.evaluate(whole, 5)
    assert {score.metric for score in scores} <= set(metric.names)
    assert {score.family for score in scores} == {metric.family}
    assert len({(score.metric, score.scope) for score in scores}) == len(scores)
    assert all(math.isfinite(f) for s in scores for f in (s.value, s.low, s.high, s.control) if f is not None)
    assert all((score.value is None) == (score.status == "skipped") for score in scores)
    assert all(score.note for score in scores if score.status == "skipped")
    assert metric.evaluate(built(), 5) == scores
    bare = metric.evaluate(without_holdout, 5)
    if metric.family == "disclosure":
        assert all(score.status == "skipped" for score in bare)
    assert all(score.control is None or score.metric in ("foreign_key_integrity",) for score in bare)


def test_the_worst_of_the_repeats_is_kept(whole: Evidence) -> None:
    metric = next(metric for metric in METRICS if metric.names == ("singling_out",))
    thrice = replace(whole, plan=replace(PLAN, repeats=3))
    kept = score_evidence(thrice, {}, seed=5, metrics=[metric])
    once = {score.scope: score for score in metric.evaluate(whole, 5)}
    assert kept.context["repeats"] == 3
    assert {score.scope for score in kept.scores} >= set(once)
    assert all(score.high >= once[score.scope].high for score in kept.scores if score.scope in once)
