"""Leaks of every size on persons of three kinds, comparisons that cannot be made, and columns that leak alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from synth.core.score import Score, Scores
from synth.gate import judge, read_policy
from synth.gate.policy import policy_names
from synth.metrics.disclosure import certificate
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import build_evidence
from tests.controls.releases import People, renamed
from tests.controls.test_releases import PLAN, PRIVACY, Cast, cast, evidence_of, people

pytestmark = pytest.mark.shared
NAMES = ("holdout_contamination", "row_copies", "trajectory_copies", "membership_distance")
CHEAP = [metric for metric in PRIVACY if metric.names[0] in NAMES]
__all__ = ["people"]  # the fixture: a cohort, a census and a simulated SNDS


def mixed(people: Cast, share: float) -> People:
    """Other real persons, `share` of whom make room for training persons under new identifiers."""
    order = np.random.default_rng(6).permutation(people.train.persons)
    count = round(share * people.fresh.persons)
    kept = np.arange(count, people.fresh.persons)
    return people.fresh.take(kept).join(renamed(people.train.take(np.sort(order[:count])), "S"))


def leaked(people: Cast, share: float) -> Scores:
    return score_evidence(evidence_of(people, mixed(people, share)), {}, metrics=CHEAP)


def whole(scores: Scores, metric: str) -> list[Score]:
    """The figures for everybody: no stratum."""
    return [score for score in scores.scores if score.metric == metric and ";" not in score.scope]


def test_a_larger_leak_scores_higher_and_a_whole_copy_all(people: Cast) -> None:
    found = [leaked(people, share) for share in (0.0, 0.001, 0.01, 0.05, 0.2, 1.0)]
    members = [whole(scores, "membership_distance")[0].value for scores in found]
    copies = [sum(max(score.value or 0, 0) for score in whole(scores, "row_copies")) for scores in found]
    assert all(later >= earlier - 0.01 for earlier, later in pairwise(members))
    assert copies[-1] == max(copies)
    assert copies[3] > copies[0]
    assert members[-1] > 0.9 > 0.3 > members[0]


def test_the_declared_detection_limit_holds(people: Cast) -> None:
    evidence = evidence_of(people, people.fresh)
    evidence = replace(evidence, plan=replace(PLAN, plants=(0.05, 0.2)))
    limits = {score.scope: score.value for score in certificate.evaluate(evidence, 0)}
    assert limits["best attack"] <= 0.2
    scores = leaked(people, limits["best attack"])
    seen = {
        "row_copies": any(score.low > 0 for score in whole(scores, "row_copies")),
        "trajectory_copies": any(score.value > 0 for score in whole(scores, "trajectory_copies") if score.value),
        "membership_distance": whole(scores, "membership_distance")[0].low > 0.1,
    }
    assert any(seen[name] for name, limit in limits.items() if name in seen and limit == limits["best attack"])


@pytest.mark.parametrize("case", ["none", "few", "of train"])
def test_nothing_passes_where_nothing_can_be_compared(people: Cast, case: str) -> None:
    few = people.holdout.take(np.arange(12))
    dirty = people.holdout.take(np.arange(300)).join(renamed(people.train.take(np.arange(300)), "H"))
    holdout = {"none": None, "few": few.dataset(), "of train": dirty.dataset()}[case]
    evidence = build_evidence(people.train.dataset(), holdout, people.fresh.dataset(), plan=PLAN)
    scores = score_evidence(evidence, {}, metrics=CHEAP)
    for name in policy_names():
        verdict = judge(scores, read_policy(name))
        assert not verdict.passed
        assert "inconclusive" in {check.outcome for check in verdict.checks}
        if case == "of train":
            assert [c.outcome for c in verdict.checks if c.rule == "holdout-clean"] == ["inconclusive"]


def test_train_and_holdout_swapped_flip_the_sign(people: Cast) -> None:
    scores = score_evidence(evidence_of(people, renamed(people.holdout, "S")), {}, metrics=CHEAP)
    assert min(score.value or 0 for score in whole(scores, "row_copies")) < -0.5
    assert whole(scores, "membership_distance")[0].details["attackers"]["distance, all columns"] < 0.05


def test_a_pair_of_columns_that_leaks_is_named(shared: Path) -> None:
    people = cast("adult", shared)
    pair = ("fnlwgt", "hours_per_week")
    rows, theirs = people.fresh.tables["adult"], people.train.tables["adult"]
    for name in pair:
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), theirs[name])
    release = People(people.fresh.catalog, {"adult": rows}, people.fresh.owner, people.fresh.persons)
    metrics = [metric for metric in PRIVACY if metric.names[0] == "singling_out"]
    scores = score_evidence(evidence_of(people, release), {}, metrics=metrics)
    blocked = {c.scope for c in judge(scores, read_policy("open-release")).checks if c.outcome == "block"}
    named = [score.details["culprits"][0] for score in scores.scores if score.scope in blocked]
    assert named
    assert set(named) <= {f"adult.{name}" for name in pair}
