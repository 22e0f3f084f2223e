"""A small release with everything awkward in its names and keys, and what its publisher must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from publish.build import build_package
from synth.core.catalog import Catalog, Column, ForeignKey, Marker, Person, Table
from synth.core.jsontext import dumps
from synth.core.score import Score, Scores, scores_document
from synth.core.verdict import Check, Verdict, verdict_document
from synth.io import dataset_digest, dataset_writer, open_dataset

METADATA: dict[str, Any] = {
    "title": "Séjours d'exemple",
    "description": "A small synthetic release that exercises every kind of key and type, for tests of the package.",
    "version": "1.0.0",
    "keywords": ["synthetic data", "tests"],
    "publisher": {"name": "Institut d'exemple", "url": "https://example.org/", "email": "data@example.org"},
    "spatial": "France",
    "temporal": {"start": "2021-01-01", "end": "2023-12-31"},
}

CATALOG = Catalog(
    name="sejours",
    person=Person("patients", ("case.id",)),
    tables=(
        Table(
            "patients",
            (
                Column("case.id", "string", "key", nullable=False, marker=Marker(prefix="SYN")),
                Column("sexe", "string", "code", categories=("1", "2"), nullable=False),
                Column("né le", "date", "date", extra={"constraints": {"minimum": "1900-01-01"}}),
                Column("mother's id", "string", "key"),
            ),
            primary_key=("case.id",),
            foreign_keys=(ForeignKey(("mother's id",), "patients", ("case.id",)),),
        ),
        Table(
            "séjours 2",
            (
                Column("case.id", "string", "key", nullable=False),
                Column("n°", "integer", "key", nullable=False),
                Column("début", "datetime", "date"),
                Column("coût, €", "number", "number", minimum=0, maximum=1e6),
                Column("urgent", "boolean", "code"),
                Column("code", "string", "code", minimum_length=3, maximum_length=5, pattern="[A-Z][0-9]+"),
            ),
            primary_key=("case.id", "n°"),
            foreign_keys=(ForeignKey(("case.id",), "patients", ("case.id",)),),
            unique_keys=(("case.id", "début"),),
        ),
        Table(
            "actes",
            (
                Column("case.id", "string", "key", nullable=False),
                Column("n°", "integer", "key", nullable=False),
                Column("rang", "integer", "number", nullable=False),
                Column("libellé", "string", "text"),
            ),
            foreign_keys=(ForeignKey(("case.id", "n°"), "séjours 2", ("case.id", "n°")),),
        ),
        Table("vide", (Column("x", "integer", "number"),)),
    ),
)


def sample_tables() -> dict[str, pa.Table]:
    """Rows that satisfy the catalog."""
    ids = [f"SYN{number:03d}" for number in range(1, 21)]
    mothers = [None, *ids[:9], *[None] * 10]
    visits = [(person, number) for person in ids for number in (1, 2)]
    return {
        "patients": pa.table(
            {
                "case.id": ids,
                "sexe": ["1", "2"] * 10,
                "né le": [None, *[date(1900, 1, 1)] * 9, *[date(2000, 2, 29)] * 10],
                "mother's id": mothers,
            }
        ),
        "séjours 2": pa.table(
            {
                "case.id": [person for person, _ in visits],
                "n°": [number for _, number in visits],
                "début": [datetime(2021, number, 1, 12, 30) for _, number in visits],
                "coût, €": [number + 0.1 for _, number in visits],
                "urgent": [None, True, False, True] * 10,
                "code": ["A01", None, "B123", "Z9999"] * 10,
            }
        ),
        "actes": pa.table(
            {
                "case.id": [person for person, _ in visits],
                "n°": [number for _, number in visits],
                "rang": list(range(40)),
                "libellé": ['un "mot", et\nun autre', None, " blanc ", "é"] * 10,
            }
        ),
        "vide": pa.table({"x": pa.array([], pa.int64())}),
    }


def write_folder(folder: Path, catalog: Catalog, tables: Mapping[str, pa.Table], format: str = "parquet") -> Path:
    """The tables as a folder that any command can read."""
    from synth.core.dataset import arrow_schema

    with dataset_writer(catalog, folder, format) as writer:
        for table in catalog.tables:
            for batch in tables[table.name].cast(arrow_schema(table)).to_batches():
                writer.write(table.name, batch)
    return folder


def judged(
    folder: Path, tables: Path, *, passed: bool = True, observed: float = 0.01, learned: bool = True
) -> tuple[Path, Path]:
    """Scores and a verdict about the tables in a folder, as files; without `learned`, nothing was learned from."""
    digests = {"synthetic": dataset_digest(open_dataset(tables))}
    if learned:
        digests = {"train": "sha256:1", "holdout": "sha256:2", **digests}
    score = Score("marginal-tvd", "fidelity", "patients.sexe", 0.01, 0.0, 0.02, n=20)
    check = Check(
        "fidelity", "marginal-tvd", "patients.sexe", "value", observed, 0.05, "pass" if passed else "block", ""
    )
    scores, verdict = folder / "scores.json", folder / "verdict.json"
    scores.write_text(dumps(scores_document(Scores((score,), digests, 0, "0.1.0"))), encoding="utf-8")
    verdict.write_text(dumps(verdict_document(Verdict(passed, "open-release", (check,), digests))), encoding="utf-8")
    return verdict, scores


@pytest.fixture(scope="session")
def tables_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample tables, ready to publish."""
    return write_folder(tmp_path_factory.mktemp("tables") / "synthetic", CATALOG, sample_tables())


@pytest.fixture(scope="session")
def package_dir(tables_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of the sample tables, with a passing verdict. Tests that change it copy it first."""
    folder = tmp_path_factory.mktemp("package")
    verdict, scores = judged(folder, tables_dir)
    return build_package(tables_dir, folder / "package", verdict=verdict, scores=scores, metadata=METADATA)


Build = Callable[..., Path]
