"""Keys over every row: primary, unique and foreign, simple or composite, from 64-bit hashes of the key cells.

Memory is 8 bytes a row and key, whatever the cells hold. Two different keys share a hash with a chance of 2**-64: over
10 million rows, a false alarm on a unique key has a chance below 3 in a million, and an orphan is overlooked with a
chance below 1 in 10**12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from publish.fault import Fault
from synth.core.catalog import Catalog, Table

Hashes = NDArray[np.uint64]
Missing = NDArray[np.uint8]
Rows = NDArray[np.int64]
_ODD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def _mix(words: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014), word by word."""
    words = words + _ODD[0]
    words = (words ^ (words >> np.uint64(30))) * _ODD[1]
    words = (words ^ (words >> np.uint64(27))) * _ODD[2]
    return words ^ (words >> np.uint64(31))


def _words(cells: pa.Array) -> Hashes:
    """One word for each cell: equal for equal cells; a missing cell counts as its type's zero."""
    kind = cells.type
    if pa.types.is_string(kind):
        from pandas.util import hash_array

        texts = pc.fill_null(cells, "").to_numpy(zero_copy_only=False)
        hashed: Hashes = hash_array(texts, categorize=False)
        return hashed
    if pa.types.is_floating(kind):
        numbers = pc.fill_null(cells, 0.0).to_numpy(zero_copy_only=False) + 0.0  # -0.0 equals 0.0
        return _mix(numbers.view(np.uint64))
    plain = cells.view(pa.int32()) if pa.types.is_date32(kind) else cells
    whole = pc.fill_null(pc.cast(plain, pa.int64()), 0).to_numpy(zero_copy_only=False)
    return _mix(whole.view(np.uint64))


def hash_rows(columns: list[pa.Array]) -> Hashes:
    """One word for each row over several columns; the order of the columns matters."""
    mixed = np.full(len(columns[0]), len(columns), np.uint64)
    for column in columns:
        mixed = _mix(mixed ^ _words(column))
    return mixed


@dataclass(slots=True)
class KeyColumns:
    """Hashes of one tuple of columns, batch by batch.

    Beside each batch of hashes, None when no cell is missing, else 1 where some of a row's cells are, 2 where all are.
    """

    batches: list[tuple[Hashes, Missing | None]] = field(default_factory=list)

    def add(self, columns: list[pa.Array]) -> None:
        """Take the next rows."""
        missing = None
        if any(column.null_count for column in columns):
            nulls = np.sum([np.asarray(pc.is_null(column)) for column in columns], axis=0)
            missing = ((nulls > 0).astype(np.uint8) + (nulls == len(columns))).astype(np.uint8)
        self.batches.append((hash_rows(columns), missing))

    def sorted(self, whole: bool) -> Hashes:
        """The hashes in order; of rows without a missing cell alone when `whole`."""
        kept = [hashes if missing is None or not whole else hashes[missing == 0] for hashes, missing in self.batches]
        joined = np.concatenate(kept) if kept else np.empty(0, np.uint64)
        joined.sort()
        return joined


@dataclass
class Keys:
    """The key columns of every table of a catalog, gathered in one pass and checked at the end."""

    catalog: Catalog
    held: dict[tuple[str, tuple[str, ...]], KeyColumns] = field(init=False)

    def __post_init__(self) -> None:
        wanted = [(table.name, columns) for table in self.catalog.tables for columns, _ in unique_keys(table)]
        for table in self.catalog.tables:
            for key in table.foreign_keys:
                wanted += [(table.name, key.columns), (key.target, key.target_columns)]
        self.held = {place: KeyColumns() for place in wanted}

    def add(self, table: str, batch: pa.RecordBatch) -> None:
        """Take the next rows of `table`."""
        for (name, columns), held in self.held.items():
            if name == table:
                held.add([batch.column(column) for column in columns])

    def faults(self, broken: frozenset[str]) -> Iterator[Fault]:
        """Repeated keys, then orphans; tables named in `broken` were not read to their end and are left out."""
        for table in self.catalog.tables:
            if table.name not in broken:
                yield from self._repeated(table)
                yield from self._orphans(table, broken)

    def _repeated(self, table: Table) -> Iterator[Fault]:
        for columns, check in unique_keys(table):
            rows = _repeats(self.held[table.name, columns], whole=check != "primaryKey")
            if len(rows):
                yield _fault(check, "the key repeats that of an earlier row", table, columns, rows)

    def _orphans(self, table: Table, broken: frozenset[str]) -> Iterator[Fault]:
        for key in table.foreign_keys:
            if key.target in broken:
                continue
            parents = self.held[key.target, key.target_columns].sorted(whole=True)
            rows = _unmatched(self.held[table.name, key.columns], parents)
            if len(rows):
                yield _fault("foreignKey", f"no row of {key.target} has this key", table, key.columns, rows)


def unique_keys(table: Table) -> Iterator[tuple[tuple[str, ...], str]]:
    """Tuples of columns whose values may not repeat, each once, with the check they belong to."""
    listed = [(table.primary_key, "primaryKey")] if table.primary_key else []
    listed += [(key, "uniqueKey") for key in table.unique_keys]
    listed += [((column.name,), "unique") for column in table.columns if column.unique]
    yield from {columns: (columns, check) for columns, check in reversed(listed)}.values()


def _repeats(key: KeyColumns, whole: bool) -> Rows:
    """Indices of rows that repeat an earlier one; when `whole`, rows with a missing cell repeat none."""
    ordered = key.sorted(whole)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return np.empty(0, np.int64)
    del ordered
    found, row = [], 0
    for hashes, missing in key.batches:
        suspect = _contains(repeated, hashes) & (True if missing is None or not whole else missing == 0)
        found.append(np.flatnonzero(suspect) + row)
        row += len(hashes)
    rows = np.concatenate(found)
    _, first = np.unique(np.concatenate([hashes for hashes, _ in key.batches])[rows], return_index=True)
    later: Rows = np.delete(rows, first)
    return later


def _unmatched(key: KeyColumns, parents: Hashes) -> Rows:
    """Indices of rows whose key is not among `parents` (sorted). A key all of whose cells are missing is no orphan."""
    found, row = [np.empty(0, np.int64)], 0
    for hashes, missing in key.batches:
        bad = ~_contains(parents, hashes)
        if missing is not None:
            bad = (bad & (missing == 0)) | (missing == 1)
        found.append(np.flatnonzero(bad) + row)
        row += len(hashes)
    return np.concatenate(found)


def _contains(ordered: Hashes, hashes: Hashes) -> NDArray[np.bool_]:
    if not len(ordered):
        return np.zeros(len(hashes), np.bool_)
    places = np.minimum(np.searchsorted(ordered, hashes), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[places] == hashes
    return found


def _fault(check: str, problem: str, table: Table, columns: tuple[str, ...], rows: Rows) -> Fault:
    return Fault(check, problem, table.path, table.name, ", ".join(columns), int(rows[0]) + 1, len(rows))
