"""The joins of a catalog as a Mermaid entity-relationship diagram (https://mermaid.js.org/syntax/entityRelationshipDiagram)."""

from __future__ import annotations

import re

from synth.core.catalog import Catalog, ForeignKey, Table

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*$")


def mermaid_diagram(catalog: Catalog) -> str:
    """`erDiagram` text: each table with its key columns, each foreign key as a line from the parent."""
    ids = _ids(catalog)
    lines = ["erDiagram"]
    for table in catalog.tables:
        name = ids[table.name] if ids[table.name] == table.name else f'{ids[table.name]}["{_text(table.name)}"]'
        lines += [f"  {name} {{", *_attributes(table), "  }"]
    for table in catalog.tables:
        for key in table.foreign_keys:
            label = _text(", ".join(key.columns))
            lines.append(f'  {ids[key.target]} {_cardinality(table, key)} {ids[table.name]} : "{label}"')
    return "\n".join(lines) + "\n"


def _ids(catalog: Catalog) -> dict[str, str]:
    """Names that the syntax takes as they are; `t1`, `t2`... for the others."""
    return {
        table.name: table.name if _PLAIN.match(table.name) else f"t{at}"
        for at, table in enumerate(catalog.tables, start=1)
    }


def _attributes(table: Table) -> list[str]:
    foreign = {name for key in table.foreign_keys for name in key.columns}
    unique = {key[0] for key in table.unique_keys if len(key) == 1}
    lines = []
    for column in table.columns:
        marks = ["PK"] * (column.name in table.primary_key) + ["FK"] * (column.name in foreign)
        marks += ["UK"] * (column.unique or column.name in unique)
        if marks or column.name in table.key_columns:
            plain = _PLAIN.match(column.name)
            name = column.name if plain else "c_" + re.sub(r"[^A-Za-z0-9]+", "_", column.name)
            comment = "" if plain else f' "{_text(column.name)}"'
            lines.append(f"    {column.type} {name}{' ' if marks else ''}{', '.join(marks)}{comment}")
    return lines


def _cardinality(table: Table, key: ForeignKey) -> str:
    optional = any(table.column(name).nullable and name not in table.primary_key for name in key.columns)
    keys = {frozenset(table.primary_key), *(frozenset(unique) for unique in table.unique_keys)}
    single = frozenset(key.columns) in keys
    return f"{'|o' if optional else '||'}--{'o|' if single else 'o{'}"


def _text(name: str) -> str:
    return " ".join(name.replace('"', "'").split())
