"""Two tiny packages, byte for byte: what a reader of the packages sees changes only when we mean it.

After a change that is meant: `SYNTH_WRITE_GOLDEN=1 python -m pytest tests/golden/test_published_documents.py`, then
read the difference before committing it. Documents that tell the hash of a Parquet file, which changes with the version
of pyarrow, are covered by the tests of their specifications instead.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from publish.build import build_package
from synth import __version__
from synth.core.catalog import Catalog, Column, ForeignKey, Marker, Person, Table
from synth.core.jsontext import dumps
from synth.core.score import Score, Scores, scores_document
from synth.core.verdict import Check, Verdict, verdict_document
from synth.io import dataset_digest, dataset_writer, open_dataset

HERE = Path(__file__).parent / "publish"
EPOCH = "1767225600"  # 2026-01-01
DOCUMENTS = (
    "README.md README.fr.md LICENSE LIMITATIONS.md CHANGELOG.md datasheet.md dictionary.csv dictionary.html "
    "CITATION.cff datacite.json .zenodo.json data/personnes.csv data/sejours_MCO.csv"
).split()

CATALOG = Catalog(
    (
        Table(
            "personnes",
            (
                Column("id", "string", "key", nullable=False, marker=Marker(prefix="SYN"), title="Identifiant"),
                Column("sexe", "integer", "code", categories=("1", "2"), description="1 homme, 2 femme"),
            ),
            ("id",),
        ),
        Table(
            "séjours MCO",
            (
                Column("id", "string", "key", nullable=False),
                Column("n°", "integer", "key", nullable=False),
                Column("entrée", "date", "date"),
                Column("coût", "number", "number", minimum=0),
                Column("motif", "string", "text", maximum_length=40),
            ),
            ("id", "n°"),
            (ForeignKey(("id",), "personnes", ("id",)),),
            title="Séjours hospitaliers",
        ),
    ),
    Person("personnes", ("id",)),
    name="petit",
)
ROWS = {
    "personnes": {"id": ["SYN1", "SYN2"], "sexe": [1, None]},
    "séjours MCO": {
        "id": ["SYN1", "SYN1", "SYN2"],
        "n°": [1, 2, 1],
        "entrée": ["2021-01-31", None, "1600-01-01"],
        "coût": [12.5, 1e-7, None],
        "motif": ['dit "urgent", ou presque', "", None],
    },
}
METADATA: dict[str, Any] = {
    "title": "Petit jeu de données",
    "description": "Two persons and three stays, to see what a package looks like.",
    "version": "1.1.0",
    "keywords": ["tests", "synthetic data"],
    "publisher": {"name": "Institut d'exemple", "url": "https://example.org/", "email": "data@example.org"},
    "spatial": "France",
    "temporal": "2021",
}
FULL = METADATA | {
    "description_fr": "Deux personnes et trois séjours.",
    "languages": ["fr", "en"],
    "licence": "CC-BY-4.0",
    "contributors": [{"name": "Exemple, Une", "person": True, "organisation": "Institut d'exemple"}],
    "contact": {"name": "Guichet", "email": "guichet@example.org"},
    "identifiers": ["10.5281/zenodo.1"],
    "sources": [{"name": "Statistiques publiques", "url": "https://example.org/s"}],
    "changes": {"1.1.0": ["A table was added."], "1.0.0": ["First release."]},
    "origin": "rules",
    "intended_uses": ["Trying the package out."],
}


def tables(folder: Path) -> Path:
    """The rows as a folder."""
    with dataset_writer(CATALOG, folder) as writer:
        for table in CATALOG.tables:
            given = pa.table(ROWS[table.name])
            days = {"entrée": pa.date32()}
            columns = {
                name: given[name].cast(days[name]) if name in days else given[name] for name in given.column_names
            }
            for batch in pa.table(columns).to_batches():
                writer.write(table.name, batch)
    return folder


def judged(source: Path, folder: Path) -> dict[str, Path]:
    """A passing verdict on these rows, with a score that lacks power."""
    digests = {"synthetic": dataset_digest(open_dataset(source))}
    scores = (
        Score("marginal_tvd", "fidelity", "personnes.sexe", 0.01, 0.0, 0.02, n=2),
        Score("membership", "disclosure", "whole persons", None, status="underpowered", note="2 persons", needed=300),
    )
    check = Check("fidelity", "marginal_tvd", "personnes.sexe", "value", 0.01, 0.05, "pass", "Within the bound.")
    verdict = Verdict(True, "internal-test", (check,), digests, ("software testing",), ("Only an example.",))
    (folder / "scores.json").write_text(dumps(scores_document(Scores(scores, digests, 1, "1"))), encoding="utf-8")
    (folder / "verdict.json").write_text(dumps(verdict_document(verdict)), encoding="utf-8")
    return {"verdict": folder / "verdict.json", "scores": folder / "scores.json"}


@pytest.fixture(scope="module", params=["draft", "released"])
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A draft with as little metadata as may be, and a release with all of it."""
    folder = tmp_path_factory.mktemp(request.param)
    source = tables(folder / "tables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        if request.param == "draft":
            return "draft", build_package(source, folder / "p", metadata=METADATA, draft=True)
        return "released", build_package(source, folder / "p", metadata=FULL, **judged(source, folder))


def masked(path: Path) -> str:
    """The text of a document without our version, which changes with every release of the program."""
    return path.read_text("utf-8").replace(f"synth-snds {__version__}", "synth-snds VERSION")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_as_it_was(package: tuple[str, Path], name: str) -> None:
    kind, folder = package
    golden = HERE / kind / name
    if os.environ.get("SYNTH_WRITE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(masked(folder / name), encoding="utf-8")

    assert masked(folder / name) == golden.read_text("utf-8")


def test_the_descriptor_keeps_its_order(package: tuple[str, Path]) -> None:
    document = json.loads((package[1] / "datapackage.json").read_text("utf-8"))

    assert list(document)[:7] == ["$schema", "name", "id", "title", "description", "version", "created"]
    assert list(document)[-1] == "resources" and document["created"] == "2026-01-01T00:00:00Z"
    assert [item["name"] for item in document["resources"]] == [
        *("personnes", "séjours MCO"),
        *("personnes-parquet", "séjours MCO-parquet"),
    ]
