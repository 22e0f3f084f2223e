"""What only the publisher can say about a release: title, who, licence, where and when. Read from a recipe or a YAML.

    metadata:
      title: ...
      description: ...
      version: 1.0.0                       # MAJOR.MINOR.PATCH
      keywords: [..., ...]
      publisher: {name: ..., url: https://..., email: ...}
      spatial: France                      # or {name: ..., uri: http://publications.europa.eu/...}
      temporal: 2021-01-01/2023-12-31      # or {start: ..., end: ...}
      licence: etalab-2.0                  # taken, and said so, when none is named

All that is missing or malformed is told in one error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from publish.licences import DEFAULT_LICENCE, LICENCES, Licence
from publish.vocabularies import HEALTH_CATEGORIES, LANGUAGES
from synth.core.errors import UserError
from synth.core.yamltext import read_yaml


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or an organisation. `roles` are Data Package contributor roles; `orcid` is for persons."""

    name: str
    url: str | None = None
    email: str | None = None
    organisation: str | None = None
    orcid: str | None = None
    person: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place or a coding system: its name and, when known, its address (a place's in the EU country table)."""

    name: str
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """The publisher's description of a release. `temporal` is the first and last day the rows speak of (ISO 8601).

    `typical_ages` are the least and greatest age of most persons in years; `coding_systems` what codes are taken from,
    by name or by name and address.
    """

    title: str
    description: str
    version: str
    keywords: tuple[str, ...]
    publisher: Agent
    contact: Agent
    contributors: tuple[Agent, ...]
    spatial: tuple[Place, ...]
    temporal: tuple[str, str]
    name: str | None = None
    licence: Licence = LICENCES[DEFAULT_LICENCE]
    identifiers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    title_fr: str | None = None
    description_fr: str | None = None
    homepage: str | None = None
    sources: tuple[Agent, ...] = ()
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    origin: str = "learned"
    health_categories: tuple[str, ...] = ("HRAD",)
    intended_uses: tuple[str, ...] = ()
    forbidden_uses: tuple[str, ...] = ()
    typical_ages: tuple[int, int] | None = None
    coding_systems: tuple[Place, ...] = ()
    licence_chosen: bool = True  # False: nobody named one, and the default stands in


REQUIRED = (
    "title",
    "description",
    "version",
    "keywords",
    "publisher.name",
    "publisher.url",
    "publisher.email",
    "spatial",
    "temporal",
)
_KNOWN = frozenset(Metadata.__dataclass_fields__) - {"licence_chosen"}
_COUNTRIES = {
    name: f"http://publications.europa.eu/resource/authority/country/{code}"
    for name, code in (
        ("France", "FRA"),
        ("Belgium", "BEL"),
        ("Germany", "DEU"),
        ("Italy", "ITA"),
        ("Poland", "POL"),
        ("Spain", "ESP"),
        ("United States", "USA"),
    )
}
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_URL = re.compile(r"https?://[^\s/]+\S*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ORIGINS = ("learned", "rules")


def read_metadata(path: Path) -> Metadata:
    """Metadata from a YAML file: the mapping under `metadata`, under `publish`, or the whole file.

    Raises UserError when the file cannot be read, or naming everything that is missing.
    """
    document = read_yaml(path)
    if not isinstance(document, Mapping):
        raise UserError("is not a YAML mapping", file=path, remedy="write the metadata under `metadata:`")
    return metadata_from(_section(document), where=str(path))


def _section(document: Mapping[str, Any]) -> Mapping[str, Any]:
    for key in ("metadata", "publish"):
        inner = document.get(key)
        if isinstance(inner, Mapping):
            return _section(inner) if "metadata" in inner else inner
    return document


def metadata_from(given: Mapping[str, Any], where: str = "the recipe") -> Metadata:
    """Metadata from plain data. Raises one UserError that names every missing, unknown or malformed key of `where`."""
    wrong = [f"{name} (missing)" for name in REQUIRED if not _look(given, name)]
    wrong += [f"{name} (not a metadata key)" for name in given if name not in _KNOWN and not str(name).startswith("x-")]
    wrong += [f"{name} ({why})" for name, check, why in _CHECKS if _look(given, name) and not check(_look(given, name))]
    if wrong:
        raise UserError(
            f"publisher metadata is incomplete: {', '.join(sorted(wrong, key=_rank))}",
            file=where,
            remedy="write them under `metadata:`, which in a recipe stands under `publish:`",
        )
    return _build(given)


def _rank(line: str) -> tuple[int, str]:
    name = line.split(" ", 1)[0]
    return (REQUIRED.index(name) if name in REQUIRED else len(REQUIRED), line)


def _look(given: Mapping[str, Any], dotted: str) -> Any:
    value: Any = given
    for part in dotted.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _temporal(value: Any) -> tuple[str, str] | None:
    """First and last day; a lone year stands for all of it."""
    if isinstance(value, Mapping):
        bounds = [str(value.get("start", "")), str(value.get("end", ""))]
    else:
        bounds = str(value).split("/")
        bounds = bounds * 2 if len(bounds) == 1 else bounds
    if len(bounds) != 2:
        return None
    first, last = (text.strip() for text in bounds)
    first = f"{first}-01-01" if re.fullmatch(r"\d{4}", first) else first
    last = f"{last}-12-31" if re.fullmatch(r"\d{4}", last) else last
    try:
        return (first, last) if date.fromisoformat(first) <= date.fromisoformat(last) else None
    except ValueError:
        return None


def _ages(value: Any) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d{1,3})-(\d{1,3})", str(value))
    return (int(found[1]), int(found[2])) if found and int(found[1]) <= int(found[2]) else None


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (str(value),) if not isinstance(value, (list, tuple)) else tuple(str(item) for item in value)


def _items(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _agents_named(value: Any) -> bool:
    return all(isinstance(item, Mapping) and bool(item.get("name")) for item in _items(value))


def _places_named(value: Any) -> bool:
    return all(
        isinstance(item, str) or (isinstance(item, Mapping) and bool(item.get("name"))) for item in _items(value)
    )


_CHECKS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("version", lambda value: bool(_VERSION.fullmatch(str(value))), "write MAJOR.MINOR.PATCH"),
    ("publisher.url", lambda value: bool(_URL.fullmatch(str(value))), "write an http(s) address"),
    ("publisher.email", lambda value: bool(_EMAIL.fullmatch(str(value))), "write an e-mail address"),
    ("homepage", lambda value: bool(_URL.fullmatch(str(value))), "write an http(s) address"),
    ("temporal", lambda value: _temporal(value) is not None, "write YYYY-MM-DD/YYYY-MM-DD"),
    ("licence", lambda value: str(value) in LICENCES, f"write one of {', '.join(LICENCES)}"),
    ("languages", lambda value: set(_texts(value)) <= set(LANGUAGES), f"write some of {', '.join(LANGUAGES)}"),
    (
        "health_categories",
        lambda value: set(_texts(value)) <= set(HEALTH_CATEGORIES),
        f"write some of {', '.join(HEALTH_CATEGORIES)}",
    ),
    ("contributors", _agents_named, "give each a name"),
    ("sources", _agents_named, "give each a name"),
    ("contact", _agents_named, "give it a name"),
    ("spatial", _places_named, "give each place a name"),
    ("changes", lambda value: isinstance(value, Mapping), "write VERSION: [what changed]"),
    ("typical_ages", lambda value: _ages(value) is not None, "write YOUNGEST-OLDEST, as 18-65"),
    ("coding_systems", _places_named, "give each a name"),
    ("origin", lambda value: value in ORIGINS, f"write one of {', '.join(ORIGINS)}"),
)


def _agent(value: Mapping[str, Any], **defaults: Any) -> Agent:
    known = {key: item for key, item in value.items() if key in Agent.__dataclass_fields__ and item is not None}
    known["roles"] = _texts(known.get("roles", defaults.get("roles", ())))
    return Agent(**{**defaults, **known})


def _place(value: Any) -> Place:
    if isinstance(value, Mapping):
        return Place(str(value["name"]), value.get("uri") or _COUNTRIES.get(str(value["name"])))
    return Place(value, _COUNTRIES.get(value))


def _build(given: Mapping[str, Any]) -> Metadata:
    publisher = _agent(given["publisher"], roles=("publisher",))
    contact = given.get("contact")
    contributors = given.get("contributors")
    temporal = _temporal(given["temporal"])
    assert temporal is not None
    plain = ("name", "title_fr", "description_fr", "homepage")
    lists = ("identifiers", "health_categories", "intended_uses", "forbidden_uses", "languages")
    extra: dict[str, Any] = {key: str(given[key]).strip() for key in plain if given.get(key)}
    extra |= {key: _texts(given[key]) for key in lists if given.get(key)}
    return Metadata(
        title=str(given["title"]).strip(),
        description=str(given["description"]).strip(),
        version=str(given["version"]),
        keywords=_texts(given["keywords"]),
        publisher=publisher,
        contact=_agent(contact, url=publisher.url, email=publisher.email) if contact else publisher,
        contributors=tuple(_agent(item) for item in _items(contributors)) if contributors else (publisher,),
        spatial=tuple(_place(item) for item in _items(given["spatial"])),
        temporal=temporal,
        licence=LICENCES[str(given.get("licence") or DEFAULT_LICENCE)],
        licence_chosen=bool(given.get("licence")),
        sources=tuple(_agent(item) for item in _items(given.get("sources") or ())),
        changes={str(version): _texts(lines) for version, lines in (given.get("changes") or {}).items()},
        origin=str(given.get("origin") or "learned"),
        typical_ages=_ages(given.get("typical_ages")),
        coding_systems=tuple(_place(item) for item in _items(given.get("coding_systems") or ())),
        **extra,
    )
