"""Turn a code list of schema-snds (a CSV and its Table Schema) into one of ours, keeping our bounds and frequencies."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.core.jsontext import read_json
from synth.core.nomenclatures import Code, shipped_nomenclature

HEADER = (
    "code",
    "parent",
    "label",
    "label_en",
    "sex",
    "age_min",
    "age_max",
    "valid_from",
    "valid_to",
    "weight",
)


def convert(source: Path, target: Path, publisher: str) -> dict[str, Any]:
    """Write `target` from the list at `source`; the facts for the index. Raises UserError when it cannot be read."""
    schema = read_json(source.with_suffix(".json")) if source.with_suffix(".json").is_file() else {}
    shipped = shipped_nomenclature(source.stem)
    known = {(entry.parent, entry.code): entry for entry in shipped.entries} if shipped is not None else {}
    rows = 0
    try:
        with source.open(encoding="utf-8-sig", newline="") as lines, target.open("w", encoding="utf-8") as out:
            reader = csv.reader(lines, delimiter=";")
            header = next(reader, [])
            code, parent, label = _places(source.stem, header, schema)
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(HEADER)
            for row in reader:
                if len(row) > code and row[code].strip():
                    value = row[code].strip()
                    upper = row[parent].strip() if parent is not None and len(row) > parent else ""
                    title = row[label] if label is not None and len(row) > label else ""
                    entry = known.get((upper or None, value)) or known.get((None, value))
                    writer.writerow((value, upper, title, *_carried(entry)))
                    rows += 1
    except (OSError, UnicodeDecodeError, csv.Error):
        raise UserError("cannot be read as a code list", file=source, remedy="use a fresh checkout") from None
    facts: dict[str, Any] = {"source": publisher, "codes": rows, "complete": True}
    for key in ("parent", "weight"):
        if shipped is not None and getattr(shipped, key):
            facts[key] = getattr(shipped, key)
    return facts


def _carried(entry: Code | None) -> tuple[str, ...]:
    """What we ship about a code besides its label, as cells."""
    if entry is None:
        return ("",) * 7
    cells = (entry.label_en, entry.sex, entry.age_min, entry.age_max, entry.valid_from, entry.valid_to)
    weight = "" if entry.weight is None else f"{entry.weight:g}"
    return (*("" if cell is None else str(cell) for cell in cells), weight)


# code lists that name a code of another list without its being part of their key
PARENTS = {"IR_CIM_V": "ALD_030_COD", "IR_DPT_V": "GEO_REG_COD", "IR_ORG_V": "GEO_DPT_COD"}


def _places(name: str, header: list[str], schema: Mapping[str, Any]) -> tuple[int, int | None, int | None]:
    """Columns of the code, of the code it depends on, and of its label."""
    roles = {field["name"]: field.get("role") for field in schema.get("fields", ())}
    key = schema.get("primaryKey") or header[:1]
    names = [key] if isinstance(key, str) else list(key)
    coded = [item for item in header if roles.get(item) == "code" and item in names] or names
    code = coded[-1] if coded and coded[-1] in header else header[0] if header else ""
    others = [PARENTS.get(name, ""), *(item for item in names if item != code)]
    others = [item for item in others if item in header]
    labels = [item for item in header if roles.get(item) == "label"] or [item for item in header if "_LI" in item]
    if not header:
        return 0, None, None
    parent = header.index(others[0]) if others else None
    return header.index(code), parent, header.index(labels[0]) if labels else None
