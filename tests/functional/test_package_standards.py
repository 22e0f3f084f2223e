"""Whole packages against every specification they claim: the committed one, and those that SYNTH_PACKAGES names.

`.ci/run` names the demo's package and, with the reference data, that of the nafld recipe:

    export SYNTH_PACKAGES=out/snds-demo/publish/package:out/nafld/publish/package
    python -m pytest tests/functional/test_package_standards.py
"""

from __future__ import annotations

import csv
import json
import os
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.verify import verify

REPO = Path(__file__).resolve().parents[2]
NAMED = tuple(filter(None, os.environ.get("SYNTH_PACKAGES", "").split(os.pathsep)))
PACKAGES = (REPO / "datasets/snds-500/package", *(Path(name).resolve() for name in NAMED))
WIDE = 60
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
# every shape the reference data has, and whether the record must conform to it without even a warning
SHAPES = {
    "dcat-ap-3.0.1/shapes.ttl": True,
    "dcat-ap-3.0.1/range.ttl": True,
    "dcat-ap-3.0.1/deprecateduris.ttl": True,
    "dcat-ap-3.0.1/dcat-ap-SHACL.ttl": True,
    # what is only recommended: warns that a country has no bounding box and an agent no kind
    "dcat-ap-3.0.1/shapes_recommended.ttl": False,
    # warns that the publisher is not among the EU's own corporate bodies, which no hospital is
    "dcat-ap-3.0.1/mdr-vocabularies.shape.ttl": False,
    "healthdcat-ap-r8/public-shapes.ttl": True,
    "hdh/hdap-validator-sensitivity-shape.ttl": True,
}


@pytest.fixture(scope="module", params=PACKAGES, ids=lambda path: f"{path.parts[-3]}/{path.parts[-2]}")
def package(request: pytest.FixtureRequest) -> Path:
    """A package that was built by a recipe."""
    path: Path = request.param
    return path


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_it_verifies_and_is_no_draft(package: Path) -> None:
    report = verify(package)

    assert (report.faults, report.draft) == ((), False)


@pytest.mark.shared
def test_it_meets_the_data_package_profile(package: Path, shared: Path) -> None:
    import jsonschema
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT7

    folder = shared / "specs/datapackage-2.0"
    schemas = {path.name: load(path) for path in folder.glob("*.json")}
    _fields_match_as_the_text_has_it(schemas)
    held = {f"https://datapackage.org/profiles/2.0/{name}": schema for name, schema in schemas.items()}
    registry = Registry().with_resources(
        (uri, Resource.from_contents(schema, default_specification=DRAFT7)) for uri, schema in held.items()
    )
    validator = jsonschema.Draft7Validator(
        schemas["datapackage.json"], registry=registry, format_checker=jsonschema.FormatChecker()
    )
    errors = validator.iter_errors(load(package / "datapackage.json"))

    assert [f"{error.json_path}: {error.validator}" for error in errors] == []


def _fields_match_as_the_text_has_it(value: Any) -> None:
    """The official profile asks for a list where the standard's text and every reader have a word."""
    if isinstance(value, dict):
        if "fieldsMatch" in value:
            value["fieldsMatch"] = {"type": "string"}
        for item in value.values():
            _fields_match_as_the_text_has_it(item)
    elif isinstance(value, list):
        for item in value:
            _fields_match_as_the_text_has_it(item)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "schema"),
    [("CITATION.cff", "citation-cff-1.2.0.schema.json"), ("datacite.json", "datacite-v4.5.json")],
)
def test_it_can_be_cited(package: Path, shared: Path, name: str, schema: str) -> None:
    import jsonschema

    text = (package / name).read_text("utf-8")
    document = yaml.load(text, yaml.BaseLoader) if name == "CITATION.cff" else json.loads(text)
    described = load(shared / "specs/misc" / schema)
    validator = jsonschema.validators.validator_for(described)(described, format_checker=jsonschema.FormatChecker())

    assert [f"{error.json_path}: {error.validator}" for error in validator.iter_errors(document)] == []


@pytest.mark.shared
@pytest.mark.parametrize("shape", SHAPES)
def test_its_record_conforms(package: Path, shared: Path, shape: str) -> None:
    pyshacl, rdflib = pytest.importorskip("pyshacl"), pytest.importorskip("rdflib")
    record = rdflib.Graph().parse(package / "dcat.ttl")
    shapes = rdflib.Graph().parse(shared / "specs" / shape)

    conforms, _, report = pyshacl.validate(record, shacl_graph=shapes, allow_warnings=not SHAPES[shape])

    assert conforms, report


def test_croissant_is_valid_and_its_records_are_the_rows(package: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(str(package / "croissant.json"))
    assert (dataset.metadata.ctx.issues.errors, dataset.metadata.ctx.issues.warnings) == (set(), set())

    for record_set in load(package / "croissant.json")["recordSet"]:
        if len(record_set["field"]) > WIDE and package == PACKAGES[0]:
            continue  # read cell by cell, this takes longer than all the rest
        records = list(islice(dataset.records(record_set["@id"]), 3))
        fields = [field["@id"] for field in record_set["field"]]
        assert all(list(record) == fields for record in records)
        assert len(records) == min(3, rows_of(package, record_set["name"]))


def rows_of(package: Path, table: str) -> int:
    import pyarrow.parquet as pq

    resources = load(package / "datapackage.json")["resources"]
    path = next(item["path"] for item in resources if item.get("synth:formOf") == table)
    return int(pq.read_metadata(package / path).num_rows)


def test_the_crate_opens_and_lists_every_file(package: Path) -> None:
    rocrate = pytest.importorskip("rocrate.rocrate")
    crate = rocrate.ROCrate(package)

    listed = {entity.id for entity in crate.data_entities} - {"ro-crate-metadata.json"}
    present = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert listed == present - {"ro-crate-metadata.json", "SHA256SUMS", "SHA256SUMS.sig"}
    settings = {item["name"] for item in crate.get("#generation")["object"]}
    assert {"digest of the tables", "seed of the generation", "digest of the recipe"} <= settings


def test_it_says_synthetic_wherever_it_must(package: Path) -> None:
    import pyarrow.parquet as pq

    descriptor, croissant = load(package / "datapackage.json"), load(package / "croissant.json")
    record = (package / "dcat.ttl").read_text("utf-8")
    kind = {"learned": "TrainedAlgorithmicMedia", "rules": "AlgorithmicMedia"}[descriptor["synth:origin"]]

    assert descriptor["synth:synthetic"] is True and croissant["rai:hasSyntheticData"] is True
    assert "dataset-type/SYNTHETIC_DATA" in record and f"https://schema.org/{kind}DigitalSource" in record
    assert croissant["digitalSourceType"] == f"https://schema.org/{kind}DigitalSource"
    for file in (package / "data").glob("*.parquet"):
        assert json.loads(pq.read_metadata(file).metadata[b"synth"])["synthetic"] is True
    assert "synth:marker" in (package / "datapackage.json").read_text("utf-8")


def test_its_dictionary_has_every_column(package: Path) -> None:
    with (package / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        listed = [(row["table"], row["column"]) for row in csv.DictReader(file)]
    tables = [item for item in load(package / "datapackage.json")["resources"] if "schema" in item]

    assert listed == [(item["name"], field["name"]) for item in tables for field in item["schema"]["fields"]]
