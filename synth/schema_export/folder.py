"""A catalog as a folder that Frictionless tools read: a datapackage.json and one Table Schema for each table."""

from __future__ import annotations

import re
from dataclasses import replace

from synth.core.catalog import Catalog
from synth.core.descriptor_writer import descriptor_of, schema_of
from synth.core.jsontext import dumps

SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"


def frictionless_files(catalog: Catalog) -> dict[str, str]:
    """Texts by path in the folder. Tables without a file are given the name of the CSV file they may come in."""
    stems = _stems(catalog)
    tables = tuple(
        table if table.path is not None else replace(table, path=f"{stems[table.name]}.csv") for table in catalog.tables
    )
    files = {"datapackage.json": dumps(descriptor_of(replace(catalog, tables=tables)))}
    for table in tables:
        files[f"schemas/{stems[table.name]}.json"] = dumps({"$schema": SCHEMA_PROFILE, **schema_of(table)})
    return files


def _stems(catalog: Catalog) -> dict[str, str]:
    """A file name for each table without characters that systems forbid, unlike the others whatever the case."""
    stems: dict[str, str] = {}
    for name in catalog.table_names:
        stem = re.sub(r"[^\w.\- ]", "_", name).strip(". ") or "table"
        while stem.lower() in {other.lower() for other in stems.values()}:
            stem += "_"
        stems[name] = stem
    return stems
