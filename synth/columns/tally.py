"""Counts over codes that add up block by block: rows, distinct persons, and who they are while they are few.

Persons never straddle blocks, so distinct persons of several blocks add up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import EXTREMES, Groups, RunTally
from synth.engines.unit_blocks import count_units, distinct_units, is_row_a_unit, pairs_in_order

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
        if codes.min(initial=0) < 0:
            kept = codes >= 0
            codes, units, numbers = codes[kept], units[kept], None if numbers is None else numbers[kept]
        if not len(codes):
            return
        order, first = pairs_in_order(codes, units, len(self.rows))
        starts = np.flatnonzero(first)
        code, unit = codes[order[starts]], units[order[starts]]
        if numbers is not None:
            ranked = numbers[order]
            self._keep_outermost(code, self.lowest, np.minimum.reduceat(ranked, starts))
            self._keep_outermost(code, self.highest, -np.maximum.reduceat(ranked, starts), -1.0)
        persons = np.bincount(code, minlength=len(self.rows))
        self._remember(code, unit, persons)
        self.rows += np.bincount(codes, minlength=len(self.rows))
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

    def _keep_outermost(self, codes: NDArray[np.integer], kept: Floats, ends: Floats, sign: float = 1.0) -> None:
        """Keep the lowest of `sign` times `kept` and of `ends`, one a person, whose codes are in order."""
        starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
        group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(codes))))
        block = np.full((len(starts), EXTREMES), np.inf)
        ends = ends.copy()
        for rank in range(EXTREMES):
            block[:, rank] = np.minimum.reduceat(ends, starts)
            least = np.flatnonzero(ends == block[group, rank])
            ends[least[np.concatenate([[True], group[least[1:]] != group[least[:-1]]])]] = np.inf
        there = codes[starts]
        both = np.concatenate([sign * kept[there], block], axis=1)
        kept[there] = sign * np.sort(both, axis=1)[:, :EXTREMES]

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

    def together(self, of_code: Codes, size: int) -> NDArray[np.int64]:
        """Persons who are surely distinct behind each of `size` groups of the first codes (the group of each)."""
        found = np.zeros(size, dtype=np.int64)
        np.maximum.at(found, of_code, self.persons[: len(of_code)])
        named: dict[int, set[int]] = {}
        for code, who in self._members.items():
            if code < len(of_code):
                named.setdefault(int(of_code[code]), set()).update(who)
        for group, members in named.items():
            found[group] = max(found[group], len(members))
        return found

    def run_tally(self, runs: int) -> RunTally:
        """What merging the first `runs` codes as runs needs."""
        members = tuple(self.members(code) for code in range(runs))
        return RunTally(self.persons[:runs], members, self.lowest[:runs], self.highest[:runs])


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
            order, first = pairs_in_order(codes, units, len(self._groups))
            pair = np.cumsum(first) - 1
            above, group = np.bincount(pair, weights=above[order]) / np.bincount(pair), codes[order[first]]
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
