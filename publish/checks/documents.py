"""The catalogue records beside the descriptor: each has what its specification requires, and speaks of these files.

Required properties are those of Croissant 1.1 with RAI 1.0 (whose own validator only warns of a missing licence or
date), HealthDCAT-AP Release 8 for public data, RO-Crate 1.1, DataCite 4.5, Citation File Format 1.2.0 and Zenodo's
deposits. The full schemas and shapes are not in the package; tests hold what we build to them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from publish.fault import Fault
from publish.package import Package

_R8 = (
    "dct:title dct:description dct:identifier dct:type dct:accessRights dcat:theme dcat:distribution "
    "dcatap:applicableLegislation healthdcatap:healthCategory healthdcatap:hdab healthdcatap:hasStructuredData "
    "healthdcatap:hasVariables dcat:contactPoint dct:publisher schema:digitalSourceType"
).split()
_CROISSANT = (
    "@context name description conformsTo license datePublished version creator publisher citeAs distribution "
    "recordSet rai:hasSyntheticData digitalSourceType"
).split()
_DATACITE = "types creators titles publisher publicationYear schemaVersion rightsList version".split()
_CFF = "cff-version message title authors version license".split()
_ZENODO = "upload_type title description creators access_right license version".split()
_CRATE = "name description datePublished license publisher hasPart prov:wasGeneratedBy".split()


def _json(text: str) -> Any:
    return json.loads(text)


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise ValueError("not YAML") from None


def _whole(document: Any) -> Any:
    return document


def _dataset(document: Any) -> Any:
    """The data set among the nodes of a catalogue record."""
    return next((node for node in document["@graph"] if "dcat:Dataset" in _listed(node.get("@type"))), None)


def _root(document: Any) -> Any:
    """The root of a crate."""
    return next((node for node in document["@graph"] if node.get("@id") == "./"), None)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# file, how it is read, where in it the data set is described, what that must have
RECORDS: tuple[tuple[str, Callable[[str], Any], Callable[[Any], Any], list[str]], ...] = (
    ("croissant.json", _json, _whole, _CROISSANT),
    ("dcat.jsonld", _json, _dataset, _R8),
    ("ro-crate-metadata.json", _json, _root, _CRATE),
    ("datacite.json", _json, _whole, _DATACITE),
    ("CITATION.cff", _yaml, _whole, _CFF),
    (".zenodo.json", _json, _whole, _ZENODO),
)
# records that give the checksum of each data file
_SUMMED = ("croissant.json", "dcat.jsonld", "dcat.ttl", "ro-crate-metadata.json")


def check_documents(package: Package) -> Iterator[Fault]:
    """Faults of the catalogue and citation records; one that is absent is left to the list of files."""
    for name, read, find, required in RECORDS:
        text = _text(package, name)
        if text is not None:
            yield from _record(name, text, read, find, required)
    sums = [str(item.get("hash")).removeprefix("sha256:") for item in package.resources]
    for name in _SUMMED:
        text = _text(package, name)
        absent = 0 if text is None else sum(one not in text for one in sums)
        if absent:
            yield Fault("documents", "does not give the checksum of a data file", file=name, count=absent)


def _text(package: Package, name: str) -> str | None:
    path = package.root / name
    return path.read_text("utf-8", errors="replace") if path.is_file() else None


def _record(
    name: str, text: str, read: Callable[[str], Any], find: Callable[[Any], Any], required: list[str]
) -> Iterator[Fault]:
    try:
        described = find(read(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        described = None
    if not isinstance(described, Mapping):
        yield Fault("documents", "cannot be read as what it is", file=name)
        return
    for key in required:
        if described.get(key) in (None, "", [], {}):
            yield Fault("documents", f"lacks `{key}`, which its specification or a release requires", file=name)
    if name == "croissant.json" and described.get("rai:hasSyntheticData") is not True:
        yield Fault("documents", "does not say that the data are synthetic", file=name)
