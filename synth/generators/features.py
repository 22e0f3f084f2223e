"""Features: the quantities that are learned in place of raw columns.

A date becomes a distance from another date of its row or of its parent's; an ordered event becomes a gap from the event
before; how many children a row has, and how a reference is filled, become quantities of the row like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.bins import APART
from synth.columns.values import Measure, to_numbers, to_texts
from synth.core.catalog import Column
from synth.engines.local import Frame

Floats = NDArray[np.float64]
Kind = Literal["column", "first", "span", "gap", "pace", "count", "position", "link", "present", "referrers"]

# Added to a quantity that is a place on the calendar where a distance was expected: a sentinel such as 1600-01-01 is no
# distance from anything. Far above any distance in days, months or seconds, and exact to the microsecond.
CALENDAR = 1e12
_PLAUSIBLE_YEARS = (1800, 2090)
_DAYS = tuple((np.datetime64(f"{year}-01-01") - np.datetime64("1970-01-01")).astype(int) for year in _PLAUSIBLE_YEARS)


@dataclass(frozen=True, slots=True)
class Base:
    """What a date is counted from: a column of the same row (`up` 0) or of the parent's row (`up` 1)."""

    up: int
    column: str


@dataclass(frozen=True, slots=True)
class Feature:
    """One quantity of a table's rows.

    `kind` says how it is read: a `column` (counted from `base` if there is one); in an ordered table, the order
    column of a parent's `first` row and the `span` from there to the last, then for later rows the `gap` from the row
    before and the `pace` (what is left of the span for each row that is left); the `count` of children in table
    `other`; the `position` among siblings; whether reference number `link` is filled; whether an identifier is
    `present`; how many `referrers` a row has.
    """

    name: str
    table: str
    kind: Kind
    measure: Measure
    column: str | None = None
    base: Base | None = None
    other: str | None = None
    link: int | None = None

    def document(self) -> dict[str, Any]:
        """The feature as plain JSON data."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if self.base is not None:
            fields["base"] = [self.base.up, self.base.column]
        return {name: value for name, value in fields.items() if value is not None}


def feature_from(document: Mapping[str, Any]) -> Feature:
    """The feature written by `Feature.document`."""
    base = document.get("base")
    return Feature(**{**document, "base": None if base is None else Base(*base)})


@dataclass(frozen=True)
class Family:
    """The frames of one block and what was counted about their rows: enough to read any feature."""

    frames: Mapping[str, Frame]
    targets: Mapping[tuple[str, int], NDArray[np.int64]]
    referrers: Mapping[str, NDArray[np.int64]]

    def number(self, feature: Feature) -> Floats:
        """The values of a quantity, one a row; NaN where missing."""
        frame = self.frames[feature.table]
        if feature.kind == "count":
            child = self.frames[str(feature.other)]
            return np.bincount(child.parent - frame.first, minlength=frame.rows).astype(np.float64)
        if feature.kind == "referrers":
            return self.referrers[feature.table][frame.first : frame.first + frame.rows].astype(np.float64)
        if feature.kind == "position":
            return positions(frame).astype(np.float64)
        column = frame.node.table.column(str(feature.column))
        values = to_numbers(frame.columns[column.name], column)
        if feature.kind in ("span", "pace", "gap"):
            return _timeline(feature.kind, values, frame, column)
        if feature.base is None:
            return values
        return distance(values, self._base(feature.base, frame), column)

    def texts(self, feature: Feature) -> pa.Array:
        """The values of a set of levels, one a row, as text; null where missing."""
        frame = self.frames[feature.table]
        if feature.kind == "link":
            found = self.targets[feature.table, int(feature.link or 0)][frame.first : frame.first + frame.rows]
            own = np.arange(frame.first, frame.first + frame.rows)
            key = frame.node.links[int(feature.link or 0)]
            own_row = (found == own) & (key.target == feature.table)
            return pa.array(np.select([found < 0, own_row], ["none", "self"], "set").astype(object), type=pa.string())
        cells = frame.columns[str(feature.column)]
        if feature.kind == "present":
            return pa.array(np.where(cells.is_valid(), "set", "none").astype(object), type=pa.string())
        return to_texts(cells)

    def _base(self, base: Base, frame: Frame) -> Floats:
        if base.up == 0:
            return to_numbers(frame.columns[base.column], frame.node.table.column(base.column))
        assert frame.node.parent is not None
        parent = self.frames[frame.node.parent.target]
        values = to_numbers(parent.columns[base.column], parent.node.table.column(base.column))
        return values[frame.parent - parent.first]


def _timeline(kind: Kind, values: Floats, frame: Frame, column: Column) -> Floats:
    """Span, pace or gap of every row, from the values of the order column."""
    if not frame.rows:
        return np.empty(0)
    before = np.where(frame.starts, np.nan, np.concatenate([[np.nan], values[:-1]]))
    if kind == "gap":
        return distance(values, before, column)
    heads = np.flatnonzero(frame.starts)
    sizes = np.diff(np.append(heads, frame.rows))
    real = plausible(values, column)
    last = np.repeat(np.maximum.reduceat(np.where(real, values, -np.inf), heads), sizes)
    first = np.repeat(np.minimum.reduceat(np.where(real, values, np.inf), heads), sizes)
    span = np.where(np.isfinite(last), last - first, np.nan)
    if kind == "span":
        return span
    left = np.repeat(sizes, sizes) - positions(frame)
    since = np.where(plausible(before, column), before, first)
    return np.where(np.isfinite(last), (last - since) / left, np.nan)


def positions(frame: Frame) -> NDArray[np.int64]:
    """The place of each row among its parent's rows, from 0."""
    starts = np.flatnonzero(frame.starts)
    index = np.arange(frame.rows)
    return index - np.repeat(starts, np.diff(np.append(starts, frame.rows)))


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
