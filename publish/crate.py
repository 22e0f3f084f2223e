"""ro-crate-metadata.json: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1), every file and how the tables came about.

Provenance is told as schema.org actions, as RO-Crate asks, with their PROV names beside: an activity, by a software
agent, that generated the data set; and the judgement of the release policy, when there was one.
"""

from __future__ import annotations

from typing import Any

from publish.dcat import digital_source, landing_page
from publish.release import Release
from publish.render import ORIGIN_LINES

_PROV = {"prov": "http://www.w3.org/ns/prov#", "digitalSourceType": "https://schema.org/digitalSourceType"}
_SETTINGS = {"seed": "seed of the generation", "configuration": "digest of the recipe"}
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def crate(release: Release, documents: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    """The crate as plain JSON data; `documents` are the path, media type and purpose of every other file."""
    files = _files(release, documents)
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        _root(release, [item["@id"] for item in files]),
        *files,
        _agent(release),
        {"@id": "#software", "@type": ["SoftwareApplication", "prov:SoftwareAgent"], "name": release.software},
        *_actions(release),
    ]
    return {"@context": ["https://w3id.org/ro/crate/1.1/context", _PROV], "@graph": graph}


def _files(release: Release, documents: tuple[tuple[str, str, str], ...]) -> list[dict[str, Any]]:
    data = [
        {
            "@id": file.path,
            "@type": "File",
            "name": f"{file.table} ({file.form})",
            "encodingFormat": _MEDIA[file.form],
            "contentSize": str(file.bytes),
            "sha256": file.sha256,
        }
        for facts in release.tables
        for file in facts.files
    ]
    others = [
        {"@id": path, "@type": "File", "name": purpose, "encodingFormat": mediatype}
        for path, mediatype, purpose in documents
        if path != "ro-crate-metadata.json"
    ]
    return data + others


def _root(release: Release, parts: list[str]) -> dict[str, Any]:
    metadata = release.metadata
    return {
        "@id": "./",
        "@type": "Dataset",
        "identifier": release.identifier,
        "name": metadata.title,
        "description": f"Synthetic data. {metadata.description}",
        "datePublished": release.created.strftime("%Y-%m-%d"),
        "license": {"@id": metadata.licence.url},
        "version": metadata.version,
        "keywords": list(metadata.keywords),
        "url": landing_page(release),
        "publisher": {"@id": str(metadata.publisher.url)},
        "digitalSourceType": {"@id": digital_source(release)},
        "prov:wasGeneratedBy": {"@id": "#generation"},
        "hasPart": [{"@id": part} for part in parts],
    }


def _agent(release: Release) -> dict[str, Any]:
    publisher = release.metadata.publisher
    return {"@id": str(publisher.url), "@type": "Organization", "name": publisher.name, "email": publisher.email}


def _setting(key: str, name: str, value: str | int) -> dict[str, Any]:
    return {"@id": f"#{key}", "@type": "PropertyValue", "name": name, "value": value}


def _actions(release: Release) -> list[dict[str, Any]]:
    generation: dict[str, Any] = {
        "@id": "#generation",
        "@type": ["CreateAction", "prov:Activity"],
        "name": "Generation of synthetic tables",
        "description": ORIGIN_LINES[release.metadata.origin],
        "instrument": {"@id": "#software"},
        "prov:wasAssociatedWith": {"@id": "#software"},
        "result": {"@id": "./"},
    }
    settings = [_setting("digest", "digest of the tables", release.digest)]
    settings += [_setting(name, _SETTINGS.get(name, name), value) for name, value in release.provenance.items()]
    if release.scores is not None:
        settings.append(_setting("score-seed", "seed of the scores", release.scores.seed))
    generation["object"] = [{"@id": item["@id"]} for item in settings]
    actions = [generation, *settings]
    if release.verdict is not None:
        passed = "passed" if release.verdict.passed else "not passed"
        actions.append(
            {
                "@id": "#judgement",
                "@type": ["AssessAction", "prov:Activity"],
                "name": f"Release policy {release.verdict.policy}: {passed}",
                "instrument": {"@id": "#software"},
                "object": {"@id": "./"},
                "result": {"@id": "verdict.json"},
            }
        )
    return actions
