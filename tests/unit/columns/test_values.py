"""Cells become numbers or texts and come back as they were."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from synth.columns.values import decimals_of, from_numbers, from_texts, measure, to_numbers, to_texts
from synth.core.catalog import Column
from synth.core.dataset import arrow_type

QUANTITIES: list[tuple[str, list[Any]]] = [
    ("integer", [0, -5, None, 10**15, -(10**15)]),
    ("number", [0.0, -1.25, None, 1e300]),
    ("date", [date(1600, 1, 1), date(2020, 2, 29), None, date(1969, 12, 31), date(9999, 12, 31)]),
    ("datetime", [datetime(1600, 1, 1), datetime(2024, 2, 29, 23, 59, 59, 250000), None]),
    ("year", [1899, 2024, None]),
    ("yearmonth", ["1899-12", "2024-02", None, "2024-01"]),
    ("time", ["00:00:00", "23:59:59", None, "08:15:00"]),
]


@pytest.mark.parametrize(("kind", "cells"), QUANTITIES)
def test_quantities_come_back_from_numbers(kind: Any, cells: list[Any]) -> None:
    column = Column("x", kind, "number")
    array = pa.array(cells, type=arrow_type(column))

    assert from_numbers(to_numbers(array, column), column).to_pylist() == cells
    assert to_numbers(pa.chunked_array([array, array]), column).shape == (2 * len(cells),)


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("string", ["01", "l'eau", "", None]),
        ("boolean", [True, False, None]),
        ("integer", [1, -2, None]),
        ("year", [1899, None]),
        ("time", ["12:30:00", None]),
        ("any", ["1", "x", None]),
    ],
)
def test_levels_come_back_from_texts(kind: Any, cells: list[Any]) -> None:
    column = Column("x", kind, "code")
    assert from_texts(to_texts(pa.array(cells, type=arrow_type(column))), column).to_pylist() == cells


def test_times_are_read_to_the_second_however_they_are_written() -> None:
    times = pa.array(["08:15", "08:15Z", "08:15+01:00", "08:15:30.25", "08:15:30Z", None])
    numbers = to_numbers(times, Column("x", "time", "date"))
    assert numbers[:5].tolist() == [29700.0, 29700.0, 29700.0, 29730.0, 29730.0]
    assert np.isnan(numbers[5])


def test_nan_is_a_missing_number() -> None:
    column = Column("x", "number", "number")
    assert from_numbers(to_numbers(pa.array([1.0, float("nan")]), column), column).to_pylist() == [1.0, None]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column("x", "integer", "number"), "number"),
        (Column("x", "integer", "code"), "level"),
        (Column("x", "integer", "number", categories=("1", "2")), "level"),
        (Column("x", "string", "number"), "level"),
        (Column("x", "year", "date"), "number"),
        (Column("x", "number", "code"), "number"),
        (Column("x", "time", "date"), "number"),
        (Column("x", "boolean", "number"), "level"),
    ],
)
def test_what_is_a_quantity(column: Column, expected: str) -> None:
    assert measure(column) == expected


@pytest.mark.parametrize(
    ("numbers", "scale", "digits"),
    [([1.0, 20.0], None, 0), ([1.5, 2.0], None, 1), ([0.25, np.nan], None, 2), ([1.0], 2, 2), ([], None, 0)],
)
def test_digits_after_the_point(numbers: list[float], scale: int | None, digits: int) -> None:
    assert decimals_of(np.array(numbers), Column("x", "number", scale=scale)) == digits


def test_cents_of_large_amounts_are_counted() -> None:
    amounts = np.round(np.random.default_rng(1).uniform(1e9, 9e9, 200), 2)
    assert decimals_of(amounts, Column("x", "number")) == 2


def test_irregular_numbers_are_rounded_to_a_millionth_of_their_spread() -> None:
    digits = decimals_of(np.sqrt(np.arange(2.0, 1002.0)), Column("x", "number"))
    assert 4 <= digits <= 5
