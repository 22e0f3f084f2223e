"""Read the three public descriptions of the SNDS into one shape: facts only, no sentence.

KW is the CNAM's KWIKLY catalogue, SS the official Table Schemas (schema-snds), D24 the tables of the collaborative
documentation at November 2024. Labels and remarks are read by none of these functions.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EVERY_YEAR = "*"


@dataclass(frozen=True)
class Fact:
    """What one source says of one column. `size` and `scale` as written; `years` empty where it says nothing."""

    name: str
    kind: str
    size: int | None = None
    scale: int | None = None
    nomenclature: str | None = None
    years: tuple[str, ...] = ()
    oracle: str | None = None


@dataclass(frozen=True)
class SourceTable:
    """What one source says of one table."""

    name: str
    product: str
    columns: tuple[Fact, ...]


def read_kwikly(path: Path) -> dict[str, SourceTable]:
    """KWIKLY as parsed JSON, with `aa` for the year in a name, as the other sources write it."""
    document = json.loads(path.read_text(encoding="utf-8"))
    found = {}
    for raw, table in document.items():
        name = raw.replace("XX", "aa", 1) if raw.startswith("T_") else raw.removesuffix("(Simplifié)")
        columns = tuple(_kwikly_fact(item) for item in table["vars"])
        found[name] = SourceTable(name, "", columns)
    return found


def _kwikly_fact(item: dict[str, Any]) -> Fact:
    kind = (item["type"] or "char").strip().lower()
    size, scale = _size(item["size"])
    listed = re.split(r"[,\s]+", item["nom"].strip()) if item["nom"] else [None]
    name = item["name"].strip().rstrip("*")  # an asterisk refers to a footnote
    return Fact(name, kind, size, scale, listed[-1], tuple(item["years"]))


def _size(written: Any) -> tuple[int | None, int | None]:
    found = re.match(r"\s*(\d+)(?:[.,](\d+))?", str(written)) if written is not None else None
    if found is None:
        return None, None
    return int(found[1]), None if found[2] is None else int(found[2])


def read_schema_snds(folder: Path) -> dict[str, SourceTable]:
    """Every Table Schema under `folder`; the product is the name of its folder."""
    found = {}
    for path in sorted(folder.rglob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        columns = tuple(_schema_fact(field) for field in schema["fields"])
        found[schema["name"]] = SourceTable(schema["name"], path.parent.name, columns)
    return found


def _schema_fact(field: dict[str, Any]) -> Fact:
    size, scale = _size(field.get("length"))
    listed = (field.get("nomenclature") or "-").split(":")[0]
    return Fact(
        field["name"].strip(),
        field["type"],
        size,
        scale,
        None if listed == "-" else listed,
        _history(field),
        field.get("type_oracle"),
    )


def _history(field: dict[str, Any]) -> tuple[str, ...]:
    """Years of presence: `dateDeleted` is the first year without the column, as a comparison with KWIKLY shows."""
    if not field.get("dateCreated"):
        return ()
    first, missing = int(field["dateCreated"]), set(field.get("dateMissing") or ())
    ended = field.get("dateDeleted")
    last = int(ended) - 1 if ended else None
    years = [str(year) for year in range(first, (last or 2023) + 1) if str(year) not in missing]
    return tuple(years) if last else (*years, EVERY_YEAR)


_D24_KINDS = {
    "chaîne de caractères": "string",
    "nombre entier": "integer",
    "nombre réel": "number",
    "date": "date",
    "date et heure": "datetime",
    "année": "year",
    "année et mois": "yearmonth",
    "booléen": "boolean",
}


def read_documentation(path: Path) -> dict[str, SourceTable]:
    """The tables of the documentation as parsed JSON."""
    document = json.loads(path.read_text(encoding="utf-8"))
    found = {}
    for raw, table in document.items():
        kinds = {name: _D24_KINDS.get(kind.strip(), "string") for name, kind in table["types"].items()}
        columns = tuple(Fact(name, kinds.get(name, "string")) for name in dict.fromkeys(table["cols"]))
        name = raw.strip().replace("CT_IND_GN_AAAA", "CT_IND_AAAA_GN").replace("CT_DEP_GN_AAAA", "CT_DEP_AAAA_GN")
        name = name.replace("CT_IDE_GN_AAAA", "CT_IDE_AAAA_GN")
        found[name] = SourceTable(name, table["prod"], columns)
    return found


def read_drug_referential(path: Path) -> SourceTable:
    """IR_PHA_R, which schema-snds describes among its code lists only."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    columns = tuple(Fact(field["name"], field["type"]) for field in schema["fields"])
    return SourceTable("IR_PHA_R", "REFERENTIELS", columns)
