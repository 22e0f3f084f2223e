"""A catalog as a Data Package 2.0 descriptor, both ways (https://datapackage.org/standard/).

What the standard has no word for is written in properties that begin with `synth:`:
on the package `synth:person` {table, key, guessed}; on a resource `synth:formOf`, the table of which it is another
form (it is not read as a table of its own); on its schema `synth:orderBy`, `synth:parent`, `synth:public`,
`synth:rules` (see `synth.core.tablerules`), `synth:distinctOf` (the table of which it holds the rows of these fields,
each once; they are its key); on a field `synth:role`, `synth:nomenclature`, `synth:validFrom`,
`synth:validTo`, `synth:scale`, `synth:marker` {prefix | start, step}.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from synth.core.catalog import COLUMN_TYPES, ROLES, Catalog, Column, ColumnType, ForeignKey, Marker, Person, Role, Table
from synth.core.errors import UserError
from synth.core.jsontext import read_json
from synth.core.tablerules import rule_from

ROW_NUMBER = "synth:rowNumber"
DISTINCT_OF = "synth:distinctOf"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_FIELD_KEYS = frozenset(
    "name type format title description constraints categories synth:role synth:nomenclature synth:validFrom "
    "synth:validTo synth:scale synth:marker".split()
)
_LIMIT_KEYS = frozenset("required unique minLength maxLength pattern enum".split())
_SCHEMA_KEYS = frozenset(
    "$schema fields primaryKey foreignKeys uniqueKeys synth:orderBy synth:parent synth:public synth:rules "
    "synth:rowNumber".split()
)
_RESOURCE_KEYS = frozenset("$schema name type path title description schema".split())


def read_catalog(path: Path) -> Catalog:
    """The catalog in a `datapackage.json`. Raises UserError when the file is absent or does not describe tables."""
    document = read_json(path)
    try:
        return catalog_from(document)
    except UserError as error:
        raise UserError(error.problem, remedy=error.remedy, file=path, table=error.table, column=error.column) from None


def catalog_from(document: Any) -> Catalog:
    """The catalog that a descriptor (a parsed JSON object) describes. Raises UserError where it cannot be one."""
    package = _mapping(document, "the descriptor")
    resources = package.get("resources")
    if not isinstance(resources, list) or not resources:
        raise UserError("the descriptor lists no resource", remedy="add the tables under `resources`")
    described = (_mapping(item, "a resource") for item in resources)
    tables = tuple(_table(item) for item in described if "synth:formOf" not in item)
    named = frozenset(("name", "title", "resources", "synth:person", "$schema"))
    return Catalog(
        tables=tables,
        person=_person(package.get("synth:person")),
        name=str(package.get("name", "tables")),
        title=_text(package.get("title")),
        extra={key: value for key, value in package.items() if key not in named},
    )


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UserError(f"{what} is not a JSON object", remedy="see https://datapackage.org/standard/data-package/")
    return value


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)


def _person(value: Any) -> Person | None:
    if value is None:
        return None
    person = _mapping(value, "`synth:person`")
    if "table" not in person:
        raise UserError("`synth:person` names no table", remedy='write {"table": ..., "key": [...]}')
    return Person(str(person["table"]), _names(person.get("key")), bool(person.get("guessed", False)))


def _table(resource: Mapping[str, Any]) -> Table:
    name = resource.get("name")
    if not isinstance(name, str) or not name:
        raise UserError("a resource has no name", remedy="name every resource")
    schema = resource.get("schema")
    if not isinstance(schema, Mapping) or not isinstance(schema.get("fields"), list):
        raise UserError("the resource has no schema with fields", table=name, remedy="run: synth schemas infer DIR")
    path = resource.get("path")
    if isinstance(path, list):
        raise UserError("a table in several files is not supported", table=name, remedy="join the files into one")
    numbers = _row_numbers(schema, name)
    primary_key = _names(schema.get("primaryKey")) or tuple(column.name for column in numbers)
    if DISTINCT_OF in schema:
        primary_key = tuple(str(_mapping(item, "a field").get("name")) for item in schema["fields"])
    foreign_keys = tuple(_foreign_key(name, _mapping(item, "a foreign key")) for item in schema.get("foreignKeys", ()))
    keys = frozenset(primary_key) | {column for key in foreign_keys for column in key.columns}
    return Table(
        name=name,
        columns=(*numbers, *(column_from(_mapping(item, "a field"), name, keys) for item in schema["fields"])),
        primary_key=primary_key,
        foreign_keys=foreign_keys,
        unique_keys=tuple(_names(key) for key in schema.get("uniqueKeys", ())),
        order_by=_names(schema.get("synth:orderBy")),
        parent=_names(schema["synth:parent"]) if "synth:parent" in schema else None,
        public=bool(schema.get("synth:public", False)),
        rules=tuple(
            rule_from(item, name, i + 1) for i, item in enumerate(_listed(schema.get("synth:rules", []), name))
        ),
        path=_text(path),
        title=_text(resource.get("title")),
        description=_text(resource.get("description")),
        extra={key: value for key, value in schema.items() if key not in _SCHEMA_KEYS},
        resource={key: value for key, value in resource.items() if key not in _RESOURCE_KEYS},
    )


def _row_numbers(schema: Mapping[str, Any], table: str) -> tuple[Column, ...]:
    """The column that numbers the rows, if the schema names one: no field, since the file does not have it."""
    name = schema.get(ROW_NUMBER)
    if name is None:
        return ()
    if not isinstance(name, str) or not name:
        raise UserError(f"`{ROW_NUMBER}` is not a name", table=table, remedy="write the name of the key, as row")
    return (Column(name, "integer", "key", nullable=False, extra={ROW_NUMBER: True}),)


def _listed(value: Any, table: str) -> list[Any]:
    if not isinstance(value, list):
        raise UserError("`synth:rules` is not a list", table=table, remedy="write the rules between [ and ]")
    return value


def _foreign_key(table: str, key: Mapping[str, Any]) -> ForeignKey:
    reference = _mapping(key.get("reference"), "the reference of a foreign key")
    target = str(reference.get("resource") or table)  # no resource, or "", means the table itself
    return ForeignKey(_names(key.get("fields")), target, _names(reference.get("fields")))


def column_from(field: Mapping[str, Any], table: str, keys: frozenset[str] = frozenset()) -> Column:
    """The column that one field of a Table Schema describes; columns named in `keys` get the role `key`."""
    name = field.get("name")
    if not isinstance(name, str) or not name:
        raise UserError("a field has no name", table=table, remedy="name every field")
    kind = field.get("type", "string")
    if kind not in COLUMN_TYPES:
        raise UserError("the field's type is not supported", table=table, column=name, remedy=_one_of(COLUMN_TYPES))
    role = field.get("synth:role") or _role(name, kind, field, keys)
    if role not in ROLES:
        raise UserError("`synth:role` is not a role", table=table, column=name, remedy=_one_of(ROLES))
    limits = _mapping(field.get("constraints", {}), "`constraints`")
    marker = field.get("synth:marker")
    return Column(
        name=name,
        type=cast(ColumnType, kind),
        role=cast(Role, role),
        nullable=not limits.get("required", False),
        categories=_categories(field, limits),
        nomenclature=_text(field.get("synth:nomenclature")),
        valid_from=field.get("synth:validFrom"),
        valid_to=field.get("synth:validTo"),
        format=_text(field.get("format")),
        unique=bool(limits.get("unique", False)),
        minimum=_bound(limits.get("minimum")),
        maximum=_bound(limits.get("maximum")),
        minimum_length=limits.get("minLength"),
        maximum_length=limits.get("maxLength"),
        pattern=_text(limits.get("pattern")),
        scale=field.get("synth:scale"),
        marker=None if marker is None else Marker(marker.get("prefix"), marker.get("start"), marker.get("step", 1)),
        title=_text(field.get("title")),
        description=_text(field.get("description")),
        extra={key: value for key, value in field.items() if key not in _FIELD_KEYS} | _other_limits(limits),
    )


def _other_limits(limits: Mapping[str, Any]) -> dict[str, Any]:
    """Constraints that no attribute of a column holds, such as a date written as a bound: kept as they are."""
    other = {
        key: value
        for key, value in limits.items()
        if key not in _LIMIT_KEYS and not (key in ("minimum", "maximum") and _bound(value) is not None)
    }
    return {"constraints": other} if other else {}


def _one_of(names: tuple[str, ...]) -> str:
    return f"use one of {', '.join(names)}"


def _role(name: str, kind: str, field: Mapping[str, Any], keys: frozenset[str]) -> str:
    if name in keys:
        return "key"
    limits = field.get("constraints", {})
    if "categories" in field or "enum" in limits or "synth:nomenclature" in field or kind == "boolean":
        return "code"
    by_type = {"integer": "number", "number": "number", "year": "number"}
    dates = ("date", "datetime", "time", "yearmonth")
    return "date" if kind in dates else by_type.get(kind, "code")


def _categories(field: Mapping[str, Any], limits: Mapping[str, Any]) -> tuple[str, ...]:
    listed = field.get("categories")
    if listed:
        return tuple(str(item["value"]) if isinstance(item, Mapping) else str(item) for item in listed)
    return tuple(str(item) for item in limits.get("enum", ()))


def _bound(value: Any) -> float | None:
    """Numeric bounds only; a date written as a bound stays in the column's `extra`."""
    return float(value) if isinstance(value, (int, float)) else None
