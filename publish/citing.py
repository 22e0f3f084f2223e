"""Citation records: CITATION.cff 1.2.0, DataCite 4.5 as JSON, and Zenodo's deposit metadata."""

from __future__ import annotations

from typing import Any

from publish.dcat import landing_page
from publish.metadata import Agent
from publish.release import Release
from publish.vocabularies import LANGUAGES
from synth.core.clock import UNDATED


def _doi(release: Release) -> str | None:
    return next((item for item in release.metadata.identifiers if item.startswith("10.")), None)


def _day(release: Release) -> str | None:
    return None if release.created == UNDATED else release.created.strftime("%Y-%m-%d")


def _given(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in (None, [], "")}


def names(agent: Agent) -> tuple[str, str]:
    """Given and family names of a person: `Family, Given`, else the last word is the family name."""
    if "," in agent.name:
        family, given = agent.name.split(",", 1)
    else:
        given, _, family = agent.name.rpartition(" ")
    return given.strip(), family.strip()


def citation_cff(release: Release) -> str:
    """CITATION.cff (https://citation-file-format.github.io/), as YAML."""
    import yaml

    metadata = release.metadata
    document = {
        "cff-version": "1.2.0",
        "message": "If you use these synthetic data, please cite them as below.",
        "type": "dataset",
        "title": metadata.title,
        "abstract": f"Synthetic data. {metadata.description}",
        "authors": [_cff_agent(agent) for agent in metadata.contributors],
        "contact": [_cff_agent(metadata.contact)],
        "version": metadata.version,
        "date-released": _day(release),
        "license": metadata.licence.spdx,
        "license-url": metadata.licence.url,
        "url": landing_page(release),
        "doi": _doi(release),
        "keywords": list(dict.fromkeys(metadata.keywords)),
    }
    return str(yaml.safe_dump(_given(document), sort_keys=False, allow_unicode=True, width=100))


def _cff_agent(agent: Agent) -> dict[str, Any]:
    if not agent.person:
        return _given({"name": agent.name, "website": agent.url, "email": agent.email})
    given, family = names(agent)
    return _given(
        {
            "family-names": family,
            "given-names": given,
            "affiliation": agent.organisation,
            "orcid": agent.orcid,
            "email": agent.email,
        }
    )


def datacite(release: Release) -> dict[str, Any]:
    """The record that a DOI is registered with (https://datacite-metadata-schema.readthedocs.io/en/4.5/)."""
    metadata = release.metadata
    day = _day(release)
    sizes = f"{release.rows} rows in {len(release.tables)} tables"
    dates = [{"date": "/".join(metadata.temporal), "dateType": "Other", "dateInformation": "period described"}]
    return _given(
        {
            "schemaVersion": "http://datacite.org/schema/kernel-4",
            "doi": _doi(release),
            "url": landing_page(release),
            "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Synthetic data"},
            "creators": [_datacite_agent(agent) for agent in metadata.contributors],
            "titles": [{"title": metadata.title, "lang": metadata.languages[0]}],
            "publisher": {"name": metadata.publisher.name},
            "publicationYear": str(release.created.year),
            "subjects": [{"subject": word} for word in dict.fromkeys(metadata.keywords)],
            "dates": ([{"date": day, "dateType": "Issued"}] if day else []) + dates,
            "language": metadata.languages[0],
            "sizes": [sizes],
            "formats": ["text/csv", "application/vnd.apache.parquet"],
            "version": metadata.version,
            "rightsList": [
                {
                    "rights": metadata.licence.title,
                    "rightsUri": metadata.licence.url,
                    "rightsIdentifier": metadata.licence.spdx,
                    "rightsIdentifierScheme": "SPDX",
                    "schemeUri": "https://spdx.org/licenses/",
                }
            ],
            "descriptions": [{"description": metadata.description, "descriptionType": "Abstract"}],
            "geoLocations": [
                {"geoLocationPlace": name} for name in dict.fromkeys(place.name for place in metadata.spatial)
            ],
        }
    )


def _datacite_agent(agent: Agent) -> dict[str, Any]:
    if not agent.person:
        return {"name": agent.name, "nameType": "Organizational"}
    given, family = names(agent)
    found = {"name": f"{family}, {given}" if given else family, "nameType": "Personal", "familyName": family}
    return _given(found | {"givenName": given})


def zenodo(release: Release) -> dict[str, Any]:
    """Deposit metadata as Zenodo reads it from a `.zenodo.json` (https://developers.zenodo.org/)."""
    metadata = release.metadata
    return _given(
        {
            "upload_type": "dataset",
            "title": metadata.title,
            "description": f"<p>Synthetic data.</p><p>{_escaped(metadata.description)}</p>",
            "creators": [_zenodo_agent(agent) for agent in metadata.contributors],
            "access_right": "open",
            "license": metadata.licence.spdx,
            "version": metadata.version,
            "publication_date": _day(release),
            "keywords": list(dict.fromkeys(("synthetic data", *metadata.keywords))),
            "language": LANGUAGES[metadata.languages[0]].lower(),
        }
    )


def _zenodo_agent(agent: Agent) -> dict[str, Any]:
    given, family = names(agent)
    name = f"{family}, {given}" if agent.person and given else agent.name
    return _given({"name": name, "affiliation": agent.organisation, "orcid": agent.orcid})


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
