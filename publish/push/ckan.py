"""CKAN (https://docs.ckan.org/en/latest/api/): a data set by its name, a resource for each file by its own.

Not through frictionless's plugin (5.21), which is sound for reading alone: it creates every resource anew at each run,
so that a second run doubles them; it tries nothing again; and it puts the server's whole answer into its errors. What
is sent here is read back through it in a test.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from publish.data import slugs
from publish.push.client import Client, Upload
from publish.push.content import Content, File

_ACTION = "/api/3/action/"


def files(content: Content) -> tuple[File, ...]:
    """Every file."""
    return content.files


def _name(content: Content) -> str:
    return slugs([content.identifier])[content.identifier].lower()


def dataset(content: Content) -> dict[str, Any]:
    """The data set as CKAN takes it."""
    about = content.descriptor
    publisher = about["contributors"][0]
    return {
        "name": _name(content),
        "title": about["title"],
        "notes": f"Synthetic data. {about['description']}",
        "license_id": about["licenses"][0]["name"],
        "license_url": about["licenses"][0]["path"],
        "version": about["version"],
        "author": publisher["title"],
        "author_email": publisher.get("email", ""),
        "url": about["homepage"],
        "tags": [{"name": _tag(word)} for word in about["keywords"]],
        "extras": [{"key": "synthetic", "value": "true"}, {"key": "digest", "value": about["synth:digest"]}],
    }


def _tag(word: object) -> str:
    """CKAN takes letters, digits, spaces and `-_.` in tags, 2 to 100 of them."""
    kept = "".join(letter if letter.isalnum() or letter in " -_." else "-" for letter in str(word))
    return kept[:100].ljust(2, "-")


def find(client: Client, content: Content) -> dict[str, Any] | None:
    """The data set of this name."""
    answer = client.call("GET", f"{_ACTION}package_show?id={quote(_name(content))}")
    return None if answer is None else dict(answer["result"])


def create(client: Client, content: Content) -> Any:
    """Make the data set."""
    answer = client.call("POST", f"{_ACTION}package_create", dataset(content), dry={"result": {"id": "NEW"}})
    return answer["result"]


def update(client: Client, content: Content, found: dict[str, Any]) -> Any:
    """Bring title, notes and the rest up to date; resources stay."""
    body = {**dataset(content), "id": found["id"]}
    return client.call("POST", f"{_ACTION}package_patch", body, dry={"result": found})["result"]


def uploaded(client: Client, found: dict[str, Any]) -> dict[str, str]:
    """Hash of each resource, by name."""
    return {item["name"]: str(item.get("hash")) for item in _resources(client, found)}


def _resources(client: Client, found: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.call("GET", f"{_ACTION}package_show?id={quote(found['id'])}", dry={"result": found})
    return list((answer or {"result": found})["result"].get("resources", ()))


def send(client: Client, content: Content, found: dict[str, Any], file: File) -> None:
    """Upload one file, in place of the resource of the same name if there is one."""
    old = next((item["id"] for item in _resources(client, found) if item["name"] == file.flat), None)
    fields = {"name": file.flat, "description": file.title, "hash": file.sha256, "format": file.flat.rsplit(".", 1)[-1]}
    fields |= {"package_id": found["id"]} if old is None else {"id": old}
    action = "resource_create" if old is None else "resource_patch"
    client.call("POST", f"{_ACTION}{action}", upload=Upload(file.path, file.flat, "upload", fields), dry={})
