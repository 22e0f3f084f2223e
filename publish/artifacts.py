"""Every document of a package: one row here, one writer, one spec test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from publish.croissant import croissant
from publish.datapackage import data_package
from publish.dcat import record
from publish.rdf import json_ld, turtle
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


def _json(document: Callable[[Release], object]) -> Callable[[Release], str]:
    return lambda release: dumps(document(release))


def _template(name: str) -> Callable[[Release], str]:
    return lambda release: render(name, release)


_JSON, _LD, _TEXT = "application/json", "application/ld+json", "text/markdown"
ARTIFACTS: tuple[Artifact, ...] = (
    Artifact("datapackage.json", _JSON, "Data Package 2.0: tables, types, keys, hashes", _json(data_package)),
    Artifact("README.md", _TEXT, "What it is", _template("README.md.j2")),
    Artifact("LICENSE", "text/plain", "The licence and where its text is", _template("LICENSE.j2")),
    Artifact(
        "dcat.ttl", "text/turtle", "Catalogue record: DCAT-AP 3.0.1, HealthDCAT-AP R8", lambda it: turtle(record(it))
    ),
    Artifact("croissant.json", _LD, "Croissant 1.1 with Responsible AI, for machine-learning hubs", _json(croissant)),
    Artifact("dcat.jsonld", _LD, "The same catalogue record", lambda it: dumps(json_ld(record(it)))),
)
