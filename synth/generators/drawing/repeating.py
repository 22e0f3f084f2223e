"""Values that stay from one row to the next: as codes while rows are drawn, as cells once they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.levels import Levels
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.drawn import Drawn, siblings

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


def _staying(plan: Blueprint, table: str) -> Iterator[tuple[str, int, int]]:
    """For each column whose values may stay: its name, the place of what tells whether, and the code that says so."""
    for place, feature in enumerate(plan.layout.features[table]):
        if feature.kind == "stay":
            kept = plan.codec(table, feature.name).kept
            if isinstance(kept, Levels) and "same" in kept.values:
                yield str(feature.column), place, kept.values.index("same")


def repeat_codes(plan: Blueprint, drawn: Drawn, rows: Codes) -> None:
    """Give rows that follow others the codes that stay."""
    table = drawn.node.name
    for column, place, same in _staying(plan, table):
        at = rows[drawn.codes[rows, place] == same]
        mine = plan.layout.index(table, column)
        drawn.codes[at, mine] = drawn.codes[at - 1, mine]


def come_back(plan: Blueprint, table: str, column: str, again: Floats) -> Floats:
    """What invented codes are drawn again by, so that a person has one again no more often than it does in all.

    Where values stay, rows in which they do have their share of that already.
    """
    kept = plan.codec(table, column).kept
    stays = [(place, same) for name, place, same in _staying(plan, table) if name == column]
    if not stays or not isinstance(kept, Levels) or kept.stems is None or not kept.stems.reuse:
        return again
    name = plan.layout.features[table][stays[0][0]].name
    rows = plan.model.arrays[f"pooled/{table}/{name}"]
    share = min(float(rows[stays[0][1]]) / max(int(rows.sum()), 1), 0.999)
    wanted = max((kept.stems.reuse - share) / (1 - share), 1e-9)
    found: Floats = again * kept.stems.reuse / wanted
    return found


def repeat_cells(plan: Blueprint, drawn: Drawn, column: str) -> None:
    """Fill rows in which a column's value stays with what the row before has, to the last digit."""
    for name, place, same in _staying(plan, drawn.node.name):
        if name == column and drawn.rows:
            follows = siblings(drawn.parent)[1] > 0
            stays = (drawn.codes[:, place] == same) & follows
            source = np.maximum.accumulate(np.where(stays, 0, np.arange(drawn.rows)))
            drawn.cells[name] = drawn.cells[name].take(pa.array(source))
            if name in drawn.numbers:
                drawn.numbers[name] = drawn.numbers[name][source]
