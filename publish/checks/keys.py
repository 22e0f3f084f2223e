"""Keys over every row: primary, unique and foreign, simple or composite, from 64-bit hashes of the key cells.

Memory is 8 bytes a row and key, whatever the cells hold. Two different keys share a hash with a chance of 2**-64: over
10 million rows, a false alarm on a unique key has a chance below 3 in a million, and an orphan is overlooked with a
chance below 1 in 10**12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from publish.fault import Fault
from synth.core.catalog import Catalog, Table

Hashes = NDArray[np.uint64]
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
    """Hashes of one tuple of columns, gathered batch by batch. `missing` holds 0 none, 1 some, 2 all cells missing."""

    hashes: list[Hashes] = field(default_factory=list)
    missing: list[NDArray[np.uint8]] = field(default_factory=list)

    def add(self, columns: list[pa.Array]) -> None:
        """Take the next rows."""
        self.hashes.append(hash_rows(columns))
        null_count = np.zeros(len(columns[0]), np.int64)
        for column in columns:
            if column.null_count:
                null_count += np.asarray(pc.is_null(column))
        self.missing.append(((null_count > 0).astype(np.uint8) + (null_count == len(columns))).astype(np.uint8))

    def joined(self) -> tuple[Hashes, NDArray[np.uint8]]:
        """All rows so far."""
        if not self.hashes:
            return np.empty(0, np.uint64), np.empty(0, np.uint8)
        if len(self.hashes) > 1:
            self.hashes, self.missing = [np.concatenate(self.hashes)], [np.concatenate(self.missing)]
        return self.hashes[0], self.missing[0]


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
            hashes, missing = self.held[table.name, columns].joined()
            rows = _repeats(hashes, missing if check != "primaryKey" else np.zeros_like(missing))
            if len(rows):
                yield _fault(check, "the key repeats that of an earlier row", table, columns, rows)

    def _orphans(self, table: Table, broken: frozenset[str]) -> Iterator[Fault]:
        for key in table.foreign_keys:
            if key.target in broken:
                continue
            hashes, missing = self.held[table.name, key.columns].joined()
            parents = np.unique(self.held[key.target, key.target_columns].joined()[0])
            known = _contains(parents, hashes)
            rows = np.flatnonzero((~known & (missing == 0)) | (missing == 1))
            if len(rows):
                yield _fault("foreignKey", f"no row of {key.target} has this key", table, key.columns, rows)


def unique_keys(table: Table) -> Iterator[tuple[tuple[str, ...], str]]:
    """Tuples of columns whose values may not repeat, each once, with the check they belong to."""
    listed = [(table.primary_key, "primaryKey")] if table.primary_key else []
    listed += [(key, "uniqueKey") for key in table.unique_keys]
    listed += [((column.name,), "unique") for column in table.columns if column.unique]
    yield from {columns: (columns, check) for columns, check in reversed(listed)}.values()


def _repeats(hashes: Hashes, missing: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Indices of rows that repeat an earlier one; rows with a missing cell are never repeats."""
    whole = np.flatnonzero(missing == 0)
    if len(np.unique(hashes[whole])) == len(whole):
        return np.empty(0, np.int64)
    order = whole[np.argsort(hashes[whole], kind="stable")]
    same = hashes[order][1:] == hashes[order][:-1]
    repeated: NDArray[np.int64] = np.sort(order[1:][same])
    return repeated


def _contains(parents: Hashes, hashes: Hashes) -> NDArray[np.bool_]:
    if not len(parents):
        return np.zeros(len(hashes), np.bool_)
    places = np.minimum(np.searchsorted(parents, hashes), len(parents) - 1)
    found: NDArray[np.bool_] = parents[places] == hashes
    return found


def _fault(check: str, problem: str, table: Table, columns: tuple[str, ...], rows: NDArray[Any]) -> Fault:
    return Fault(check, problem, table.path, table.name, ", ".join(columns), int(rows[0]) + 1, len(rows))
