"""Repair one table of schema-snds: our facts where we know the table, the Oracle type where we do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from synth.core.snds.store import snds_tables, table_schema
from synth.schemas_import.defects import Repair

Json = Mapping[str, Any]
_TEXT_ONLY = ("integer", "boolean", "year", "yearmonth", "date", "datetime")
_KEPT = ("name", "type", "constraints", "synth:role", "synth:nomenclature", "synth:scale", "synth:years")
_KEPT_MORE = ("synth:unlisted", "synth:oracle", "synth:titleEn", "synth:descriptionEn")


def repaired(official: Json, lists: frozenset[str], tables: Mapping[str, Json]) -> tuple[dict[str, Any], list[Repair]]:
    """The Table Schema to cache, with the publisher's own titles, and what had to be repaired.

    `lists` names the code lists that the checkout publishes, `tables` its other tables by name.
    """
    name = str(official["name"])
    known = table_schema(name) if name in snds_tables() else None
    repairs = [repair for field in official["fields"] for repair in _field_defects(name, field, known, lists)]
    repairs += _table_defects(official, known, tables)
    schema: dict[str, Any] = {"name": name, "title": official.get("title") or ""}
    if known is None:
        schema["fields"] = [_generic(field) for field in official["fields"]]
        return schema, repairs
    titles = {str(field["name"]).upper(): str(field.get("description") or "") for field in official["fields"]}
    schema["fields"] = [_ours(field, titles) for field in known["fields"]]
    schema |= {key: value for key, value in known.items() if key not in ("name", "title", "fields", "synth:titleEn")}
    return schema, repairs


def _ours(field: Json, titles: Mapping[str, str]) -> dict[str, Any]:
    kept = {key: field[key] for key in (*_KEPT, *_KEPT_MORE) if key in field}
    title = titles.get(field["name"]) or field.get("title")
    return kept | ({"title": title} if title else {})


def _generic(field: Json) -> dict[str, Any]:
    """A field of a table that we do not know, by its Oracle type."""
    kinds = {"string": "string", "date": "date", "datetime": "date", "integer": "integer"}
    oracle = field.get("type_oracle")
    kind = (
        "number" if oracle == "number" and field["type"] == "number" else kinds.get(oracle or field["type"], "integer")
    )
    size, _, scale = str(field.get("length") or "").partition(",")
    found: dict[str, Any] = {"name": str(field["name"]).upper(), "type": kind, "title": field.get("description") or ""}
    if kind == "string" and size.isdigit():
        found["constraints"] = {"maxLength": int(size)}
    if kind == "number" and scale.isdigit():
        found["synth:scale"] = int(scale)
    return found


def _field_defects(table: str, field: Json, known: Json | None, lists: frozenset[str]) -> Iterator[Repair]:
    name, kind, oracle = str(field["name"]), field["type"], field.get("type_oracle")
    limits = field.get("constraints") or {}
    listed = str(field.get("nomenclature") or "-")
    ours = {item["name"]: item for item in known["fields"]}.get(name.upper()) if known is not None else None
    found = {
        "text": oracle == "string" and kind in _TEXT_ONLY,
        "flag": oracle == "number" and kind == "boolean",
        "day": oracle == "date" and kind == "datetime",
        "precision": ours is not None and _resized(field, ours),
        "bounds": bool({"minimum", "maximum", "minLength", "pattern"} & set(limits)),
        "enum": "enum" in limits,
        "unique": bool(limits.get("unique")) and name in ("BEN_NIR_PSA", "BEN_IDT_ANO"),
        "case": name != name.upper(),
        "misplaced": known is not None and ours is None,
        "list": ":" in listed,
        "absent-list": listed != "-" and listed.split(":")[0] not in lists,
    }
    for kind_of, present in found.items():
        if present:
            yield Repair(kind_of, table, name)


def _resized(field: Json, ours: Json) -> bool:
    """Whether the written size differs from the true one, for sizes that say something on both sides."""
    size, _, scale = str(field.get("length") or "").partition(",")
    if ours["type"] == "number" and "synth:scale" in ours and size.isdigit():
        digits = str(ours["synth:oracle"]).removeprefix("NUMBER(").rstrip(")").split(",")
        return digits != [size, scale] if scale else False
    length = ours.get("constraints", {}).get("maxLength")
    return ours["type"] == "string" and size.isdigit() and length is not None and int(size) != length


def _table_defects(official: Json, known: Json | None, tables: Mapping[str, Json]) -> Iterator[Repair]:
    name = str(official["name"])
    written = official.get("primaryKey")
    if isinstance(written, str):
        yield Repair("key-text", name)
    if known is not None:
        primary = [written] if isinstance(written, str) else list(written or ())
        if sorted(known.get("primaryKey", ())) != sorted(item.upper() for item in primary):
            yield Repair("key", name)
        present = {str(field["name"]).upper() for field in official["fields"]}
        for field in known["fields"]:
            if field["name"] not in present:
                yield Repair("missing", name, field["name"])
        if _links(official) != _links(known):
            yield Repair("link", name)
    for link in official.get("foreignKeys") or ():
        yield from _link_defects(name, official, link, tables)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(item.upper() for item in ((value,) if isinstance(value, str) else value or ()))


def _links(schema: Json) -> set[tuple[tuple[str, ...], str]]:
    return {
        (tuple(sorted(_names(link["fields"]))), link["reference"]["resource"])
        for link in schema.get("foreignKeys") or ()
    }


def _link_defects(table: str, official: Json, link: Json, tables: Mapping[str, Json]) -> Iterator[Repair]:
    target = tables.get(link["reference"]["resource"])
    if target is None:
        return
    mine, theirs = _names(link["fields"]), _names(link["reference"]["fields"])
    if sorted(theirs) != sorted(_names(target.get("primaryKey"))):
        yield Repair("target", table, "+".join(mine))
    here, there = _by_name(official), _by_name(target)
    for left, right in zip(mine, theirs, strict=False):
        if left in here and right in there:
            if here[left]["type"] != there[right]["type"]:
                yield Repair("link-type", table, left)
            if here[left].get("length") != there[right].get("length"):
                yield Repair("link-size", table, left)


def _by_name(schema: Json) -> dict[str, Json]:
    return {str(field["name"]).upper(): field for field in schema["fields"]}
