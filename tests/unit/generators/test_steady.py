"""What is constant within a person, or a date that several rows in turn share, is so in what is drawn."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.seeds import rng
from synth.generators import fit
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY

PERSONS = 400
ROW = (
    KEY,
    Column("day", "date", "date", False),
    Column("sent", "date", "date", False),
    Column("unit", "string", "code", False),
    Column("noted", "datetime", "date", False),
)
CATALOG = Catalog(
    (Table("p", (KEY,), ("id",)), Table("row", ROW, (), (ForeignKey(("id",), "p", ("id",)),), order_by=("day",))),
    Person("p", ("id",)),
)


def cohort() -> Dataset:
    """Each person's rows are all in one unit of measure, and sent off together every few days."""
    stream = rng(0, "steady")
    rows: dict[str, list[Any]] = {column.name: [] for column in ROW}
    for person in range(PERSONS):
        day = date(2020, 1, 1) + timedelta(days=int(stream.integers(1, 900)[0]))
        unit = "ml" if stream.uniform(1)[0] < 0.5 else "mL"
        sent = day
        for row, step in enumerate((2 + stream.integers(8, 7)).tolist()):
            day += timedelta(days=step)
            sent = day + timedelta(days=31) if row % 4 == 0 else sent
            for name, cell in zip(
                rows, (f"k{person:03d}", day, sent, unit, datetime(sent.year, sent.month, sent.day)), strict=True
            ):
                rows[name].append(cell)
    return dataset_of(CATALOG, {"p": {"id": [f"k{i:03d}" for i in range(PERSONS)]}, "row": rows})


def staying(rows: list[dict[str, Any]], name: str) -> float:
    """In which share of the rows after another one of the same person a value stays."""
    pairs = itertools.pairwise(rows)
    return float(np.mean([a[name] == b[name] for a, b in pairs if a["id"] == b["id"]]))


def test_a_code_goes_with_its_person_and_a_date_stays_as_often_as_it_does() -> None:
    real = cohort()
    model = fit(real, "trees", 11)
    told, made = real.read("row").to_pylist(), sampled(model, PERSONS).read("row").to_pylist()

    staying_told = [feature["column"] for feature in model.plan["features"]["row"] if feature["kind"] == "stay"]

    assert staying_told == ["sent"]  # the note is always of the day it was sent
    assert np.mean([row["noted"].date() == row["sent"] for row in made]) > 0.97
    assert not any(feature["kind"] == "turn" for feature in model.plan["features"]["row"])
    assert staying(made, "unit") > 0.97
    assert staying(made, "sent") == pytest.approx(staying(told, "sent"), abs=0.08)
