"""Days as integers since 1970-01-01, and the calendar arithmetic the SNDS needs."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]

FAR = 2**30  # later than any date: "never"
YEAR = 365.25
MISSING_DATE = (dt.date(1600, 1, 1) - dt.date(1970, 1, 1)).days  # how the DCIR writes an absent date
_EPOCH = dt.date(1970, 1, 1)


def day(year: int, month: int = 1, date: int = 1) -> int:
    """A calendar date as a day number."""
    return (dt.date(year, month, date) - _EPOCH).days


def _dates(days: Days) -> NDArray[np.datetime64]:
    return np.asarray(days, dtype="int64").astype("datetime64[D]")


_FIRST, _AFTER = day(1600), day(2101)


class _Calendar(NamedTuple):
    """Of each day from `_FIRST` on: year, month, both as YYYYMM, day of the month, and first day of the next month.

    Looking up is several times faster than calendar arithmetic on millions of dates.
    """

    year: Days
    month: Days
    year_month: Days
    date: Days
    next_month: Days


@cache
def _calendar() -> _Calendar:
    dates = _dates(np.arange(_FIRST, _AFTER))
    months = dates.astype("datetime64[M]")
    year, month = dates.astype("datetime64[Y]").astype(np.int64) + 1970, months.astype(np.int64) % 12 + 1
    after = (months + 1).astype("datetime64[D]").astype(np.int64)
    return _Calendar(year, month, year * 100 + month, (dates - months).astype(np.int64) + 1, after)


def _place(days: Days) -> Days | None:
    """Where each day stands in the calendar; None when one of them is out of it (`FAR` is)."""
    place: Days = np.asarray(days) - _FIRST
    # read without its sign, a negative number is a very large one: one pass tells both bounds
    inside = place.size == 0 or place.view(np.uint64).max() < _AFTER - _FIRST
    return place if inside else None


def year_of(days: Days) -> Days:
    """Calendar year of each day."""
    place = _place(days)
    if place is not None:
        return _calendar().year[place]
    return _dates(days).astype("datetime64[Y]").astype(np.int64) + 1970


def month_of(days: Days) -> Days:
    """Calendar month (1 to 12) of each day."""
    place = _place(days)
    if place is not None:
        return _calendar().month[place]
    return _dates(days).astype("datetime64[M]").astype(np.int64) % 12 + 1


def year_month(days: Days) -> Days:
    """Year and month of each day as the number YYYYMM."""
    place = _place(days)
    return _calendar().year_month[place] if place is not None else year_of(days) * 100 + month_of(days)


def month_start(days: Days, months: int = 0) -> Days:
    """First day of the month that is `months` after the month of each day."""
    place = _place(days) if months == 1 else None
    if place is not None:
        return _calendar().next_month[place]
    return (_dates(days).astype("datetime64[M]") + months).astype("datetime64[D]").astype(np.int64)


def age_years(birth: Days, at: Days) -> Days:
    """Completed years between birth and a day, by calendar month and day."""
    born, seen = year_month(birth), year_month(at)
    before = (seen % 100 * 100 + _day_of_month(at)) < (born % 100 * 100 + _day_of_month(birth))
    years: Days = seen // 100 - born // 100 - before
    return years


def _day_of_month(days: Days) -> Days:
    place = _place(days)
    if place is not None:
        return _calendar().date[place]
    dates = _dates(days)
    elapsed: Days = (dates - dates.astype("datetime64[M]")).astype(np.int64)
    return elapsed + 1
