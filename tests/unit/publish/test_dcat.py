"""The catalogue record against the shapes of DCAT-AP, HealthDCAT-AP and the French hub's catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from publish.build import build_package
from publish.rdf import Iri, Node, Text, json_ld, turtle
from synth.core.jsontext import dumps

from .conftest import METADATA

rdflib = pytest.importorskip("rdflib")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

SHAPES = (
    "dcat-ap-3.0.1/shapes.ttl",
    "dcat-ap-3.0.1/range.ttl",
    "dcat-ap-3.0.1/mdr-vocabularies.shape.ttl",
    "dcat-ap-3.0.1/dcat-ap-SHACL.ttl",
    "healthdcat-ap-r8/public-shapes.ttl",
    "hdh/hdap-validator-sensitivity-shape.ttl",
)
HEALTH = "http://healthdataportal.eu/ns/health#"


def graph(text: str, format: str = "turtle") -> rdflib.Graph:
    return rdflib.Graph().parse(data=text, format=format)


@pytest.mark.shared
@pytest.mark.parametrize("shape", SHAPES)
def test_the_record_conforms(package_dir: Path, shared: Path, shape: str) -> None:
    pyshacl = pytest.importorskip("pyshacl")
    record = graph((package_dir / "dcat.ttl").read_text("utf-8"))

    shapes = rdflib.Graph().parse(shared / "specs" / shape)
    # one of them warns that the publisher is not among the EU's own corporate bodies
    conforms, _, report = pyshacl.validate(record, shacl_graph=shapes, allow_warnings=True)

    assert conforms, report


@pytest.mark.shared
@pytest.mark.parametrize("missing", ["hdab", "healthCategory", "hasVariables"])
def test_a_record_without_a_mandatory_property_does_not(package_dir: Path, shared: Path, missing: str) -> None:
    pyshacl = pytest.importorskip("pyshacl")
    record = graph((package_dir / "dcat.ttl").read_text("utf-8"))
    record.remove((None, rdflib.URIRef(HEALTH + missing), None))
    shapes = rdflib.Graph().parse(shared / "specs/healthdcat-ap-r8/public-shapes.ttl")

    assert not pyshacl.validate(record, shacl_graph=shapes)[0]


def test_turtle_and_json_ld_say_the_same(package_dir: Path) -> None:
    from rdflib.compare import isomorphic

    first = graph((package_dir / "dcat.ttl").read_text("utf-8"))
    second = graph((package_dir / "dcat.jsonld").read_text("utf-8"), "json-ld")

    assert len(first) > 200 and isomorphic(first, second)


def test_it_says_synthetic_and_counts(package_dir: Path) -> None:
    record = graph((package_dir / "dcat.ttl").read_text("utf-8"))
    kind = rdflib.URIRef("http://publications.europa.eu/resource/authority/dataset-type/SYNTHETIC_DATA")
    source = rdflib.URIRef("https://schema.org/TrainedAlgorithmicMediaDigitalSource")

    assert list(record.subjects(rdflib.URIRef("http://purl.org/dc/terms/type"), kind))
    assert list(record.subjects(rdflib.URIRef("https://schema.org/digitalSourceType"), source))
    assert [int(n) for n in record.objects(None, rdflib.URIRef(HEALTH + "numberOfUniqueIndividuals"))] == [20]
    assert [int(n) for n in record.objects(None, rdflib.URIRef(HEALTH + "numberOfRecords"))] == [100]


@pytest.mark.shared
def test_ages_and_coding_systems_are_told_in_the_profile_s_own_terms(
    tables_dir: Path, tmp_path: Path, shared: Path
) -> None:
    pyshacl = pytest.importorskip("pyshacl")
    told = {"typical_ages": "18-90", "coding_systems": [{"name": "ICD-10", "uri": "http://x/icd"}, "Ours"]}
    package = build_package(tables_dir, tmp_path / "p", metadata={**METADATA, **told}, draft=True)
    record = graph((package / "dcat.ttl").read_text("utf-8"))
    shapes = rdflib.Graph().parse(shared / "specs/healthdcat-ap-r8/public-shapes.ttl")

    ages = [int(next(record.objects(None, rdflib.URIRef(f"{HEALTH}{name}TypicalAge")))) for name in ("min", "max")]
    assert ages == [18, 90]
    assert len(list(record.objects(None, rdflib.URIRef(HEALTH + "hasCodingSystem")))) == 2
    assert pyshacl.validate(record, shacl_graph=shapes)[0]
    # nothing was measured: there is no analysis to point at
    assert not list(record.objects(None, rdflib.URIRef(HEALTH + "analytics")))


AWKWARD = 'a "quote", a \\ backslash,\na line\r\tand \x01 and é 😀'


def test_awkward_text_survives_both_ways() -> None:
    from rdflib.compare import isomorphic

    nodes = [Node(("dcat:Dataset",), {"dct:title": [Text(AWKWARD, "fr"), Iri("http://x/a b<c>")]}, "urn:x")]
    title = rdflib.URIRef("http://purl.org/dc/terms/title")

    first, second = graph(turtle(nodes)), graph(dumps(json_ld(nodes)), "json-ld")

    assert rdflib.Literal(AWKWARD, lang="fr") in set(first.objects(None, title))
    assert isomorphic(first, second)
