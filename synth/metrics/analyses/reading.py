"""Declared analyses read from plain data (a catalog's `synth:analyses`, a recipe's `score.analyses`, a YAML file)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from synth.core.errors import UserError
from synth.core.yamltext import read_yaml
from synth.metrics.analyses.model import Analyses, Condition, Cost, Lookup, Pathway, Population, Survival, Task, Window

Kind = TypeVar("Kind", Survival, Condition, Cost, Pathway, Task)
_SECTIONS: tuple[tuple[str, type[Any]], ...] = (
    ("survival", Survival),
    ("conditions", Condition),
    ("costs", Cost),
    ("pathways", Pathway),
    ("tasks", Task),
)
_SINGLE: tuple[tuple[str, type[Any]], ...] = (("population", Population), ("window", Window))
_LISTS = frozenset(("columns", "values", "prefixes", "occurred", "covariates", "features"))
_REMEDY = "see the section on declared analyses in CONTRIBUTING.md"


def read_analyses(path: Path) -> Mapping[str, Any]:
    """Declared analyses from a YAML file, as plain data. Raises UserError when it is absent or declares none."""
    document = read_yaml(path)
    if not isinstance(document, Mapping) or not document:
        raise UserError("declares no analyses", file=path, remedy=_REMEDY)
    try:
        analyses_from(document, "")
    except UserError as error:
        raise UserError(error.problem, remedy=error.remedy, file=path) from None
    return document


def analyses_from(document: Any, origin: str) -> Analyses:
    """Analyses from a mapping. Raises UserError for an unknown key or a value of another kind than expected."""
    if not isinstance(document, Mapping):
        raise UserError("the analyses are not a list of sections", remedy=_REMEDY)
    known = {name for name, _ in (*_SECTIONS, *_SINGLE)}
    _only(document, known, "analyses")
    found: dict[str, Any] = {}
    for name, kind in _SECTIONS:
        items = document.get(name) or []
        if not isinstance(items, list):
            raise UserError(f"`{name}` of the analyses is not a list", remedy=_REMEDY)
        found[name] = tuple(_item(kind, item, name) for item in items)
        if len({_called(item) for item in found[name]}) < len(found[name]):
            raise UserError(f"two `{name}` of the analyses have the same name", remedy="name them apart")
    for name, kind in _SINGLE:
        if document.get(name) is not None:
            found[name] = _item(kind, document[name], name)
    return Analyses(**found, origin=origin)


def _called(item: Any) -> str:
    return str(getattr(item, "name", None) or item.target)


def _item(kind: type[Any], item: Any, section: str) -> Any:
    if not isinstance(item, Mapping):
        raise UserError(f"`{section}` of the analyses holds something that is not `key: value`", remedy=_REMEDY)
    if "column" in item:
        item = {**{key: value for key, value in item.items() if key != "column"}, "columns": item["column"]}
    names = {field.name: field for field in fields(kind)} | {}
    names.pop("declared", None)
    _only(item, set(names), f"`{section}` of the analyses")
    given = {str(key): _value(str(key), value, section) for key, value in item.items() if value is not None}
    required = {"name", "columns", "target", "start", "close"} & set(names)
    if kind is Survival:
        required = {"name"}
    missing = sorted(required - set(given))
    if missing:
        raise UserError(f"`{section}` of the analyses lacks `{missing[0]}`", remedy=_REMEDY)
    if kind is Survival and not (given.get("time") or given.get("end")):
        raise UserError("`survival` of the analyses names neither `time` nor `end`", remedy=_REMEDY)
    return kind(**given)


def _value(key: str, value: Any, section: str) -> Any:
    if key == "lookup":
        if not isinstance(value, Mapping) or set(value) != {"table", "key", "to"}:
            raise UserError("`lookup` of the analyses needs table, key and to", remedy=_REMEDY)
        return Lookup(str(value["table"]), str(value["key"]), str(value["to"]))
    if key == "causes":
        if not isinstance(value, Mapping):
            raise UserError("`causes` of the analyses is not a list of name: values", remedy=_REMEDY)
        return tuple((str(name), _texts(values)) for name, values in value.items())
    if key in _LISTS:
        return _texts(value)
    if key in ("weight", "length"):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise UserError(f"`{key}` in `{section}` of the analyses is not a positive whole number", remedy=_REMEDY)
        return value
    if isinstance(value, list | Mapping):
        raise UserError(f"`{key}` in `{section}` of the analyses is not one value", remedy=_REMEDY)
    return str(value)


def _texts(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(text_of(item) for item in items)


def text_of(value: Any) -> str:
    """A value as codes are compared: whole numbers without a fraction, booleans in small letters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _only(item: Mapping[Any, Any], known: set[str], where: str) -> None:
    unknown = sorted(str(key) for key in item if key not in known)
    if unknown:
        raise UserError(f"`{unknown[0]}` is no key of {where}", remedy=f"use one of {', '.join(sorted(known))}")
