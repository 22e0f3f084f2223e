"""From a number of persons to record batches: referentials, then persons block by block, then the professionals met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.catalog import Catalog
from synth.core.errors import UserError
from synth.core.progress import track
from synth.core.snds import resolve_name
from synth.core.workers import crew
from synth.simulate.batch import Packed, pack, record_batch, unpack
from synth.simulate.block import Block, simulate_block
from synth.simulate.catalog import simulated_catalog
from synth.simulate.claims import NO_NUMBER, line_table
from synth.simulate.conditions import Window
from synth.simulate.emit import referentials
from synth.simulate.emit.referentials import Professional
from synth.simulate.emit.registry import PROFESSIONALS, REFERENTIALS, rows_of
from synth.simulate.persons import BLOCK

Batches = Iterator[tuple[str, pa.RecordBatch]]


@dataclass(frozen=True)
class Request:
    """What every block needs to know."""

    catalog: Catalog
    persons: int
    window: Window
    seed: int
    several: bool = False
    packed: bool = False

    @property
    def blocks(self) -> int:
        """How many blocks."""
        return -(-self.persons // BLOCK)

    def block(self, number: int) -> Block:
        """One block, of the persons asked for."""
        wanted = min(BLOCK, self.persons - number * BLOCK)
        return simulate_block(self.seed, number, self.window, wanted, self.several)


@dataclass(frozen=True)
class Made:
    """What one block gives: its rows, and the professionals met: numbers, activities and specialties."""

    batches: tuple[tuple[str, pa.RecordBatch | Packed], ...]
    professionals: NDArray[np.int64]


def simulate_snds(
    persons: int,
    years: tuple[int, int],
    seed: int,
    tables: str | tuple[str, ...] = "core",
    several_pseudonyms: bool = False,
    workers: int = 1,
) -> tuple[Catalog, Batches]:
    """A synthetic SNDS of `persons` persons alive on 1 January of the first year, over `years` (both included).

    Children born to them within the window are added. Returns the catalog and its rows: (table name, record batch),
    one batch a table and block of 1 000 persons. Block i is the same whatever the number of persons, and the rows are
    the same, in the same order, for any number of `workers` (processes). `tables` is "core" (the 27 core tables and
    the archive of pseudonyms), or pattern names such as "IR_BEN_R,T_MCOaaB".

    With `several_pseudonyms`, same-sex twins share BEN_NIR_PSA and some children have two, as in the real base.

    Raises UserError for a number of persons or workers below 1, years out of range, or a table that is not simulated.
    """
    if persons < 1:
        raise UserError("no person is asked for", remedy="ask for at least one")
    if workers < 1:
        raise UserError("the number of workers is below 1", remedy="ask for at least one worker")
    catalog = simulated_catalog(tables, years)
    request = Request(catalog, persons, Window(*years), seed, several_pseudonyms)
    workers = min(workers, request.blocks)
    return catalog, _batches(replace(request, packed=workers > 1), workers)


def _batches(request: Request, workers: int) -> Batches:
    catalog = request.catalog
    met: NDArray[np.int64] = np.empty((3, 0), dtype=np.int64)
    with crew(request, workers) as share_out:
        blocks = share_out(make_block, range(request.blocks))
        yield from _referentials(catalog, request.window)
        for made in track(blocks, "simulating, blocks of 1000 persons", request.blocks, remaining=True):
            for name, batch in made.batches:
                yield name, unpack(catalog.table(name), batch) if isinstance(batch, Packed) else batch
            met = _distinct(np.hstack([met, made.professionals]))
    if PROFESSIONALS in catalog.table_names:
        columns, n = referentials.professionals(_as_rows(met), request.window.years)
        yield PROFESSIONALS, record_batch(catalog.table(PROFESSIONALS), columns, n)


def make_block(request: Request, number: int) -> Made:
    """The rows of one block, in the order of the catalog; tables without rows are left out."""
    block = request.block(number)
    rows = _rows(request.catalog, block, request.window)
    batches = tuple((name, pack(batch) if request.packed else batch) for name, batch in rows)
    return Made(batches, _professionals(block))


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


def _professionals(block: Block) -> NDArray[np.int64]:
    """Professionals who perform or prescribe in a block, with activity and specialty, one column each."""
    lines, kinds = block.lines, line_table()
    mine = np.flatnonzero(block.wanted[lines.events.person])
    kind = lines.events.kind[mine]
    zero = np.zeros(len(mine), dtype=np.int64)
    number = np.concatenate([lines.performer[mine], lines.prescriber[mine]])
    activity = np.concatenate([kinds.activity[kind], zero])
    specialty = np.concatenate([kinds.specialty[kind], lines.prescriber_specialty[mine]])
    names, first = np.unique(number, return_index=True)
    real = names != NO_NUMBER
    return np.vstack([names, activity[first], specialty[first]])[:, real]


def _distinct(columns: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(columns, axis=1)


def _as_rows(met: NDArray[np.int64]) -> set[Professional]:
    return {(f"{number:08d}", activity, specialty) for number, activity, specialty in met.T.tolist()}
