"""The other way of `descriptor`: a catalog written as a Data Package 2.0 descriptor, keys in a fixed order."""

from __future__ import annotations

from typing import Any

from synth.core.catalog import Catalog, Column, ForeignKey, Table
from synth.core.descriptor import DISTINCT_OF, PROFILE, ROW_NUMBER
from synth.core.tablerules import document_of


def descriptor_of(catalog: Catalog) -> dict[str, Any]:
    """The descriptor as plain JSON data; `catalog_from` gives an equal catalog back."""
    document: dict[str, Any] = {"$schema": PROFILE, "name": catalog.name}
    if catalog.title is not None:
        document["title"] = catalog.title
    document.update(catalog.extra)
    if catalog.person is not None:
        person = {"table": catalog.person.table, "key": list(catalog.person.key)}
        document["synth:person"] = person | ({"guessed": True} if catalog.person.guessed else {})
    document["resources"] = [resource_of(table) for table in catalog.tables]
    return document


def resource_of(table: Table) -> dict[str, Any]:
    """A table as a Data Resource."""
    resource: dict[str, Any] = {"name": table.name, "type": "table"}
    for key in ("path", "title", "description"):
        value = getattr(table, key)
        if value is not None:
            resource[key] = value
    resource.update(table.resource)
    resource["schema"] = schema_of(table)
    return resource


def schema_of(table: Table) -> dict[str, Any]:
    """A table as a Table Schema."""
    number = _row_number(table)
    schema: dict[str, Any] = {"fields": [field_of(column) for column in table.columns if column.name != number]}
    if number is not None:
        schema[ROW_NUMBER] = number
    elif table.primary_key and DISTINCT_OF not in table.extra:  # there it is no key of the file
        schema["primaryKey"] = list(table.primary_key)
    if table.unique_keys:
        schema["uniqueKeys"] = [list(key) for key in table.unique_keys]
    if table.foreign_keys:
        schema["foreignKeys"] = [_foreign_key(table, key) for key in table.foreign_keys]
    if table.order_by:
        schema["synth:orderBy"] = list(table.order_by)
    if table.parent is not None:
        schema["synth:parent"] = list(table.parent)
    if table.public:
        schema["synth:public"] = True
    if table.rules:
        schema["synth:rules"] = [document_of(rule) for rule in table.rules]
    return schema | dict(table.extra)


def _row_number(table: Table) -> str | None:
    """The key that numbers the rows, which is no field: whoever reads the file by this schema would miss it."""
    first = table.columns[0] if table.columns else None
    numbers = first is not None and first.extra.get(ROW_NUMBER) is True and table.primary_key == (first.name,)
    return first.name if first is not None and numbers else None


def _foreign_key(table: Table, key: ForeignKey) -> dict[str, Any]:
    # frictionless-py reads an empty resource name as "this table"
    resource = "" if key.target == table.name else key.target
    return {"fields": list(key.columns), "reference": {"resource": resource, "fields": list(key.target_columns)}}


def field_of(column: Column) -> dict[str, Any]:
    """A column as a field of a Table Schema."""
    field: dict[str, Any] = {"name": column.name, "type": column.type}
    for key in ("format", "title", "description"):
        value = getattr(column, key)
        if value is not None:
            field[key] = value
    constraints = _constraints(column) | dict(column.extra.get("constraints", {}))
    if constraints:
        field["constraints"] = constraints
    field["synth:role"] = column.role
    named = {"nomenclature": "nomenclature", "validFrom": "valid_from", "validTo": "valid_to", "scale": "scale"}
    field.update(
        {f"synth:{key}": getattr(column, name) for key, name in named.items() if getattr(column, name) is not None}
    )
    if column.marker is not None:
        prefix, start, step = column.marker.prefix, column.marker.start, column.marker.step
        field["synth:marker"] = {"prefix": prefix} if prefix is not None else {"start": start, "step": step}
    return field | {key: value for key, value in column.extra.items() if key != "constraints"}


def _constraints(column: Column) -> dict[str, Any]:
    whole = column.type in ("integer", "year")
    found = {
        "required": True if not column.nullable else None,
        "unique": True if column.unique else None,
        "minimum": _number(column.minimum, whole),
        "maximum": _number(column.maximum, whole),
        "minLength": column.minimum_length,
        "maxLength": column.maximum_length,
        "pattern": column.pattern,
        "enum": [_typed(column, value) for value in column.categories] or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _number(value: float | None, whole: bool) -> float | int | None:
    return int(value) if whole and value is not None else value


def _typed(column: Column, value: str) -> Any:
    if column.type in ("integer", "year"):
        return int(value)
    if column.type == "number":
        return float(value)
    if column.type == "boolean":
        return value.lower() in ("true", "1")
    return value
