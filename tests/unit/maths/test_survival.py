"""Survival mathematics against sums written out: curves by hand, Cox by brute force over the partial likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from synth.maths.survival import aalen_johansen, cox, kaplan_meier

Floats = NDArray[np.float64]


def test_kaplan_meier_by_hand() -> None:
    time, event = np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, True])
    curve = kaplan_meier(time, event, None, np.array([0.0, 1.0, 2.0, 3.0]))
    assert curve == pytest.approx([1.0, 3 / 4, 3 / 4 * 2 / 3, 0.0])
    assert kaplan_meier(time, event, np.full(4, 2.0), np.array([2.0])) == pytest.approx([1 / 2])
    assert kaplan_meier(np.zeros(0), np.zeros(0, bool), None, np.array([1.0])) == pytest.approx([1.0])


def test_cumulative_incidence_by_hand() -> None:
    time, cause = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 2, 0, 1])
    found = aalen_johansen(time, cause, 2, None, np.array([0.5, 1.0, 2.0, 3.5, 4.0]))
    assert found[0] == pytest.approx([0, 1 / 4, 1 / 4, 1 / 4, 1 / 4 + 1 / 2])
    assert found[1] == pytest.approx([0, 0, 3 / 4 * 1 / 3, 1 / 4, 1 / 4])


def test_incidences_and_survival_add_up_to_one() -> None:
    r = np.random.default_rng(3)
    time, cause = np.ceil(r.exponential(8, 200)), r.integers(0, 4, 200)
    heavy, grid = r.integers(0, 3, 200).astype(float), np.linspace(0, 30, 17)
    whole = aalen_johansen(time, cause, 3, heavy, grid).sum(axis=0) + kaplan_meier(time, cause > 0, heavy, grid)
    assert whole == pytest.approx(np.ones(17))


def efron(beta: Floats, time: Floats, event: NDArray[np.bool_], x: Floats) -> float:
    """The partial log-likelihood as Efron wrote it, one tied death after the other."""
    total = 0.0
    for moment in np.unique(time[event]):
        at_risk, dying = time >= moment, (time == moment) & event
        heavy, deaths = np.exp(x @ beta), int(dying.sum())
        total += float((x[dying] @ beta).sum())
        for left in range(deaths):
            total -= float(np.log(heavy[at_risk].sum() - left / deaths * heavy[dying].sum()))
    return total


@pytest.mark.parametrize("ties", [1.0, 6.0])
def test_cox_is_the_maximum_of_the_partial_likelihood(ties: float) -> None:
    r = np.random.default_rng(11)
    x = np.column_stack([r.normal(size=120), r.integers(0, 2, 120)]).astype(float)
    time = np.ceil(ties * r.exponential(np.exp(-x @ np.array([0.6, -0.4])))) if ties > 1 else r.exponential(size=120)
    event = r.random(120) < 0.7
    found = cox(time, event, x)
    assert found is not None
    step = 1e-4
    units = np.eye(2) * step

    def at(shift: Floats) -> float:
        return efron(found.coefficients + shift, time, event, x)

    slope = [(at(unit) - at(-unit)) / (2 * step) for unit in units]
    assert slope == pytest.approx([0, 0], abs=1e-4)
    curve = [[(at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / (4 * step**2) for b in units] for a in units]
    assert np.sqrt(np.diag(np.linalg.inv(-np.array(curve)))) == pytest.approx(found.errors, rel=1e-3)


def test_cox_says_when_there_is_no_maximum() -> None:
    time, event = np.arange(1.0, 21.0), np.ones(20, dtype=bool)
    assert cox(time, event, np.ones((20, 1))) is None  # does not vary
    assert cox(time, event, (time < 10).astype(float)[:, None]) is None  # separates
    assert cox(time, np.zeros(20, dtype=bool), time[:, None]) is None  # nobody has the event
    assert cox(np.zeros(0), np.zeros(0, dtype=bool), np.zeros((0, 1))) is None
