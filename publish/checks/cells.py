"""Rules on the cells of one column, as masks over a batch, and the tally of the rows that break them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from publish.fault import Fault
from synth.core.catalog import Column, Marker
from synth.core.dataset import arrow_type

Mask = Callable[[pa.Array], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """`bad` marks the cells that break the rule; a null mark counts as false: missing cells break only `required`."""

    check: str
    problem: str
    bad: Mask


@dataclass(slots=True)
class Tally:
    """How many rows broke a rule so far, and the first of them (from 1)."""

    count: int = 0
    first: int | None = None

    def add(self, mask: Any, start: int) -> None:
        """Count the rows marked in a batch whose first row is number `start`."""
        found = pc.sum(mask).as_py() or 0
        if found and self.first is None:
            self.first = start + pc.index(mask, True).as_py()
        self.count += found

    def fault(self, check: str, problem: str, file: str, table: str, column: str | None) -> Fault | None:
        """The fault to report, or None when no row broke the rule."""
        return Fault(check, problem, file, table, column, self.first, self.count) if self.count else None


def rules_of(column: Column, required: bool) -> list[Rule]:
    """What the cells of `column` must satisfy; `required` holds for key columns too."""
    rules = []
    if required:
        rules.append(Rule("required", "the value is missing", pc.is_null))
    if column.categories:
        rules.append(Rule("enum", "the value is not in the closed list", _outside(column)))
    rules += _bounds(column)
    if column.minimum_length is not None:
        rules.append(Rule("minLength", "the text is too short", _length(pc.less, column.minimum_length)))
    if column.maximum_length is not None:
        rules.append(Rule("maxLength", "the text is too long", _length(pc.greater, column.maximum_length)))
    form = FORMATS.get(column.format or "") if column.type == "string" else None
    if form is not None:
        rules.append(Rule("format", f"the text is not of the format {column.format}", _mismatch(form)))
    if column.pattern is not None:
        rules.append(Rule("pattern", "the text does not match the pattern", _mismatch(column.pattern)))
    if column.marker is not None:
        rules.append(Rule("marker", "the key is not marked as synthetic", _unmarked(column.marker)))
    return rules


# string formats of Table Schema (https://datapackage.org/standard/table-schema/#string): e-mail as HTML reads it, URI
# by the characters of RFC 3986, UUID as RFC 9562 writes it, binary as base64 (RFC 4648); frictionless reads them alike
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
FORMATS: dict[str, str] = {
    "email": rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+",
    "uuid": "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    "binary": "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
}

Round = Callable[[float], int]
# constraint of Table Schema, the comparison that breaks it, the whole bound that whole numbers break as they break a
# fraction (x < 2.5 when x < 3), how the fault reads
_BOUNDS: tuple[tuple[str, Callable[..., Any], Round, str], ...] = (
    ("minimum", pc.less, math.ceil, "the value is below the minimum"),
    ("maximum", pc.greater, math.floor, "the value is above the maximum"),
    ("exclusiveMinimum", pc.less_equal, math.floor, "the value is not above the exclusive minimum"),
    ("exclusiveMaximum", pc.greater_equal, math.ceil, "the value is not below the exclusive maximum"),
)
_WIDEST = 2**63


def _bounds(column: Column) -> list[Rule]:
    """Rules from bounds, numeric or written as text (dates); one that is not of the column's type is left out."""
    limits = {"minimum": column.minimum, "maximum": column.maximum, **column.extra.get("constraints", {})}
    rules = []
    for name, compare, whole, problem in _BOUNDS:
        bound = _bound(limits.get(name), column, whole)
        if bound is not None:
            rules.append(Rule(name, problem, partial(_beyond, compare, bound)))
    return rules


def _bound(value: Any, column: Column, whole: Round) -> Any:
    kind = arrow_type(column)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        if pa.types.is_integer(kind):  # never compared as floats, which cannot tell large integers apart
            return pa.scalar(max(-_WIDEST, min(whole(value), _WIDEST - 1)), pa.int64())
        return pa.scalar(float(value)) if pa.types.is_floating(kind) else None
    try:
        return pa.scalar(str(value)).cast(kind) if pa.types.is_temporal(kind) else None
    except pa.ArrowInvalid:
        return None


def _beyond(compare: Callable[..., Any], bound: Any, cells: pa.Array) -> Any:
    return compare(cells, bound)


def _outside(column: Column) -> Mask:
    listed = [_typed(text, column) for text in column.categories]
    allowed = pa.array([value for value in listed if value is not None], arrow_type(column))
    return lambda cells: pc.and_(pc.is_valid(cells), pc.invert(pc.is_in(cells, value_set=allowed)))


def _typed(text: str, column: Column) -> Any:
    """A value of the closed list as the column's type; None when it is not of that type, so that no cell equals it."""
    if column.type == "boolean":
        return text.lower() in ("true", "1")
    try:
        return pa.scalar(text).cast(arrow_type(column)).as_py()
    except pa.ArrowException:
        return None


def _length(compare: Callable[..., Any], bound: int) -> Mask:
    def bad(cells: pa.Array) -> Any:
        return compare(pc.utf8_length(cells), bound) if pa.types.is_string(cells.type) else pa.array([], pa.bool_())

    return bad


def _mismatch(pattern: str) -> Mask:
    whole = f"^(?:{pattern})$"

    def bad(cells: pa.Array) -> Any:
        text = cells if pa.types.is_string(cells.type) else pc.cast(cells, pa.string())
        try:
            return pc.invert(pc.match_substring_regex(text, whole))
        except pa.ArrowInvalid:  # RE2 has no look-around; Python's engine does
            return _by_python(text, pattern)

    return bad


def _by_python(text: pa.Array, pattern: str) -> Any:
    import re

    compiled = re.compile(pattern)
    coded = pc.dictionary_encode(text)
    bad = [value is not None and compiled.fullmatch(value) is None for value in coded.dictionary.to_pylist()]
    return pc.take(pa.array(bad, pa.bool_()), coded.indices)


def _unmarked(marker: Marker) -> Mask:
    def bad(cells: pa.Array) -> Any:
        if marker.prefix is not None and pa.types.is_string(cells.type):
            return pc.invert(pc.starts_with(cells, marker.prefix))
        if marker.start is not None and pa.types.is_integer(cells.type):
            return (pc.greater if marker.step < 0 else pc.less)(cells, marker.start)
        return pa.array([], pa.bool_())

    return bad
