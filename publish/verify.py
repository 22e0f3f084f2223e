"""Verify a package, offline, with nothing but the package: every file, every row, what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from publish.checks.documents import check_documents
from publish.checks.files import check_files
from publish.checks.metadata import check_metadata
from publish.checks.release import check_release
from publish.checks.rows import read_tables
from publish.checks.signature import check_signature
from publish.checks.standard import check_standard
from publish.checks.versions import check_versions
from publish.fault import Fault
from publish.package import Package, open_package
from synth.core.errors import UserError


@dataclass(frozen=True, slots=True)
class Report:
    """The faults found, and whether the package calls itself a draft."""

    faults: tuple[Fault, ...]
    draft: bool


def verify_package(path: Path, *against: Path) -> list[Fault]:
    """Every fault found in the package (a folder or a zip file); an empty list when there is none.

    `against` are earlier releases, whose versions and rows are then compared. Raises UserError when `path` is no
    package at all. Faults carry names and row numbers, never a value.
    """
    return list(verify(path, against).faults)


def verify(path: Path, against: Sequence[Path] = (), frictionless: bool = False, signers: Path | None = None) -> Report:
    """As `verify_package`; with `frictionless`, its own validation of every cell is added to ours.

    `signers` is an OpenSSH file of allowed signers, one of whom must have signed the package.
    """
    with open_package(path) as package:
        faults = [*check_signature(package, signers), *faults_of(package)]
        for earlier in against if _describes_tables(package) else ():
            with open_package(earlier) as old:
                faults += check_versions(package, old)
        if frictionless:
            faults += check_standard(package)
        return Report(tuple(faults), package.draft)


def faults_of(package: Package) -> Iterator[Fault]:
    """The faults of an opened package, check after check; tables are read only when the descriptor describes them."""
    yield from check_files(package)
    yield from check_metadata(package)
    yield from check_documents(package)
    if not _describes_tables(package):
        return
    reading = read_tables(package)
    yield from reading.faults
    yield from check_release(package, reading.digest)


def _describes_tables(package: Package) -> bool:
    try:
        return all((package.root / str(table.path)).is_file() for table in package.catalog.tables)
    except UserError:
        return False
