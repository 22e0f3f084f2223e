"""Days as integers since 1970-01-01, and the calendar arithmetic the SNDS needs."""

from __future__ import annotations

import datetime as dt

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


def year_of(days: Days) -> Days:
    """Calendar year of each day."""
    return _dates(days).astype("datetime64[Y]").astype(np.int64) + 1970


def month_of(days: Days) -> Days:
    """Calendar month (1 to 12) of each day."""
    return _dates(days).astype("datetime64[M]").astype(np.int64) % 12 + 1


def year_month(days: Days) -> Days:
    """Year and month of each day as the number YYYYMM."""
    return year_of(days) * 100 + month_of(days)


def month_start(days: Days, months: int = 0) -> Days:
    """First day of the month that is `months` after the month of each day."""
    return (_dates(days).astype("datetime64[M]") + months).astype("datetime64[D]").astype(np.int64)


def age_years(birth: Days, at: Days) -> Days:
    """Completed years between birth and a day, by calendar month and day."""
    born, seen = year_month(birth), year_month(at)
    before = (seen % 100 * 100 + _day_of_month(at)) < (born % 100 * 100 + _day_of_month(birth))
    years: Days = seen // 100 - born // 100 - before
    return years


def _day_of_month(days: Days) -> Days:
    dates = _dates(days)
    elapsed: Days = (dates - dates.astype("datetime64[M]")).astype(np.int64)
    return elapsed + 1
