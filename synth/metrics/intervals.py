"""Intervals for shares, excess risks and bootstrap draws, by person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ALPHA = 0.05
TOLERANCE = 0.09  # the excess an attack must be able to rule out: El Emam et al., JMIR 2020 (about 1 in 11)


def quantile(tests: int = 1, alpha: float = ALPHA) -> float:
    """The normal quantile for two-sided intervals that hold for `tests` figures at once (Bonferroni)."""
    from scipy.special import ndtri

    return float(ndtri(1 - alpha / (2 * max(tests, 1))))


def wilson(share: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's score interval of a share observed on `n` persons; (0, 1) when there is nobody."""
    if n <= 0:
        return 0.0, 1.0
    centre = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
    return max(0.0, float(low)), min(1.0, float(high))


def effective(successes: Floats) -> float:
    """How many yes/no persons carry as much information as these per-person success rates (each in 0..1)."""
    n = len(successes)
    mean, variance = (float(np.mean(successes)), float(np.var(successes))) if n else (0.0, 0.0)
    if variance <= 0 or not 0 < mean < 1:
        return float(n)
    return float(min(n * mean * (1 - mean) / variance, 50.0 * n))


@dataclass(frozen=True, slots=True)
class Excess:
    """Residual risk R = (a - c) / (1 - c) with its interval; `needed` attacks make a zero excess provable."""

    value: float
    low: float
    high: float
    attack: float
    control: float
    needed: int


def excess_risk(attack: Floats, control: Floats, tests: int = 1, tolerance: float = TOLERANCE) -> Excess:
    """R from per-person successes on training persons and on control persons.

    1 - R is the ratio of two failure rates; its interval is the MOVER ratio of two Wilson intervals (Donner and Zou,
    Stat Methods Med Res 2012), which keeps its coverage at rates of 0 and 1.
    """
    z = quantile(tests)
    a = float(np.mean(attack)) if len(attack) else 0.0
    c = float(np.mean(control)) if len(control) else 0.0
    a_low, a_high = wilson(a, effective(attack), z)
    c_low, c_high = wilson(c, effective(control), z)
    low, high = _mover_ratio((1 - a, 1 - a_high, 1 - a_low), (1 - c, 1 - c_high, 1 - c_low))
    value = (a - c) / (1 - c) if c < 1 else 0.0
    return Excess(
        value, min(value, 1 - high), max(value, 1 - low), a, c, attacks_needed(c_low, c_high, c, z, tolerance)
    )


def attacks_needed(low: float, high: float, control: float, z: float, tolerance: float) -> int:
    """Attacks on each side for which a zero excess would bound R below `tolerance`: 2 (z / tolerance)^2 c / (1 - c).

    The floor of 100 keeps the normal approximation honest where the control hardly ever succeeds.
    """
    share = min(max(control, low), high, 0.9999)
    return max(100, int(np.ceil(2 * (z / tolerance) ** 2 * share / (1 - share))))


def _mover_ratio(top: tuple[float, float, float], bottom: tuple[float, float, float]) -> tuple[float, float]:
    (p, p_low, p_high), (q, q_low, q_high) = top, bottom
    product = p * q
    inner_low = max(product**2 - p_low * q_high * (2 * p - p_low) * (2 * q - q_high), 0.0)
    inner_high = max(product**2 - p_high * q_low * (2 * p - p_high) * (2 * q - q_low), 0.0)
    below, above = q_high * (2 * q - q_high), q_low * (2 * q - q_low)
    low = (product - np.sqrt(inner_low)) / below if below > 0 else (0.0 if p_low <= 0 else p_low / max(q_high, 1e-12))
    high = (product + np.sqrt(inner_high)) / above if above > 0 else 2.0
    return max(0.0, float(low)), max(0.0, float(high))


def draw_weights(persons: int, draws: int, stream: Floats) -> NDArray[np.float32]:
    """Bootstrap weights (draws x groups) over at most 200 groups of persons; see `group_of`."""
    groups = min(persons, GROUPS)
    chosen = np.minimum((stream[: draws * groups] * groups).astype(np.int64), groups - 1).reshape(draws, groups)
    flat = (chosen + groups * np.arange(draws)[:, None]).ravel()
    return np.bincount(flat, minlength=draws * groups).reshape(draws, groups).astype(np.float32)


GROUPS = 200


def spread(
    value: float, draws: Floats, *, least: float | None = None, most: float | None = None
) -> tuple[float, float]:
    """value -/+ 1.96 bootstrap standard errors, cut to [least, most]."""
    half = quantile() * float(np.std(draws, ddof=1)) if len(draws) > 1 else 0.0
    low, high = value - half, value + half
    return (low if least is None else max(least, low)), (high if most is None else min(most, high))
