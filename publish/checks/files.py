"""Every file is listed, present and unchanged: SHA256SUMS, and `hash` and `bytes` of each resource."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from publish.build import package_files
from publish.data import sha256
from publish.fault import Fault
from publish.package import Package
from publish.signing import SUMS

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
REQUIRED_FILES = ("datapackage.json", "README.md", "LICENSE", SUMS)


def check_files(package: Package) -> Iterator[Fault]:
    """Faults of the file list, of checksums and of resource hashes and sizes."""
    present = package_files(package.root)
    for name in REQUIRED_FILES:
        if not (package.root / name).is_file():
            yield Fault("files", "is missing", file=name)
    if (package.root / SUMS).is_file():
        yield from _sums(package, present)
    for resource in package.resources:
        yield from _resource(package, resource.get("path"), resource.get("hash"), resource.get("bytes"))


def _sums(package: Package, present: list[str]) -> Iterator[Fault]:
    listed: dict[str, str] = {}
    for number, line in enumerate((package.root / SUMS).read_text("utf-8", errors="replace").splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            yield Fault("files", "the line is not a checksum and a path", file=SUMS, row=number)
        else:
            listed[match[2]] = match[1]
    for name in sorted(set(present) - set(listed)):
        yield Fault("files", f"is not listed in {SUMS}", file=name)
    for name in sorted(listed):
        if name not in present:
            yield Fault("files", f"is listed in {SUMS} but absent", file=name)
        elif sha256(package.root / name) != listed[name]:
            yield Fault("files", f"differs from its checksum in {SUMS}", file=name)


def _resource(package: Package, path: object, summed: object, size: object) -> Iterator[Fault]:
    if not isinstance(path, str) or ".." in PurePosixPath(path).parts or PurePosixPath(path).is_absolute():
        yield Fault("files", "a resource has no path inside the package", file="datapackage.json")
        return
    file = package.root / path
    if not file.is_file():
        yield Fault("files", "a resource names a file that is absent", file=path)
        return
    if size != file.stat().st_size:
        yield Fault("files", "its size differs from `bytes` in datapackage.json", file=path)
    if summed != f"sha256:{sha256(file)}":
        yield Fault("files", "differs from `hash` in datapackage.json", file=path)
