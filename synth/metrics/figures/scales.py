"""Axes of numbers and dates on round values, so that no bound of a plot is anybody's value."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
INTERVALS = 12
_DAYS = (1.0, 7.0, 30.4375, 91.3125, 182.625)
EPOCH = date(1970, 1, 1)


def round_edges(known: Floats, dates: bool, intervals: int = INTERVALS) -> Floats:
    """Edges at multiples of a round step over the middle 98 % of the values; empty when they do not spread."""
    if not len(known):
        return np.zeros(0)
    low, high = np.quantile(known, [0.01, 0.99])
    if not high > low:
        return np.zeros(0)
    step = round_step(float(high - low) / intervals, dates)
    first = np.ceil(low / step + 1e-9)
    last = np.floor(high / step - 1e-9)
    edges: Floats = np.arange(first, last + 1) * step
    return edges


def round_step(width: float, dates: bool) -> float:
    """The smallest round step of at least `width`: 1, 2 or 5 times a power of ten; days, months and years for dates."""
    if dates:
        for step in _DAYS:
            if step >= width:
                return step
        return 365.25 * round_step(width / 365.25, dates=False)
    power = 10.0 ** np.floor(np.log10(width))
    return float(next(power * times for times in (1, 2, 5, 10) if power * times >= width * (1 - 1e-9)))


def labels_of(edges: Floats, dates: bool) -> list[str]:
    """What to call each interval: below the first edge, from each edge on."""
    names = [_name(float(edge), dates) for edge in edges]
    return [f"< {names[0]}", *(f"≥ {name}" for name in names)] if names else []


def _name(edge: float, dates: bool) -> str:
    if not dates:
        return f"{edge:.6g}"
    try:
        return (EPOCH + timedelta(days=round(edge))).isoformat()[:7]
    except OverflowError:
        return f"{edge:.6g}"
