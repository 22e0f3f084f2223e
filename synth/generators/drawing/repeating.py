"""Values that stay from one row to the next: as codes while rows are drawn, as cells once they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.bins import Bins
from synth.columns.levels import Levels
from synth.core.arrays import arrow_of
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.drawn import Among, Drawn, siblings

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
        among = drawn.among
        drawn.codes[at, mine] = drawn.codes[at - 1, mine] if among is None else among.rows.codes[among.before[at], mine]


def held_by_next(plan: Blueprint, drawn: Drawn) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Of rows drawn on their own: places of codes, and the rows in which they must stay since the next row repeats."""
    assert drawn.among is not None
    for column, place, same in _staying(plan, drawn.node.name):
        rows = _held(drawn.among, place, same)
        if rows.any():
            yield plan.layout.index(drawn.node.name, column), rows
            yield place, rows


def _held(among: Among, place: int, same: int) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = (among.after >= 0) & (among.rows.codes[among.after, place] == same)
    return held


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


def repeat_cells(plan: Blueprint, drawn: Drawn, column: str, base: Floats | None = None) -> None:
    """Fill rows in which a column's value stays with what the row before has, to the last digit.

    A date that always comes after the one of its row that it is counted from (`base`) stays only as long as it does.
    """
    for name, place, same in _staying(plan, drawn.node.name):
        if name == column and drawn.among is not None:
            _repeat_others(drawn, drawn.among, name, place, same)
        elif name == column and drawn.rows:
            follows = siblings(drawn.parent)[1] > 0
            stays = (drawn.codes[:, place] == same) & follows
            source = _sources(stays)
            kept = plan.codec(drawn.node.name, name).kept
            if base is not None and isinstance(kept, Bins) and kept.low.min() >= 0:
                source = _sources(stays & ~(drawn.numbers[name][source] < base))
            drawn.cells[name] = drawn.cells[name].take(arrow_of(source))
            if name in drawn.numbers:
                drawn.numbers[name] = drawn.numbers[name][source]


def _sources(stays: NDArray[np.bool_]) -> Codes:
    """The row whose value each row has: its own, or where it stays that of the last row in which it did not."""
    found: Codes = np.maximum.accumulate(np.where(stays, 0, np.arange(len(stays))))
    return found


def _repeat_others(drawn: Drawn, among: Among, name: str, place: int, same: int) -> None:
    """Rows drawn on their own repeat the row before them, or keep what the row after them repeats."""
    held = _held(among, place, same)
    stays = (drawn.codes[:, place] == same) & (among.before >= 0)
    source = np.where(held, among.at, among.before)
    rows = np.flatnonzero(held | stays)
    mask = np.zeros(drawn.rows, dtype=bool)
    mask[rows] = True
    there = among.rows.cells[name].take(arrow_of(source[rows]))
    drawn.cells[name] = pc.replace_with_mask(drawn.cells[name], arrow_of(mask), there)
    if name in drawn.numbers:
        drawn.numbers[name] = drawn.numbers[name].copy()
        drawn.numbers[name][rows] = among.rows.numbers[name][source[rows]]
