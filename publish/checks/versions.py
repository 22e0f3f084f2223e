"""Against the previous release: does the version say what changed, and does the difference single out few rows.

Semantic versions: PATCH when the same rows are packaged again, MINOR when tables or columns were added and the rest is
the same, MAJOR when anything that was there changed or went away. Two releases that differ by a handful of rows tell,
to whoever compares them, which rows those are: fewer than `LEAST_DIFFERENCE` is a fault (the SNDS small-cell rule).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from publish.checks.keys import Hashes, hash_rows
from publish.fault import Fault, fault_of
from publish.package import DESCRIPTOR, Package
from synth.core.catalog import Catalog, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError

LEAST_DIFFERENCE = 11
PATCH, MINOR, MAJOR = 0, 1, 2
_NAMES = ("PATCH", "MINOR", "MAJOR")


def check_versions(package: Package, old: Package) -> Iterator[Fault]:
    """Faults of `package` as the release that follows `old`."""
    if package.descriptor.get("name") != old.descriptor.get("name"):
        yield Fault("versions", "`name` differs from that of the previous release", file=DESCRIPTOR)
    before, after = version_of(old), version_of(package)
    if before is None or after is None:
        yield Fault("versions", "a version is not MAJOR.MINOR.PATCH", file=DESCRIPTOR)
        return
    try:
        needed, what, differences = _changes(package, old)
    except UserError as error:
        yield fault_of("versions", error, package.inside(error.file))
        return
    step = next((MAJOR - place for place in range(3) if after[place] != before[place]), None)
    if after <= before:
        same = after == before and needed == PATCH and _files(package) == _files(old)
        if not same:
            yield Fault("versions", "`version` does not follow that of the previous release", file=DESCRIPTOR)
    elif step is not None and step < needed:
        yield Fault("versions", f"{what}, which needs a {_NAMES[needed]} version", file=DESCRIPTOR)
    for table, count in differences.items():
        if 0 < count < LEAST_DIFFERENCE:
            problem = (
                f"fewer than {LEAST_DIFFERENCE} rows differ from the previous release: comparing them points at these"
            )
            yield Fault("differencing", problem, file=package.catalog.table(table).path, table=table)


def version_of(package: Package) -> tuple[int, ...] | None:
    """The version as three numbers, or None."""
    parts = str(package.descriptor.get("version", "")).split(".")
    return tuple(map(int, parts)) if len(parts) == 3 and all(part.isdigit() for part in parts) else None


def _files(package: Package) -> dict[str, object]:
    return {str(item.get("path")): item.get("hash") for item in package.resources}


def _changes(package: Package, old: Package) -> tuple[int, str, dict[str, int]]:
    """The least step a version must take, why, and for each table that both have how many rows differ."""
    new_tables, old_tables = package.catalog, old.catalog
    shared = [name for name in old_tables.table_names if name in new_tables.table_names]
    removed = set(old_tables.table_names) - set(shared)
    needed, what = PATCH, "nothing changed"
    if set(new_tables.table_names) - set(shared):
        needed, what = MINOR, "a table was added"
    differences: dict[str, int] = {}
    for name in shared:
        now, then = new_tables.table(name), old_tables.table(name)
        kept = tuple(column.name for column in then.columns if _same(now, then, column.name))
        if len(now.columns) > len(kept) and needed == PATCH:
            needed, what = MINOR, f"columns were added to {name}"
        if len(kept) < len(then.columns):
            needed, what = MAJOR, f"columns of {name} changed or went away"
        if kept:
            differences[name] = difference(_rows(package, name, kept), _rows(old, name, kept))
            if differences[name]:
                needed, what = MAJOR, f"rows of {name} changed"
    if removed:
        needed, what = MAJOR, "a table went away"
    return needed, what, differences


def _same(now: Table, then: Table, column: str) -> bool:
    return now.has(column) and now.column(column).type == then.column(column).type


def _rows(package: Package, name: str, columns: tuple[str, ...]) -> Hashes:
    """One word for each row of a table over some columns, sorted."""
    from synth.io import open_dataset

    table = package.catalog.table(name)
    alone = replace(table, foreign_keys=())
    dataset: Dataset = open_dataset(package.root, Catalog((alone,)))
    parts = [hash_rows(list(batch.columns)) for batch in dataset.scan(name, columns)]
    joined = np.concatenate(parts) if parts else np.empty(0, np.uint64)
    joined.sort()
    return joined


def difference(first: Hashes, second: Hashes) -> int:
    """How many rows one of two sorted multisets has and the other lacks, the larger of both ways."""
    values = np.unique(np.concatenate([first, second]))
    counts = [
        np.searchsorted(rows, values, side="right") - np.searchsorted(rows, values, side="left")
        for rows in (first, second)
    ]
    more = np.maximum(counts[0] - counts[1], 0).sum()
    less = np.maximum(counts[1] - counts[0], 0).sum()
    return int(max(more, less))
