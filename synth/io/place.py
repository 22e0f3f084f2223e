"""Where in the input a batch of cells comes from, so that an error can say it without the value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synth.core.errors import UserError


@dataclass(frozen=True, slots=True)
class Place:
    """A run of cells: `first` is the row number (from 1) of the first of them."""

    file: str | None
    table: str
    column: str | None = None
    first: int = 1

    def at(self, column: str) -> Place:
        """The same rows in another column."""
        return replace(self, column=column)

    def fault(self, problem: str, remedy: str, index: int | None = None) -> UserError:
        """The error to raise for the cell at `index` of the run, or for the whole column."""
        row = None if index is None else self.first + index
        return UserError(problem, remedy=remedy, file=self.file, table=self.table, column=self.column, row=row)


def first_true(mask: pa.Array) -> int | None:
    """Index of the first true of a boolean array, or None; nulls count as false."""
    found = pc.index(mask, True).as_py()
    return None if found < 0 else int(found)


def first_failure(convert: Callable[[pa.Array], Any], cells: pa.Array) -> int:
    """Index of the first cell that `convert` refuses, by bisection; `convert` must refuse the whole array."""
    low, high = 0, len(cells)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            convert(cells.slice(low, middle - low))
        except pa.ArrowException:
            high = middle
        else:
            low = middle
    return low
