"""The privacy controls (what must be blocked, what must not) on two small tables made on the spot."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from synth.core.score import Score, Scores
from synth.core.verdict import Verdict
from synth.gate import judge, read_policy
from synth.gate.policy import policy_names
from synth.metrics import Plan
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import build_evidence
from synth.metrics.registry import METRICS
from tests.controls.people import Frames, dataset, independent, joined, mixed, people, renumbered, some

PLAN = Plan(targets=1500, pool=1500, draws=50, queries=80, secrets=3, plants=(0.01, 0.05))
TRAIN = people(1100, 1)
HOLDOUT = people(1100, 2, 100_000)
FRESH = people(1100, 3, 200_000)
METRIC = "membership_distance"
PRIVACY = [metric for metric in METRICS if metric.family == "disclosure" and metric.names != ("sensitivity",)]


def scored(synthetic: Frames, holdout: Frames | None = HOLDOUT, train: Frames = TRAIN, metrics=PRIVACY) -> Scores:
    held = None if holdout is None else dataset(holdout)
    evidence = build_evidence(dataset(train), held, dataset(synthetic), plan=PLAN)
    return score_evidence(evidence, {"train": "t", "synthetic": "s"}, metrics=metrics)


def blocked(verdict: Verdict, metric: str) -> list[str]:
    return [check.scope for check in verdict.checks if check.outcome == "block" and check.metric == metric]


def find(scores: Scores, metric: str, scope: str = "") -> Score:
    return next(score for score in scores.scores if score.metric == metric and scope in score.scope)


def shuffled_codes(frames: Frames) -> Frames:
    """Copies whose codes are renamed one for one."""
    names = {"A": "C", "B": "A", "C": "E", "D": "B", "E": "D", "rare": "rare"}
    copy = renumbered(frames)
    copy["visit"]["code"] = np.array([names[code] for code in copy["visit"]["code"]])
    copy["person"]["sex"] = np.where(copy["person"]["sex"] == "F", "M", "F")
    return copy


def jittered(frames: Frames) -> Frames:
    """Copies with every number moved a little."""
    r = np.random.default_rng(8)
    copy = renumbered(frames)
    copy["person"]["poids kg"] = copy["person"]["poids kg"] + r.normal(0, 0.3, len(copy["person"]["id"]))
    copy["visit"]["cost"] = copy["visit"]["cost"] * np.exp(r.normal(0, 0.02, len(copy["visit"]["id"])))
    copy["visit"]["day"] = copy["visit"]["day"] + r.integers(-3, 4, len(copy["visit"]["id"]))
    return copy


def shifted(frames: Frames) -> Frames:
    """Copies whose dates all move by a shift that each person keeps."""
    copy = renumbered(frames)
    copy["visit"]["day"] = copy["visit"]["day"] + copy["visit"]["id"] * 7919 % 181
    return copy


@cache
def scores_of_a_copy() -> Scores:
    return scored(renumbered(TRAIN))


@pytest.mark.parametrize("policy", policy_names())
def test_a_copy_of_train_is_blocked_by_every_policy(policy: str) -> None:
    verdict = judge(scores_of_a_copy(), read_policy(policy))
    assert not verdict.passed
    assert blocked(verdict, "trajectory_copies")
    assert blocked(verdict, "membership_distance")
    assert blocked(verdict, "attribute_inference")


@pytest.mark.parametrize("leak", [jittered, shuffled_codes, shifted])
def test_disguised_copies_are_blocked(leak) -> None:
    scores = scored(leak(TRAIN))
    for policy in policy_names():
        assert blocked(judge(scores, read_policy(policy)), "membership_distance")


def test_other_real_persons_are_blocked_by_no_check_and_risks_cover_zero() -> None:
    scores = scored(FRESH)
    for policy in policy_names():
        assert [c for c in judge(scores, read_policy(policy)).checks if c.outcome == "block"] == []
    risks = [score for score in scores.scores if score.metric == "attribute_inference" and score.low is not None]
    assert sum(score.low <= 0 <= score.high for score in risks) >= len(risks) - 1
    assert judge(scores, read_policy("internal-test")).passed


def test_independent_columns_keep_secrets_and_lose_relations() -> None:
    verdict = judge(scored(independent(TRAIN), metrics=METRICS), read_policy("internal-test"))
    assert verdict.passed
    assert "software testing and teaching" in verdict.allowed_uses
    assert not any(use.startswith("exploring") for use in verdict.allowed_uses)


def test_a_larger_leak_scores_higher() -> None:
    cheap = [
        metric for metric in PRIVACY if metric.names[0] in ("membership_distance", "trajectory_copies", "row_copies")
    ]
    found = [scored(mixed(FRESH, TRAIN, share), metrics=cheap) for share in (0.0, 0.01, 0.05, 0.2, 1.0)]
    for metric, scope in (("membership_distance", "tables"), ("trajectory_copies", "whole"), ("row_copies", "person")):
        values = [find(scores, metric, scope).value for scores in found]
        assert values == sorted(values)
        assert values[0] < values[-1]


def test_one_persons_trajectory_under_a_new_identifier_is_blocked() -> None:
    ident, counts = np.unique(TRAIN["visit"]["id"], return_counts=True)
    victim = renumbered(some(TRAIN, ident[np.argmax(counts)]))
    for name, value in (("l'âge", 30), ("case.region", "11")):  # the person's own row is disguised
        victim["person"][name][:] = value
    scores = scored(joined(FRESH, victim))
    verdict = judge(scores, read_policy("internal-test"))
    assert blocked(verdict, "trajectory_copies") == ["visit: all rows of a person"]
    assert find(scores, "row_copies", "visit").value < 0.01


def test_copying_only_outliers_is_blocked_in_the_outlier_decile() -> None:
    train, holdout, fresh = (people(2400, seed, 100_000 * seed) for seed in (6, 7, 8))
    age = train["person"]["l'âge"]
    visits = np.bincount(np.searchsorted(train["person"]["id"], train["visit"]["id"]), minlength=len(age))
    odd = train["person"]["id"][np.argsort(-(visits + 0.3 * np.abs(age - 48)))[:240]]
    metric = [metric for metric in PRIVACY if metric.names == ("membership_distance",)]
    leaked = joined(fresh, renumbered(some(train, odd)))
    evidence = build_evidence(dataset(train), dataset(holdout), dataset(leaked), plan=Plan(targets=2400))
    scores = score_evidence(evidence, {}, metrics=metric)
    assert any("outlier" in scope for scope in blocked(judge(scores, read_policy("open-release")), METRIC))
    assert find(scores, METRIC, "outlier").value > 1.5 * find(scores, METRIC, "all tables").value


def test_train_and_holdout_swapped_flips_the_sign() -> None:
    swapped = scored(renumbered(HOLDOUT))
    assert find(swapped, "row_copies", "person").value < -0.9
    risks = [score.value for score in swapped.scores if score.metric == "attribute_inference"]
    assert max(risks) <= 0
    assert np.mean(risks) < -0.3


def test_without_holdout_or_with_few_persons_nothing_is_told() -> None:
    for holdout in (None, some(HOLDOUT, HOLDOUT["person"]["id"][:12])):
        scores = scored(FRESH, holdout)
        for policy in policy_names():
            verdict = judge(scores, read_policy(policy))
            assert not verdict.passed
            assert "inconclusive" in {check.outcome for check in verdict.checks}


def test_a_holdout_that_holds_training_persons_is_inconclusive() -> None:
    dirty = joined(HOLDOUT, renumbered(some(TRAIN, TRAIN["person"]["id"][:300])))
    scores = scored(FRESH, dirty)
    for policy in policy_names():
        checks = judge(scores, read_policy(policy)).checks
        assert [check.outcome for check in checks if check.rule == "holdout-clean"] == ["inconclusive"]


def test_no_value_of_the_data_is_written() -> None:
    from synth.core.jsontext import dumps
    from synth.core.score import scores_document
    from synth.core.verdict import verdict_document

    canary = {name: {key: values.copy() for key, values in frame.items()} for name, frame in TRAIN.items()}
    canary["person"]["case.region"][:400] = "CANARY"
    scores = scored(renumbered(canary), train=canary, metrics=METRICS)
    text = dumps(scores_document(scores)) + dumps(verdict_document(judge(scores, read_policy("open-release"))))
    assert "CANARY" not in text
    assert "l'Île" not in text
