"""From codes to cells: numbers placed within their bins, distances turned back to dates, levels to their texts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from synth.columns.belonging import belonging
from synth.columns.bins import APART
from synth.columns.levels import Levels
from synth.columns.values import from_numbers, from_texts, to_numbers, to_texts
from synth.core.catalog import Column
from synth.core.seeds import Stream, rng
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.drawn import Drawn, siblings
from synth.generators.drawing.repeating import come_back, repeat_cells
from synth.generators.drawing.rowwise import by_place
from synth.generators.features.calendar import in_units_of, plausible, undistance
from synth.generators.features.feature import Base, Feature
from synth.generators.features.grids import on_grid
from synth.generators.features.textdates import as_date, read_dates, write_dates

Floats = NDArray[np.float64]
# 1 January 2000 as a day, a second, a year and a month
_NEUTRAL = {"date": 10_957.0, "datetime": 946_684_800.0, "year": 2000.0, "yearmonth": 24_000.0}


def decode(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], seed: int, block: int) -> None:
    """Fill the numbers and cells of a table's own columns."""
    table = drawn.node.table
    features = plan.layout.features[table.name]
    for feature in sorted(features, key=lambda each: _turn(plan, each)):
        if feature.kind not in ("first", "column"):
            continue
        stream = rng(seed, table.name, feature.name, "values", block)
        if feature.kind == "first":
            gap = next(other for other in features if other.kind == "gap")
            _put_numbers(drawn, feature, _event_times(drawn, made, feature, gap), stream)
        elif feature.measure == "number":
            _put_numbers(drawn, feature, _plain(plan, drawn, made, feature, stream), stream)
        elif feature.link is None:  # what refers to a public table is filled with the keys
            _put_texts(plan, drawn, feature, stream)
        if feature.kind == "column":
            repeat_cells(plan, drawn, str(feature.column), _own_base(drawn, feature))
        if feature.column in drawn.fixed:
            _put_fixed(drawn, feature)


def _turn(plan: Blueprint, feature: Feature) -> int:
    """Codes that belong to what another column holds are drawn after it: how many columns come before a feature."""
    turn, by = 0, _by(plan, feature.table, feature.name)
    while by is not None and turn < len(plan.layout.features[feature.table]):
        turn, by = turn + 1, _by(plan, feature.table, by)
    return turn


def _by(plan: Blueprint, table: str, name: str) -> str | None:
    codec = plan.codecs.get((table, name))
    kept = None if codec is None else codec.kept
    return kept.stems.by if isinstance(kept, Levels) and kept.stems is not None else None


def _codes(plan: Blueprint, drawn: Drawn, feature: Feature) -> NDArray[np.int64]:
    return drawn.codes[:, plan.layout.index(feature.table, feature.name)]


def _raw(plan: Blueprint, drawn: Drawn, feature: Feature, stream: Stream) -> Floats:
    if feature.split:  # drawn along with the codes, which depend on what is left of a mean
        return drawn.numbers.get(feature.name, np.full(drawn.rows, np.nan))
    codec = plan.codec(feature.table, feature.name)
    return codec.numbers(_codes(plan, drawn, feature), stream.uniform(drawn.rows))


def _plain(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], feature: Feature, stream: Stream) -> Floats:
    numbers = _raw(plan, drawn, feature, stream)
    return numbers if feature.base is None else _from_base(drawn, made, feature, numbers)


def _from_base(drawn: Drawn, made: Mapping[str, Drawn], feature: Feature, distances: Floats) -> Floats:
    assert feature.base is not None
    column = as_date(drawn.node.table.column(str(feature.column)), feature.form)
    if feature.base.up == 0:
        base = dates_of(drawn, feature.base, column)
    else:
        assert drawn.node.parent is not None
        base = dates_of(made[drawn.node.parent.target], feature.base, column)[drawn.parent]
    return _counted(distances, base, column, feature.latest)


def _own_base(drawn: Drawn, feature: Feature) -> Floats | None:
    """What a date is counted from in its own row, if anything."""
    if feature.base is None or feature.base.up:
        return None
    return dates_of(drawn, feature.base, as_date(drawn.node.table.column(str(feature.column)), feature.form))


def dates_of(owner: Drawn, base: Base, column: Column) -> Floats:
    """What the dates of `column` are counted from, in the same units; dates that were computed as text are read."""
    own = as_date(owner.node.table.column(base.column), base.form)
    if base.column in owner.numbers:
        return in_units_of(column, owner.numbers[base.column], own)
    return in_units_of(column, to_numbers(read_dates(owner.cells[base.column], base.form), own), own)


def _counted(distances: Floats, base: Floats, column: Column, until: int) -> Floats:
    """Values at these distances from `base`; a sentinel is no place to count from, and is repeated."""
    values = undistance(distances, base)
    astray = (distances < APART) & ~plausible(base, column, until)
    return np.where(astray, base, values)


def _event_times(drawn: Drawn, made: Mapping[str, Drawn], first: Feature, gap: Feature) -> Floats:
    """The order column: the first event of each parent, then gap after gap."""
    column = as_date(drawn.node.table.column(str(first.column)), first.form)
    # drawn along with the codes, which depend on the time that is left
    gaps, starts = (drawn.numbers.pop(name, np.empty(0)) for name in (gap.name, first.name))
    times = starts if first.base is None else _from_base(drawn, made, first, starts)
    _, place = siblings(drawn.parent)
    for rows in by_place(place):
        times[rows] = _counted(gaps[rows], times[rows - 1], column, gap.latest)
    return times


def _put_numbers(drawn: Drawn, feature: Feature, numbers: Floats, stream: Stream) -> None:
    column = as_date(drawn.node.table.column(str(feature.column)), feature.form)
    if not column.nullable:
        numbers = _filled(numbers, column, stream)
    if column.minimum is not None or column.maximum is not None:
        numbers = np.clip(numbers, column.minimum, column.maximum)
    numbers = on_grid(numbers, feature.grid, column)
    drawn.numbers[column.name] = numbers
    drawn.cells[column.name] = write_dates(from_numbers(numbers, column), feature.form)


def _put_fixed(drawn: Drawn, feature: Feature) -> None:
    """The given cells of a column, and their numbers where other columns may be counted from them."""
    column = drawn.node.table.column(str(feature.column))
    drawn.cells[column.name] = drawn.fixed[column.name]
    if column.name in drawn.numbers:
        dated = as_date(column, feature.form)
        drawn.numbers[column.name] = to_numbers(read_dates(drawn.fixed[column.name], feature.form), dated)


def _filled(numbers: Floats, column: Column, stream: Stream) -> Floats:
    """Missing values of a column that has none are taken from other made-up rows, or stand on neutral ground."""
    missing = np.isnan(numbers)
    if not missing.any():
        return numbers
    if missing.all():
        return np.full(len(numbers), _NEUTRAL.get(column.type, 0.0))
    known = numbers[~missing]
    filled = numbers.copy()
    filled[missing] = known[stream.integers(int(missing.sum()), len(known))]
    return filled


def _put_texts(plan: Blueprint, drawn: Drawn, feature: Feature, stream: Stream) -> None:
    column = drawn.node.table.column(str(feature.column))
    codec = plan.codec(feature.table, feature.name)
    chance = drawn.rows if isinstance(codec.kept, Levels) and codec.kept.by_chance else 0
    uniform, again = stream.uniform(chance), stream.uniform(chance)
    again = come_back(plan, feature.table, feature.name, again)
    by = _by(plan, feature.table, feature.name)
    above = belonging(to_texts(drawn.cells[by]), column.nomenclature) if by in drawn.cells else None
    texts = codec.texts(_codes(plan, drawn, feature), uniform, drawn.unit, again, above)
    if not column.nullable and texts.null_count:
        texts = texts.fill_null(_stand_in(column))
    drawn.cells[column.name] = from_texts(texts, column)


def _stand_in(column: Column) -> str:
    """What a required cell holds when no value is known well enough to be repeated."""
    if column.categories:
        return column.categories[0]
    typed = {"integer": "0", "year": "2000", "boolean": "false", "time": "00:00:00", "yearmonth": "2000-01"}
    if column.type in typed:
        return typed[column.type]
    text = "SYNTHETIC".ljust(column.minimum_length or 0, "X")
    return text if column.maximum_length is None else text[: column.maximum_length]
