"""Dates as distances from other dates; what is no plausible date keeps its own place on the calendar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import APART
from synth.core.catalog import Column

Floats = NDArray[np.float64]

# Added to a quantity that is a place on the calendar where a distance was expected: a sentinel such as 1600-01-01 is no
# distance from anything. Far above any distance in days, months or seconds, and exact to the microsecond.
CALENDAR = 1e12
_PLAUSIBLE_YEARS = (1800, 2090)
_DAYS = tuple((np.datetime64(f"{year}-01-01") - np.datetime64("1970-01-01")).astype(int) for year in _PLAUSIBLE_YEARS)


def distance(values: Floats, base: Floats, column: Column) -> Floats:
    """`values` counted from `base`; where either is no plausible date, the value's own place on the calendar."""
    odd = ~plausible(values, column) | ~plausible(base, column)
    return np.where(odd, values + CALENDAR, values - base)


def undistance(distances: Floats, base: Floats) -> Floats:
    """The values that `distance` came from, given their bases."""
    return np.where(distances >= APART, distances - CALENDAR, distances + base)


def plausible(values: Floats, column: Column) -> NDArray[np.bool_]:
    """Whether numbers can be dates of real events; numbers that are not dates always can, NaN never."""
    low, high = _bounds(column)
    with np.errstate(invalid="ignore"):
        return (values >= low) & (values < high)


def _bounds(column: Column) -> tuple[float, float]:
    if column.type == "date":
        return float(_DAYS[0]), float(_DAYS[1])
    if column.type == "datetime":
        return _DAYS[0] * 86400.0, _DAYS[1] * 86400.0
    if column.type == "yearmonth":
        return _PLAUSIBLE_YEARS[0] * 12.0, _PLAUSIBLE_YEARS[1] * 12.0
    return -np.inf, np.inf
