"""The tables of the SNDS that are not simulated, given a few rows by the makers of `synth fixture`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from synth.core.catalog import Catalog
from synth.core.snds import resolve_name
from synth.fixtures.around import make_around
from synth.fixtures.blocks import Rows
from synth.fixtures.columns import Setting
from synth.fixtures.make import referenced_columns
from synth.fixtures.source import setting_of
from synth.fixtures.writers import arrow_rows

if TYPE_CHECKING:
    import pyarrow as pa

Batches = Iterator[tuple[str, "pa.RecordBatch"]]

SHAPE_ROWS = 100  # of each table: enough to load, too few to be counted by mistake
_PARENT_ROWS = 1000


def with_shapes(whole: Catalog, simulated: Catalog, batches: Batches, seed: int, year: int) -> Batches:
    """The simulated batches, then some rows of every other table of `whole`, which refer to the simulated ones.

    Dates are of the year that a table's name tells, else of `year`. Of each simulated table the first rows are kept to
    be referred to, so memory does not grow with the batches.
    """
    wanted = {name: sorted(columns) for name, columns in referenced_columns(whole).items()}
    known = {name: Rows(whole.table(name), 0, {c: [] for c in wanted[name]}) for name in simulated.table_names}
    for name, batch in batches:
        if not known[name].count and wanted[name]:
            first = batch.slice(0, _PARENT_ROWS)
            values = {column: first.column(column).to_pylist() for column in wanted[name]}
            known[name] = Rows(whole.table(name), first.num_rows, values)
        yield name, batch
    for rows in make_around(whole, known, SHAPE_ROWS, seed, _settings(year)):
        if rows.count:
            yield rows.table.name, arrow_rows(rows)


def _settings(year: int) -> Callable[[str], Setting]:
    setting = cache(setting_of)
    return lambda table: setting(resolve_name(table)[1] or year)
