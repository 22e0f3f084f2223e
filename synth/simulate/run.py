"""From a number of persons to record batches: referentials, then persons block by block, then the professionals met."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from synth.core.catalog import Catalog
from synth.core.errors import UserError
from synth.core.snds import resolve_name
from synth.simulate.batch import record_batch
from synth.simulate.block import Block, simulate_block
from synth.simulate.catalog import simulated_catalog
from synth.simulate.claims import NO_NUMBER, line_table
from synth.simulate.conditions import Window
from synth.simulate.emit import referentials
from synth.simulate.emit.referentials import Professional
from synth.simulate.emit.registry import PROFESSIONALS, REFERENTIALS, rows_of
from synth.simulate.persons import BLOCK

Batches = Iterator[tuple[str, pa.RecordBatch]]


def simulate_snds(
    persons: int,
    years: tuple[int, int],
    seed: int,
    tables: str | tuple[str, ...] = "core",
    several_pseudonyms: bool = False,
) -> tuple[Catalog, Batches]:
    """A synthetic SNDS of `persons` persons alive on 1 January of the first year, over `years` (both included).

    Children born to them within the window are added. Returns the catalog and its rows: (table name, record batch),
    one batch a table and block of 1 000 persons. Block i is the same whatever the number of persons. `tables` is
    "core" (the 27 core tables), or pattern names such as "IR_BEN_R,T_MCOaaB".

    With `several_pseudonyms`, same-sex twins share BEN_NIR_PSA and some children have two, as in the real base.

    Raises UserError for a number of persons below 1, years out of range, or a table that is not simulated.
    """
    if persons < 1:
        raise UserError("no person is asked for", remedy="ask for at least one")
    catalog = simulated_catalog(tables, years)
    return catalog, _batches(catalog, persons, Window(*years), seed, several_pseudonyms)


def _batches(catalog: Catalog, persons: int, window: Window, seed: int, several: bool) -> Batches:
    yield from _referentials(catalog, window)
    met: set[Professional] = set()
    for number in range(-(-persons // BLOCK)):
        block = simulate_block(seed, number, window, min(BLOCK, persons - number * BLOCK), several)
        yield from _rows(catalog, block, window)
        if PROFESSIONALS in catalog.table_names:
            met |= _professionals(block)
    if PROFESSIONALS in catalog.table_names:
        columns, n = referentials.professionals(met, window.years)
        yield PROFESSIONALS, record_batch(catalog.table(PROFESSIONALS), columns, n)


def block_batches(catalog: Catalog, number: int, wanted: int, window: Window, seed: int) -> Batches:
    """The batches of one block, in the order of the catalog; tables without rows are left out."""
    yield from _rows(catalog, simulate_block(seed, number, window, wanted), window)


def _rows(catalog: Catalog, block: Block, window: Window) -> Batches:
    for table in catalog.tables:
        pattern, year = resolve_name(table.name)
        if pattern in REFERENTIALS or pattern == PROFESSIONALS:
            continue
        columns, n = rows_of(pattern, block, year or window.last)
        if n:
            yield table.name, record_batch(table, columns, n)


def _referentials(catalog: Catalog, window: Window) -> Batches:
    for table in catalog.tables:
        pattern, year = resolve_name(table.name)
        if pattern in REFERENTIALS:
            columns, n = REFERENTIALS[pattern](year or window.last)
            yield table.name, record_batch(table, columns, n)


def _professionals(block: Block) -> set[Professional]:
    """Professionals who perform or prescribe in a block, with activity and specialty."""
    lines, kinds = block.lines, line_table()
    mine = np.flatnonzero(block.wanted[lines.events.person])
    kind = lines.events.kind[mine]
    zero = np.zeros(len(mine), dtype=np.int64)
    number = np.concatenate([lines.performer[mine], lines.prescriber[mine]])
    activity = np.concatenate([kinds.activity[kind], zero])
    specialty = np.concatenate([kinds.specialty[kind], lines.prescriber_specialty[mine]])
    names, first = np.unique(number, return_index=True)
    rows = zip(
        (f"{name:08d}" for name in names.tolist()), activity[first].tolist(), specialty[first].tolist(), strict=True
    )
    return {row for row in rows if row[0] != f"{NO_NUMBER:08d}"}
