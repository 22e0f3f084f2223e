"""Planted values that one person alone has: none may be found in the model file, nor in anything drawn from it."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset, arrow_schema
from synth.core.model import Model, write_model
from synth.generators import GENERATORS, fit
from synth.io import memory_dataset
from tests.unit.generators.clinic import CATALOG, clinic, dataset_of, sampled
from tests.unit.generators.reading import all_cells, faults, model_numbers, model_text, values

K = 11
TEXT, NUMBER, WHOLE, DAY = "CANARY", 31_415.93, 2_718_281, date(1871, 3, 14)
EPOCH_DAY = (DAY - date(1970, 1, 1)).days
# (table, column): the canary that one of its rows holds
PLANTED = {
    ("hôpitaux", "finess"): TEXT + "H",
    ("hôpitaux", "beds"): WHOLE,
    ("doctors", "doctor"): WHOLE + 1,
    ("persons", "case.id"): TEXT + "P",
    ("persons", "birth"): DAY,
    ("persons", "death"): DAY.replace(day=15),
    ("persons", "weight"): NUMBER,
    ("persons", "commune de l'assuré"): TEXT + " d'ici",
    ("visits", "start"): DAY.replace(year=1872),
    ("visits", "visit"): WHOLE + 2,
    ("visits", "diagnosis"): TEXT + "V",
    ("drugs", "line"): WHOLE + 3,
    ("drugs", "product"): TEXT + "D",
    ("drugs", "quantity"): WHOLE + 4,
    ("drugs", "paid"): NUMBER + 1,
}

pytestmark = pytest.mark.parametrize("name", GENERATORS)


@cache
def planted() -> Dataset:
    """The clinic, with a canary in each column, in a row to which nothing refers."""
    source = clinic(300, seed=2)
    tables = {table.name: source.read(table.name) for table in CATALOG.tables}
    for table in CATALOG.tables:
        extra = {name: value for (of, name), value in PLANTED.items() if of == table.name}
        if extra:
            row = tables[table.name].to_pylist()[-1] | extra
            added = pa.Table.from_pylist([row], schema=arrow_schema(table))
            tables[table.name] = pa.concat_tables([tables[table.name], added])
    return memory_dataset(CATALOG, tables)


@cache
def fitted(name: str) -> Model:
    return fit(planted(), name, K)


def test_the_canaries_are_planted(name: str) -> None:
    assert faults(planted()) == []
    assert set(PLANTED.values()) <= all_cells(planted())


def test_no_canary_is_in_the_model_file(name: str, tmp_path: Path) -> None:
    write_model(fitted(name), tmp_path / "model.zip")
    text, numbers = model_text(tmp_path / "model.zip"), model_numbers(tmp_path / "model.zip")

    assert TEXT not in text
    assert str(DAY.year) + "-" not in text
    assert {n for n in numbers if WHOLE <= n <= WHOLE + 4 or NUMBER <= n <= NUMBER + 1} == set()
    # a date is held as days since 1970, alone or far up where sentinels are kept apart
    days = {EPOCH_DAY, EPOCH_DAY + 1, EPOCH_DAY + 366}
    assert {n for n in numbers if n in days or n - 1e12 in days} == set()


def test_no_canary_is_ever_drawn(name: str) -> None:
    drawn = all_cells(sampled(fitted(name), 3_000))

    assert not drawn & set(PLANTED.values())
    assert [cell for cell in drawn if isinstance(cell, str) and TEXT in cell] == []


def test_a_person_with_ten_thousand_rows_supports_nothing_alone(name: str) -> None:
    """Their level, their amount, and how many rows they have: nothing of it is kept."""
    catalog = Catalog(
        (
            Table("p", (Column("id", "string", "key", False),), ("id",)),
            Table(
                "acts",
                (
                    Column("id", "string", "key", False),
                    Column("act", "string", "code"),
                    Column("paid", "number", "number", scale=2),
                ),
                foreign_keys=(ForeignKey(("id",), "p", ("id",)),),
            ),
        ),
        Person("p", ("id",)),
    )
    keys = [f"k{i}" for i in range(40)]
    real = dataset_of(
        catalog,
        {
            "p": {"id": keys},
            "acts": {
                "id": keys * 3 + keys[:1] * 10_000,
                "act": ["usual"] * 120 + ["theirs"] * 10_000,
                "paid": [10.0, 20.0] * 60 + [777.77] * 10_000,
            },
        },
    )
    model = fit(real, name, K)
    drawn = sampled(model, 200)

    assert set(values(drawn, "acts", "act")) == {"usual"}
    assert max(values(drawn, "acts", "paid")) <= 20.0
    assert drawn.read("acts").num_rows == pytest.approx(600, rel=0.1)
    assert model.find("codec/acts/act").data["levels"]["values"] == ["usual"]
