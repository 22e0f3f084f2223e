"""A data holder's own metadata profile, filled from a package by a mapping written in YAML.

    profile: Our catalogue                 # what it is called in messages
    fields:
      identifier: {from: package.id, required: true}
      title.fr: {from: package.title}      # dots make objects
      contact: {from: package.contributors.0.email}
      licence: {from: package.licenses.0.name, map: {etalab-2.0: LO}}
      policy: {from: verdict.policy, default: not judged}
      synthetic: {value: true}

`from` starts at `package` (datapackage.json), `verdict` or `scores`; a number picks an item of a list, `*` all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

from publish.package import Package, open_package
from synth.core.errors import UserError
from synth.core.files import write_text
from synth.core.jsontext import dumps, read_json
from synth.core.yamltext import read_yaml

_KEYS = frozenset("from value map default required".split())


def extend(path: Path, profile: Path, out: Path) -> Path:
    """Write the profile's document about the package at `path` to `out`: YAML when its name says so, else JSON.

    Raises UserError on a profile that cannot be read, or one that names every required field the package lacks.
    """
    fields = _fields(profile)
    with open_package(path) as package:
        roots = _roots(package)
        found = {name: _filled(rule, roots) for name, rule in fields.items()}
    missing = [name for name, rule in fields.items() if rule.get("required") and found[name] in (None, "", [])]
    if missing:
        remedy = "write them in the publisher's metadata, or map them to something the package holds"
        raise UserError(f"the package lacks {', '.join(missing)}", file=profile, remedy=remedy)
    document: dict[str, Any] = {}
    for name, value in found.items():
        if value is not None:
            _put(document, name.split("."), value, profile)
    write_text(out, _text(document, out))
    return out


def _fields(profile: Path) -> Mapping[str, Mapping[str, Any]]:
    document = read_yaml(profile)
    fields = document.get("fields") if isinstance(document, Mapping) else None
    if not isinstance(fields, Mapping) or not fields:
        remedy = "write each as a line under `fields:`, such as title.fr: {from: package.title}"
        raise UserError("describes no field", file=profile, remedy=remedy)
    wrong = [str(name) for name, rule in fields.items() if not _sound(name, rule)]
    if wrong:
        remedy = "give each `from` or `value`, and at most map, default, required"
        raise UserError(f"fields that cannot be followed: {', '.join(wrong)}", file=profile, remedy=remedy)
    return fields


def _sound(name: object, rule: object) -> bool:
    if not isinstance(name, str) or not isinstance(rule, Mapping) or not set(rule) <= _KEYS:
        return False
    if ("from" in rule) == ("value" in rule) or not isinstance(rule.get("map", {}), Mapping):
        return False
    return "value" in rule or str(rule["from"]).split(".")[0] in ("package", "verdict", "scores")


def _roots(package: Package) -> dict[str, Any]:
    roots: dict[str, Any] = {"package": package.descriptor}
    for name in ("verdict", "scores"):
        file = package.root / f"{name}.json"
        roots[name] = read_json(file) if file.is_file() else None
    return roots


def _filled(rule: Mapping[str, Any], roots: Mapping[str, Any]) -> Any:
    if "value" in rule:
        return rule["value"]
    found = _at(roots, str(rule["from"]).split("."))
    if found is None:
        return rule.get("default")
    mapped = rule.get("map")
    return mapped.get(found, rule.get("default", found)) if mapped and isinstance(found, str) else found


def _at(value: Any, steps: list[str]) -> Any:
    if not steps:
        return value
    if isinstance(value, list):
        if steps[0] == "*":
            return [item for item in (_at(each, steps[1:]) for each in value) if item is not None]
        inside = steps[0].isdigit() and int(steps[0]) < len(value)
        return _at(value[int(steps[0])], steps[1:]) if inside else None
    return _at(value.get(steps[0]), steps[1:]) if isinstance(value, Mapping) else None


def _put(document: dict[str, Any], steps: list[str], value: Any, profile: Path) -> None:
    for step in steps[:-1]:
        document = document.setdefault(step, {})
        if not isinstance(document, dict):
            raise UserError(f"field {'.'.join(steps)} lies inside another", file=profile, remedy="rename one of them")
    document[steps[-1]] = value


def _text(document: Mapping[str, Any], out: Path) -> str:
    if out.suffix not in (".yaml", ".yml"):
        return dumps(_plain(document))
    import yaml

    return str(yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True))


def _plain(value: Any) -> Any:
    """What YAML may hold and JSON does not, as JSON writes it: dates as text, numbers that are none as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and not isfinite(value) else value
