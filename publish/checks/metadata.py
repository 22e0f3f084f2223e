"""The descriptor says what a reuser needs: who, under which licence, since when, and which columns hold what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from publish.fault import Fault
from publish.package import DESCRIPTOR, Package
from synth.core.descriptor import PROFILE
from synth.core.errors import UserError

_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _licensed(value: Any) -> bool:
    return _filled(value) and all(_text(item.get("name")) or _text(item.get("path")) for item in value)


def _filled(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _published(value: Any) -> bool:
    return _filled(value) and any(_publishes(item.get("roles")) and _text(item.get("title")) for item in value)


def _publishes(roles: Any) -> bool:
    return isinstance(roles, list) and "publisher" in roles


# property of the descriptor, what it must satisfy, how the fault reads
PROPERTIES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("$schema", lambda value: value == PROFILE, "is not the Data Package 2.0 profile"),
    ("name", _text, "is missing"),
    ("id", _text, "is missing"),
    ("title", _text, "is missing"),
    ("description", _text, "is missing"),
    ("version", lambda value: _text(value) and bool(re.fullmatch(r"\d+\.\d+\.\d+", value)), "is not MAJOR.MINOR.PATCH"),
    ("created", lambda value: _text(value) and bool(_MOMENT.fullmatch(value)), "is not a moment in UTC"),
    ("licenses", _licensed, "names no licence"),
    ("contributors", _published, "names no publisher"),
    ("keywords", lambda value: isinstance(value, list) and bool(value) and all(map(_text, value)), "is empty"),
    ("resources", _filled, "lists no resource"),
)


def check_metadata(package: Package) -> Iterator[Fault]:
    """Faults of the descriptor against the standard and against what a release needs beyond it."""
    for name, holds, problem in PROPERTIES:
        if not holds(package.descriptor.get(name)):
            yield Fault("metadata", f"`{name}` {problem}", file=DESCRIPTOR)
    names = [item.get("name") for item in package.resources]
    if len(set(map(str, names))) != len(names):
        yield Fault("metadata", "two resources have the same name", file=DESCRIPTOR)
    for item in package.resources:
        yield from _resource(item)
    try:
        described = package.catalog.tables
    except UserError as error:
        yield Fault("metadata", error.problem, DESCRIPTOR, error.table, error.column)
        return
    if described:
        yield from _standard(package)


def _resource(item: Mapping[str, Any]) -> Iterator[Fault]:
    table = str(item.get("name"))
    if not _HASH.fullmatch(str(item.get("hash"))):
        yield Fault("metadata", "`hash` is not a SHA-256", file=DESCRIPTOR, table=table)
    if not isinstance(item.get("bytes"), int):
        yield Fault("metadata", "`bytes` is not a number", file=DESCRIPTOR, table=table)
    if "synth:formOf" not in item and not isinstance(item.get("schema"), Mapping):
        yield Fault("metadata", "has no schema", file=DESCRIPTOR, table=table)


def _standard(package: Package) -> Iterator[Fault]:
    """What frictionless finds wrong with the descriptor itself; only kinds of errors are repeated, not their text."""
    from frictionless import FrictionlessException
    from frictionless import Package as Standard

    try:
        kinds = [error.type for error in Standard.metadata_validate(dict(package.descriptor))]
    except FrictionlessException as refusal:
        kinds = [refusal.error.type]
    except (TypeError, ValueError, AttributeError, KeyError):  # frictionless trips over values of the wrong kind
        kinds = ["a property is not of its kind"]
    for kind in kinds:
        yield Fault("metadata", f"breaks the standard ({kind})", file=DESCRIPTOR)
