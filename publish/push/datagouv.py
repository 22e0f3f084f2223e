"""data.gouv.fr, and any udata (https://www.data.gouv.fr/api/1/): a data set, and one resource for each table and page.

The data set is found again by an `extras` key, each resource by its title; a resource with the same checksum is left
alone. The quality score of the platform is computed beforehand.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from publish.licences import LICENCES
from publish.push.client import Client, Upload
from publish.push.content import Content, File

KEY = "synth:name"
_ZONES = {"France": "country:fr", "Belgium": "country:be", "Germany": "country:de", "Italy": "country:it",
          "Spain": "country:es", "United States": "country:us"}  # fmt: skip
_TABLES = (".csv", ".csv.gz", ".parquet")
_SENT = (*_TABLES, "index.html", "README.fr.md", "LIMITATIONS.md", "dictionary.csv", "datapackage.json")
_OPEN = (*_TABLES, ".json", ".html", ".md")


def files(content: Content) -> tuple[File, ...]:
    """The files worth a resource of their own; zips are not tabular there, so tables go one by one."""
    return tuple(file for file in content.files if file.name.endswith(_SENT))


def dataset(content: Content) -> dict[str, Any]:
    """The data set as the platform takes it."""
    about = content.descriptor
    licence = LICENCES.get(about["licenses"][0]["name"])
    start, end = about["synth:temporal"]
    places = about.get("synth:spatial", ())
    return {
        "title": str(about["title"])[:350],
        "description": f"**Données synthétiques.** {about['description']}",
        "license": licence.udata if licence else "notspecified",
        "frequency": "punctual",
        "tags": [str(word) for word in about["keywords"]],
        "temporal_coverage": {"start": start, "end": end},
        "spatial": {"granularity": "country", "zones": [_ZONES[name] for name in places if name in _ZONES]},
        "extras": {KEY: content.identifier, "synth:version": about["version"]},
    }


def quality(content: Content) -> list[tuple[str, bool]]:
    """The nine points of the platform's quality score, each with whether this package earns it."""
    sent, written = files(content), dataset(content)
    return [
        ("licence", written["license"] != "notspecified"),
        ("temporal coverage", all(written["temporal_coverage"].values())),
        ("spatial coverage", bool(content.descriptor.get("synth:spatial"))),
        ("update frequency", bool(written["frequency"])),
        ("updated in time", written["frequency"] == "punctual"),
        ("description over 100 characters", len(str(content.descriptor["description"])) > 100),
        ("open formats", all(file.name.endswith(_OPEN) for file in sent)),
        ("files reachable", all(file.bytes > 0 for file in sent)),
        ("resources documented", all(file.title for file in sent)),
    ]


def find(client: Client, content: Content) -> dict[str, Any] | None:
    """The data set as it is on the platform, among those of the token's owner."""
    owned = client.call("GET", "/api/1/me/datasets/", dry=[]) or []
    found: dict[str, Any] | None = next(
        (item for item in owned if (item.get("extras") or {}).get(KEY) == content.identifier), None
    )
    return found


def create(client: Client, content: Content) -> Any:
    """Make the data set."""
    return client.call("POST", "/api/1/datasets/", dataset(content), dry={"id": "NEW"})


def update(client: Client, content: Content, found: dict[str, Any]) -> Any:
    """Bring title, description and the rest up to date."""
    return client.call("PUT", f"/api/1/datasets/{quote(found['id'])}/", dataset(content), dry=found)


def uploaded(client: Client, found: dict[str, Any]) -> dict[str, str]:
    """Checksum of each resource, by title."""
    now = client.call("GET", f"/api/1/datasets/{quote(found['id'])}/", dry=found) or {}
    return {item["title"]: _checksum(item) for item in now.get("resources", ())}


def _checksum(resource: dict[str, Any]) -> str:
    return str((resource.get("extras") or {}).get("synth:sha256") or (resource.get("checksum") or {}).get("value"))


def _holds(resource: dict[str, Any], file: File) -> bool:
    """Whether a resource is this file's: by its title, or by its content when an upload ended before it got one."""
    told = resource.get("checksum") or {}
    if resource["title"] == file.flat or told.get("value") == file.sha256:
        return True
    if told.get("type") != "sha1":
        return False
    with file.path.open("rb") as content:
        digest = hashlib.file_digest(content, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()
    return bool(told.get("value") == digest)


def send(client: Client, content: Content, found: dict[str, Any], file: File) -> None:
    """Upload one file, in place of the resource of the same title if there is one, and describe it."""
    base = f"/api/1/datasets/{quote(found['id'])}"
    now = client.call("GET", f"{base}/", dry=found) or {}
    old = next((item["id"] for item in now.get("resources", ()) if _holds(item, file)), None)
    path = f"{base}/upload/" if old is None else f"{base}/resources/{quote(old)}/upload/"
    made = client.call("POST", path, upload=Upload(file.path, file.flat, "file"), dry={"id": "NEW"})
    kind = "main" if file.name.startswith("data/") else "documentation"
    described = {"title": file.flat, "description": file.title, "type": kind, "extras": {"synth:sha256": file.sha256}}
    client.call("PUT", f"{base}/resources/{quote(made['id'])}/", described, dry=made)
