"""Normal scores of a discrete margin, and the latent correlation that makes two of them agree as observed.

A variable with ordered codes 0..m-1 and shares p is seen as a standard normal Z cut at the quantiles of p. Its normal
score is s(code) = E[Z | code]. For two such variables with latent correlation r, Mehler's formula gives

    E[s_i(Z1) s_j(Z2)] = sum over n of a_i[n] a_j[n] r**n,     a[n] = E[s(Z) He_n(Z)] / sqrt(n!)

which grows with r, so r follows from the observed mean product by bisection: the polychoric correlation read off a
contingency table through one number (Olsson, Psychometrika 1979; Mehler 1866).
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TERMS = 24
LIMIT = 0.985  # beyond this a correlation is an identity, which a copula should not be asked to carry
_BISECTIONS = 40
_NORMAL = NormalDist()


def cuts(shares: Floats) -> Floats:
    """The m + 1 thresholds on the normal scale (-inf and inf at the ends) for m shares that add up to 1."""
    return np.array(_cuts(tuple(np.cumsum(shares)[:-1].tolist())))


@lru_cache(maxsize=1024)
def _cuts(inner: tuple[float, ...]) -> tuple[float, ...]:
    return (-np.inf, *map(_quantile, inner), np.inf)


def _quantile(share: float) -> float:
    """The normal quantile of a share; scipy's takes longer to import than all of these to compute."""
    return _NORMAL.inv_cdf(share) if 0.0 < share < 1.0 else np.copysign(np.inf, share - 0.5)


def normal_scores(shares: Floats) -> Floats:
    """E[Z | code] for each of the m codes; 0 where a code has no share."""
    density = _density(cuts(shares))
    gaps = density[:-1] - density[1:]
    return np.divide(gaps, shares, out=np.zeros_like(shares), where=shares > 0)


def hermite_coefficients(shares: Floats, terms: int = TERMS) -> Floats:
    """a[1..terms] of the normal-score function of these shares (a[0] is 0)."""
    edges, scores = cuts(shares), normal_scores(shares)
    density = _density(edges)
    finite = np.where(np.isfinite(edges), edges, 0.0)
    found = np.empty(terms)
    before, now = np.zeros_like(finite), np.ones_like(finite)  # normalised He_{n-2} and He_{n-1}, times sqrt(n!) below
    for n in range(1, terms + 1):
        # integral of He_n * density over a cell = [-He_{n-1} * density]; both divided by sqrt(n!)
        primitive = now * density / np.sqrt(n)
        found[n - 1] = np.sum(scores * (primitive[:-1] - primitive[1:]))
        before, now = now, (finite * now - np.sqrt(n - 1) * before) / np.sqrt(n)
    return found


def latent_correlations(products: Floats, coefficients: Floats) -> Floats:
    """The d x d latent correlations for the d x d observed mean products of scores.

    `coefficients` holds one row of `hermite_coefficients` a variable. Values are kept within +-LIMIT.
    """
    low = np.full(products.shape, -LIMIT)
    high = np.full(products.shape, LIMIT)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        above = _mehler(middle, coefficients) > products
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    found: Floats = (low + high) / 2
    flat = coefficients[:, 0] == 0  # a constant has no correlation
    found[flat, :] = 0.0
    found[:, flat] = 0.0
    np.fill_diagonal(found, 1.0)
    return found


def _mehler(r: Floats, coefficients: Floats) -> Floats:
    total: Floats = np.zeros_like(r)
    for n in range(coefficients.shape[1] - 1, -1, -1):  # Horner, from the highest power
        total = (total + np.outer(coefficients[:, n], coefficients[:, n])) * r
    return total


def _density(z: Floats) -> Floats:
    inside = np.where(np.isfinite(z), z, 0.0)
    density: Floats = np.where(np.isfinite(z), np.exp(-(inside**2) / 2) / np.sqrt(2 * np.pi), 0.0)
    return density
