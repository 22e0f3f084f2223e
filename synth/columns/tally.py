"""Counts over codes that add up block by block: rows, distinct persons, and who they are while they are few.

Persons never straddle blocks, so distinct persons of several blocks add up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import EXTREMES, RunTally

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
    """For each of `size` codes: rows, distinct persons, the persons themselves while below `k`, optional moments."""

    def __init__(self, size: int, k: int) -> None:
        self.k = k
        self.rows = np.zeros(size, dtype=np.int64)
        self.persons = np.zeros(size, dtype=np.int64)
        self.total = np.zeros(size)
        self.squares = np.zeros(size)
        self.lowest = np.full((size, EXTREMES), np.inf)
        self.highest = np.full((size, EXTREMES), -np.inf)
        self._members: dict[int, set[int]] = {}

    def add(self, codes: Codes, units: Codes, numbers: Floats | None = None) -> None:
        """Count rows with these codes (negative: passed over) that belong to these units.

        `numbers` are counted from the origin of their code, lest squares of large numbers drown their differences.
        """
        kept = codes >= 0
        codes, units = codes[kept], units[kept]
        if not len(codes):
            return
        base = int(units.min())
        span = int(units.max()) - base + 1
        pairs, where, counts = np.unique(codes * span + (units - base), return_inverse=True, return_counts=True)
        pair_code = pairs // span
        if numbers is not None:
            means = np.bincount(where, weights=numbers[kept], minlength=len(pairs)) / counts
            self.total += np.bincount(pair_code, weights=means, minlength=len(self.rows))
            self.squares += np.bincount(pair_code, weights=means**2, minlength=len(self.rows))
            self._keep_extremes(pair_code, means)
        self._remember(pair_code, pairs % span + base)
        self.rows += np.bincount(codes, minlength=len(self.rows))
        self.persons += np.bincount(pair_code, minlength=len(self.rows))

    def _keep_extremes(self, codes: Codes, means: Floats) -> None:
        order = np.lexsort((means, codes))
        code, mean = codes[order], means[order]
        starts = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]]))
        sizes = np.diff(np.append(starts, len(code)))
        from_start = np.arange(len(code)) - np.repeat(starts, sizes)
        from_end = np.repeat(sizes, sizes) - 1 - from_start
        for kept, rank, empty in ((self.lowest, from_start, np.inf), (self.highest, from_end, -np.inf)):
            block = np.full(kept.shape, empty)
            near = rank < EXTREMES
            block[code[near], rank[near]] = mean[near]
            both = np.sort(np.concatenate([kept, block], axis=1), axis=1)
            kept[:] = both[:, :EXTREMES] if empty > 0 else both[:, : -EXTREMES - 1 : -1]

    def _remember(self, codes: Codes, units: Codes) -> None:
        added = np.bincount(codes, minlength=len(self.rows))
        small = (self.persons + added < self.k)[codes]
        for code, unit in zip(codes[small].tolist(), units[small].tolist(), strict=True):
            self._members.setdefault(code, set()).add(unit)

    def members(self, code: int) -> frozenset[int]:
        """The persons of a code that fewer than k share (what is kept of a larger one is not all of them)."""
        return frozenset(self._members.get(code, ()))

    def run_tally(self, origin: Floats) -> RunTally:
        """What merging the first len(origin) codes as runs needs; `origin` is what their numbers were counted from."""
        runs = len(origin)
        members = tuple(self.members(code) for code in range(runs))
        moments = (self.total[:runs], self.squares[:runs], self.lowest[:runs], self.highest[:runs])
        return RunTally(self.persons[:runs], members, origin, *moments)


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
