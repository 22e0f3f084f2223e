"""Membership F1 and the anonymity loss coefficient, against figures worked out by hand, and on a copy of train."""

from __future__ import annotations

import numpy as np
import pytest

from synth.core.score import Score
from synth.metrics import Plan
from synth.metrics.disclosure import anonymity_loss, membership_f1
from synth.metrics.evidence import Evidence, build_evidence
from tests.controls.people import Frames, dataset, people, renumbered

TRAIN, FRESH = people(400, 1), people(400, 3, 30_000)


def evidence_of(synthetic: Frames) -> Evidence:
    holdout, reference = people(400, 2, 20_000), people(600, 4, 40_000)
    return build_evidence(dataset(TRAIN), dataset(holdout), dataset(synthetic), dataset(reference), Plan(pool=400))


def test_f1_by_hand() -> None:
    # a quarter were in; of 100: 25 in, 20 of them claimed, and 15 of the 75 others: precision 20 / 35, recall .8
    assert membership_f1.f1(0.8, 0.2, 0.25) == pytest.approx(2 * (20 / 35) * 0.8 / (20 / 35 + 0.8))
    assert membership_f1.f1(1.0, 1.0, 0.25) == pytest.approx(0.4)  # claiming everybody: 2 t / (1 + t)
    assert membership_f1.f1(0.0, 0.5, 0.25) == 0.0


def test_differences_are_counted_attribute_by_attribute() -> None:
    pool = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.int16)
    asked = np.array([[1, 2, 3], [4, 5, 0], [9, 2, 9], [0, 0, 0]], dtype=np.int16)
    assert membership_f1.differences(asked, pool).tolist() == [0, 1, 2, 3]


def test_prc_by_hand() -> None:
    sure = np.array([0.9, 0.9, 0.5, 0.1])
    right = np.array([True, True, False, False])
    half = 1 - (np.log10(0.5) / -4) ** 3  # the surest half is right: P = 1, R = .5
    assert anonymity_loss.prc(sure, right) == pytest.approx(half)
    assert anonymity_loss.prc(np.ones(4), right) == pytest.approx(0.5)  # equally sure of all: nothing can be left out
    assert anonymity_loss.prc(np.zeros(0), np.zeros(0, dtype=bool)) == 0.0
    assert anonymity_loss.loss(0.9, 0.6) == pytest.approx(0.75)
    assert anonymity_loss.loss(0.5, 0.6) == pytest.approx(-0.25)


def only(scores: list[Score]) -> Score:
    return next(score for score in scores if score.status != "skipped")


def test_a_copy_loses_anonymity_and_other_persons_do_not() -> None:
    copy, fresh = evidence_of(renumbered(TRAIN)), evidence_of(FRESH)
    found = {name: only(membership_f1.evaluate(each, 0)) for name, each in (("copy", copy), ("fresh", fresh))}
    assert found["copy"].value > 0.95
    assert found["fresh"].low <= found["fresh"].control + 0.02
    assert found["fresh"].details["sampling_fraction"] == pytest.approx(400 / 1400)
    lost = [only(anonymity_loss.evaluate(each, 0)) for each in (copy, fresh)]
    assert lost[0].value > 0.5 > abs(lost[0].control)
    assert lost[1].low <= 0.1
    assert anonymity_loss.evaluate(build_evidence(dataset(TRAIN), None, dataset(FRESH)), 0)[0].status == "skipped"
