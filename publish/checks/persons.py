"""Whose rows differ between two releases: rows and the persons they belong to, as 64-bit hashes.

A person is known by a hash of its key. Rows of a table that names its person only through others (an act of a stay of a
person) are led there along the foreign keys, table by table, in 16 bytes a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from publish.checks.keys import Hashes, hash_rows
from publish.package import Package
from synth.core.catalog import Catalog
from synth.core.joins import PersonPath, person_paths

NOBODY = np.uint64(0)


def rows_and_owners(package: Package, name: str, columns: Sequence[str]) -> tuple[Hashes, Hashes | None]:
    """One word for each row of a table over `columns`, and one for its person; None where rows belong to nobody."""
    path = person_paths(package.catalog).get(name)
    return _hashes(package, name, columns), None if path is None else _owners(package, path)


def _owners(package: Package, path: PersonPath) -> Hashes:
    person = package.catalog.person
    assert person is not None
    if not path.keys:
        return _hashes(package, path.table, person.key)
    first, rest = path.keys[0], path.keys[1:]
    own = _hashes(package, path.table, first.columns)
    if not rest and first.target_columns == person.key:
        return own
    keys = _hashes(package, first.target, first.target_columns)
    owners = _owners(package, PersonPath(first.target, rest))
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    if not len(keys):
        return np.full(len(own), NOBODY)
    places = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
    return np.where(keys[places] == own, owners[places], NOBODY)


def _hashes(package: Package, name: str, columns: Sequence[str]) -> Hashes:
    parts = [hash_rows(list(batch.columns)) for batch in _scan(package, name, columns)]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _scan(package: Package, name: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    from synth.io import open_dataset

    alone = replace(package.catalog.table(name), foreign_keys=())
    return open_dataset(package.root, Catalog((alone,))).scan(name, columns)


def differing(rows: tuple[Hashes, Hashes], owners: tuple[Hashes | None, Hashes | None]) -> tuple[int, int]:
    """How many rows one release has and the other lacks, the larger of both ways; and how many persons those belong to.

    Rows that belong to nobody count as a person each.
    """
    values = np.unique(np.concatenate(rows))
    counts = [_counts(values, side) for side in rows]
    found = [(0, 0)]
    for here, there in ((0, 1), (1, 0)):
        more = np.maximum(counts[here] - counts[there], 0)
        owner = owners[here]
        number = int(more.sum())
        if owner is None:
            found.append((number, number))
        else:
            differ = np.isin(rows[here], values[more > 0])
            found.append((number, len(np.unique(owner[differ]))))
    return max(row for row, _ in found), max(person for _, person in found)


def _counts(values: Hashes, rows: Hashes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    ordered = np.sort(rows)
    high, low = np.searchsorted(ordered, values, side="right"), np.searchsorted(ordered, values, side="left")
    return (high - low).astype(np.int64)
