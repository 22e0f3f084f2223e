"""Every document of a package: one row here, one writer, one spec test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from publish.datapackage import data_package
from publish.release import Release
from publish.render import render
from synth.core.jsontext import dumps


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of the package, its media type, what it is for, and the function that writes its text."""

    path: str
    mediatype: str
    purpose: str
    write: Callable[[Release], str]


ARTIFACTS: tuple[Artifact, ...] = (
    Artifact(
        "datapackage.json",
        "application/json",
        "Data Package 2.0: tables, types, keys, hashes",
        lambda release: dumps(data_package(release)),
    ),
    Artifact("README.md", "text/markdown", "what it is", lambda release: render("README.md.j2", release)),
    Artifact(
        "LICENSE", "text/plain", "the licence and where its text is", lambda release: render("LICENSE.j2", release)
    ),
)
