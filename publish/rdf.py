"""A few statements in RDF as a tree, written as Turtle 1.1 and as JSON-LD 1.1: enough for one dataset record.

Writing them here keeps rdflib out of the dependencies; the tests read both back with rdflib and find the same graph.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PREFIXES: dict[str, str] = {
    "adms": "http://www.w3.org/ns/adms#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "dqv": "http://www.w3.org/ns/dqv#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "healthdcatap": "http://healthdataportal.eu/ns/health#",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True, slots=True)
class Iri:
    """A resource by its address."""

    value: str


@dataclass(frozen=True, slots=True)
class Text:
    """A literal: in a language, of a datatype (`xsd:date`), or plain."""

    value: str
    language: str | None = None
    datatype: str | None = None


@dataclass(frozen=True)
class Node:
    """A resource and what is said of it; without `iri` a blank node. Properties are prefixed names, in order."""

    types: tuple[str, ...]
    properties: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    iri: str | None = None


Value = Iri | Text | Node


def several(*values: Value | None) -> tuple[Value, ...]:
    """The values that are there."""
    return tuple(value for value in values if value is not None)


def address(text: str) -> str:
    """An address with the characters that an IRI may not hold written in percent form."""
    return re.sub(r'[\x00-\x20<>"{}|^`\\]', lambda match: f"%{ord(match[0]):02X}", text)


def turtle(nodes: Sequence[Node]) -> str:
    """The nodes as Turtle, prefixes first."""
    head = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())
    return head + "".join(f"\n<{address(node.iri or '')}>{_body(node, 1)} .\n" for node in nodes)


def _body(node: Node, depth: int) -> str:
    pad = "\n" + "  " * depth
    said = [f"a {', '.join(node.types)}"] if node.types else []
    for name, values in node.properties.items():
        if values:
            said.append(f"{name} " + ", ".join(_object(value, depth) for value in values))
    return pad + f" ;{pad}".join(said)


def _object(value: Value, depth: int) -> str:
    if isinstance(value, Iri):
        return f"<{address(value.value)}>"
    if isinstance(value, Text):
        tail = f"@{value.language}" if value.language else f"^^{value.datatype}" if value.datatype else ""
        return f'"{_escaped(value.value)}"{tail}'
    return f"[{_body(value, depth + 1)}\n{'  ' * depth}]"


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(letter) or (letter if letter >= " " else f"\\u{ord(letter):04X}") for letter in text)


def json_ld(nodes: Sequence[Node]) -> dict[str, Any]:
    """The nodes as a JSON-LD document with one graph."""
    return {"@context": dict(PREFIXES), "@graph": [_object_ld(node) for node in nodes]}


def _object_ld(value: Value) -> Any:
    if isinstance(value, Iri):
        return {"@id": address(value.value)}
    if isinstance(value, Text):
        return _literal(value)
    written: dict[str, Any] = {} if value.iri is None else {"@id": address(value.iri)}
    if value.types:
        written["@type"] = _one_or_all(list(value.types))
    said = {name: _one_or_all([_object_ld(item) for item in items]) for name, items in value.properties.items()}
    return written | {name: items for name, items in said.items() if items != []}


def _one_or_all(items: list[Any]) -> Any:
    """JSON-LD reads a lone value as it reads a list of one, in fewer characters."""
    return items[0] if len(items) == 1 else items


def _literal(text: Text) -> Any:
    if text.language:
        return {"@value": text.value, "@language": text.language}
    return {"@value": text.value, "@type": text.datatype} if text.datatype else text.value
