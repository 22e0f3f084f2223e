"""Given persons: their cells as they are, and as codes, so that their care can be drawn to go with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.bins import Bins
from synth.columns.codec import Codec
from synth.columns.levels import Levels
from synth.columns.values import to_numbers, to_texts
from synth.core.catalog import Table
from synth.core.errors import UserError
from synth.core.model import Model
from synth.generators.blueprint import Blueprint, blueprint
from synth.generators.features.calendar import distance, in_units_of
from synth.generators.features.feature import Feature
from synth.generators.features.textdates import as_date, read_dates
from synth.io.single import open_single

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Given:
    """Rows of the person's table: some of its columns, and the codes of its features (-1 where not given)."""

    cells: pa.Table
    codes: Codes

    @property
    def persons(self) -> int:
        """How many."""
        return len(self.codes)

    def block(self, first: int, last: int) -> Given:
        """Some of them."""
        return Given(self.cells.slice(first, last - first).combine_chunks(), self.codes[first:last])


def read_given(model: Model, path: Path) -> Given:
    """The persons in a file (or a folder of tables), with as many columns of the model's person table as it has.

    Raises UserError when it has none of these columns, no row, a key that is empty or there twice, or a cell that does
    not fit its column.
    """
    assert model.catalog.person is not None
    table = model.catalog.table(model.catalog.person.table)
    # what rules ask of columns that are not given is kept when these are drawn
    cells = open_single(path, replace(table, rules=())).read(table.name)
    if not cells.num_rows:
        raise UserError("has no row", file=path, table=table.name, remedy="give at least one person")
    _require_keys(cells, model.catalog.person.key, path, table)
    plan = blueprint(model)
    codes = np.full((cells.num_rows, len(plan.layout.features[table.name])), -1, dtype=np.int64)
    for place, feature in enumerate(plan.layout.features[table.name]):
        if feature.kind == "column" and feature.column in cells.column_names:
            codes[:, place] = _codes(plan, table, feature, cells)
    return Given(cells, codes)


def _require_keys(cells: pa.Table, key: tuple[str, ...], path: Path, table: Table) -> None:
    if not set(key) <= set(cells.column_names):
        return
    for name in key:
        if cells[name].null_count:
            row = int(np.flatnonzero(np.asarray(cells[name].is_null()))[0]) + 1
            raise UserError("the key is empty", file=path, table=table.name, column=name, row=row, remedy="fill it")
    distinct = cells.select(list(key)).group_by(list(key)).aggregate([]).num_rows
    if distinct < cells.num_rows:
        raise UserError(
            f"{cells.num_rows - distinct} rows have the key of another",
            file=path,
            table=table.name,
            column=key[0],
            remedy="give each person once",
        )


def _codes(plan: Blueprint, table: Table, feature: Feature, cells: pa.Table) -> Codes:
    """The codes of a column; -1 where the model does not know the cell, so that it says nothing."""
    codec = plan.codec(table.name, feature.name)
    column = table.column(str(feature.column))
    if feature.measure == "level":
        texts = to_texts(cells[column.name])
        codes = codec.kept.encode(texts) if isinstance(codec.kept, Levels) else np.full(len(texts), -1)
        return _missing(codec, codes, np.asarray(texts.is_null()))
    dated = as_date(column, feature.form)
    numbers = to_numbers(read_dates(cells[column.name], feature.form), dated)
    if feature.base is not None:
        if feature.base.up or feature.base.column not in cells.column_names:
            return np.full(len(numbers), -1)
        base = as_date(table.column(feature.base.column), feature.base.form)
        bases = to_numbers(read_dates(cells[base.name], feature.base.form), base)
        numbers = distance(numbers, in_units_of(dated, bases, base), dated, feature.latest)
    lost = np.isnan(numbers)
    codes = codec.kept.encode(np.where(lost, 0.0, numbers)) if isinstance(codec.kept, Bins) else np.full(len(lost), -1)
    return _missing(codec, np.where(lost, -1, codes), lost)


def _missing(codec: Codec, codes: Codes, lost: NDArray[np.bool_]) -> Codes:
    return np.where(lost, codec.size - 1 if codec.missing else -1, codes)
