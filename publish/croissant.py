"""croissant.json: Croissant 1.1 with its Responsible AI extension 1.0, for machine-learning hubs and loaders.

Specification: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html. Record sets read the Parquet files,
whose types and missing values need no guess. Only a foreign key of one column to another table becomes `references`:
the format ties one field to one field, and loaders join along each by itself, which makes rows up for a composite key
and never ends for a self reference. Every foreign key, those too, is told in the terms of CSV on the Web
(https://www.w3.org/TR/tabular-metadata/#schema-foreignKeys), which Croissant readers pass over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from publish.data import slugs
from publish.dcat import digital_source, landing_page
from publish.limits import forbidden_uses, intended_uses, limitations
from publish.metadata import Agent
from publish.release import Release, TableFacts
from publish.render import ORIGIN_LINES, citation
from synth.core.catalog import Column, Table

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "conformsTo": "dct:conformsTo",
    "foreignKeys": {"@id": "csvw:foreignKey", "@type": "@json"},
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        name: f"cr:{name}"
        for name in (
            "annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field fileObject "
            "fileProperty fileSet format includes isArray isLiveDataset jsonPath key md5 parentField path readLines "
            "recordSet references regex repeated replace samplingRate sdVersion separator source subField transform "
            "unArchive value"
        ).split()
    },
}
_TYPES = {
    "integer": "sc:Integer",
    "year": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
}
# mlcroissant knows Parquet by this name only
_MEDIA = {"csv": "text/csv", "parquet": "application/x-parquet"}


def croissant(release: Release) -> dict[str, Any]:
    """The document as plain JSON data."""
    metadata = release.metadata
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": release.name,
        "alternateName": metadata.title,
        "description": f"Synthetic data. {metadata.description}",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "citeAs": citation(release),
        "creator": [_agent(agent) for agent in metadata.contributors],
        "publisher": _agent(metadata.publisher),
        "datePublished": release.created.strftime("%Y-%m-%d"),
        "inLanguage": list(metadata.languages),
        "isLiveDataset": False,
        "keywords": list(metadata.keywords),
        "license": metadata.licence.url,
        "url": landing_page(release),
        "version": metadata.version,
        "digitalSourceType": digital_source(release),
        **_responsible(release),
        "distribution": [item for _, facts in release.described for item in _files(facts)],
        "recordSet": _record_sets(release),
    }


def _agent(agent: Agent) -> dict[str, Any]:
    found = {"name": agent.name, "url": agent.url, "email": agent.email}
    kind = "sc:Person" if agent.person else "sc:Organization"
    return {"@type": kind} | {key: value for key, value in found.items() if value}


def _responsible(release: Release) -> dict[str, Any]:
    """What the Responsible AI extension asks, as far as it is known."""
    return {
        "rai:hasSyntheticData": True,
        "rai:dataCollection": ORIGIN_LINES[release.metadata.origin],
        "rai:dataCollectionType": ["Software Collection"],
        "rai:dataLimitations": list(limitations(release)),
        "rai:dataUseCases": list(intended_uses(release)),
        "rai:dataSocialImpact": " ".join(forbidden_uses(release)),
        "rai:personalSensitiveInformation": ["No personal data: the persons are synthetic."],
        "rai:dataReleaseMaintenancePlan": f"Versioned releases; contact {release.metadata.contact.name}.",
    }


def _files(facts: TableFacts) -> list[dict[str, Any]]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "contentSize": f"{file.bytes} B",
            "encodingFormat": _MEDIA[file.form],
            "sha256": file.sha256,
        }
        for file in facts.files
    ]


def _record_sets(release: Release) -> list[dict[str, Any]]:
    tables = slugs(release.catalog.table_names)
    columns = {table.name: slugs(table.column_names) for table in release.catalog.tables}

    def field_id(table: str, column: str) -> str:
        return f"{tables[table]}/{columns[table][column]}"

    def field(table: Table, column: Column, path: str) -> dict[str, Any]:
        written: dict[str, Any] = {
            "@type": "cr:Field",
            "@id": field_id(table.name, column.name),
            "name": column.name,
            "description": column.description or column.title or column.name,
            "dataType": _TYPES.get(column.type, "sc:Text"),
            "source": {"fileObject": {"@id": path}, "extract": {"column": column.name}},
        }
        target = _target(table, column.name)
        return written | ({} if target is None else {"references": {"field": {"@id": field_id(*target)}}})

    return [
        {
            "@type": "cr:RecordSet",
            "@id": tables[table.name],
            "name": table.name,
            "description": table.description or table.title or table.name,
            **(
                {"key": [{"@id": field_id(table.name, name)} for name in table.primary_key]}
                if table.primary_key
                else {}
            ),
            "field": [field(table, column, facts.file("parquet").path) for column in table.columns],
            **_foreign_keys(table, field_id, tables),
        }
        for table, facts in release.described
    ]


def _foreign_keys(table: Table, field_id: Callable[[str, str], str], tables: Mapping[str, str]) -> dict[str, Any]:
    """The foreign keys of a table, composite ones and self references among them, as CSV on the Web writes them."""
    keys = [
        {
            "columnReference": [field_id(table.name, column) for column in key.columns],
            "reference": {
                "resource": tables[key.target],
                "columnReference": [field_id(key.target, column) for column in key.target_columns],
            },
        }
        for key in table.foreign_keys
    ]
    return {"foreignKeys": keys} if keys else {}


def _target(table: Table, column: str) -> tuple[str, str] | None:
    """Table and column that a column refers to by a foreign key of its own."""
    for key in table.foreign_keys:
        if key.columns == (column,) and key.target != table.name:
            return key.target, key.target_columns[0]
    return None
