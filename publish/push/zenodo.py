"""Zenodo (https://developers.zenodo.org/): a deposition with every file. It stays a draft: a person publishes it."""

from __future__ import annotations

import hashlib
from typing import Any

from publish.push.client import Client, Upload
from publish.push.content import Content, File

_DEPOSITIONS = "/api/deposit/depositions"


def files(content: Content) -> tuple[File, ...]:
    """Every file; Zenodo has no folders."""
    return content.files


def find(client: Client, content: Content) -> dict[str, Any] | None:
    """The unpublished deposition of this title and version."""
    wanted = content.zenodo
    for item in client.call("GET", f"{_DEPOSITIONS}?status=draft&size=100", dry=[]) or []:
        described = item.get("metadata") or {}
        if all(described.get(key) == wanted.get(key) for key in ("title", "version")) and not item.get("submitted"):
            return dict(item)
    return None


def create(client: Client, content: Content) -> Any:
    """Make the deposition."""
    dry = {"id": "NEW", "links": {"bucket": "/api/files/NEW"}}
    return client.call("POST", _DEPOSITIONS, {"metadata": content.zenodo}, dry=dry)


def update(client: Client, content: Content, found: dict[str, Any]) -> Any:
    """Bring the metadata up to date."""
    return client.call("PUT", f"{_DEPOSITIONS}/{found['id']}", {"metadata": content.zenodo}, dry=found)


def uploaded(client: Client, found: dict[str, Any]) -> dict[str, str]:
    """MD5 of each file, which is what Zenodo knows, by name."""
    listed = client.call("GET", f"{_DEPOSITIONS}/{found['id']}/files", dry=[]) or []
    return {item["filename"]: str(item["checksum"]).removeprefix("md5:") for item in listed}


def checksum(file: File) -> str:
    """MD5 of a file, to compare with what Zenodo holds."""
    with file.path.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def send(client: Client, content: Content, found: dict[str, Any], file: File) -> None:
    """Put one file into the bucket; putting it twice is putting it once."""
    client.call("PUT", f"{found['links']['bucket']}/{file.flat}", upload=Upload(file.path, file.flat), dry={})
