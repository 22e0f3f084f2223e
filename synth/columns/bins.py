"""Bins of a quantity: values that enough persons share, kept as they are, and intervals over the rest.

No bound of an interval is anybody's value. An interval is known by the mean and spread of one value per person over at
least k persons, and stands for the uniform law that has them; a value is kept only if at least k persons have it. What
fewer share is absorbed by its neighbour, which trims the extremes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

EXACT_VALUES = 256  # up to so many distinct values, each may stand for itself
QUANTILES = 128
EXTREMES = 3  # how many of the outermost persons of a run are known while fitting
HEAVY = 0.01  # share of the rows from which a value among many stands for itself
# Moments of a uniform law: its half-width is sqrt(3) standard deviations
_HALF_WIDTH = np.sqrt(3.0)
# Numbers from here on are not offsets but places on the calendar (see `features`); no bin may span both
APART = 5e11


@dataclass(frozen=True)
class Runs:
    """A first cut of the line, from counts alone: the lowest value of each run. Used while fitting, never stored."""

    lowest: Floats

    def encode(self, numbers: Floats) -> Codes:
        """The run of each number (NaN goes to run 0; mask it yourself)."""
        codes: Codes = np.searchsorted(self.lowest, np.nan_to_num(numbers), side="right") - 1
        return np.maximum(codes, 0)


def runs_of(values: Floats, rows: NDArray[np.int64], k: int) -> Runs:
    """Cut sorted distinct `values` (with their `rows`) into runs.

    Few values: one run each. Many: heavy values apart, the others by equal shares, thinner and thinner towards both
    ends so that the tails keep their shape as long as k rows support it.
    """
    if len(values) <= EXACT_VALUES:
        return Runs(values)
    total = int(rows.sum())
    below = np.concatenate([[0], np.cumsum(rows)[:-1]])
    heavy = rows >= max(HEAVY * total, k)
    step = max(total / QUANTILES, k)
    shares = np.concatenate([_tail(step, k), np.arange(step, total - step / 2, step), total - _tail(step, k)[::-1]])
    slot = np.searchsorted(np.unique(shares), below, side="right")
    first = np.ones(len(values), dtype=bool)
    first[1:] = (slot[1:] != slot[:-1]) | heavy[1:] | heavy[:-1] | ((values[1:] >= APART) & (values[:-1] < APART))
    return Runs(values[first])


def _tail(step: float, k: int) -> Floats:
    """Cumulated rows at which the outermost run is cut again: k, 2k, 4k ... below `step`."""
    marks: Floats = k * np.exp2(np.arange(max(int(np.ceil(np.log2(max(step / k, 1.0)))), 0), dtype=np.float64))
    inside: Floats = marks[marks < step]
    return inside


@dataclass(frozen=True)
class Bins:
    """The bins that are stored: code i stands for [low[i], high[i]] (a single value where they are equal)."""

    low: Floats
    high: Floats
    decimals: int

    def __len__(self) -> int:
        return len(self.low)

    def encode(self, numbers: Floats) -> Codes:
        """The bin nearest to each number."""
        between = (self.high[:-1] + self.low[1:]) / 2
        codes: Codes = np.searchsorted(between, numbers, side="left").astype(np.int64)
        return codes

    def decode(self, codes: Codes, uniform: Floats) -> Floats:
        """A number in each code's bin; `uniform` in [0, 1) places it there."""
        low, high = self.low[codes], self.high[codes]
        step = float(10.0**-self.decimals)
        # a whole cell around each end, so that the ends of a discrete range weigh as much as its inside
        placed = low - step / 2 + uniform * (high - low + step)
        numbers: Floats = np.clip(np.round(placed, self.decimals) + 0.0, low, high)
        return numbers


@dataclass(frozen=True)
class RunTally:
    """What was counted over runs: distinct persons, their sets while small, and moments of one value per person.

    Values are counted from each run's `origin`; `lowest` and `highest` are its EXTREMES outermost ones.
    """

    persons: NDArray[np.int64]
    members: tuple[frozenset[int], ...]
    origin: Floats
    total: Floats
    squares: Floats
    lowest: Floats
    highest: Floats


def merge_runs(tally: RunTally, k: int, decimals: int, apart: NDArray[np.bool_]) -> tuple[Bins, Codes]:
    """Merge runs until each bin has k persons. Returns the bins and, for each run, the code it goes to.

    `apart[i]` tells the side of a run that bins must not straddle. Raises ValueError when all runs together have fewer
    than k persons.
    """
    groups = _groups(tally, k, apart)
    kept = [group for group in groups if group.supported]
    if not kept:
        raise ValueError("fewer than k persons")
    target = np.empty(len(tally.persons), dtype=np.int64)
    code = -1
    for group in groups:
        code += group.supported
        target[group.first : group.last] = max(code, 0)
    moments = np.array([_moments(tally, group) for group in kept])
    return _intervals(moments, decimals, apart[[group.first for group in kept]]), target


@dataclass(frozen=True, slots=True)
class _Group:
    first: int
    last: int
    supported: bool


def _groups(tally: RunTally, k: int, apart: NDArray[np.bool_]) -> list[_Group]:
    groups: list[_Group] = []
    start, members = 0, frozenset[int]()
    for run in range(len(tally.persons)):
        broken = run > start and (tally.persons[run] >= k or apart[run] != apart[start])
        if broken:  # what is pending stays unsupported, and is absorbed
            groups.append(_Group(start, run, False))
            start, members = run, frozenset()
        members |= tally.members[run]
        if tally.persons[run] >= k or len(members) >= k:
            groups.append(_Group(start, run + 1, True))
            start, members = run + 1, frozenset()
    if start < len(tally.persons):
        groups.append(_Group(start, len(tally.persons), False))
    return groups


def _moments(tally: RunTally, group: _Group) -> tuple[float, float]:
    """Mean and spread of a group, its outermost persons moved in to the next ones (winsorised).

    Otherwise one extreme person could be read off the mean: the two furthest at each end never weigh on it.
    """
    span = slice(group.first, group.last)
    origin = tally.origin[group.first]
    shift = tally.origin[span] - origin
    persons = int(tally.persons[span].sum())
    total = float((tally.total[span] + tally.persons[span] * shift).sum())
    squares = tally.squares[span] + 2 * shift * tally.total[span] + tally.persons[span] * shift**2
    square = float(squares.sum())
    moved = 2 if persons >= 2 * EXTREMES + 1 else 1 if persons >= EXTREMES else 0
    for ends, sign in ((tally.lowest, 1.0), (tally.highest, -1.0)):
        known = np.sort(sign * (ends[span] + shift[:, None]).ravel())[: moved + 1] * sign
        total += moved * known[moved] - known[:moved].sum()
        square += moved * known[moved] ** 2 - (known[:moved] ** 2).sum()
    mean = total / persons
    return origin + mean, float(np.sqrt(max(square / persons - mean**2, 0.0)))


def _intervals(moments: Floats, decimals: int, apart: NDArray[np.bool_]) -> Bins:
    means, spread = moments[:, 0], moments[:, 1]
    half = _HALF_WIDTH * np.where(spread < 0.25 * 10.0**-decimals, 0.0, spread)
    # a skewed bin must not reach past its neighbours' means; shortened on both sides, it keeps its own mean
    below = np.concatenate([[np.inf], means[1:] - means[:-1]])
    above = np.concatenate([means[1:] - means[:-1], [np.inf]])
    below[np.concatenate([[False], apart[1:] != apart[:-1]])] = np.inf
    above[np.concatenate([apart[1:] != apart[:-1], [False]])] = np.inf
    half = np.minimum(half, np.minimum(below, above))
    return Bins(np.round(means - half, decimals) + 0.0, np.round(means + half, decimals) + 0.0, decimals)
