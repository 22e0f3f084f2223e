"""Dates as distances from other dates; what is no plausible date keeps its own place on the calendar.

Dates from 2090 on are sentinels, but where persons' dates were moved to later centuries so that nobody is known by them
(MIMIC, eICU): there sentinels begin in 2500.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import APART
from synth.columns.values import measure
from synth.core.catalog import Column
from synth.engines.local import Ordered

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
            if column.type in ("date", "datetime") and measure(column) == "number":
                day = f"{ordered.column(node, column.name)}::date"
                ends = f"(month({day}) = 1 and day({day}) = 1) or (month({day}) = 12 and day({day}) = 31)"
                found = ordered.one(
                    f"with days as (select {day} as day, unit from {ordered.name(node)} where {day} is not null "
                    f"and year({day}) between {FROM} and {MOVED_UNTIL - 1} and not ({ends})), "
                    f"late as (select day, count(*) as n from days where year(day) >= {UNTIL} group by day) "
                    f"select (select count(*) from days), (select count(distinct unit) from days where year(day) "
                    f">= {UNTIL}), (select coalesce(sum(n), 0) from late), (select coalesce(max(n), 0) from late)"
                )
                dates, units, late, commonest = (int(each) for each in found)
                if units >= k and late >= _MOVED * dates and commonest <= _ONE * late:
                    return MOVED_UNTIL
    return UNTIL
