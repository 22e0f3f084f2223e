"""Counts over codes that add up block by block: rows, distinct persons, and who they are while they are few.

Persons never straddle blocks, so distinct persons of several blocks add up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import EXTREMES, Groups, RunTally
from synth.engines.unit_blocks import count_units, distinct_pairs, distinct_units, is_row_a_unit

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


_GRIDS = (1, 10, 100)  # what numbers are counted in parts of, where they are whole then
_SPREAD = 4  # ... and so close together that counting each place is quicker than sorting
_EXACT = 2.0**50
_GLANCE = 64


def counted(numbers: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Distinct numbers, in order, and how many there are of each. None of them is NaN."""
    for parts in _GRIDS if len(numbers) else ():
        if not _are_parts(numbers[:_GLANCE], parts):
            continue
        places = np.rint(numbers * parts)
        low, high = float(places.min()), float(places.max())
        if high - low > _SPREAD * len(numbers) or max(-low, high) > _EXACT or not _are_parts(numbers, parts):
            break
        rows = np.bincount((places - low).astype(np.int64))
        there = np.flatnonzero(rows)
        return (there + low) / parts, rows[there]
    return np.unique(numbers + 0.0, return_counts=True)


def _are_parts(numbers: Floats, parts: int) -> bool:
    with np.errstate(over="ignore"):
        return bool((np.rint(numbers * parts) / parts == numbers).all())


class ValueCounts:
    """Rows of each distinct number seen, and how many were missing."""

    def __init__(self) -> None:
        self._counted: list[tuple[Floats, NDArray[np.int64]]] = []
        self.missing = 0

    @property
    def values(self) -> Floats:
        """The distinct numbers, in order."""
        return self._merged()[0]

    @property
    def rows(self) -> NDArray[np.int64]:
        """How many rows have each of them."""
        return self._merged()[1]

    def add(self, numbers: Floats) -> None:
        """Count more numbers; NaN is missing."""
        known = numbers[~np.isnan(numbers)]
        self.missing += len(numbers) - len(known)
        self._counted.append(counted(known))
        # as long as the last two are of a size, so that every number is merged a few times only
        while len(self._counted) > 1 and len(self._counted[-2][0]) <= 2 * len(self._counted[-1][0]):
            self._merge()

    def _merge(self) -> None:
        (a, some), (b, more) = self._counted.pop(), self._counted.pop()
        values, rows = np.concatenate([a, b]), np.concatenate([some, more])
        order = np.argsort(values, kind="stable")
        values, rows = values[order], rows[order]
        starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])[: len(values)])
        self._counted.append((values[starts], np.add.reduceat(rows, starts) if len(starts) else rows))

    def _merged(self) -> tuple[Floats, NDArray[np.int64]]:
        if not self._counted:
            return np.empty(0), np.empty(0, dtype=np.int64)
        while len(self._counted) > 1:
            self._merge()
        return self._counted[0]


class CodeTally:
    """For each of `size` codes: rows, distinct persons, the persons themselves while below `k`, outermost values."""

    def __init__(self, size: int, k: int) -> None:
        self.k = k
        self.rows = np.zeros(size, dtype=np.int64)
        self.persons = np.zeros(size, dtype=np.int64)
        self.lowest = np.full((size, EXTREMES), np.inf)
        self.highest = np.full((size, EXTREMES), -np.inf)
        self._members: dict[int, set[int]] = {}

    def add(self, codes: NDArray[np.integer], units: Codes, numbers: Floats | None = None) -> None:
        """Count rows with these codes (negative: passed over) that belong to these units, and have these numbers."""
        if not len(codes):
            return
        if codes.min() < 0:
            kept = codes >= 0
            codes, units, numbers = codes[kept], units[kept], None if numbers is None else numbers[kept]
        rows = np.bincount(codes, minlength=len(self.rows))
        if is_row_a_unit(units):
            pair_code, pair_unit, persons = codes, units, rows
            ends = None if numbers is None else (numbers, numbers)
        else:
            pair_code, pair_unit = distinct_pairs(codes, units)
            persons = np.bincount(pair_code, minlength=len(self.rows))
            ends = None if numbers is None else _ranges(codes, units, numbers)
        if ends is not None:
            self._keep_extremes(pair_code, *ends)
        self._remember(pair_code, pair_unit, persons)
        self.rows += rows
        self.persons += persons

    def add_alone(self, codes: Codes, values: Floats, rows: NDArray[np.int64]) -> None:
        """Count distinct values, in order, with their codes and rows, where every row is of a person of its own."""
        size = len(self.rows)
        counts = np.bincount(codes, weights=rows, minlength=size).astype(np.int64)
        ends = np.cumsum(rows)
        last = np.cumsum(counts)
        for rank in range(EXTREMES):
            there = np.flatnonzero(counts > rank)
            low, high = (last - counts)[there] + rank, last[there] - 1 - rank
            self.lowest[there, rank] = values[np.searchsorted(ends, low, side="right")]
            self.highest[there, rank] = values[np.searchsorted(ends, high, side="right")]
        for code in np.flatnonzero((counts > 0) & (counts < self.k)).tolist():
            self._members[code] = set(range(int(last[code] - counts[code]), int(last[code])))  # by any number
        self.rows += counts
        self.persons += counts

    def _keep_extremes(self, codes: NDArray[np.integer], low: Floats, high: Floats) -> None:
        short = codes.astype(np.min_scalar_type(len(self.rows)))  # sorted in a few passes, without comparing
        for kept, ends, sign in ((self.lowest, low, 1.0), (self.highest, high, -1.0)):
            order = np.argsort(sign * ends, kind="stable")
            order = order[np.argsort(short[order], kind="stable")]
            code, end = codes[order], ends[order]
            starts = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]])[: len(code)])
            rank = np.arange(len(code)) - np.repeat(starts, np.diff(np.append(starts, len(code))))
            near = rank < EXTREMES
            block = np.full(kept.shape, sign * np.inf)
            block[code[near], rank[near]] = end[near]
            kept[:] = sign * np.sort(sign * np.concatenate([kept, block], axis=1), axis=1)[:, :EXTREMES]

    def _remember(self, codes: NDArray[np.integer], units: Codes, added: NDArray[np.int64]) -> None:
        few = self.persons + added < self.k
        if not few.any():
            return
        small = few[codes]
        for code, unit in zip(codes[small].tolist(), units[small].tolist(), strict=True):
            self._members.setdefault(code, set()).add(unit)

    def members(self, code: int) -> frozenset[int]:
        """The persons of a code that fewer than k share (what is kept of a larger one is not all of them)."""
        return frozenset(self._members.get(code, ()))

    def run_tally(self, runs: int) -> RunTally:
        """What merging the first `runs` codes as runs needs."""
        members = tuple(self.members(code) for code in range(runs))
        return RunTally(self.persons[:runs], members, self.lowest[:runs], self.highest[:runs])


def _ranges(codes: NDArray[np.integer], units: Codes, numbers: Floats) -> tuple[Floats, Floats]:
    """The lowest and the highest number of each person and code, in the order of `distinct_pairs`."""
    order = np.lexsort((numbers, units, codes))
    code, unit, number = codes[order], units[order], numbers[order]
    new = (code[1:] != code[:-1]) | (unit[1:] != unit[:-1])
    return number[np.concatenate([[True], new])], number[np.concatenate([new, [True]])]


class MomentTally:
    """Means and spreads of the values of groups, one value a person, each kept within the group's floor and ceiling."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self._persons = np.zeros(len(groups))
        self._total = np.zeros(len(groups))
        self._squares = np.zeros(len(groups))

    def add(self, codes: Codes, units: Codes, numbers: Floats) -> None:
        """Count rows of these groups (negative: passed over)."""
        kept = codes >= 0
        codes, units, numbers = codes[kept], units[kept], numbers[kept]
        if not len(codes):
            return
        inside = np.clip(numbers, self._groups.floor[codes], self._groups.ceiling[codes])
        # counted from the floor, lest squares of large numbers drown their differences
        above, group = inside - self._groups.floor[codes], codes
        if not is_row_a_unit(units):
            base, span = int(units.min()), int(np.ptp(units)) + 1
            pairs, where, rows = np.unique(codes * span + (units - base), return_inverse=True, return_counts=True)
            above, group = np.bincount(where, weights=above, minlength=len(pairs)) / rows, pairs // span
        self._persons += np.bincount(group, minlength=len(self._persons))
        self._total += np.bincount(group, weights=above, minlength=len(self._persons))
        self._squares += np.bincount(group, weights=above**2, minlength=len(self._persons))

    def add_alone(self, codes: Codes, values: Floats, rows: NDArray[np.int64]) -> None:
        """Count distinct values with their groups (negative: passed over) and rows, each row of a person of its own."""
        kept = codes >= 0
        codes, rows = codes[kept], rows[kept]
        above = np.clip(values[kept], self._groups.floor[codes], self._groups.ceiling[codes])
        above -= self._groups.floor[codes]
        self._persons += np.bincount(codes, weights=rows, minlength=len(self._persons))
        self._total += np.bincount(codes, weights=above * rows, minlength=len(self._persons))
        self._squares += np.bincount(codes, weights=above**2 * rows, minlength=len(self._persons))

    def moments(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each group."""
        persons = np.maximum(self._persons, 1.0)
        mean = self._total / persons
        return self._groups.floor + mean, np.sqrt(np.maximum(self._squares / persons - mean**2, 0.0))


class TextTally:
    """Rows and distinct persons of each text, and how many persons have none in some row."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.persons: dict[str, int] = {}
        self.missing = 0

    def add(self, codes: Codes, texts: list[str], units: Codes) -> None:
        """Count rows whose text is `texts[code]` (a negative code: missing)."""
        there = codes >= 0
        if not there.all():
            self.missing += count_units(units[~there])
            codes, units = codes[there], units[there]
        rows = np.bincount(codes, minlength=len(texts))
        persons = distinct_units(codes, units, len(texts))
        for text, count, whose in zip(texts, rows.tolist(), persons.tolist(), strict=True):
            self.rows[text] = self.rows.get(text, 0) + count
            self.persons[text] = self.persons.get(text, 0) + whose
