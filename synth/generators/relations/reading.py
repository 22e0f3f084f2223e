"""Readings: what expressions give in rows that are held in memory, without asking the database.

Covered are the expressions that nearly all suspicions are about: columns, parts of dates, days between two of them,
counts and sums of rows below. They give what the SQL of `synth.engines.expressions` gives, which answers the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.arrays import arrow_of, numpy_of, text_array
from synth.core.catalog import Column
from synth.core.ruletext import Binary, Call, Expression, Name, Text
from synth.engines.expressions import Decimals
from synth.engines.forest import Node
from synth.engines.local import Ordered

Floats = NDArray[np.float64]
_LARGEST = 10.0**18  # decimals have so many digits
_SECONDS = 86_400
_MICRO = 1e6


@dataclass(frozen=True, slots=True)
class Read:
    """What an expression gives in some rows: numbers (NaN where missing), cells, or whole numbers as both.

    Of a `decimal`, `digits` after the point are known.
    """

    kind: Literal["decimal", "double", "date", "datetime", "text"]
    numbers: Floats | None = None
    cells: pa.Array | None = None
    digits: int = 0

    def as_numbers(self) -> Floats | None:
        """As numbers, dates as days; None where texts would have to be read as numbers."""
        if self.numbers is not None:
            return self.numbers
        if self.kind == "date":
            return numpy_of(pc.cast(pc.cast(self.cells, pa.int32()), pa.float64()), np.nan)
        if self.kind == "datetime":
            return numpy_of(pc.cast(pc.cast(self.cells, pa.int64()), pa.float64()), np.nan) / _MICRO / _SECONDS
        return None

    def as_texts(self) -> pa.Array:
        """As texts, null where missing."""
        if self.numbers is None or self.cells is not None:
            return pc.cast(self.cells, pa.string())
        listed = self.numbers.tolist()
        if self.kind == "decimal":
            return text_array([None if x != x else f"{x:.{self.digits}f}" for x in listed])
        return text_array([None if x != x else repr(x) for x in listed])


@dataclass(frozen=True)
class Reading:
    """Every `step`-th row of a table, to be read with its parent's."""

    ordered: Ordered
    node: Node
    decimals: Decimals
    step: int = 1

    def read(self, expression: Expression) -> Read | None:
        """What an expression gives; None where the database has to be asked."""
        if isinstance(expression, Name):
            return self._column(expression)
        if isinstance(expression, Call):
            return self._aggregate(expression) if expression.table is not None else self._dated(expression)
        if isinstance(expression, Binary) and expression.sign == "-":
            left, right = self.read(expression.left), self.read(expression.right)
            if left is not None and right is not None and left.kind == right.kind == "date":
                a, b = left.as_numbers(), right.as_numbers()
                return None if a is None or b is None else Read("decimal", a - b)
        return None

    def _column(self, name: Name) -> Read | None:
        above = name.table not in (None, self.node.name)
        if above and (self.node.parent is None or self.node.parent.target != name.table):
            return None
        owner = self.ordered.forest.node(str(name.table)) if above else self.node
        if not self.ordered.holds(owner):
            return None
        cells = self.ordered.frame(owner, 0, self.ordered.rows(owner.name), (name.column,)).columns[name.column]
        rows = np.arange(0, self.ordered.rows(self.node.name), self.step)
        if above:
            rows = self.ordered.parents[self.node.name][rows]
        if above or self.step > 1:
            cells = cells.take(arrow_of(rows))
        known = self.decimals.get((owner.name, name.column))
        return _read(cells.combine_chunks(), owner.table.column(name.column), known)

    def _dated(self, call: Call) -> Read | None:
        first = self.read(call.arguments[0])
        form = call.arguments[1].value if len(call.arguments) > 1 and isinstance(call.arguments[1], Text) else ""
        if first is None:
            return None
        if call.function == "date" and first.kind == "text" and first.cells is not None:
            moments = pc.strptime(first.cells, format=form, unit="s", error_is_null=True)
            return Read("date", cells=pc.cast(moments, pa.date32()))
        if first.kind != "date" or first.cells is None:
            return None
        if call.function == "format":
            return Read("text", cells=pc.strftime(first.cells, format=form))
        if call.function in ("year", "month"):
            part = {"year": pc.year, "month": pc.month}[call.function](first.cells)
            return Read("decimal", numpy_of(pc.cast(part, pa.float64()), np.nan))
        return _month(first.cells, call.function)

    def _aggregate(self, call: Call) -> Read | None:
        below = self.ordered.forest.node(str(call.table))
        if below.parent is None or below.parent.target != self.node.name or not self.ordered.holds(below):
            return None
        parents = self.ordered.parents[below.name]
        rows = self.ordered.rows(self.node.name)
        if call.function == "count":
            return Read("decimal", np.bincount(parents, minlength=rows)[:: self.step].astype(np.float64))
        value = _summed(Reading(self.ordered, below, self.decimals), call.arguments[0])
        if value is None or value.numbers is None:
            return None
        there = ~np.isnan(value.numbers)
        total = np.bincount(parents[there], weights=value.numbers[there], minlength=rows)
        some = np.bincount(parents[there], minlength=rows) > 0
        return Read(value.kind, np.where(some, total, np.nan)[:: self.step], digits=value.digits)


def _summed(below: Reading, expression: Expression) -> Read | None:
    """What is summed over the rows below: a column, or the product of two."""
    if not isinstance(expression, Binary):
        return below.read(expression)
    if expression.sign != "*":
        return None
    left, right = below.read(expression.left), below.read(expression.right)
    if left is None or right is None or left.numbers is None or right.numbers is None:
        return None
    kind: Literal["decimal", "double"] = "decimal" if left.kind == right.kind == "decimal" else "double"
    return Read(kind, left.numbers * right.numbers, digits=left.digits + right.digits)


def _read(cells: pa.Array, column: Column, known: int | None) -> Read:
    if column.type in ("date", "datetime"):
        return Read("date" if column.type == "date" else "datetime", cells=cells)
    if column.type not in ("integer", "year", "number"):
        return Read("text", cells=pc.cast(cells, pa.string()))
    numbers = numpy_of(pc.cast(cells, pa.float64(), safe=False), np.nan)
    digits = 0 if column.type != "number" else column.scale if known is None else known
    if digits is None:
        return Read("double", numbers)
    scaled = numbers * 10.0**digits
    scaled = np.trunc(scaled + np.copysign(0.5, scaled)) if column.type == "number" else scaled
    beyond = np.abs(scaled) >= _LARGEST
    scaled[beyond] = np.nan
    if column.type != "number":
        return Read("decimal", scaled, pc.if_else(arrow_of(beyond), None, cells) if beyond.any() else cells)
    return Read("decimal", scaled / 10.0**digits + 0.0, digits=digits)


def _month(days: pa.Array, function: str) -> Read | None:
    """The first day of the month of dates, or of the month after."""
    if function not in ("month_start", "next_month"):
        return None
    months = numpy_of(pc.cast(days, pa.int32()), 0).astype("datetime64[D]").astype("datetime64[M]")
    first = (months + (function == "next_month")).astype("datetime64[D]").astype(np.int32)
    return Read("date", cells=pc.cast(arrow_of(first, numpy_of(days.is_null())), pa.date32()))


def read_all(reading: Reading, expressions: Sequence[Expression], numbers: bool) -> list[pa.Array | None]:
    """What expressions give as numbers or as texts; None where the database has to be asked."""
    found: list[pa.Array | None] = []
    for expression in expressions:
        read = reading.read(expression)
        if read is None:
            found.append(None)
        elif not numbers:
            found.append(read.as_texts())
        else:
            values = read.as_numbers()
            found.append(None if values is None else arrow_of(values, np.isnan(values)))
    return found
