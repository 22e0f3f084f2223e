"""Features: the quantities that are learned in place of raw columns.

A date becomes a distance from another date of its row or of its parent's; an ordered event becomes a gap from the event
before; how many children a row has, and how a reference is filled, become quantities of the row like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.bins import APART
from synth.columns.values import Measure, to_numbers, to_texts
from synth.core.arrays import arrow_of, numpy_of, text_array
from synth.core.catalog import Column
from synth.engines.local import Frame
from synth.generators.features.calendar import UNTIL, distance, in_units_of
from synth.generators.features.habits import stays
from synth.generators.features.kinds import Kinds, Shared, kinds_from, shared
from synth.generators.features.textdates import as_date, read_dates
from synth.generators.features.timeline import timeline

Floats = NDArray[np.float64]
Kind = Literal[
    "column", "first", "span", "gap", "pace", "clock", "time", "count", "position", "link", "present", "echo",
    "referrers", "room", "allot", "level", "left", "turn", "due", "same", "stay"
]  # fmt: skip
_OF_PARENT = ("room", "allot", "level")  # kinds of its children's rows, told of the parent
_OF_ROW = ("left", "turn", "due", "same")  # ... and of the row itself


@dataclass(frozen=True, slots=True)
class Base:
    """What a date is counted from: a column of the same row (`up` 0) or of the parent's row (`up` 1).

    `form` is how its dates are written, where they are texts.
    """

    up: int
    column: str
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """One quantity of a table's rows.

    `kind` says how it is read: a `column` (counted from `base` if there is one); in an ordered table, the order
    column of a parent's `first` row and the `span` from there to the last, then for later rows the `gap` from the row
    before, the `pace` (what is left of the span for each row that is left), the `clock` (the time of the row before)
    and the row's own `time`; the `count` of children in table `other`; the `position` among siblings; whether reference
    number `link` is filled; whether an identifier is `present`; whether a column is the `echo` of what others give; how
    many `referrers` a row has; whether a column's value is to `stay` as in the row before. `form` is how dates are
    written in a column of texts, `grid` the seconds that all of its moments are multiples of. A column with a
    `link` names a row of a public table. Dates from the year `until` on are sentinels.
    """

    name: str
    table: str
    kind: Kind
    measure: Measure
    column: str | None = None
    base: Base | None = None
    other: str | None = None
    link: int | None = None
    landmarks: tuple[float, ...] = ()
    form: str | None = None
    grid: float | None = None
    kinds: Kinds | None = None
    kind_of_row: int | None = None
    until: int | None = None

    @property
    def split(self) -> bool:
        """Whether the quantity has bins of its own for each kind of row."""
        return self.kinds is not None and self.kind in ("column", "due", "same")

    @property
    def latest(self) -> int:
        """The year from which on dates are sentinels."""
        return UNTIL if self.until is None else self.until

    def document(self) -> dict[str, Any]:
        """The feature as plain JSON data."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if self.base is not None:
            written = [] if self.base.form is None else [self.base.form]
            fields["base"] = [self.base.up, self.base.column, *written]
        fields["landmarks"] = list(self.landmarks) or None
        fields["kinds"] = None if self.kinds is None else self.kinds.document()
        return {name: value for name, value in fields.items() if value is not None}


def feature_from(document: Mapping[str, Any]) -> Feature:
    """The feature written by `Feature.document`."""
    base = document.get("base")
    marks = tuple(document.get("landmarks", ()))
    kinds = None if "kinds" not in document else kinds_from(document["kinds"])
    return Feature(**{**document, "base": None if base is None else Base(*base), "landmarks": marks, "kinds": kinds})


@dataclass(frozen=True)
class Family:
    """The frames of one block and what was counted about their rows: enough to read any feature."""

    frames: Mapping[str, Frame]
    targets: Mapping[tuple[str, int], NDArray[np.int64]]
    referrers: Mapping[str, NDArray[np.int64]]
    marks: Mapping[tuple[str, str], NDArray[np.bool_]]
    kept: dict[tuple[str, Kinds], Shared] = field(default_factory=dict)

    def shared(self, child: str, kinds: Kinds) -> Shared:
        """The rows of a child table by kind."""
        if (child, kinds) not in self.kept:
            frame = self.frames[child]
            assert frame.node.parent is not None
            self.kept[child, kinds] = shared(frame, self.frames[frame.node.parent.target], kinds)
        return self.kept[child, kinds]

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
        if feature.kind in _OF_PARENT or feature.kind in _OF_ROW:
            return self._of_kind(feature)
        column, values, base = self._values(feature, frame)
        if feature.kind in ("span", "pace", "gap", "clock", "time"):
            return timeline(feature.kind, values, base, frame, column, feature.landmarks, feature.latest)
        return values if base is None else distance(values, base, column, feature.latest)

    def _values(self, feature: Feature, frame: Frame) -> tuple[Column, Floats, Floats | None]:
        """The feature's column, its values, and what they are counted from."""
        column = as_date(frame.node.table.column(str(feature.column)), feature.form)
        values = to_numbers(read_dates(frame.columns[column.name], feature.form), column)
        return column, values, None if feature.base is None else self._base(feature.base, frame, column)

    def kinds_of(self, feature: Feature) -> NDArray[np.int64]:
        """The kind of each row of the feature's table."""
        assert feature.kinds is not None
        return self.shared(feature.table, feature.kinds).kind

    def _of_kind(self, feature: Feature) -> Floats:
        assert feature.kinds is not None
        child = feature.other or feature.table
        rows, kind = self.shared(child, feature.kinds), feature.kind_of_row or 0
        if feature.kind == "turn":
            return rows.turn()
        if feature.kind == "left":
            return rows.left(kind)
        if feature.kind == "allot":
            return rows.counts(kind)
        if feature.kind == "room":
            return sum((rows.counts(each) for each in range(kind + 1)), np.zeros(rows.parents))
        column, values, base = self._values(feature, self.frames[child])
        numbers = values
        if base is not None:  # a sentinel among dates is no part of a mean
            numbers = distance(values, base, column, feature.latest)
            numbers = np.where(numbers < APART, numbers, np.nan)
        if feature.kind == "level":
            return rows.means(numbers, kind)
        return rows.due(numbers) if feature.kind == "due" else rows.same(numbers)

    def texts(self, feature: Feature) -> pa.Array:
        """The values of a set of levels, one a row, as text; null where missing."""
        frame = self.frames[feature.table]
        if feature.kind == "link":
            found = self.targets[feature.table, int(feature.link or 0)][frame.first : frame.first + frame.rows]
            own = np.arange(frame.first, frame.first + frame.rows)
            key = frame.node.links[int(feature.link or 0)]
            own_row = (found == own) & (key.target == feature.table)
            return text_array(("none", "self", "set")).take(arrow_of(np.select([found < 0, own_row], [0, 1], 2)))
        cells = frame.columns[str(feature.column)]
        if feature.kind == "column" and feature.link is not None:
            found = self.targets[feature.table, feature.link][frame.first : frame.first + frame.rows]
            return to_texts(cells).take(arrow_of(np.arange(len(found)), found < 0))
        if feature.kind == "echo":
            held = self.marks[feature.table, str(feature.column)][frame.first : frame.first + frame.rows]
            return text_array(("other", "same")).take(arrow_of(held.astype(np.int8)))
        if feature.kind == "stay":
            return text_array(("other", "same")).take(arrow_of(stays(frame, cells).astype(np.int8)))
        if feature.kind == "present":
            return text_array(("none", "set")).take(arrow_of(numpy_of(cells.is_valid()).astype(np.int8)))
        return to_texts(cells)

    def _base(self, base: Base, frame: Frame, column: Column) -> Floats:
        """What the dates of a column are counted from, in the same units."""
        if base.up == 0:
            return _dates(frame, base, column)
        assert frame.node.parent is not None
        parent = self.frames[frame.node.parent.target]
        return _dates(parent, base, column)[frame.parent - parent.first]


def _dates(frame: Frame, base: Base, column: Column) -> Floats:
    own = as_date(frame.node.table.column(base.column), base.form)
    return in_units_of(column, to_numbers(read_dates(frame.columns[base.column], base.form), own), own)


def positions(frame: Frame) -> NDArray[np.int64]:
    """The place of each row among its parent's rows, from 0."""
    starts = np.flatnonzero(frame.starts)
    index = np.arange(frame.rows)
    return index - np.repeat(starts, np.diff(np.append(starts, frame.rows)))
