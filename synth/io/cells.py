"""Text to typed values, a column of a batch at a time, by the rules of Table Schema.

https://datapackage.org/standard/table-schema/ : `format`, `missingValues`, `decimalChar`, `groupChar`, `bareNumber`,
`trueValues`, `falseValues`. Two habits met everywhere are forgiven: blanks around a number or a date, and whole numbers
written `12.0`, as pandas writes a column with gaps. A value that does not fit is an error that names its row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Column
from synth.core.dataset import arrow_type
from synth.io.place import Place, first_failure, first_true

_WHOLE = r"^[+-]?[0-9]+(\.0*)?$"
_REAL = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$"
_YEARMONTH = r"^-?[0-9]{4}-(0[1-9]|1[0-2])$"
TRUE = ("true", "True", "TRUE", "1")
FALSE = ("false", "False", "FALSE", "0")
_REMEDY = "correct the cell, or the type in the catalog"


def parse_cells(cells: pa.Array, column: Column, place: Place) -> pa.Array:
    """`cells` (text, missing values already null) as the Arrow type of `column`.

    Raises UserError naming the first row whose text is not of the type.
    """
    if column.type in ("string", "any"):
        return cells
    if cells.null_count == len(cells):
        return pa.nulls(len(cells), arrow_type(column))
    return _PARSERS[column.type](cells, column, place.at(column.name))


def _trimmed(cells: pa.Array) -> pa.Array:
    """Without blanks around; a cell of blanks alone is missing."""
    text = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)


def _refuse(place: Place, cells: pa.Array, good: pa.Array, what: str) -> None:
    bad = first_true(pc.and_(pc.is_valid(cells), pc.invert(pc.fill_null(good, False))))
    if bad is not None:
        raise place.fault(f"the value is not {what}", _REMEDY, bad)


def _cast(cells: pa.Array, kind: pa.DataType, place: Place, what: str) -> pa.Array:
    try:
        return pc.cast(cells, kind)
    except pa.ArrowException:
        bad = first_failure(lambda part: pc.cast(part, kind), cells)
    raise place.fault(f"the value is not {what}", _REMEDY, bad)


def _integers(cells: pa.Array, column: Column, place: Place) -> pa.Array:
    what = "a year" if column.type == "year" else "a whole number of at most 64 bits"
    try:
        if first_true(pc.match_substring(cells, "x", ignore_case=True)) is None:  # Arrow reads 0x1F as 31
            return pc.cast(cells, pa.int64())
    except pa.ArrowException:
        pass
    text = _bare(_trimmed(cells), column)
    _refuse(place, text, pc.match_substring_regex(text, _WHOLE), what)
    text = pc.replace_substring_regex(pc.utf8_ltrim(text, "+"), r"\.0*$", "")
    return _cast(text, pa.int64(), place, what)


def _bare(text: pa.Array, column: Column) -> pa.Array:
    group = column.extra.get("groupChar")
    if group:
        text = pc.replace_substring(text, str(group), "")
    if column.extra.get("bareNumber") is False:
        text = pc.replace_substring_regex(text, r"^[^0-9+.-]+|[^0-9.]+$", "")
    return text


def _numbers(cells: pa.Array, column: Column, place: Place) -> pa.Array:
    plain = not {"decimalChar", "groupChar", "bareNumber"} & column.extra.keys()
    values = None
    if plain:
        try:
            values = pc.cast(cells, pa.float64())
        except pa.ArrowException:
            values = None
    if values is None:
        text = _bare(_trimmed(cells), column)
        point = str(column.extra.get("decimalChar", "."))
        if point != ".":
            text = pc.replace_substring(text, point, ".")
        text = pc.if_else(pc.equal(pc.utf8_lower(text), "nan"), pa.scalar(None, text.type), text)
        _refuse(place, text, pc.match_substring_regex(text, _REAL), "a number")
        values = _cast(pc.utf8_ltrim(text, "+"), pa.float64(), place, "a number")
    return finite(values, place)


def finite(values: pa.Array, place: Place) -> pa.Array:
    """Numbers with `NaN`, which many tools write for a missing number, as null. Raises UserError on an infinity."""
    odd = pc.invert(pc.is_finite(values))
    if not pc.any(odd).as_py():
        return values
    bad = first_true(pc.is_inf(values))
    if bad is not None:
        raise place.fault("the number is infinite", "list its spelling in `missingValues`", bad)
    return pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)


def _booleans(cells: pa.Array, column: Column, place: Place) -> pa.Array:
    yes = [str(value) for value in column.extra.get("trueValues", TRUE)]
    no = [str(value) for value in column.extra.get("falseValues", FALSE)]
    text = _trimmed(cells)
    true = pc.is_in(text, pa.array(yes, text.type))
    _refuse(place, text, pc.or_(true, pc.is_in(text, pa.array(no, text.type))), "true or false")
    return pc.if_else(pc.is_valid(text), true, pa.scalar(None, pa.bool_()))


def _dates(cells: pa.Array, column: Column, place: Place) -> pa.Array:
    if column.format in (None, "default", "any"):
        try:
            return pc.cast(cells, pa.date32())
        except pa.ArrowException:
            pass
    what, pattern = _temporal(column, "a date", "%Y-%m-%d")
    if pattern is None:
        return _by_value(_trimmed(cells), date.fromisoformat, pa.date32(), place, what)
    moments = _moments(_trimmed(cells), pattern, place, what)
    days = pc.floor_temporal(moments, unit="day")
    return pc.cast(days, pa.date32())


def _datetimes(cells: pa.Array, column: Column, place: Place) -> pa.Array:
    kind = pa.timestamp("us")
    if column.format in (None, "default", "any"):
        try:
            return pc.cast(cells, kind)
        except pa.ArrowException:
            pass
    what, pattern = _temporal(column, "a date and time", "%Y-%m-%dT%H:%M:%S")
    if pattern is None:
        return _by_value(_trimmed(cells), _iso_moment, kind, place, what)
    return _moments(_trimmed(cells), pattern, place, what)


def _temporal(column: Column, what: str, iso: str) -> tuple[str, str | None]:
    """How to name the type in an error, and its strptime pattern when the catalog declares one."""
    if column.format in (None, "default", "any"):
        return f"{what} written as {iso}", None
    return f"{what} written as {column.format}", column.format


def _moments(text: pa.Array, pattern: str, place: Place, what: str) -> pa.Array:
    """Timestamps by a strptime pattern: in bulk where the text is exactly as the pattern writes it, else one by one.

    The platform's strptime takes 30 February for 1 March and misreads short digits, so what it reads is written again
    and compared.
    """
    moments = pc.strptime(text, format=pattern, unit="us", error_is_null=True)
    try:
        same = pc.fill_null(pc.equal(pc.strftime(pc.cast(moments, pa.timestamp("s")), format=pattern), text), False)
    except pa.ArrowException:
        same = pa.array([False] * len(text))
    if pc.all(pc.or_(same, pc.is_null(text))).as_py():
        return moments
    rest = pc.if_else(same, pa.scalar(None, text.type), text)

    def read(value: str) -> datetime:
        return _plain(datetime.strptime(value, pattern))

    return pc.coalesce(
        pc.if_else(same, moments, pa.scalar(None, moments.type)), _by_value(rest, read, moments.type, place, what)
    )


def _by_value(text: pa.Array, read: Callable[[str], Any], kind: pa.DataType, place: Place, what: str) -> pa.Array:
    """Each distinct text read by a Python function; ValueError means that it does not fit."""
    coded = pc.dictionary_encode(text)
    values: list[Any] = []
    for position, value in enumerate(coded.dictionary.to_pylist()):
        try:
            values.append(read(value))
        except (ValueError, OverflowError):
            bad = first_true(pc.equal(coded.indices, position))
            raise place.fault(f"the value is not {what}", _REMEDY, bad) from None
    return pc.take(pa.array(values, kind), coded.indices)


def _iso_moment(value: str) -> datetime:
    return _plain(datetime.fromisoformat(value))


def _plain(moment: datetime) -> datetime:
    """Without time zone: a moment with an offset is brought to UTC."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _times(cells: pa.Array, column: Column, place: Place) -> pa.Array:
    what, pattern = _temporal(column, "a time", "%H:%M:%S")
    text = _trimmed(cells)
    if pattern is not None:
        return _by_value(
            text, lambda value: datetime.strptime(value, pattern).time().isoformat(), text.type, place, what
        )
    _refuse(place, text, pc.match_substring_regex(text, _TIME), what)
    return text


def _yearmonths(cells: pa.Array, column: Column, place: Place) -> pa.Array:
    text = _trimmed(cells)
    _refuse(place, text, pc.match_substring_regex(text, _YEARMONTH), "a month written as %Y-%m")
    return text


_PARSERS: dict[str, Callable[[pa.Array, Column, Place], pa.Array]] = {
    "integer": _integers,
    "year": _integers,
    "number": _numbers,
    "boolean": _booleans,
    "date": _dates,
    "datetime": _datetimes,
    "time": _times,
    "yearmonth": _yearmonths,
}


def missing_values(column: Column, schema: Sequence[Any] | None) -> tuple[str, ...]:
    """The texts that mean "missing" in this column: its own list, else the schema's, else the empty text."""
    listed = column.extra.get("missingValues", schema if schema is not None else [""])
    return tuple(str(item["value"]) if isinstance(item, dict) else str(item) for item in listed)
