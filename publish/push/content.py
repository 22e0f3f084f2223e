"""What a target needs to know of a package, read from its own files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from publish.artifacts import ARTIFACTS
from publish.build import all_files
from publish.data import sha256
from publish.package import Package
from synth.core.jsontext import read_json


@dataclass(frozen=True, slots=True)
class File:
    """A file to send. `name` is its path in the package; `flat` the same without folders, for places that have none."""

    name: str
    path: Path
    bytes: int
    sha256: str
    title: str

    @property
    def flat(self) -> str:
        """The name without folders."""
        return self.name.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Content:
    """A package to send."""

    package: Package

    @property
    def descriptor(self) -> Mapping[str, Any]:
        """The Data Package descriptor."""
        return self.package.descriptor

    @property
    def identifier(self) -> str:
        """What tells this data set, in all its versions, from others of the same publisher."""
        return str(self.descriptor["name"])

    @cached_property
    def zenodo(self) -> dict[str, Any]:
        """Zenodo's metadata, as the package holds it."""
        document: dict[str, Any] = read_json(self.package.root / ".zenodo.json")
        return document

    @cached_property
    def files(self) -> tuple[File, ...]:
        """Every file, data first, then documents."""
        titles = {item["path"]: str(item.get("title") or item["name"]) for item in self.package.resources}
        purposes = {artifact.path: artifact.purpose for artifact in ARTIFACTS}
        ranked = sorted(
            all_files(self.package.root),
            key=lambda name: (name not in titles, not name.endswith((".csv", ".csv.gz")), name),
        )
        return tuple(self._file(name, titles.get(name) or purposes.get(name, name)) for name in ranked)

    def _file(self, name: str, title: str) -> File:
        path = self.package.root / name
        return File(name, path, path.stat().st_size, sha256(path), title)
