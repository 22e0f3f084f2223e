"""Find what a folder holds, repair it, and cache it under the user's data folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.core.files import atomic_folder
from synth.core.jsontext import canonical, read_json
from synth.core.nomenclatures import INDEX, forget_lists, imported_lists
from synth.core.snds.imported import imported_tables
from synth.schemas_import.defects import Repair
from synth.schemas_import.lists import convert
from synth.schemas_import.tables import repaired


@dataclass(frozen=True)
class Imported:
    """What was taken: where it is now, how many tables, lists and codes, and each repair."""

    source: str
    folder: Path
    tables: int
    lists: int
    codes: int
    repairs: tuple[Repair, ...]


def import_folder(folder: Path) -> Imported:
    """Cache a checkout of schema-snds, or a KWIKLY export (a folder with, or the path of, its JSON file).

    Raises UserError when `folder` is neither, or one of its files cannot be read; nothing is then changed.
    """
    if (folder / "schemas").is_dir():
        return _schema_snds(folder)
    exports = [folder] if folder.is_file() else sorted(folder.glob("*.json")) if folder.is_dir() else []
    for path in exports:
        document = read_json(path)
        if _is_kwikly(document):
            return _kwikly(document)
    raise UserError(
        "holds neither a checkout of schema-snds nor a KWIKLY export",
        file=folder,
        remedy="name the folder that holds `schemas/` and `nomenclatures/`",
    )


def _schema_snds(folder: Path) -> Imported:
    found = [(path, _schema(path)) for path in sorted((folder / "schemas").rglob("*.json"))]
    sources = sorted((folder / "nomenclatures").rglob("*.csv"))
    if not found:
        raise UserError("holds no table", file=folder / "schemas", remedy="use a fresh checkout of schema-snds")
    by_name = {str(schema["name"]): schema for _, schema in found}
    lists = frozenset(path.stem for path in sources)
    repairs: list[Repair] = []
    written: dict[str, Mapping[str, Any]] = {}
    for _, schema in found:
        fixed, defects = repaired(schema, lists, by_name)
        written[fixed["name"]] = fixed
        repairs.extend(defects)
    codes = _write_lists(sources)
    home = _write_tables("schema-snds", written)
    return Imported("schema-snds", home, len(written), len(sources), codes, tuple(repairs))


def _schema(path: Path) -> Mapping[str, Any]:
    schema = read_json(path)
    if not isinstance(schema, dict) or not isinstance(schema.get("fields"), list) or not schema.get("name"):
        raise UserError("is not a Table Schema with a name", file=path, remedy="use a fresh checkout of schema-snds")
    if not all(isinstance(field, dict) and "name" in field and "type" in field for field in schema["fields"]):
        raise UserError("has a field without a name or a type", file=path, remedy="use a fresh checkout of schema-snds")
    return schema


def _write_lists(sources: list[Path]) -> int:
    """Convert every list into a new folder that then replaces the old one; the number of codes."""
    index = {}
    with atomic_folder(imported_lists(), overwrite=True) as aside:
        for path in sources:
            index[path.stem] = convert(path, aside / f"{path.stem}.csv", "schema-snds, imported by the user")
        (aside / INDEX).write_bytes(canonical(index))
    forget_lists()
    return sum(facts["codes"] for facts in index.values())


def _write_tables(source: str, schemas: Mapping[str, Mapping[str, Any]]) -> Path:
    home = imported_tables(source)
    with atomic_folder(home, overwrite=True) as aside:
        for name, schema in schemas.items():
            (aside / f"{name}.json").write_bytes(canonical(schema))
    return home


def _is_kwikly(document: Any) -> bool:
    tables = list(document.values()) if isinstance(document, dict) else []
    return bool(tables) and all(isinstance(table, dict) and isinstance(table.get("vars"), list) for table in tables)


def _kwikly(document: Mapping[str, Any]) -> Imported:
    """KWIKLY needs no repair beyond names; its labels become titles."""
    schemas = {}
    repairs: list[Repair] = []
    for raw, table in document.items():
        name = raw.replace("XX", "aa", 1) if raw.startswith("T_") else raw.removesuffix("(Simplifié)")
        fields = [
            {
                "name": item["name"],
                "type": item.get("type"),
                "description": item.get("label"),
                "length": item.get("size"),
            }
            for item in table["vars"]
        ]
        official = {"name": name, "fields": [field | _kwikly_type(field) for field in fields]}
        schemas[name], _ = repaired(official, frozenset(), {})
    home = _write_tables("kwikly", schemas)
    return Imported("KWIKLY", home, len(schemas), 0, 0, tuple(repairs))


def _kwikly_type(field: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(field["type"] or "char").strip().lower()
    length = str(field["length"] or "").replace(".", ",")
    if kind == "num":
        return {"type": "number" if "," in length else "integer", "type_oracle": "number", "length": length}
    return {
        "type": "date" if kind == "date" else "string",
        "type_oracle": kind.replace("char", "string"),
        "length": length,
    }
