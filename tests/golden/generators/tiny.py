"""The tiny tables behind the golden model, and how to write its files anew after a change that was meant:

python -m tests.golden.generators.tiny
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.model import Model, read_model, write_model
from synth.generators import GENERATORS, fit
from synth.io import dataset_digests
from tests.unit.generators.clinic import dataset_of, sampled

FOLDER = Path(__file__).parent
PERSONS, SEED = 25, 42
CATALOG = Catalog(
    (
        Table(
            "personnes",
            (
                Column("id", "string", "key", False),
                Column("sexe", "integer", "code", False, ("1", "2")),
                Column("poids", "number", "number", scale=1),
            ),
            ("id",),
        ),
        Table(
            "soins",
            (
                Column("id", "string", "key", False),
                Column("jour", "date", "date", False),
                Column("acte", "string", "code"),
            ),
            foreign_keys=(ForeignKey(("id",), "personnes", ("id",)),),
            order_by=("jour",),
        ),
    ),
    Person("personnes", ("id",)),
    "tiny",
)


def tiny() -> Dataset:
    """40 persons and their care, by arithmetic alone."""
    persons = range(40)
    care = [(i, j) for i in persons for j in range((i * 7) % 5)]
    return dataset_of(
        CATALOG,
        {
            "personnes": {
                "id": [f"P{i:03d}" for i in persons],
                "sexe": [1 + i % 2 for i in persons],
                "poids": [None if i % 9 == 0 else 50.0 + 10 * (i % 2) + i % 7 / 2 for i in persons],
            },
            "soins": {
                "id": [f"P{i:03d}" for i, _ in care],
                "jour": [date(2020, 1, 1) + timedelta(days=3 * i + 11 * j) for i, j in care],
                "acte": [("l'acte", "é", None)[(i + j) % 3] for i, j in care],
            },
        },
    )


def learned(name: str) -> Model:
    """The model of a generator, without what depends on the machine."""
    model = fit(tiny(), name, 5)
    return replace(model, receipt={key: value for key, value in model.receipt.items() if key != "versions"})


def digests(model: Model) -> dict[str, str]:
    """The digest of each table drawn from a model."""
    return dataset_digests(sampled(model, PERSONS, SEED))


def rewrite() -> None:
    """Write `model.zip` and `expected.json` anew."""
    write_model(learned("trees"), FOLDER / "model.zip")
    expected = {
        "model.zip": digests(read_model(FOLDER / "model.zip")),
        "models": {name: learned(name).digest for name in GENERATORS},
    }
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    rewrite()
