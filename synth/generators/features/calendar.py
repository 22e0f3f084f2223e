"""Dates as distances from other dates; what is no plausible date keeps its own place on the calendar.

Dates from 2090 on are sentinels, but where persons' dates were moved to later centuries so that nobody is known by them
(MIMIC, eICU): there sentinels begin in 2500.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import APART
from synth.columns.values import measure, to_numbers
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.engines.unit_blocks import count_units

Floats = NDArray[np.float64]

# Added to a quantity that is a place on the calendar where a distance was expected: a sentinel such as 1600-01-01 is no
# distance from anything. Far above any distance in days, months or seconds, and exact to the microsecond.
CALENDAR = 1e12
FROM, UNTIL, MOVED_UNTIL = 1800, 2090, 2500  # years
_MOVED = 0.5  # of a column's dates, from which those after 2090 are no sentinels
_ONE = 0.1  # of these, that may be the same day
DAY = 86_400.0


def distance(values: Floats, base: Floats, column: Column, until: int = UNTIL) -> Floats:
    """`values` counted from `base`; where either is no plausible date, the value's own place on the calendar."""
    odd = ~plausible(values, column, until) | ~plausible(base, column, until)
    return np.where(odd, values + CALENDAR, values - base)


def undistance(distances: Floats, base: Floats) -> Floats:
    """The values that `distance` came from, given their bases."""
    return np.where(distances >= APART, distances - CALENDAR, distances + base)


def in_units_of(column: Column, numbers: Floats, other: Column) -> Floats:
    """The dates of `other` as those of `column`: days as moments at midnight, or moments as the days they are on."""
    if column.type == other.type or {column.type, other.type} != {"date", "datetime"}:
        return numbers
    return numbers * DAY if column.type == "datetime" else np.floor(numbers / DAY)


def plausible(values: Floats, column: Column, until: int = UNTIL) -> NDArray[np.bool_]:
    """Whether numbers can be dates of real events; numbers that are not dates always can, NaN never."""
    low, high = _bounds(column, until)
    with np.errstate(invalid="ignore"):
        return (values >= low) & (values < high)


def _bounds(column: Column, until: int) -> tuple[float, float]:
    if column.type == "date":
        return day_of(FROM), day_of(until)
    if column.type == "datetime":
        return day_of(FROM) * DAY, day_of(until) * DAY
    if column.type == "yearmonth":
        return FROM * 12.0, until * 12.0
    return -np.inf, np.inf


def day_of(year: int) -> float:
    """The first day of a year, in days since 1970."""
    return float((np.datetime64(f"{year}-01-01") - np.datetime64("1970-01-01")).astype(int))


def survey_until(ordered: Ordered, k: int) -> int:
    """The year from which on dates are sentinels: a later one where most dates of a column are after the usual one.

    First and last days of a year, where sentinels stand, do not count, nor what is mostly one and the same day.
    """
    for node in ordered.forest.nodes:
        for column in () if node.table.public else node.table.columns:
            dated = column.type in ("date", "datetime") and measure(column) == "number"
            if dated and _is_moved(ordered, node, column, k):
                return MOVED_UNTIL
    return UNTIL


def _is_moved(ordered: Ordered, node: Node, column: Column, k: int) -> bool:
    if not any((days >= day_of(UNTIL)).any() for days, _ in _days(ordered, node, column)):
        return False
    dates = units = 0
    late: list[Floats] = []
    for days, whose in _days(ordered, node, column):
        inside = ~_is_end_of_year(days)
        after = inside & (days >= day_of(UNTIL))
        dates, units = dates + int(inside.sum()), units + count_units(whose[after])
        late.append(days[after])
    if units < k:
        return False
    _, rows = np.unique(np.concatenate(late), return_counts=True)
    return bool(rows.sum() >= _MOVED * dates and rows.max() <= _ONE * rows.sum())


def _days(ordered: Ordered, node: Node, column: Column) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
    """The days since 1970 of a column's dates before the last sentinels, and their units."""
    for frame in ordered.frames(node, (column.name,)):
        numbers = to_numbers(frame.columns[column.name], column)
        days = np.floor(numbers / DAY) if column.type == "datetime" else numbers
        known = plausible(days, Column(column.name, "date"), MOVED_UNTIL)
        yield days[known], frame.unit[known]


def _is_end_of_year(days: Floats) -> NDArray[np.bool_]:
    """Whether days since 1970 are the first or the last of a year."""
    dated = days.astype(np.int64).astype("datetime64[D]")
    year = dated.astype("datetime64[Y]")
    ends: NDArray[np.bool_] = year.astype("datetime64[D]") == dated
    ends |= (year + 1).astype("datetime64[D]") - 1 == dated
    return ends
