"""Columns to bins: learned on real rows alone, applied to every side, so that synthetic rows never drive them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.catalog import Column
from synth.metrics.evidence.coded import Feature

MAX_LEVELS = 62  # codes beyond the most frequent ones share the bin "other"
MAX_GROUPS = 10
FEWEST_ROWS = 11  # a code in fewer real rows is not kept as a label: plots then count persons
QUANTILES = 20
FEW_VALUES = 32  # a number with no more distinct values than this is compared value by value
_MONTH = re.compile(r"(-?\d{4})-(\d{2})")
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class CodedColumn:
    """One column of all sides laid end to end. `identity` is equal exactly where values are equal."""

    feature: Feature
    bins: NDArray[np.uint8]
    numbers: NDArray[np.float64] | None
    identity: NDArray[np.uint64]


class CodedTable:
    """Columns of all sides laid end to end, taken in one at a time so that none is held longer than needed.

    `exact` hashes every row over all columns, `bare` over those that are not keys.
    """

    def __init__(self, rows: int) -> None:
        self.features: list[Feature] = []
        self.numbers: dict[int, NDArray[np.float64]] = {}
        self.exact = np.zeros(rows, dtype=np.uint64)
        self.bare = np.zeros(rows, dtype=np.uint64)
        self._bins: list[NDArray[np.uint8]] = []
        self._bare = 0

    def add(self, column: CodedColumn, is_key: bool) -> None:
        """Take in the next column."""
        if column.numbers is not None:
            self.numbers[len(self.features)] = _slim(column.numbers)
        self.exact = combined(self.exact, column.identity, len(self.features))
        if not is_key:
            self.bare = combined(self.bare, column.identity, self._bare)
            self._bare += 1
        self.features.append(column.feature)
        self._bins.append(column.bins)

    def finish(self) -> NDArray[np.uint8]:
        """The bins (rows x columns); `bare` is `exact` when there is nothing but keys."""
        bins = np.empty((len(self.exact), len(self._bins)), dtype=np.uint8)
        for place in range(len(self._bins)):
            bins[:, place] = self._bins[place]
            self._bins[place] = np.zeros(0, dtype=np.uint8)
        if not self._bare:
            self.bare = self.exact
        return bins


def _slim(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same numbers; a column that never varies is one number seen many times."""
    if len(numbers) and (np.isnan(numbers).all() or bool((numbers == numbers[0]).all())):
        return np.broadcast_to(numbers[0].copy(), numbers.shape)
    return numbers


def code_column(column: Column, values: pa.Array, real: NDArray[np.bool_]) -> CodedColumn:
    """Code `values` (all sides laid end to end); bins come from the rows marked `real`."""
    numbers = _as_numbers(column, values)
    if numbers is None:
        return _code_categories(column, values, real)
    return _code_numbers(column, numbers, real)


def _as_numbers(column: Column, values: pa.Array) -> NDArray[np.float64] | None:
    """Numbers (days for dates), or None when the column is to be compared as codes."""
    kind = values.type
    if column.role == "code" or pa.types.is_boolean(kind):
        return None
    if pa.types.is_date(kind):
        values = values.cast(pa.int32())
    elif pa.types.is_timestamp(kind):
        return _floats(values.cast(pa.timestamp("us")).cast(pa.int64())) / 86_400e6
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _parse_dates(column, values)
    return _floats(values)


def _floats(values: pa.Array) -> NDArray[np.float64]:
    whole: NDArray[np.float64] = pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return whole


def _parse_dates(column: Column, values: pa.Array) -> NDArray[np.float64] | None:
    pattern = {"yearmonth": _MONTH, "time": _TIME}.get(column.type)
    if pattern is None:
        return None
    coded = values.dictionary_encode()
    parsed = [pattern.fullmatch(text) if text is not None else None for text in coded.dictionary.to_pylist()]
    table = np.array([_position(match) for match in parsed] + [np.nan])
    dated: NDArray[np.float64] = table[coded.indices.fill_null(len(parsed)).to_numpy(zero_copy_only=False)]
    return dated


def _position(match: re.Match[str] | None) -> float:
    if match is None:
        return float("nan")
    if match.re is _MONTH:
        return 30.4375 * (12 * int(match[1]) + int(match[2]) - 1)
    return (int(match[1]) * 60 + int(match[2]) + float(match[3] or 0) / 60) / 1440


def _code_numbers(column: Column, numbers: NDArray[np.float64], real: NDArray[np.bool_]) -> CodedColumn:
    known = np.sort(numbers[real & ~np.isnan(numbers)])
    bins = np.zeros(len(numbers), dtype=np.uint8)
    there = ~np.isnan(numbers)
    distinct = np.unique(known)
    if len(distinct) <= FEW_VALUES:
        place = np.minimum(np.searchsorted(distinct, numbers[there]), max(len(distinct) - 1, 0))
        seen = distinct[place] == numbers[there] if len(distinct) else np.zeros(int(there.sum()), dtype=bool)
        bins[there] = np.where(seen, place + 1, len(distinct) + 1)
        levels = len(distinct) + 1
    else:
        edges = np.unique(known[(np.arange(1, QUANTILES) * len(known)) // QUANTILES])
        bins[there] = np.searchsorted(edges, numbers[there], side="right") + 1
        levels = len(edges) + 1
    spread = np.arange(levels + 1)
    groups = min(levels, MAX_GROUPS - 1)
    coarse = np.where(spread == 0, 0, 1 + (spread - 1) * groups // max(levels, 1)).astype(np.uint8)
    feature = Feature(column.name, "number", levels, coarse, date=column.role == "date")
    rounded = _nine_digits(numbers)
    return CodedColumn(feature, bins, numbers, mix(rounded.view(np.uint64)))


def _nine_digits(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers to nine significant digits, one zero, one NaN: what two systems agree on after a text file."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scale = 10.0 ** (8 - np.floor(np.log10(np.abs(numbers))))
        rounded = np.where(np.isfinite(scale) & (scale > 0), np.round(numbers * scale) / scale, numbers)
    rounded = rounded + 0.0  # -0.0 becomes 0.0
    rounded[np.isnan(rounded)] = np.nan
    return np.ascontiguousarray(rounded)


def _code_categories(column: Column, values: pa.Array, real: NDArray[np.bool_]) -> CodedColumn:
    coded = values.cast(pa.string()).dictionary_encode()
    size = len(coded.dictionary)
    place: NDArray[np.int64] = coded.indices.cast(pa.int64()).fill_null(size).to_numpy(zero_copy_only=False)
    counts = np.bincount(place[real], minlength=size + 1)[:size]
    by_text = np.argsort(np.array(coded.dictionary.to_pylist(), dtype=object)) if size else np.zeros(0, dtype=np.int64)
    ranked = by_text[np.argsort(-counts[by_text], kind="stable")]
    kept = ranked[: min(MAX_LEVELS, int(np.count_nonzero(counts)))]
    levels = len(kept) + 1  # one more for "other"
    lookup = np.full(size + 1, levels, dtype=np.uint8)
    lookup[kept] = np.arange(1, len(kept) + 1)
    lookup[size] = 0
    coarse = np.minimum(np.arange(levels + 1), MAX_GROUPS - 1).astype(np.uint8)
    texts = coded.dictionary.to_pylist()
    labels = tuple(str(texts[level]) if counts[level] >= FEWEST_ROWS else "" for level in kept)
    feature = Feature(column.name, "code", levels, coarse, labels=labels)
    return CodedColumn(feature, lookup[place], None, mix(place.astype(np.uint64)))


def mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64-bit words (the finaliser of SplitMix64, Steele et al. 2014); a bijection."""
    scattered = words + _ODD
    scattered = (scattered ^ (scattered >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    scattered = (scattered ^ (scattered >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return scattered ^ (scattered >> np.uint64(31))


def combined(total: NDArray[np.uint64], identity: NDArray[np.uint64], position: int) -> NDArray[np.uint64]:
    """The hash of every row with the identity of its next column taken in."""
    return mix(total ^ mix(identity + np.uint64(position)))
