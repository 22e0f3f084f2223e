"""Counts over codes that add up block by block: rows, distinct persons, and who they are while they are few.

Persons never straddle blocks, so distinct persons of several blocks add up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import EXTREMES, Groups, RunTally

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


class ValueCounts:
    """Rows of each distinct number seen."""

    def __init__(self) -> None:
        self.values: Floats = np.empty(0)
        self.rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def add(self, numbers: Floats) -> None:
        """Count more numbers; NaN is passed over."""
        values, rows = np.unique(numbers[~np.isnan(numbers)] + 0.0, return_counts=True)
        merged, where = np.unique(np.concatenate([self.values, values]), return_inverse=True)
        counts = np.bincount(where, weights=np.concatenate([self.rows, rows]), minlength=len(merged))
        self.values, self.rows = merged, counts.astype(np.int64)


class CodeTally:
    """For each of `size` codes: rows, distinct persons, the persons themselves while below `k`, outermost values."""

    def __init__(self, size: int, k: int) -> None:
        self.k = k
        self.rows = np.zeros(size, dtype=np.int64)
        self.persons = np.zeros(size, dtype=np.int64)
        self.lowest = np.full((size, EXTREMES), np.inf)
        self.highest = np.full((size, EXTREMES), -np.inf)
        self._members: dict[int, set[int]] = {}

    def add(self, codes: Codes, units: Codes, numbers: Floats | None = None) -> None:
        """Count rows with these codes (negative: passed over) that belong to these units, and have these numbers."""
        kept = codes >= 0
        codes, units = codes[kept], units[kept]
        if not len(codes):
            return
        base = int(units.min())
        span = int(units.max()) - base + 1
        pairs, where = np.unique(codes * span + (units - base), return_inverse=True)
        pair_code = pairs // span
        if numbers is not None:
            self._keep_extremes(pair_code, *_ranges(where, numbers[kept], len(pairs)))
        self._remember(pair_code, pairs % span + base)
        self.rows += np.bincount(codes, minlength=len(self.rows))
        self.persons += np.bincount(pair_code, minlength=len(self.rows))

    def _keep_extremes(self, codes: Codes, low: Floats, high: Floats) -> None:
        for kept, ends, sign in ((self.lowest, low, 1.0), (self.highest, high, -1.0)):
            order = np.lexsort((sign * ends, codes))
            code, end = codes[order], ends[order]
            starts = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]]))
            rank = np.arange(len(code)) - np.repeat(starts, np.diff(np.append(starts, len(code))))
            near = rank < EXTREMES
            block = np.full(kept.shape, sign * np.inf)
            block[code[near], rank[near]] = end[near]
            kept[:] = sign * np.sort(sign * np.concatenate([kept, block], axis=1), axis=1)[:, :EXTREMES]

    def _remember(self, codes: Codes, units: Codes) -> None:
        added = np.bincount(codes, minlength=len(self.rows))
        small = (self.persons + added < self.k)[codes]
        for code, unit in zip(codes[small].tolist(), units[small].tolist(), strict=True):
            self._members.setdefault(code, set()).add(unit)

    def members(self, code: int) -> frozenset[int]:
        """The persons of a code that fewer than k share (what is kept of a larger one is not all of them)."""
        return frozenset(self._members.get(code, ()))

    def run_tally(self, runs: int) -> RunTally:
        """What merging the first `runs` codes as runs needs."""
        members = tuple(self.members(code) for code in range(runs))
        return RunTally(self.persons[:runs], members, self.lowest[:runs], self.highest[:runs])


def _ranges(where: Codes, numbers: Floats, pairs: int) -> tuple[Floats, Floats]:
    """The lowest and the highest number of each person and code."""
    low, high = np.full(pairs, np.inf), np.full(pairs, -np.inf)
    np.minimum.at(low, where, numbers)
    np.maximum.at(high, where, numbers)
    return low, high


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
        base, span = int(units.min()), int(np.ptp(units)) + 1
        pairs, where, rows = np.unique(codes * span + (units - base), return_inverse=True, return_counts=True)
        group = pairs // span
        # counted from the floor, lest squares of large numbers drown their differences
        above = np.bincount(where, weights=inside - self._groups.floor[codes], minlength=len(pairs)) / rows
        self._persons += np.bincount(group, minlength=len(self._persons))
        self._total += np.bincount(group, weights=above, minlength=len(self._persons))
        self._squares += np.bincount(group, weights=above**2, minlength=len(self._persons))

    def moments(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each group."""
        persons = np.maximum(self._persons, 1.0)
        mean = self._total / persons
        return self._groups.floor + mean, np.sqrt(np.maximum(self._squares / persons - mean**2, 0.0))


class TextTally:
    """Rows and distinct persons of each text; how many persons have a text that fewer than `k` share."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.persons: dict[str, int] = {}

    def add(self, codes: Codes, texts: list[str], units: Codes) -> None:
        """Count rows whose text is `texts[code]` (a negative code: missing)."""
        tally = CodeTally(len(texts), 0)
        tally.add(codes, units)
        for text, rows, persons in zip(texts, tally.rows.tolist(), tally.persons.tolist(), strict=True):
            self.rows[text] = self.rows.get(text, 0) + rows
            self.persons[text] = self.persons.get(text, 0) + persons
