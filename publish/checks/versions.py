"""Against the previous release: does the version say what changed, and does the difference single out few rows.

Semantic versions: PATCH when the same rows are packaged again, MINOR when tables or columns were added and the rest is
the same, MAJOR when anything that was there changed or went away. Two releases that differ in a handful of persons
tell, to whoever compares them, who those are: fewer than `LEAST_DIFFERENCE` persons (the SNDS small-cell rule) is a
fault, however many rows they have.
"""

from __future__ import annotations

from collections.abc import Iterator

from publish.checks.persons import differing, rows_and_owners
from publish.fault import Fault, fault_of
from publish.package import DESCRIPTOR, Package
from synth.core.catalog import Table
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
    who = "rows" if package.catalog.person is None else "persons"
    problem = f"fewer than {LEAST_DIFFERENCE} {who} differ from the previous release: comparing them points at these"
    for table, persons in differences.items():
        if 0 < persons < LEAST_DIFFERENCE:
            yield Fault("differencing", problem, file=package.catalog.table(table).path, table=table)


def version_of(package: Package) -> tuple[int, ...] | None:
    """The version as three numbers, or None."""
    parts = str(package.descriptor.get("version", "")).split(".")
    return tuple(map(int, parts)) if len(parts) == 3 and all(part.isdigit() for part in parts) else None


def _files(package: Package) -> dict[str, object]:
    return {str(item.get("path")): item.get("hash") for item in package.resources}


def _changes(package: Package, old: Package) -> tuple[int, str, dict[str, int]]:
    """The least step a version must take, why, and for each table that both have how many persons differ in it."""
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
            now_rows, now_owners = rows_and_owners(package, name, kept)
            then_rows, then_owners = rows_and_owners(old, name, kept)
            rows, differences[name] = differing((now_rows, then_rows), (now_owners, then_owners))
            if rows:
                needed, what = MAJOR, f"rows of {name} changed"
    if removed:
        needed, what = MAJOR, "a table went away"
    return needed, what, differences


def _same(now: Table, then: Table, column: str) -> bool:
    return now.has(column) and now.column(column).type == then.column(column).type
