"""Cells against what the catalog says of their column: required, bounds, lengths, pattern, closed list."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Column
from synth.core.dataset import arrow_type
from synth.core.errors import UserError
from synth.io.cells import parse_cells
from synth.io.place import Place, first_true

Mask = Callable[[pa.Array], pa.Array]


@dataclass
class Check:
    """One constraint of one column: `breaks` gives a mask of the cells that break it; counts grow batch by batch."""

    column: str
    problem: str
    remedy: str
    breaks: Mask
    rows: int = 0
    first: int | None = None

    def add(self, cells: pa.Array, first_row: int) -> None:
        """Look at a run of cells whose first row number is `first_row`."""
        mask = self.breaks(cells)
        count = pc.sum(mask).as_py() or 0
        if count and self.first is None:
            found = first_true(mask)
            self.first = None if found is None else first_row + found
        self.rows += count

    def fault(self, file: str, table: str) -> UserError | None:
        """The error to report, or None when every cell passed."""
        if self.rows == 0:
            return None
        return UserError(
            f"{self.problem} ({in_rows(self.rows)})",
            remedy=self.remedy,
            file=file,
            table=table,
            column=self.column,
            row=self.first,
        )


def in_rows(count: int) -> str:
    """How many rows show a fault, in words."""
    return "1 row" if count == 1 else f"{count} rows"


def checks_of(column: Column, required: bool) -> list[Check]:
    """The checks a column asks for. Raises UserError when its closed list or pattern cannot be read."""
    found: list[Check] = []

    def add(problem: str, remedy: str, breaks: Mask) -> None:
        found.append(Check(column.name, problem, remedy, breaks))

    if required:
        add("the value is missing where one is required", "complete it, or do not require it", pc.is_null)
    if column.minimum is not None and column.type in ("integer", "number", "year"):
        add("the value is below the minimum", _BOUND, _below(_bound(column, column.minimum, math.ceil)))
    if column.maximum is not None and column.type in ("integer", "number", "year"):
        add("the value is above the maximum", _BOUND, _above(_bound(column, column.maximum, math.floor)))
    if arrow_type(column) == pa.string():
        if column.minimum_length is not None:
            add("the text is shorter than minLength", _BOUND, _shorter(column.minimum_length))
        if column.maximum_length is not None:
            add("the text is longer than maxLength", _BOUND, _longer(column.maximum_length))
        if column.pattern is not None:
            add("the text does not follow the pattern", _BOUND, _off_pattern(column))
    if column.categories:
        add("the value is not in the closed list", "correct it, or add it to the list", _outside(column))
    return found


_BOUND = "correct it, or the constraint in the catalog"


def _bound(column: Column, bound: float, whole: Callable[[float], int]) -> pa.Scalar:
    """A bound in the type of its column; of whole numbers the nearest one inside, and one of 64 bits."""
    if column.type == "number":
        return pa.scalar(float(bound), pa.float64())
    return pa.scalar(max(-(2**63), min(whole(bound), 2**63 - 1)), pa.int64())


def _below(bound: pa.Scalar) -> Mask:
    return lambda cells: pc.less(cells, bound)


def _above(bound: pa.Scalar) -> Mask:
    return lambda cells: pc.greater(cells, bound)


def _shorter(length: int) -> Mask:
    return lambda cells: pc.less(pc.utf8_length(cells), length)


def _longer(length: int) -> Mask:
    return lambda cells: pc.greater(pc.utf8_length(cells), length)


def _outside(column: Column) -> Mask:
    listed = pa.array(column.categories, pa.string())
    try:
        values = parse_cells(listed, column, Place(None, "", first=1))
    except UserError:
        raise UserError(
            "the closed list holds a value that is not of the column's type",
            column=column.name,
            remedy="correct `categories` or `enum` in the catalog",
        ) from None
    return lambda cells: pc.and_(pc.is_valid(cells), pc.invert(pc.is_in(cells, values)))


def _off_pattern(column: Column) -> Mask:
    anchored = rf"\A(?:{column.pattern})\z"
    try:
        pc.match_substring_regex(pa.array([""]), anchored)
    except pa.ArrowException:
        return _off_python_pattern(column)
    return lambda cells: pc.invert(pc.match_substring_regex(cells, anchored))


def _off_python_pattern(column: Column) -> Mask:
    """For patterns that look around, which RE2 does not: each distinct text by Python."""
    try:
        compiled = re.compile(str(column.pattern))
    except re.error:
        raise UserError("the pattern cannot be read", column=column.name, remedy="correct it in the catalog") from None

    def breaks(cells: pa.Array) -> pa.Array:
        coded = pc.dictionary_encode(cells)
        off = [compiled.fullmatch(value) is None for value in coded.dictionary.to_pylist()]
        return pc.take(pa.array(off, pa.bool_()), coded.indices)

    return breaks
