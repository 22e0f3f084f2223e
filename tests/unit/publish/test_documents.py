"""Every document against its specification, and what a reader must find in it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from publish.artifacts import ARTIFACTS
from publish.build import build_package
from publish.citing import names
from publish.metadata import Agent
from publish.verify import verify_package

from .conftest import CATALOG, METADATA, judged

PEOPLE: dict[str, Any] = {
    **METADATA,
    "contributors": [
        {"name": "Institut d'exemple", "url": "https://example.org/"},
        {"name": "Exemple, Une Personne", "person": True, "organisation": "Institut d'exemple", "roles": ["author"]},
    ],
    "identifiers": ["10.5281/zenodo.1"],
    "languages": ["fr", "en"],
    "sources": [{"name": "Public statistics", "url": "https://example.org/stats"}],
    "changes": {"1.0.0": ["First release."], "0.9.0": ["A trial."]},
    "intended_uses": ["Trying this package out."],
    "origin": "rules",
    "typical_ages": "0-90",
    "coding_systems": [{"name": "ICD-10", "uri": "http://hl7.org/fhir/sid/icd-10"}, "Ours"],
    "spatial": [{"name": "Somewhere"}],
}


@pytest.fixture(scope="module", params=["plain", "dated, with people"])
def package(
    request: pytest.FixtureRequest, package_dir: Path, tables_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A package with as little metadata as is allowed, and one with much."""
    if request.param == "plain":
        return package_dir
    folder = tmp_path_factory.mktemp("people")
    verdict, scores = judged(folder, tables_dir, learned=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        (folder / "r.html").write_text("<p>report</p>", encoding="utf-8")
        extra = {"report.html": folder / "r.html", "more/notes.dat": folder / "r.html"}
        return build_package(
            tables_dir, folder / "p", verdict=verdict, scores=scores, metadata=PEOPLE, extra_files=extra
        )


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_every_artifact_is_there_and_verifies(package: Path) -> None:
    assert all((package / artifact.path).is_file() for artifact in ARTIFACTS)
    assert verify_package(package) == []


def test_no_document_has_a_hole(package: Path) -> None:
    for artifact in ARTIFACTS:
        text = (package / artifact.path).read_text("utf-8")
        assert text.endswith("\n") and "{{" not in text and "None" not in text, artifact.path


@pytest.mark.shared
@pytest.mark.parametrize("name", ["CITATION.cff", "datacite.json"])
def test_it_meets_its_json_schema(package: Path, shared: Path, name: str) -> None:
    import jsonschema

    schema = {"CITATION.cff": "citation-cff-1.2.0.schema.json", "datacite.json": "datacite-v4.5.json"}[name]
    text = (package / name).read_text("utf-8")
    document = yaml.load(text, yaml.BaseLoader) if name == "CITATION.cff" else json.loads(text)
    described = load(shared / "specs/misc" / schema)
    validator = jsonschema.validators.validator_for(described)(described, format_checker=jsonschema.FormatChecker())

    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)] == []


def test_the_crate_opens_and_lists_every_file(package: Path) -> None:
    rocrate = pytest.importorskip("rocrate.rocrate")

    crate = rocrate.ROCrate(package)

    listed = {entity.id for entity in crate.data_entities} - {"ro-crate-metadata.json"}
    present = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert listed == present - {"ro-crate-metadata.json", "SHA256SUMS"}
    assert "Synthetic data" in crate.root_dataset["description"]
    assert crate.get("#generation")["instrument"].id == "#software"


def test_the_dictionary_has_a_row_a_column(package: Path) -> None:
    with (package / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == sum(len(table.columns) for table in CATALOG.tables)
    assert rows[3]["refers_to"] == "patients.case.id" and rows[1]["values"] == "1 | 2"
    assert [row["key"] for row in rows[:2]] == ["primary", ""]


def test_the_datasheet_opens_with_yaml_that_loaders_read(package: Path) -> None:
    _, header, _ = (package / "datasheet.md").read_text("utf-8").split("---\n", 2)

    described = yaml.safe_load(header)

    assert "synthetic" in described["tags"] and described["license"] == "etalab-2.0"
    assert all((package / config["data_files"]).is_file() for config in described["configs"])


def test_limits_and_marks_are_said_in_both_languages(package: Path) -> None:
    assert "Do not draw clinical" in (package / "LIMITATIONS.md").read_text("utf-8")
    assert "Données synthétiques" in (package / "README.fr.md").read_text("utf-8")
    assert load(package / ".zenodo.json")["keywords"][0] == "synthetic data"


def test_a_draft_warns_in_both_languages(tables_dir: Path, tmp_path: Path) -> None:
    package = build_package(tables_dir, tmp_path / "p", metadata=METADATA, draft=True)

    assert "BROUILLON" in (package / "README.fr.md").read_text("utf-8")
    for name in ("LIMITATIONS.md", "datasheet.md"):
        assert "draft" in (package / name).read_text("utf-8").lower()


@pytest.mark.parametrize(
    ("name", "parts"), [("Ada Lovelace", ("Ada", "Lovelace")), ("Exemple, Une", ("Une", "Exemple")), ("X", ("", "X"))]
)
def test_names_of_persons(name: str, parts: tuple[str, str]) -> None:
    assert names(Agent(name, person=True)) == parts
