"""Every document of a package: one row here, one writer, one spec test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from publish.citing import citation_cff, datacite, zenodo
from publish.crate import crate
from publish.croissant import croissant
from publish.datapackage import data_package
from publish.dcat import record
from publish.dictionary import dictionary_csv, dictionary_html
from publish.page import page
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


def _media(path: str) -> str:
    return _EXTRA.get(path.rsplit(".", 1)[-1], "application/octet-stream")


def listed(release: Release) -> tuple[tuple[str, str, str], ...]:
    """Path, media type and purpose of every document, those that came with the tables included."""
    given = (
        ("verdict.json", release.verdict, "What the release policy found"),
        ("scores.json", release.scores, "Scores"),
    )
    there = tuple((path, _JSON, purpose) for path, document, purpose in given if document is not None)
    extra = tuple((path, _media(path), _EXTRA_PURPOSES.get(path, "Supplied with the tables")) for path in release.extra)
    return tuple((item.path, item.mediatype, item.purpose) for item in ARTIFACTS) + there + extra


_EXTRA_PURPOSES = {"report.html": "The scores, explained and drawn"}
# by ending; the system's own table of media types differs from machine to machine
_EXTRA = {
    "html": "text/html",
    "json": "application/json",
    "md": "text/markdown",
    "csv": "text/csv",
    "txt": "text/plain",
}
_JSON, _LD, _TEXT, _HTML = "application/json", "application/ld+json", "text/markdown", "text/html"
ARTIFACTS: tuple[Artifact, ...] = (
    Artifact("datapackage.json", _JSON, "Data Package 2.0: tables, types, keys, hashes", _json(data_package)),
    Artifact("index.html", _HTML, "The package on one page", lambda it: page(it, listed(it))),
    Artifact("README.md", _TEXT, "What it is", _template("README.md.j2")),
    Artifact("README.fr.md", _TEXT, "The same in French", _template("README.fr.md.j2")),
    Artifact("LIMITATIONS.md", _TEXT, "What the data are not good for", _template("LIMITATIONS.md.j2")),
    Artifact("CHANGELOG.md", _TEXT, "What changed from version to version", _template("CHANGELOG.md.j2")),
    Artifact("datasheet.md", _TEXT, "Datasheet, with the header of Hugging Face", _template("datasheet.md.j2")),
    Artifact("dictionary.csv", "text/csv", "Every column", dictionary_csv),
    Artifact("dictionary.html", _HTML, "Every column, to read", dictionary_html),
    Artifact("CITATION.cff", "application/yaml", "How to cite", citation_cff),
    Artifact("datacite.json", _JSON, "DataCite 4.5: the record of a DOI", _json(datacite)),
    Artifact(".zenodo.json", _JSON, "Deposit metadata for Zenodo", _json(zenodo)),
    Artifact("LICENSE", "text/plain", "The licence and where its text is", _template("LICENSE.j2")),
    Artifact(
        "dcat.ttl", "text/turtle", "Catalogue record: DCAT-AP 3.0.1, HealthDCAT-AP R8", lambda it: turtle(record(it))
    ),
    Artifact("croissant.json", _LD, "Croissant 1.1 with Responsible AI, for machine-learning hubs", _json(croissant)),
    Artifact("dcat.jsonld", _LD, "The same catalogue record", lambda it: dumps(json_ld(record(it)))),
    Artifact("ro-crate-metadata.json", _LD, "RO-Crate 1.1 with provenance", lambda it: dumps(crate(it, listed(it)))),
)
