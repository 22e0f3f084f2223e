"""Intervals against known figures, and their coverage when nothing leaks."""

from __future__ import annotations

import numpy as np
import pytest

from synth.metrics.disclosure.copies import excess_copies
from synth.metrics.disclosure.roc import tpr_interval, true_positive_rate
from synth.metrics.intervals import attacks_needed, effective, excess_risk, quantile, wilson

Z = quantile()


def test_wilson_is_the_textbook_one() -> None:
    low, high = wilson(15 / 148, 148, Z)  # Newcombe 1998, table I: 15 of 148 with z = 1.96
    assert (low, high) == (pytest.approx(0.0624, abs=5e-5), pytest.approx(0.1605, abs=5e-5))
    assert wilson(0.0, 0, Z) == (0.0, 1.0)


@pytest.mark.parametrize(("control", "needed"), [(0.2, 237), (0.5, 949), (0.8, 3794), (0.95, 18022)])
def test_attacks_needed_follow_the_published_figures(control: float, needed: int) -> None:
    assert abs(attacks_needed(0, 1, control, 1.96, 0.09) - needed) <= 1


def test_residual_risk_by_hand() -> None:
    attack, control = np.repeat([1.0, 0.0], [60, 40]), np.repeat([1.0, 0.0], [20, 80])
    risk = excess_risk(attack, control)
    assert risk.value == pytest.approx((0.6 - 0.2) / 0.8)
    assert risk.low < risk.value < risk.high < 1


def test_certain_and_impossible_attacks_have_finite_intervals() -> None:
    ones, zeros = np.ones(50), np.zeros(50)
    assert excess_risk(ones, zeros).value == 1.0
    assert excess_risk(ones, zeros).low > 0.8
    assert excess_risk(zeros, ones).value == 0.0  # nothing is left to gain over a control that always succeeds
    assert excess_risk(zeros, zeros).low < 0 < excess_risk(zeros, zeros).high


def test_rates_within_persons_weigh_as_much_as_they_tell() -> None:
    assert effective(np.array([0.0, 1.0, 1.0, 0.0])) == pytest.approx(4)
    assert effective(np.full(10, 0.5)) == 10
    assert effective(np.array([0.4, 0.6] * 50)) > 1000


def test_ties_neither_help_nor_hide() -> None:
    assert true_positive_rate(np.zeros(40), np.zeros(40), 0.1) == pytest.approx(0.1)
    assert true_positive_rate(np.ones(40), np.zeros(40), 0.1) == 1.0
    assert true_positive_rate(np.zeros(40), np.ones(40), 0.1) == 0.0


def test_intervals_cover_the_truth_in_null_simulations() -> None:
    r = np.random.default_rng(1)
    covered = {"risk": 0, "rare risk": 0, "membership": 0, "membership of a leak": 0, "copies": 0}
    for _ in range(600):
        risk = excess_risk(*(r.random((2, 400)) < 0.5).astype(float))
        rare = excess_risk(*(r.random((2, 400)) < 0.02).astype(float))
        train, control = r.normal(size=(2, 300))
        low, high = tpr_interval(train, control, 0.1, Z)
        told = tpr_interval(train + 0.8, control, 0.1, Z)  # normal claims a standard deviation times 0.8 apart
        shares = r.beta(0.5, 2, size=(2, 300))
        copied = excess_copies(shares[0], shares[1], Z)[1]
        covered["risk"] += risk.low <= 0 <= risk.high
        covered["rare risk"] += rare.low <= 0 <= rare.high
        covered["membership"] += low <= 0.1 <= high
        covered["membership of a leak"] += told[0] <= 0.3150 <= told[1]
        covered["copies"] += copied[0] <= 0 <= copied[1]
    assert min(covered.values()) >= 558, covered  # 93 %
