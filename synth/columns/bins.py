"""Bins of a quantity: values that enough persons share, kept as they are, and intervals over the rest.

No bound of an interval is anybody's value. An interval is known by the mean and spread of one value per person over at
least k persons, and stands for the uniform law that has them; a value is kept only if at least k persons have it. What
fewer share is absorbed by its neighbour, which trims the extremes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.arrays import distinct

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

EXACT_VALUES = 256  # up to so many distinct values, each may stand for itself
QUANTILES = 128
EXTREMES = 3  # how many of the outermost persons of a run are known while fitting
HEAVY = 0.01  # share of the rows from which a value among many stands for itself
REPEATED = 384  # so many repeated values stand for themselves too, where ...
COVERED = 0.25  # ... they make up so large a share of the rows: the quantity is written on a grid
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

    Few values: one run each. Many: heavy and much repeated values apart, the others by equal shares, thinner and
    thinner towards both ends so that the tails keep their shape as long as k rows support it.
    """
    if len(values) <= EXACT_VALUES:
        return Runs(values)
    total = int(rows.sum())
    below = np.concatenate([[0], np.cumsum(rows)[:-1]])
    heavy = (rows >= max(HEAVY * total, k)) | _repeated(rows, k)
    step = max(total / QUANTILES, k)
    shares = np.concatenate([_tail(step, k), np.arange(step, total - step / 2, step), total - _tail(step, k)[::-1]])
    slot = np.searchsorted(distinct(shares), below, side="right")
    first = np.ones(len(values), dtype=bool)
    first[1:] = (slot[1:] != slot[:-1]) | heavy[1:] | heavy[:-1] | ((values[1:] >= APART) & (values[:-1] < APART))
    return Runs(values[first])


def _repeated(rows: NDArray[np.int64], k: int) -> NDArray[np.bool_]:
    """The commonest values of k rows or more, if together they say enough of the rows; none otherwise."""
    found = np.zeros(len(rows), dtype=bool)
    found[np.argsort(-rows, kind="stable")[:REPEATED]] = True
    found &= rows >= k
    return found if rows[found].sum() >= COVERED * rows.sum() else np.zeros(len(rows), dtype=bool)


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
        codes: Codes = np.searchsorted(self._between, numbers, side="left")
        return codes

    @cached_property
    def _cells(self) -> tuple[Floats, Floats]:
        """Where the cells of each bin begin, and how wide they are together.

        A whole cell around each end, so that the ends of a discrete range weigh as much as its inside.
        """
        step = float(10.0**-self.decimals)
        return self.low - step / 2, self.high - self.low + step

    @cached_property
    def _between(self) -> Floats:
        """Where one bin is as near as the next one."""
        return (self.high[:-1] + self.low[1:]) / 2

    def decode(self, codes: Codes, uniform: Floats) -> Floats:
        """A number in each code's bin; `uniform` in [0, 1) places it there."""
        first, width = self._cells
        placed = uniform * width.take(codes)
        placed += first.take(codes)
        numbers: Floats = np.round(placed, self.decimals)
        numbers += 0.0
        return np.clip(numbers, self.low.take(codes), self.high.take(codes), out=numbers)

    def document(self) -> dict[str, Any]:
        """The bins as plain JSON data."""
        return {"low": self.low.tolist(), "high": self.high.tolist(), "decimals": self.decimals}

    @staticmethod
    def read(document: Mapping[str, Any]) -> Bins:
        """The bins written by `document`."""
        low, high = (np.array(document[name], dtype=float) for name in ("low", "high"))
        return Bins(low, high, document["decimals"])


@dataclass(frozen=True)
class RunTally:
    """What was counted over runs: distinct persons, their sets while small, and the outermost values, one a person.

    `lowest` and `highest` (runs x EXTREMES) begin with the outermost; where there are fewer, they end in infinities.
    """

    persons: NDArray[np.int64]
    members: tuple[frozenset[int], ...]
    lowest: Floats
    highest: Floats


@dataclass(frozen=True)
class Groups:
    """Runs merged until k persons share each group.

    `target` is the group that codes each run; `own` the same, but -1 for a run that was too small and only absorbed.
    `floor` and `ceiling` bound the values that may weigh on a group: the two outermost persons at each end are moved in
    to the next one (winsorised), or an extreme person could be read off the mean. `alone` marks groups of one value,
    `below` and `above` those with values beyond these bounds.
    """

    target: Codes
    own: Codes
    floor: Floats
    ceiling: Floats
    alone: NDArray[np.bool_]
    below: NDArray[np.bool_]
    above: NDArray[np.bool_]
    apart: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.floor)


def group_runs(tally: RunTally, k: int, apart: NDArray[np.bool_]) -> Groups:
    """Merge neighbouring runs until each group has k persons; `apart` tells the side that no group may straddle.

    Raises ValueError when all runs together have fewer than k persons.
    """
    pieces = _pieces(tally, k, apart)
    kept = [piece for piece in pieces if piece.supported]
    if not kept:
        raise ValueError("fewer than k persons")
    target = np.empty(len(tally.persons), dtype=np.int64)
    own = np.full(len(tally.persons), -1)
    code = -1
    for piece in pieces:
        code += piece.supported
        target[piece.first : piece.last] = max(code, 0)
        if piece.supported:
            own[piece.first : piece.last] = code
    bounds = np.array([_bounds(tally, piece) for piece in kept])
    ends = [_ends(tally, piece) for piece in kept]
    return Groups(
        target=target,
        own=own,
        floor=bounds[:, 0],
        ceiling=bounds[:, 1],
        alone=np.array([low == high for low, high in ends]),
        below=np.array([low for low, _ in ends]) < bounds[:, 0],
        above=np.array([high for _, high in ends]) > bounds[:, 1],
        apart=apart[[piece.first for piece in kept]],
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    first: int
    last: int
    supported: bool


def _pieces(tally: RunTally, k: int, apart: NDArray[np.bool_]) -> list[_Piece]:
    pieces: list[_Piece] = []
    start, members = 0, frozenset[int]()
    for run in range(len(tally.persons)):
        broken = run > start and (tally.persons[run] >= k or apart[run] != apart[start])
        if broken:  # what is pending stays unsupported, and is absorbed
            pieces.append(_Piece(start, run, False))
            start, members = run, frozenset()
        members |= tally.members[run]
        if tally.persons[run] >= k or len(members) >= k:
            pieces.append(_Piece(start, run + 1, True))
            start, members = run + 1, frozenset()
    if start < len(tally.persons):
        pieces.append(_Piece(start, len(tally.persons), False))
    return pieces


def _bounds(tally: RunTally, piece: _Piece) -> tuple[float, float]:
    span = slice(piece.first, piece.last)
    persons = int(tally.persons[span].sum())
    moved = EXTREMES - 1 if persons >= 2 * EXTREMES + 1 else min(1, max(persons - 2, 0))
    if piece.last == piece.first + 1:
        return float(tally.lowest[piece.first, moved]), float(tally.highest[piece.first, moved])
    low = np.sort(tally.lowest[span].ravel())
    high = np.sort(tally.highest[span].ravel())[::-1]
    return float(low[moved]), float(high[moved])


def _ends(tally: RunTally, piece: _Piece) -> tuple[float, float]:
    span = slice(piece.first, piece.last)
    return float(tally.lowest[span].min()), float(tally.highest[span].max())


def bins_of(groups: Groups, means: Floats, spreads: Floats, decimals: int) -> Bins:
    """The bins of groups whose values have these means and standard deviations, one value a person, winsorised.

    Where no value is below zero, no bin is.
    """
    values = np.where(groups.alone, groups.floor, means)
    step = 10.0**-decimals
    after = np.where(groups.apart[1:] != groups.apart[:-1], np.inf, np.diff(values))
    half = np.where(groups.alone, 0.0, _HALF_WIDTH * spreads)
    # several values that look like one must not be told as one, which nobody may have: a step towards the others
    narrow = ~groups.alone & (half < step / 2)
    down, up = (
        np.where(narrow, np.where(beyond, step, 0.0), _reach(half, gap))
        for beyond, gap in ((groups.below, np.append(np.inf, after)), (groups.above, np.append(after, np.inf)))
    )
    low, high = (np.where(groups.alone, values, np.round(end, decimals)) for end in (values - down, values + up))
    if groups.floor[0] >= 0 and not groups.below[0]:
        low = np.maximum(low, 0.0)
    # nor may what rounding left of two neighbouring values that nearly everybody of the group has
    high = np.where(~groups.alone & (low >= high), np.round(low + step, decimals), high)
    return Bins(low + 0.0, np.maximum(low, high) + 0.0, decimals)


def _reach(half: Floats, gap: Floats) -> Floats:
    """How far bins reach to one side, given how far the mean of the next one is.

    Neighbours meet half-way: gaps between bins would draw the values of those in the middle of each too often. Where
    the next one is far, or there is none, a bin is as wide as its spread tells (twice that, to make up for outermost
    persons that were moved in).
    """
    reach: Floats = np.where(np.isinf(gap), half, np.minimum(2 * half, gap / 2))
    return reach
