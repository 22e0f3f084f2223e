"""Latent correlations are read off tables, and repaired into a law that exists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.core.seeds import rng
from synth.maths.gaussian import conditional, nearest_correlation
from synth.maths.scores import LIMIT, cuts, hermite_coefficients, latent_correlations, normal_scores

SHARES = (np.array([0.5, 0.5]), np.array([0.1, 0.2, 0.3, 0.4]), np.full(40, 1 / 40), np.array([0.9, 0.1]))


def pair(r: float, rows: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    noise = rng(1, "pair").normal(2 * rows).reshape(2, rows)
    return noise[0], r * noise[0] + np.sqrt(1 - r**2) * noise[1]


@pytest.mark.parametrize("r", [-0.9, -0.3, 0.0, 0.4, 0.8])
@pytest.mark.parametrize(("one", "two"), [(0, 1), (1, 2), (0, 3), (2, 2)])
def test_a_known_correlation_is_recovered_through_cuts(r: float, one: int, two: int) -> None:
    columns = [
        normal_scores(SHARES[i])[np.searchsorted(cuts(SHARES[i])[1:-1], z)]
        for i, z in zip((one, two), pair(r), strict=True)
    ]
    product = float(np.mean(columns[0] * columns[1]))
    coefficients = np.stack([hermite_coefficients(SHARES[i]) for i in (one, two)])
    found = latent_correlations(np.array([[1.0, product], [product, 1.0]]), coefficients)

    # a strong correlation of two coarse cuts hardly shows in their table
    assert found[0, 1] == pytest.approx(r, abs=0.03 if abs(r) < 0.85 else 0.08)
    assert np.diag(found).tolist() == [1.0, 1.0]


def test_a_constant_has_no_correlation_and_an_identity_is_bounded() -> None:
    coefficients = np.stack([hermite_coefficients(np.array([1.0])), hermite_coefficients(SHARES[0])])
    found = latent_correlations(np.array([[1.0, 0.5], [0.5, 9.0]]), coefficients)

    assert found[0, 1] == 0.0
    assert latent_correlations(np.full((2, 2), 9.0), coefficients[[1, 1]])[0, 1] == pytest.approx(LIMIT)


@pytest.mark.parametrize("shares", SHARES, ids=len)
def test_scores_have_mean_zero_and_grow(shares: np.ndarray) -> None:
    scores = normal_scores(shares)

    assert float(scores @ shares) == pytest.approx(0, abs=1e-12)
    assert (np.diff(scores) > 0).all()
    # the first Hermite coefficient of a score is its variance
    assert hermite_coefficients(shares)[0] == pytest.approx(float(scores**2 @ shares))


def test_a_code_without_share_has_score_zero() -> None:
    assert normal_scores(np.array([0.5, 0.0, 0.5]))[1] == 0


@given(st.integers(0, 10_000), st.integers(2, 8))
def test_the_nearest_correlation_matrix_is_positive_definite(seed: int, size: int) -> None:
    wild = rng(seed, "matrix").uniform(size * size).reshape(size, size) * 2 - 1
    matrix = (wild + wild.T) / 2
    np.fill_diagonal(matrix, 1.0)
    found = nearest_correlation(matrix)

    assert np.linalg.eigvalsh(found).min() > 0
    assert np.diag(found) == pytest.approx(np.ones(size))
    assert found == pytest.approx(found.T)


def test_a_sound_matrix_is_left_as_it_is() -> None:
    matrix = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert nearest_correlation(matrix) is matrix


@given(st.integers(0, 10_000))
def test_the_law_of_y_given_x_gives_back_the_covariance_of_y(seed: int) -> None:
    root = rng(seed, "covariance").normal(25).reshape(5, 5)
    cov = root @ root.T + 0.5 * np.eye(5)
    law = conditional(cov[:3, :3], cov[:3, 3:], cov[3:, 3:])
    rebuilt = law.weights.T @ cov[:3, :3] @ law.weights + law.root @ law.root.T

    assert rebuilt == pytest.approx(cov[3:, 3:], rel=0.05, abs=0.05)


def test_without_x_the_law_of_y_is_its_own() -> None:
    law = conditional(np.zeros((0, 0)), np.zeros((0, 2)), np.eye(2))
    assert law.root @ law.root.T == pytest.approx(np.eye(2))


def test_a_direction_that_does_not_vary_has_no_weight() -> None:
    law = conditional(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[0.5], [0.5]]), np.array([[1.0]]))
    assert law.weights.ravel() == pytest.approx([0.25, 0.25])
