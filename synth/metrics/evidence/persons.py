"""Features of whole persons: one row a person, from all tables, on one scale for real and synthetic persons.

Every number is replaced by its rank among real persons (0..1), so one unit is the whole real range whatever the
column; a missing number sits at 0.5 with a mark in a column of its own. A code is a set of 0/1 columns of length
sqrt(0.5), so two different codes are one unit apart, squared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.metrics.evidence.coded import Layout, RoleName, Rows, Side

Floats = NDArray[np.float64]
MAX_COLUMNS = 48  # raw features a child table may add
ONE_HOT = 16  # levels of a person's code that get a column of their own
TOP_LEVELS = 8


@dataclass(frozen=True, slots=True)
class Attribute:
    """One raw attribute of persons: `values[role]` holds a number or a bin for each person, NaN where missing."""

    source: str
    meaning: str
    coded: bool
    values: Mapping[RoleName, Floats]


@dataclass(frozen=True, slots=True)
class PersonFeatures:
    """`matrix[role]` is persons x columns (float32); `source[i]` names the column (`table.column`) behind column i.

    `attributes` are the same facts before they were scaled.
    """

    matrix: Mapping[RoleName, NDArray[np.float32]]
    source: tuple[str, ...]
    meaning: tuple[str, ...]
    numeric: NDArray[np.bool_]  # columns that no renaming of codes changes
    attributes: tuple[Attribute, ...] = ()

    def of(self, side: Side) -> NDArray[np.float32]:
        """The features of one side's persons."""
        return self.matrix[side.role]


def person_features(layouts: Sequence[Layout], sides: Sequence[Side]) -> PersonFeatures:
    """Build the features of all sides; scales are learned on train and holdout together."""
    blocks: list[dict[RoleName, NDArray[np.float32]]] = []
    source: list[str] = []
    meaning: list[str] = []
    numeric: list[bool] = []
    attributes: list[Attribute] = []
    for layout in layouts:
        if not layout.of_persons:
            continue
        raw = {side.role: _raw(layout, side) for side in sides}
        for place, (column, what, coded) in enumerate(_names(layout)):
            parts = {role: raw[role][:, place] for role in raw}
            scaled = _one_hot(parts) if coded else _rank(parts)
            blocks.append(scaled)
            width = next(iter(scaled.values())).shape[1]
            name = f"{layout.table}.{column}" if column else layout.table
            attributes.append(Attribute(name, what, coded, parts))
            source += [name] * width
            meaning += [what] * width
            numeric += [not coded and what not in ("count",) and " by " not in what] * width
    matrix = {side.role: _stack([block[side.role] for block in blocks], side.persons) for side in sides}
    return PersonFeatures(matrix, tuple(source), tuple(meaning), np.array(numeric, dtype=bool), tuple(attributes))


def _stack(blocks: list[NDArray[np.float32]], persons: int) -> NDArray[np.float32]:
    return np.hstack(blocks) if blocks else np.zeros((persons, 0), dtype=np.float32)


def _names(layout: Layout) -> list[tuple[str, str, bool]]:
    """(column, what is computed, whether it is a code) for each raw feature, in the order of `_raw`."""
    if layout.is_person:
        return [(feature.name, "value", feature.kind == "code") for feature in layout.features]
    return [("", "rows", False), *((name, what, False) for name, what, _, _ in _plan(layout))]


def _plan(layout: Layout) -> list[tuple[str, str, int, int]]:
    """(column, statistic, feature, level or feature by which) in order of worth, cut at MAX_COLUMNS."""
    numbers = [place for place, feature in enumerate(layout.features) if feature.kind == "number"]
    codes = [place for place, feature in enumerate(layout.features) if feature.kind == "code"]
    statistics = ["mean", "minimum", "maximum", *(["first", "last"] if layout.order_by else [])]
    wanted = [("mean", place, -1) for place in numbers]
    wanted += [("count", place, level) for level in range(1, TOP_LEVELS + 1) for place in codes
               if level <= layout.features[place].levels]  # fmt: skip
    wanted += [(what, place, -1) for what in statistics[1:] for place in numbers]
    few = [place for place in codes if 2 <= layout.features[place].levels <= 16][:1]
    by_level = [(f"mean by {layout.features[by].name}", place, level) for by in few for place in numbers
                for level in range(1, min(TOP_LEVELS, layout.features[by].levels) + 1)]  # fmt: skip
    spared = max(len(numbers), MAX_COLUMNS - len(by_level))  # what tells labs apart is worth more than extremes
    chosen = wanted[:spared] + by_level
    return [(layout.features[place].name, what, place, level) for what, place, level in chosen[:MAX_COLUMNS]]


def _raw(layout: Layout, side: Side) -> Floats:
    rows = side.tables[layout.table]
    kept = rows.person >= 0
    if layout.is_person:
        values = np.full((side.persons, len(layout.features)), np.nan)
        for place in range(len(layout.features)):
            values[rows.person[::-1], place] = rows.column(place)[::-1]  # the first row speaks for a person
        return values
    count = np.bincount(rows.person[kept], minlength=side.persons).astype(np.float64)
    columns = [count]
    few = next((place for place, f in enumerate(layout.features) if f.kind == "code" and 2 <= f.levels <= 16), None)
    for _, what, place, level in _plan(layout):
        columns.append(_statistic(rows, side.persons, what, place, level, few))
    return np.column_stack(columns)


def _statistic(rows: Rows, persons: int, what: str, place: int, level: int, by: int | None) -> Floats:
    kept = rows.person >= 0
    if what == "count":
        return np.bincount(rows.person[kept & (rows.bins[:, place] == level)], minlength=persons).astype(np.float64)
    values = rows.column(place)
    kept &= ~np.isnan(values)
    if what in ("first", "last", "minimum", "maximum"):
        return _extreme(rows, persons, values, kept, what)
    if level >= 0 and by is not None:
        kept &= rows.bins[:, by] == level
    total = np.bincount(rows.person[kept], weights=values[kept], minlength=persons)
    count = np.bincount(rows.person[kept], minlength=persons)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _extreme(rows: Rows, persons: int, values: Floats, kept: NDArray[np.bool_], what: str) -> Floats:
    result = np.full(persons, np.nan)
    if what in ("first", "last"):
        order = rows.by_person[kept[rows.by_person]]
        order = order[::-1] if what == "first" else order
        result[rows.person[order]] = values[order]  # the last one written stays
        return result
    extreme = np.minimum if what == "minimum" else np.maximum
    start = np.full(persons, np.inf if what == "minimum" else -np.inf)
    extreme.at(start, rows.person[kept], values[kept])
    return np.where(np.isfinite(start), start, np.nan)


def _rank(parts: Mapping[RoleName, Floats]) -> dict[RoleName, NDArray[np.float32]]:
    known = np.sort(np.concatenate([parts[role] for role in ("train", "holdout") if role in parts]))
    known = known[~np.isnan(known)]
    marked = any(np.isnan(part).any() for part in parts.values())
    return {role: _ranked(part, known, marked) for role, part in parts.items()}


def _ranked(part: Floats, known: Floats, marked: bool) -> NDArray[np.float32]:
    missing = np.isnan(part)
    filled = np.where(missing, 0.0, part)
    middle = np.searchsorted(known, filled, "left") + np.searchsorted(known, filled, "right")
    rank = np.where(missing, 0.5, middle / (2 * max(len(known), 1)))
    columns = [rank, missing.astype(np.float64) * np.sqrt(0.5)] if marked else [rank]
    return np.column_stack(columns).astype(np.float32)


def _one_hot(parts: Mapping[RoleName, Floats]) -> dict[RoleName, NDArray[np.float32]]:
    levels = int(max((np.nanmax(part, initial=0) for part in parts.values()), default=0))
    width = min(levels, ONE_HOT)
    result = {}
    for role, part in parts.items():
        place = np.nan_to_num(part, nan=0).astype(np.int64)
        hot = np.zeros((len(part), width + 2), dtype=np.float32)
        hot[np.arange(len(part)), np.minimum(place, width + 1)] = np.sqrt(0.5)
        result[role] = hot
    return result
