"""Calendar arithmetic on day numbers, inside the looked-up calendar and out of it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from synth.simulate.dates import FAR, age_years, day, month_of, month_start, year_month, year_of

DAYS = [(1600, 1, 1), (1899, 12, 31), (2000, 2, 29), (2023, 12, 31), (2024, 2, 29), (2100, 12, 31)]
OUT = [(1599, 12, 31), (2101, 1, 1)]


@pytest.mark.parametrize("dates", [DAYS, OUT, DAYS + OUT], ids=["inside", "out", "both"])
def test_parts_of_dates(dates):
    days = np.array([day(*date) for date in dates])
    assert year_of(days).tolist() == [year for year, _, _ in dates]
    assert month_of(days).tolist() == [month for _, month, _ in dates]
    assert year_month(days).tolist() == [year * 100 + month for year, month, _ in dates]
    assert month_start(days).tolist() == [day(year, month) for year, month, _ in dates]
    assert month_start(days, 1).tolist() == [day(year + month // 12, month % 12 + 1) for year, month, _ in dates]


def test_never_is_late():
    assert year_of(np.array([FAR]))[0] > 9999


def test_no_date_at_all():
    empty = np.empty(0, dtype=np.int64)
    assert len(year_month(empty)) == len(month_start(empty, 1)) == 0


def test_ages_turn_on_the_birthday():
    birth = day(2000, 2, 29)
    seen = np.array([day(2000, 2, 29), day(2023, 2, 28), day(2023, 3, 1), day(2024, 2, 29)])
    assert age_years(np.full(4, birth), seen).tolist() == [0, 22, 23, 24]
    assert age_years(np.array([day(1990, 6, 15)]), np.array([FAR]))[0] > 1000
    assert dt.date(1970, 1, 1) + dt.timedelta(days=birth) == dt.date(2000, 2, 29)
