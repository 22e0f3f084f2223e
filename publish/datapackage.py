"""datapackage.json: Data Package 2.0 (https://datapackage.org/standard/), written by hand in a fixed order.

CSV resources are the tables (`type: table`, schema, keys). The Parquet files are resources too, without `type` and with
`format: apache-parquet`: frictionless 5.21 takes every `parquet` for a table, for which it cannot compute `hash` and
`bytes` (it reports a mismatch), and reads it through pandas cell by cell (200 000 x 20 in minutes). As files, their
hash and size are checked; `publish verify` checks that their rows are those of the CSV.
"""

from __future__ import annotations

from typing import Any

from publish.metadata import Agent, Metadata
from publish.release import DataFile, Release
from synth.core.catalog import Column, Table
from synth.core.descriptor import PROFILE
from synth.core.descriptor_writer import resource_of

# in our CSV files a cell that holds nothing is missing; quotes with nothing between them are an empty text
_MISSING = [{"value": "", "label": "missing"}]
_TAKEN = frozenset(
    "$schema name title id description version created homepage licenses contributors keywords sources resources "
    "image profile synth:person synth:synthetic synth:origin synth:draft synth:digest synth:verdict synth:scores "
    "synth:software synth:temporal synth:spatial".split()
)


def data_package(release: Release) -> dict[str, Any]:
    """The descriptor as plain JSON data."""
    document = _about(release) | _marks(release)
    document.update({key: value for key, value in release.catalog.extra.items() if key not in _TAKEN})
    if release.catalog.person is not None:
        document["synth:person"] = {
            "table": release.catalog.person.table,
            "key": list(release.catalog.person.key),
        }
    tables = [_table(table, facts.file("csv")) for table, facts in release.described]
    parquet = [_parquet(table, facts.file("parquet"), release) for table, facts in release.described]
    return document | {"resources": tables + parquet}


def _about(release: Release) -> dict[str, Any]:
    metadata = release.metadata
    document: dict[str, Any] = {
        "$schema": PROFILE,
        "name": release.name,
        "id": release.identifier,
        "title": metadata.title,
        "description": metadata.description,
        "version": metadata.version,
        "created": release.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "homepage": metadata.homepage or metadata.publisher.url,
        "licenses": [
            {"name": metadata.licence.spdx, "path": metadata.licence.url, "title": metadata.licence.title},
        ],
        "contributors": [_contributor(agent) for agent in contributors(metadata)],
        "keywords": list(metadata.keywords),
    }
    document["synth:temporal"] = list(metadata.temporal)
    document["synth:spatial"] = [place.name for place in metadata.spatial]
    if metadata.sources:
        document["sources"] = [_source(agent) for agent in metadata.sources]
    return document


def contributors(metadata: Metadata) -> tuple[Agent, ...]:
    """The publisher and everyone else named, each once."""
    others = tuple(agent for agent in metadata.contributors if agent.name != metadata.publisher.name)
    return (metadata.publisher, *others)


def _contributor(agent: Agent) -> dict[str, Any]:
    found = {
        "title": agent.name,
        "path": agent.url,
        "email": agent.email,
        "organization": agent.organisation,
        "roles": list(agent.roles) or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _source(agent: Agent) -> dict[str, Any]:
    return {"title": agent.name} | ({"path": agent.url} if agent.url else {})


def _marks(release: Release) -> dict[str, Any]:
    """What says that the rows are synthetic, what judged them, and that a draft is one."""
    marks: dict[str, Any] = {"synth:synthetic": True, "synth:origin": release.metadata.origin}
    marks["synth:software"] = release.software
    if release.draft:
        marks["synth:draft"] = list(release.draft)
    marks["synth:digest"] = release.digest
    if release.verdict is not None:
        marks["synth:verdict"] = {"path": "verdict.json", "passed": release.verdict.passed}
    if release.scores is not None:
        marks["synth:scores"] = {"path": "scores.json"}
    return marks


def _table(table: Table, file: DataFile) -> dict[str, Any]:
    resource = resource_of(table)
    schema = resource.pop("schema")
    for field, column in zip(schema["fields"], table.columns, strict=True):
        _standard(field, column)
    labelled = {"fields": schema.pop("fields"), "missingValues": _MISSING} | schema
    return resource | {"bytes": file.bytes, "hash": f"sha256:{file.sha256}", "schema": labelled}


def _standard(field: dict[str, Any], column: Column) -> None:
    """Add `categories` beside `enum`: the standard's name for a closed list, for readers that know only one of them."""
    listed = field.get("constraints", {}).get("enum")
    if listed and column.type in ("string", "integer"):
        field.setdefault("categories", listed)


def _parquet(table: Table, file: DataFile, release: Release) -> dict[str, Any]:
    names = {other.name for other in release.catalog.tables}
    name = f"{table.name}-parquet"
    while name in names:
        name += "-file"
    return {
        "name": name,
        "path": file.path,
        "title": f"{table.title or table.name} (Parquet)",
        "format": "apache-parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "synth:formOf": table.name,
    }
