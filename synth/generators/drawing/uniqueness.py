"""Keys made of dates and codes alone: rows that would share one are moved apart, or dropped when they cannot be."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from synth.columns.values import from_numbers
from synth.generators.drawing.drawn import Drawn

_TRIES = 60


def keep_unique(drawn: Drawn, computed: Collection[str] = ()) -> int:
    """Make the primary and unique keys of a block's rows unique. Returns how many rows had to be dropped.

    A quantity in the key (a date, a rank) that is not `computed` from others is moved on by one step at a time; rows
    that are still alike are dropped.
    """
    dropped = 0
    for names in (drawn.node.table.primary_key, *drawn.node.table.unique_keys):
        if names and drawn.rows:
            dropped += _separate(drawn, names, computed)
    return dropped


def _separate(drawn: Drawn, names: tuple[str, ...], computed: Collection[str]) -> int:
    movable = [name for name in names if name in drawn.numbers and name not in computed]
    again = repeats(drawn, names)
    tries = 0
    while again.any() and movable and tries < _TRIES:
        _move(drawn, movable[-1], again)
        again = repeats(drawn, names)
        tries += 1
    if again.any():
        drawn.keep(~again)
    return int(again.sum())


def _move(drawn: Drawn, name: str, rows: NDArray[np.bool_]) -> None:
    column = drawn.node.table.column(name)
    step = 1.0 if column.scale is None else 10.0**-column.scale
    numbers = drawn.numbers[name] + np.where(rows, step, 0.0)
    drawn.numbers[name] = numbers
    drawn.cells[name] = from_numbers(numbers, column)


def repeats(drawn: Drawn, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Rows whose key an earlier row has. A key with a missing part is nobody's."""
    rows = np.zeros(drawn.rows, dtype=np.int64)
    whole = np.ones(drawn.rows, dtype=bool)
    for name in names:
        cells = drawn.cells[name]
        codes = np.asarray(cells.dictionary_encode().indices.fill_null(-1)).astype(np.int64)
        whole &= codes >= 0
        _, rows = np.unique(rows * (codes.max(initial=0) + 2) + codes + 1, return_inverse=True)
    _, first = np.unique(rows, return_index=True)
    again = np.ones(drawn.rows, dtype=bool)
    again[first] = False
    return again & whole
