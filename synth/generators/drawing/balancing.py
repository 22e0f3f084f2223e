"""Balancing: rows that take back more than was given become ones that take back what an earlier row of theirs gave.

A cancelled act has the date, the act and the provider of the act that it cancels; drawn on their own, the two would
hardly ever meet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.arrays import numpy_of
from synth.core.tablerules import Total
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.drawn import Drawn

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def overdrawn(drawn: Drawn, rule: Total) -> Flags:
    """Rows that take something away where rows alike have less in all than they must; all of them if none takes."""
    value, group, told = _groups(drawn, rule)
    sums = np.bincount(group, weights=value, minlength=1)
    low = told & (sums < rule.minimum)[group]
    taking = np.bincount(group, weights=value < 0, minlength=1) > 0
    found: Flags = low & ((value < 0) | ~taking[group])
    return found


def overdrawn_beside(drawn: Drawn, rows: Codes, fresh: Drawn, rule: Total) -> Flags:
    """Which of the rows drawn to stand for `rows` would take away more than others that stay give."""
    stay = np.ones(drawn.rows, dtype=bool)
    stay[rows] = False
    both = _joined(drawn, fresh, rule)
    value, group, told = both
    mine = np.arange(len(value)) >= drawn.rows
    sums = np.bincount(
        group[: drawn.rows][stay], weights=value[: drawn.rows][stay], minlength=int(group.max(initial=0)) + 1
    )
    found: Flags = (told & (sums[group] + value < rule.minimum))[mine]
    return found


def balance(plan: Blueprint, drawn: Drawn, rule: Total) -> Flags:
    """Give rows that are overdrawn what an earlier row of their parent has in the rule's columns; tells which rows.

    Of the rows that gave enough the most alike is taken, and of these the latest.
    """
    moved = np.zeros(drawn.rows, dtype=bool)
    rows = np.flatnonzero(overdrawn(drawn, rule))
    if not len(rows) or drawn.node.parent is None:
        return moved
    value, group, told = _groups(drawn, rule)
    sums = np.bincount(group, weights=value, minlength=1)
    columns = np.stack([_codes(drawn, name) for name in rule.columns], axis=1)
    sources = np.arange(drawn.rows)
    first, last = (np.searchsorted(drawn.parent, drawn.parent[rows], side=side) for side in ("left", "right"))
    for row, start, end in zip(rows.tolist(), first.tolist(), last.tolist(), strict=True):
        near = np.arange(start, end)
        fits = told[near] & (value[near] > 0) & (sums[group[near]] + value[row] >= rule.minimum)
        if not fits.any():
            continue
        near = near[fits]
        alike = (columns[near] == columns[row]).sum(axis=1)
        source = int(near[np.lexsort((near, near < row, alike))[-1]])
        sums[group[row]] -= value[row]
        sums[group[source]] += value[row]
        group[row], sources[row], moved[row] = group[source], source, True
    _copy(plan, drawn, rule, np.flatnonzero(moved), sources[moved])
    return moved


def _copy(plan: Blueprint, drawn: Drawn, rule: Total, rows: Codes, sources: Codes) -> None:
    there = drawn.take(sources)
    places = [
        place
        for place, feature in enumerate(plan.layout.features[drawn.node.name])
        if feature.kind == "column" and feature.column in rule.columns
    ]
    codes = drawn.codes[rows].copy()
    codes[:, places] = there.codes[:, places]
    there.codes = codes
    drawn.put(rows, there, np.arange(len(rows)), [name for name in rule.columns if name not in drawn.fixed])


def _groups(drawn: Drawn, rule: Total) -> tuple[Floats, Codes, Flags]:
    """The quantity of each row (0 where missing), the number of the rows alike, and whether a row has all of it."""
    group, told = _alike([_codes(drawn, name) for name in rule.columns], drawn.rows)
    value = drawn.numbers[rule.column]
    return np.nan_to_num(value), group, told & ~np.isnan(value)


def _joined(drawn: Drawn, fresh: Drawn, rule: Total) -> tuple[Floats, Codes, Flags]:
    import pyarrow as pa

    columns = []
    for name in rule.columns:
        cells = pa.chunked_array([drawn.cells[name], fresh.cells[name]]).combine_chunks()
        columns.append(numpy_of(cells.dictionary_encode().indices, -1).astype(np.int64))
    group, told = _alike(columns, drawn.rows + fresh.rows)
    value = np.concatenate([drawn.numbers[rule.column], fresh.numbers[rule.column]])
    return np.nan_to_num(value), group, told & ~np.isnan(value)


def _codes(drawn: Drawn, name: str) -> Codes:
    codes: Codes = numpy_of(drawn.cells[name].dictionary_encode().indices, -1).astype(np.int64)
    return codes


def _alike(columns: list[Codes], rows: int) -> tuple[Codes, Flags]:
    """The number of each row's combination, and whether none of it is missing."""
    group = np.zeros(rows, dtype=np.int64)
    whole = np.ones(rows, dtype=bool)
    for codes in columns:
        whole &= codes >= 0
        _, group = np.unique(group * (codes.max(initial=0) + 2) + codes + 1, return_inverse=True)
    return group, whole
