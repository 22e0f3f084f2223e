"""Each figure against a brute-force or hand-made one on tables small enough to count by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.stats import ks_2samp

from synth.core.score import Score, Scores
from synth.maths.survival import kaplan_meier
from synth.metrics import Plan
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import Evidence, build_evidence
from synth.metrics.fidelity.propensity import cell_propensity
from synth.metrics.fidelity.trajectory import followed, hellinger
from synth.metrics.neighbours import nearest
from synth.metrics.ranking import auc
from tests.controls.people import Frames, dataset, joined, people, renumbered, some

PLAN = Plan(targets=300, pool=200, draws=20, queries=60, plants=())
TRAIN, HOLDOUT, FRESH = people(150, 1), people(140, 2, 1000), people(130, 3, 2000)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return build_evidence(dataset(TRAIN), dataset(HOLDOUT), dataset(FRESH), plan=PLAN)


@pytest.fixture(scope="module")
def scores(evidence: Evidence) -> Scores:
    return score_evidence(evidence, {}, seed=2)


def find(scores: Scores, metric: str, scope: str) -> Score:
    return next(score for score in scores.scores if score.metric == metric and score.scope == scope)


def test_code_marginals_agree_with_counting(scores: Scores) -> None:
    for table, column in (("person", "sex"), ("person", "case.region"), ("visit", "code")):
        ours, theirs = (Counter(frames[table][column]) for frames in (TRAIN, FRESH))
        n, m = sum(ours.values()), sum(theirs.values())
        expected = sum(abs(ours[value] / n - theirs[value] / m) for value in ours | theirs) / 2
        assert find(scores, "marginal_tvd", f"{table}.{column}").value == pytest.approx(expected, abs=1e-9)


def test_ks_agrees_with_scipy(scores: Scores) -> None:
    for table, column in (("person", "l'âge"), ("person", "poids kg"), ("visit", "cost"), ("visit", "day")):
        ours, theirs = (
            frames[table][column][~np.isnan(frames[table][column].astype(float))] for frames in (TRAIN, FRESH)
        )
        expected = ks_2samp(ours, theirs).statistic
        assert find(scores, "marginal_ks", f"{table}.{column}").value == pytest.approx(expected, abs=1e-9)


def test_pairs_with_the_parent_agree_with_counting(scores: Scores) -> None:
    sex = [dict(zip(f["person"]["id"], f["person"]["sex"], strict=True)) for f in (TRAIN, FRESH)]
    joint = [
        Counter((code, of[i]) for code, i in zip(f["visit"]["code"], f["visit"]["id"], strict=True))
        for f, of in zip((TRAIN, FRESH), sex, strict=True)
    ]
    sizes = [sum(count.values()) for count in joint]
    expected = sum(abs(joint[0][k] / sizes[0] - joint[1][k] / sizes[1]) for k in joint[0] | joint[1]) / 2
    scope = "visit with person: pairs of columns"
    pairs = find(scores, "pair_tvd", scope).details
    assert pairs["pairs"] == 12
    assert pairs["worst"].get("code x person.sex", expected) == pytest.approx(expected, abs=1e-9)


def test_child_counts_agree_with_counting(scores: Scores) -> None:
    shares = []
    for frames in (TRAIN, FRESH):
        per_person = Counter(frames["visit"]["id"])
        counts = Counter(per_person.get(i, 0) for i in frames["person"]["id"])
        shares.append({k: v / len(frames["person"]["id"]) for k, v in counts.items()})
    expected = sum(abs(shares[0].get(k, 0) - shares[1].get(k, 0)) for k in shares[0] | shares[1]) / 2
    assert find(scores, "child_count_tvd", "visit by person").value == pytest.approx(expected, abs=1e-9)


def copies_in(synthetic: Frames) -> Scores:
    from synth.metrics.registry import METRICS

    chosen = [metric for metric in METRICS if metric.names[0] in ("row_copies", "trajectory_copies")]
    built = build_evidence(dataset(TRAIN), dataset(HOLDOUT), dataset(synthetic), plan=PLAN)
    return score_evidence(built, {}, metrics=chosen)


def test_copies_are_counted_whatever_the_order_and_the_keys() -> None:
    visits = Counter(TRAIN["visit"]["id"])
    chosen = np.array([i for i, count in visits.items() if count >= 4][:7])
    found = copies_in(joined(FRESH, renumbered(some(TRAIN, chosen))))
    assert find(found, "trajectory_copies", "whole persons, all tables").details["found"] == 7
    assert find(found, "trajectory_copies", "whole persons, all tables").value == 7
    rows = find(found, "row_copies", "person: rows")
    assert rows.details["found_train"] == pytest.approx(7 / 150, abs=1e-9)
    assert rows.control == 0


def test_a_missing_event_is_not_a_copied_trajectory() -> None:
    visits = Counter(TRAIN["visit"]["id"])
    person = np.array([next(i for i, count in visits.items() if count >= 5)])
    part = renumbered(some(TRAIN, person))
    part["visit"] = {name: values[:-1] for name, values in part["visit"].items()}
    assert find(copies_in(joined(FRESH, part)), "trajectory_copies", "whole persons, all tables").value == 0


def test_nearest_agrees_with_all_distances() -> None:
    r = np.random.default_rng(0)
    asked, pool = r.random((40, 6), dtype=np.float32), r.random((70, 6), dtype=np.float32)
    pool[3] = asked[5]
    every = ((asked[:, None, :] - pool[None, :, :]) ** 2).sum(axis=2)
    distances, places = nearest(asked, pool, 4)
    assert (places[:, 0] == every.argmin(axis=1)).all()
    assert distances == pytest.approx(np.sort(every, axis=1)[:, :4], abs=1e-5)
    assert distances[5, 0] == 0
    assert nearest(pool, pool, 1, np.arange(70))[1][3, 0] != 3


def test_auc_counts_ties_half() -> None:
    assert auc(np.array([1.0, 2.0, 2.0]), np.array([2.0, 0.0]))[0] == pytest.approx((0 + 1 + 0.5 + 1 + 0.5 + 1) / 6)


def test_propensity_by_hand() -> None:
    error, distance, told = cell_propensity(np.array([30.0, 10.0]), np.array([10.0, 30.0]))
    assert error == pytest.approx(0.0625 / (0.5 * 0.25 / 80))
    assert distance == pytest.approx(0.5)
    assert told == pytest.approx(0.25)
    assert cell_propensity(np.array([5.0, 5.0]), np.array([5.0, 5.0])) == (0.0, 0.0, 0.0)


def test_transitions_stay_within_persons() -> None:
    codes, person = np.array([1, 2, 0, 1, 2]), np.array([0, 0, 0, 1, 1], dtype=np.int32)
    assert followed(codes, person, 1, 3).tolist() == [-1, 1 * 3 + 2, 2 * 3 + 0, -1, 1 * 3 + 2]
    assert followed(codes, person, 2, 3).tolist() == [-1, -1, 9 + 2 * 3 + 0, -1, -1]
    assert hellinger(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1.0


def test_kaplan_meier_by_hand() -> None:
    time, event = np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, True])
    curve = kaplan_meier(time, event, None, np.array([0.0, 1.0, 2.0, 3.0]))
    assert curve == pytest.approx([1.0, 3 / 4, 3 / 4 * 2 / 3, 0.0])
    doubled = kaplan_meier(time, event, np.full(4, 2.0), np.array([2.0]))
    assert doubled == pytest.approx([1 / 2])


def test_results_do_not_depend_on_the_order_of_rows(scores: Scores) -> None:
    def turned(frames: Frames) -> Frames:
        return {name: {key: values[::-1] for key, values in frame.items()} for name, frame in frames.items()}

    from synth.metrics.registry import METRICS

    exact = [
        m for m in METRICS if m.names[0] in ("marginal_tvd", "foreign_key_integrity", "row_copies", "trajectory_copies")
    ]
    built = build_evidence(*(dataset(turned(frames)) for frames in (TRAIN, HOLDOUT, FRESH)), plan=PLAN)
    again = score_evidence(built, {}, seed=2, metrics=exact)
    for score in again.scores:
        assert find(scores, score.metric, score.scope).value == score.value
