"""From a number of persons to record batches, block by block."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from synth.core.catalog import Catalog
from synth.core.errors import UserError
from synth.core.snds import resolve_name
from synth.simulate.batch import record_batch
from synth.simulate.block import simulate_block
from synth.simulate.catalog import simulated_catalog
from synth.simulate.conditions import Window
from synth.simulate.emit.registry import rows_of
from synth.simulate.persons import BLOCK


def simulate_snds(
    persons: int, years: tuple[int, int], seed: int, tables: str | tuple[str, ...] = "core"
) -> tuple[Catalog, Iterator[tuple[str, pa.RecordBatch]]]:
    """A synthetic SNDS of `persons` persons alive on 1 January of the first year, over `years` (both included).

    Returns the catalog and its rows: (table name, record batch), one batch a table and block of 1 000 persons. Block
    i is the same
    whatever the number of persons. `tables` is "core", or pattern names such as "IR_BEN_R,T_MCOaaB".
    Raises UserError for a number of persons below 1, years out of range, or a table that is not simulated.
    """
    if persons < 1:
        raise UserError("no person is asked for", remedy="ask for at least one")
    catalog = simulated_catalog(tables, years)
    blocks = -(-persons // BLOCK)
    return catalog, _batches(catalog, persons, blocks, Window(*years), seed)


def _batches(
    catalog: Catalog, persons: int, blocks: int, window: Window, seed: int
) -> Iterator[tuple[str, pa.RecordBatch]]:
    for number in range(blocks):
        yield from block_batches(catalog, number, min(BLOCK, persons - number * BLOCK), window, seed)


def block_batches(
    catalog: Catalog, number: int, wanted: int, window: Window, seed: int
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of one block, tables in the order of the catalog; tables without rows are left out."""
    block = simulate_block(seed, number, window, wanted)
    for table in catalog.tables:
        pattern, year = resolve_name(table.name)
        columns, n = rows_of(pattern, block, year or window.last)
        if n:
            yield table.name, record_batch(table, columns, n)
