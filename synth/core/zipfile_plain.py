"""Zip files whose bytes depend on their content alone: names sorted, one fixed date, one platform."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from synth.core.clock import source_date

_UNIX = 3


def write_zip(path: Path, entries: Mapping[str, bytes | Path]) -> None:
    """Write `entries` (name to bytes, or to a file that is streamed in) to `path`, dated by SOURCE_DATE_EPOCH."""
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(entries):
            _add(archive, name, entries[name])


def _add(archive: zipfile.ZipFile, name: str, content: bytes | Path) -> None:
    info = zipfile.ZipInfo(name, source_date().timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = 0o644 << 16
    if isinstance(content, bytes):
        archive.writestr(info, content)
        return
    with archive.open(info, "w", force_zip64=content.stat().st_size >= 2**31) as target, content.open("rb") as source:
        shutil.copyfileobj(source, target, 1 << 20)
