"""The seal of a split: what each part holds, by logical digest, so that a later change shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.core.jsontext import digest, read_json
from synth.io import dataset_digests, open_dataset

SEAL = "split.json"


def sealed_part(folder: Path, persons: int, rows: dict[str, int]) -> dict[str, Any]:
    """What `split.json` says of one part, its digests taken from what is on disk."""
    digests = dataset_digests(open_dataset(folder))
    return {"digest": digest(digests), "persons": persons, "rows": rows, "tables": digests}


def check_seal(out: Path) -> None:
    """Raise UserError when a part of the split at `out` is no longer what `split.json` sealed."""
    document = read_json(out / SEAL)
    try:
        sealed = {name: dict(part["tables"]) for name, part in document["parts"].items()}
    except (KeyError, TypeError, AttributeError):
        raise UserError("is not the seal of a split", file=out / SEAL, remedy="run: synth split") from None
    for name, tables in sealed.items():
        found = dataset_digests(open_dataset(out / name))
        changed = [table for table in tables if found.get(table) != tables[table]]
        if changed or found.keys() != tables.keys():
            raise UserError(
                "the part has changed since it was split",
                file=out / name,
                table=changed[0] if changed else None,
                remedy="split again",
            )
