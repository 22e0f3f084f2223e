"""A package as it is found on disk: a folder, or a zip that is unpacked aside while it is looked at."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from synth.core.catalog import Catalog
from synth.core.descriptor import catalog_from
from synth.core.errors import UserError
from synth.core.jsontext import read_json

DESCRIPTOR = "datapackage.json"


@dataclass(frozen=True)
class Package:
    """Folder of a package and its descriptor. Everything else is read from the files when asked for."""

    root: Path
    descriptor: Mapping[str, Any]

    @cached_property
    def catalog(self) -> Catalog:
        """The tables, read from the CSV files. Raises UserError when the descriptor does not describe tables."""
        try:
            return catalog_from({**self.descriptor, "resources": self.tables})
        except (TypeError, ValueError, AttributeError, KeyError):  # a property that is not of its kind
            raise UserError("does not describe tables", file=DESCRIPTOR, remedy="build the package again") from None

    @cached_property
    def parquet_catalog(self) -> Catalog:
        """The same tables, read from the Parquet files; only those that have one."""
        forms = [item for item in self.resources if isinstance(item.get("path"), str)]
        paths = {item["synth:formOf"]: item["path"] for item in forms if isinstance(item.get("synth:formOf"), str)}
        kept = self.catalog.select(tuple(name for name in self.catalog.table_names if name in paths))
        return replace(kept, tables=tuple(replace(table, path=paths[table.name]) for table in kept.tables))

    @property
    def resources(self) -> list[Mapping[str, Any]]:
        """Resources that are JSON objects, in order."""
        listed = self.descriptor.get("resources")
        return [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []

    @property
    def tables(self) -> list[Mapping[str, Any]]:
        """Resources that are tables."""
        return [item for item in self.resources if "synth:formOf" not in item and "schema" in item]

    def inside(self, file: str | None) -> str | None:
        """The file that an error names, as a path inside the package."""
        return None if file is None else file.removeprefix(f"{self.root}/")

    @property
    def draft(self) -> bool:
        """Whether the package says that it is a draft."""
        return bool(self.descriptor.get("synth:draft"))


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """The package in a folder or a zip file. Raises UserError when there is none."""
    if path.is_dir():
        yield _read(path, path)
        return
    if not path.is_file():
        raise UserError("no such package", file=path, remedy="give a folder or a zip file")
    with tempfile.TemporaryDirectory(prefix="synth-package-") as aside:
        _unpack(path, Path(aside))
        yield _read(Path(aside), path)


def _read(root: Path, named: Path) -> Package:
    if not (root / DESCRIPTOR).is_file():
        raise UserError(f"holds no {DESCRIPTOR}", file=named, remedy="give the folder or zip of a package")
    document = read_json(root / DESCRIPTOR)
    if not isinstance(document, Mapping):
        raise UserError("is not a JSON object", file=named / DESCRIPTOR, remedy="build the package again")
    return Package(root, document)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                parts = PurePosixPath(info.filename)
                if parts.is_absolute() or ".." in parts.parts:
                    raise UserError("the zip names a file outside itself", file=path, remedy="do not trust it")
                if not info.is_dir():
                    target = folder.joinpath(*parts.parts)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(info) as source, target.open("wb") as copy:
                        shutil.copyfileobj(source, copy, 1 << 20)
    except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError):
        raise UserError("is not a zip file that can be read", file=path, remedy="copy or build it again") from None
