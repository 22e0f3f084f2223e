"""Typed values as a file or database stores them, to the types of the catalog; text goes through `cells`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Column
from synth.core.dataset import arrow_type
from synth.io.cells import finite, missing_values, parse_cells
from synth.io.place import Place, first_failure, first_true

_REMEDY = "correct the column, or its type in the catalog"


def fit_array(values: pa.Array, column: Column, place: Place, listed: Sequence[Any] = ()) -> pa.Array:
    """`values` of any Arrow type as the Arrow type of `column`. Raises UserError at the first that would change.

    Of values stored as text, those in `listed` (the schema's `missingValues`) are missing; where the column is not one
    of text, so is the empty text.
    """
    place = place.at(column.name)
    target = arrow_type(column)
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_null(values.type):
        return pa.nulls(len(values), target)
    if _is_text(values.type):
        text = values if values.type == pa.string() else _safe(values, pa.string(), place)
        return _from_text(text, column, place, listed)
    if values.type == target and target != pa.float64():
        return values
    return _CONVERTERS[column.type](values, place)


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _from_text(text: pa.Array, column: Column, place: Place, listed: Sequence[Any]) -> pa.Array:
    missing = set(missing_values(column, listed))
    missing = missing - {""} if column.type in ("string", "any") else missing | {""}
    if missing:
        gone = pc.is_in(text, pa.array(sorted(missing), text.type))
        text = pc.if_else(gone, pa.scalar(None, text.type), text)
    return parse_cells(text, column, place)


def _safe(values: pa.Array, target: pa.DataType, place: Place, **options: bool) -> pa.Array:
    def convert(part: pa.Array) -> pa.Array:
        return pc.cast(part, options=pc.CastOptions(target, **options))

    try:
        return convert(values)
    except pa.ArrowNotImplementedError:
        raise _mismatch(values, target, place) from None
    except pa.ArrowException:
        bad = first_failure(convert, values)
    raise place.fault(f"the value cannot be read as {_plain_name(target)}", _REMEDY, bad)


def _plain_name(kind: pa.DataType) -> str:
    names = {"int64": "a whole number", "double": "a number", "bool": "true or false", "date32[day]": "a date"}
    return names.get(str(kind), "text" if kind == pa.string() else "a date and time")


def _mismatch(values: pa.Array, target: pa.DataType, place: Place) -> Exception:
    return place.fault(f"stored as {values.type}, which cannot be read as {_plain_name(target)}", _REMEDY)


def _to_text(values: pa.Array, place: Place) -> pa.Array:
    kind = values.type
    if pa.types.is_floating(kind):
        values = finite(pc.cast(values, pa.float64()), place)
        try:
            return pc.cast(pc.cast(values, pa.int64()), pa.string())  # codes that a gap turned into 12.0
        except pa.ArrowException:
            return pc.cast(values, pa.string())
    if pa.types.is_timestamp(kind):
        return iso_moments(pc.cast(_unzoned(values), pa.timestamp("us"), safe=False))
    return _safe(values, pa.string(), place)


def iso_moments(moments: pa.Array) -> pa.Array:
    """Timestamps in microseconds as ISO 8601 text, without a fraction that is zero."""
    text = pc.cast(moments, pa.string())
    return pc.replace_substring_regex(pc.replace_substring(text, " ", "T", max_replacements=1), r"\.0+$", "")


def _unzoned(values: pa.Array) -> pa.Array:
    """Moments with a time zone as UTC without one."""
    kind = values.type
    return values if kind.tz is None else pc.cast(values, pa.timestamp(kind.unit))


def _to_integer(values: pa.Array, place: Place) -> pa.Array:
    kind = values.type
    if pa.types.is_temporal(kind):
        raise _mismatch(values, pa.int64(), place)
    if pa.types.is_floating(kind):
        values = finite(pc.cast(values, pa.float64()), place)
    return _safe(values, pa.int64(), place)


def _to_number(values: pa.Array, place: Place) -> pa.Array:
    if pa.types.is_temporal(values.type):
        raise _mismatch(values, pa.float64(), place)
    if pa.types.is_decimal(values.type):
        values = pc.cast(values, pa.string())  # the nearest double, which Arrow's own cast is not always
    return finite(_safe(values, pa.float64(), place, allow_int_overflow=True, allow_float_truncate=True), place)


def _to_boolean(values: pa.Array, place: Place) -> pa.Array:
    if not pa.types.is_integer(values.type):
        raise _mismatch(values, pa.bool_(), place)
    bad = first_true(pc.invert(pc.is_in(values, pa.array([0, 1, None], values.type))))
    if bad is not None:
        raise place.fault("the value is not true or false", _REMEDY, bad)
    return pc.cast(values, pa.bool_())


def _to_date(values: pa.Array, place: Place) -> pa.Array:
    kind = values.type
    if pa.types.is_timestamp(kind):
        values = _unzoned(values)
        late = pc.not_equal(pc.floor_temporal(values, unit="day"), values)
        bad = first_true(late)
        if bad is not None:
            raise place.fault("the value has a time of day", "declare the column as a datetime", bad)
    elif not pa.types.is_date(kind):
        raise _mismatch(values, pa.date32(), place)
    return _safe(values, pa.date32(), place)


def _to_moment(values: pa.Array, place: Place) -> pa.Array:
    kind = values.type
    if pa.types.is_timestamp(kind):  # below the microsecond nothing is kept
        return _safe(_unzoned(values), pa.timestamp("us"), place, allow_time_truncate=True)
    if not pa.types.is_date(kind):
        raise _mismatch(values, pa.timestamp("us"), place)
    return _safe(values, pa.timestamp("us"), place)


def _to_time(values: pa.Array, place: Place) -> pa.Array:
    if not pa.types.is_time(values.type):
        raise _mismatch(values, pa.string(), place)
    text = pc.cast(values, pa.string())
    return pc.replace_substring_regex(text, r"\.0+$", "")


def _to_yearmonth(values: pa.Array, place: Place) -> pa.Array:
    raise _mismatch(values, pa.string(), place)


_CONVERTERS: dict[str, Callable[[pa.Array, Place], pa.Array]] = {
    "string": _to_text,
    "any": _to_text,
    "integer": _to_integer,
    "year": _to_integer,
    "number": _to_number,
    "boolean": _to_boolean,
    "date": _to_date,
    "datetime": _to_moment,
    "time": _to_time,
    "yearmonth": _to_yearmonth,
}
