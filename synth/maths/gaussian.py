"""Correlation matrices made sound, and the normal law of some variables given others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_FLOOR = 1e-6


def nearest_correlation(matrix: Floats) -> Floats:
    """A positive definite correlation matrix near `matrix` (eigenvalues raised to a floor, diagonal set to 1 again)."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    if values.min() >= _FLOOR:
        return matrix
    repaired = (vectors * np.maximum(values, _FLOOR)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(repaired))
    scaled: Floats = repaired * scale[:, None] * scale[None, :]
    return scaled


@dataclass(frozen=True, slots=True)
class Conditional:
    """The law of y given x, both centred: mean `x @ weights`, covariance `root @ root.T`."""

    weights: Floats
    root: Floats


def conditional(cov_xx: Floats, cov_xy: Floats, cov_yy: Floats) -> Conditional:
    """Regress y on x. Directions of x that hardly vary are left out, and the remainder of y is kept a covariance."""
    weights = _solve(cov_xx, cov_xy)
    remainder = cov_yy - cov_xy.T @ weights
    values, vectors = np.linalg.eigh((remainder + remainder.T) / 2)
    return Conditional(weights, vectors * np.sqrt(np.maximum(values, 0.0)))


def _solve(cov_xx: Floats, cov_xy: Floats) -> Floats:
    if cov_xx.size == 0:
        return np.zeros_like(cov_xy)
    values, vectors = np.linalg.eigh((cov_xx + cov_xx.T) / 2)
    kept = values > 1e-4 * max(values.max(), _FLOOR)
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=kept)
    solved: Floats = (vectors * inverse) @ (vectors.T @ cov_xy)
    return solved
