"""What a finished stage leaves beside its outputs, by which a later run knows that it need not be walked again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.core.jsontext import digest, dumps

RECORD = "stage.json"


@dataclass(frozen=True, slots=True)
class Record:
    """`key` sums up all the stage depends on; `outputs` maps each file written to the digest of its bytes."""

    key: str
    outputs: Mapping[str, str]

    @property
    def digest(self) -> str:
        """One digest for all outputs: what later stages depend on."""
        return digest(dict(self.outputs))


def file_digest(path: Path) -> str:
    """`sha256:` and the hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()


def folder_digests(folder: Path) -> dict[str, str]:
    """The digest of each file under `folder`, the record apart, by its relative name, sorted."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / RECORD)
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in files}


def write_record(folder: Path, key: str) -> Record:
    """Digest what stands in `folder` and leave the record there."""
    record = Record(key, folder_digests(folder))
    (folder / RECORD).write_text(dumps({"key": key, "outputs": dict(record.outputs)}), encoding="utf-8")
    return record


def read_record(folder: Path) -> Record | None:
    """The record in `folder` if its outputs stand there unaltered, else None."""
    try:
        document: Any = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        record = Record(document["key"], document["outputs"])
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError):
        return None
    return record if folder_digests(folder) == record.outputs else None
