"""Text to values by the rules of Table Schema."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from synth.core.catalog import Column
from synth.core.dataset import arrow_type
from synth.core.errors import UserError
from synth.io.cells import parse_cells
from synth.io.place import Place
from synth.io.stored import fit_array

PLACE = Place("t.csv", "t", first=11)

# type, format, further properties, text, value
READ: list[tuple[Any, str | None, dict[str, Any], str, Any]] = [
    ("string", None, {}, " 01 ", " 01 "),
    ("integer", None, {}, "-12", -12),
    ("integer", None, {}, "007", 7),
    ("integer", None, {}, " +5 ", 5),
    ("integer", None, {}, "12.0", 12),
    ("integer", None, {}, "9223372036854775807", 2**63 - 1),
    ("integer", None, {"groupChar": " "}, "1 234", 1234),
    ("integer", None, {"bareNumber": False}, "95 %", 95),
    ("year", None, {}, "2021", 2021),
    ("number", None, {}, "1.5", 1.5),
    ("number", None, {}, ".5", 0.5),
    ("number", None, {}, "NaN", None),
    ("number", None, {}, "-1e-3", -0.001),
    ("number", None, {"decimalChar": ",", "groupChar": "."}, "1.234,5", 1234.5),
    ("number", None, {"bareNumber": False}, "€ 12.5", 12.5),
    ("boolean", None, {}, "TRUE", True),
    ("boolean", None, {}, "0", False),
    ("boolean", None, {"trueValues": ["oui"], "falseValues": ["non"]}, "oui", True),
    ("date", None, {}, "1600-01-01", dt.date(1600, 1, 1)),
    ("date", None, {}, " 2020-02-29", dt.date(2020, 2, 29)),
    ("date", "%d%m%Y", {}, "31121999", dt.date(1999, 12, 31)),
    ("date", "%d/%m/%Y", {}, "1/2/2020", dt.date(2020, 2, 1)),
    ("date", "%d%b%Y", {}, "01JAN1600", dt.date(1600, 1, 1)),
    ("datetime", None, {}, "2020-01-01 10:11", dt.datetime(2020, 1, 1, 10, 11)),
    ("datetime", None, {}, "2020-01-01T10:11:12.25", dt.datetime(2020, 1, 1, 10, 11, 12, 250000)),
    ("datetime", None, {}, "2020-01-01T10:11:12+02:00", dt.datetime(2020, 1, 1, 8, 11, 12)),
    ("datetime", None, {}, "2020-01-01T10:11:12.1234567", dt.datetime(2020, 1, 1, 10, 11, 12, 123456)),
    ("datetime", "%d/%m/%Y %H:%M", {}, "02/01/2020 10:11", dt.datetime(2020, 1, 2, 10, 11)),
    ("time", None, {}, "10:11:12", "10:11:12"),
    ("time", "%Hh%M", {}, "10h11", "10:11:00"),
    ("yearmonth", None, {}, "2021-07", "2021-07"),
]
REFUSED: list[tuple[Any, str | None, str]] = [
    ("integer", None, "0x1F"),
    ("integer", None, "1.5"),
    ("integer", None, "1e5"),
    ("integer", None, "9223372036854775808"),
    ("number", None, "1,5"),
    ("number", None, "-inf"),
    ("number", None, "0x10"),
    ("boolean", None, "yes"),
    ("date", None, "2020-02-30"),
    ("date", None, "01/02/2020"),
    ("date", "%d%m%Y", "30022020"),
    ("date", "%d%m%Y", "2020"),
    ("datetime", None, "2020-01-01 25:00"),
    ("time", None, "25:00:00"),
    ("yearmonth", None, "2020-13"),
    ("year", None, "MMXX"),
]


@pytest.mark.parametrize(("kind", "form", "extra", "text", "value"), READ)
def test_a_text_is_read(kind: Any, form: str | None, extra: dict[str, Any], text: str, value: Any) -> None:
    column = Column("c", kind, format=form, extra=extra)
    cells = parse_cells(pa.array([None, text, text], pa.string()), column, PLACE)
    assert cells.type == arrow_type(column)
    assert cells.to_pylist() == [None, value, value]


@pytest.mark.parametrize(("kind", "form", "text"), REFUSED)
def test_a_text_is_refused_with_its_row(kind: Any, form: str | None, text: str) -> None:
    column = Column("c", kind, format=form)
    with pytest.raises(UserError) as error:
        parse_cells(pa.array([None, None, text], pa.string()), column, PLACE)
    assert (error.value.file, error.value.table, error.value.column, error.value.row) == ("t.csv", "t", "c", 13)
    assert text not in str(error.value)


# stored array, type in the catalog, values
STORED: list[tuple[pa.Array, Any, list[Any]]] = [
    (pa.array([1, None], pa.int32()), "string", ["1", None]),
    (pa.array([1.0, None]), "string", ["1", None]),
    (pa.array([1.0, float("nan"), None]), "integer", [1, None, None]),
    (pa.array(["01", None]).dictionary_encode(), "string", ["01", None]),
    (pa.array(["7", ""], pa.large_string()), "integer", [7, None]),
    (pa.array(["x", ""], pa.large_string()), "string", ["x", ""]),
    (pa.array([2**40], pa.uint64()), "number", [float(2**40)]),
    (pa.array([dt.datetime(1600, 1, 1)], pa.timestamp("us")), "date", [dt.date(1600, 1, 1)]),
    (pa.array([dt.date(2020, 1, 1)]), "datetime", [dt.datetime(2020, 1, 1)]),
    (pa.array([1, 0, None], pa.int8()), "boolean", [True, False, None]),
    (pa.array([None, None], pa.null()), "date", [None, None]),
    (pa.array([dt.time(10, 11, 12)]), "time", ["10:11:12"]),
    (pa.array([1577872800123456789], pa.timestamp("ns")), "datetime", [dt.datetime(2020, 1, 1, 10, 0, 0, 123456)]),
    (pa.array([dt.datetime(2020, 1, 1, 10)], pa.timestamp("us", "UTC")), "datetime", [dt.datetime(2020, 1, 1, 10)]),
    (pa.array([b"abc"]), "string", ["abc"]),
]


@pytest.mark.parametrize(("stored", "kind", "values"), STORED)
def test_a_stored_type_is_fitted(stored: pa.Array, kind: Any, values: list[Any]) -> None:
    assert fit_array(stored, Column("c", kind), PLACE).to_pylist() == values


def test_a_decimal_is_a_number_or_a_whole_number() -> None:
    stored = pa.array(["12.00", None]).cast(pa.decimal128(6, 2))
    assert fit_array(stored, Column("c", "number"), PLACE).to_pylist() == [12.0, None]
    assert fit_array(stored, Column("c", "integer"), PLACE).to_pylist() == [12, None]


@pytest.mark.parametrize(
    ("stored", "kind", "row"),
    [
        (pa.array([1.0, 1.5]), "integer", 12),
        (pa.array([1, 2]), "boolean", 12),
        (pa.array([dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, 1)]), "date", 12),
        (pa.array([1, 2]), "date", None),
        (pa.array([2**63], pa.uint64()), "integer", 11),
        (pa.array([[1]]), "string", None),
        (pa.array([b"\xff"]), "string", 11),
    ],
)
def test_a_stored_type_that_does_not_fit_is_refused(stored: pa.Array, kind: Any, row: int | None) -> None:
    with pytest.raises(UserError) as error:
        fit_array(stored, Column("c", kind), PLACE)
    assert error.value.row == row
