"""Quantities of ordered events: span, gap, pace, clock and time, and the landmarks that many events fall on exactly.

Times between events are learned, not times; but where a study counts from an index day, many events fall on day 0, and
no sum of gaps would ever hit it. Such a landmark is learned as a place: an event goes there, whatever the gap.

Where hardly any kind of event comes twice to one person (first diagnoses, vaccinations), each kind's own time is
learned instead: a time tells more of such an event than what came before it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from synth.columns.tally import ValueCounts
from synth.columns.values import to_numbers
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Frame, Ordered
from synth.engines.unit_blocks import count_units
from synth.generators.features.calendar import UNTIL, distance, plausible

Floats = NDArray[np.float64]
LANDMARK = 2e12  # added to a landmark's place, apart from distances and from places on the calendar
LANDED = 1.5e12
_SHARE = 0.03
_TIMES_USUAL = 10
_MOST = 8


def landmarks(ordered: Ordered, node: Node, column: Column, k: int) -> tuple[float, ...]:
    """Values that at least k units, 3 % of the later rows and ten times the usual number of rows have in common."""
    if column.type not in ("integer", "number"):
        return ()
    counted = ValueCounts()
    for values, _ in _later(ordered, node, column):
        counted.add(values)
    values, rows = counted.values, counted.rows
    most = np.argsort(-rows, kind="stable")[:_MOST]
    usual = _TIMES_USUAL * rows.sum() / max(len(values), 1)
    most = most[(rows[most] >= _SHARE * rows.sum()) & (rows[most] >= usual)]
    persons = np.zeros(len(most), dtype=np.int64)
    for some, units in _later(ordered, node, column) if len(most) else ():
        persons += [count_units(units[some == value]) for value in values[most].tolist()]
    return tuple(sorted(values[most][persons >= k].tolist()))


def _later(ordered: Ordered, node: Node, column: Column) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
    """The values of a column, and their units, in rows that follow another of their parent."""
    for frame in ordered.frames(node, (column.name,)):
        numbers = to_numbers(frame.columns[column.name], column)
        there = ~frame.starts & ~np.isnan(numbers)
        yield numbers[there], frame.unit[there]


def timeline(
    kind: str,
    values: Floats,
    base: Floats | None,
    frame: Frame,
    column: Column,
    marks: Sequence[float],
    until: int = UNTIL,
) -> Floats:
    """One of these quantities for every row, from the values of the order column and what the first is counted from."""
    if not frame.rows:
        return np.empty(0)
    before = np.where(frame.starts, np.nan, np.concatenate([[np.nan], values[:-1]]))
    if kind == "clock":
        return before if base is None else distance(before, base, column, until)
    if kind == "time":
        return values if base is None else distance(values, base, column, until)
    if kind == "gap":
        landed = np.isin(values, marks) & (values != before)
        return np.where(landed, values + LANDMARK, distance(values, before, column, until))
    heads = np.flatnonzero(frame.starts)
    sizes = np.diff(np.append(heads, frame.rows))
    real = plausible(values, column, until)
    last = np.repeat(np.maximum.reduceat(np.where(real, values, -np.inf), heads), sizes)
    first = np.repeat(np.minimum.reduceat(np.where(real, values, np.inf), heads), sizes)
    known = np.isfinite(last)
    if kind == "span":
        landed = bool(marks) & (last != first)  # where days are counted from an index day, so is the end
        return np.where(known, np.where(landed, last + LANDMARK, last - first), np.nan)
    left = np.repeat(sizes, sizes) - (np.arange(frame.rows) - np.repeat(heads, sizes))
    since = np.where(plausible(before, column, until), before, first)
    return np.where(known, (last - since) / left, np.nan)


def from_landmark(numbers: Floats, clock: Floats) -> Floats:
    """Distances from `clock`, where a landmark is as far away as it stands; nothing ever goes back."""
    there = np.where(np.isnan(clock), 0.0, numbers - LANDMARK - np.nan_to_num(clock))
    return np.where(numbers >= LANDED, np.maximum(there, 0.0), numbers)
