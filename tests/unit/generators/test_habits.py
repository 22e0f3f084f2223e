"""What stays from row to row stays, though every value of it is had by few."""

from __future__ import annotations

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.seeds import rng
from synth.generators import fit
from synth.generators.recount import recount
from tests.unit.generators.clinic import dataset_of, sampled

PERSONS = 500
K = 5
CARE = Catalog(
    (
        Table("person", (Column("id", "integer", "key", False),), ("id",)),
        Table(
            "visit",
            (
                Column("id", "integer", "key", False),
                Column("day", "integer", "number", False),
                Column("doctor", "string", "code", False),
                Column("dose", "number", "number", False),
                Column("fee", "number", "number", False),
            ),
            foreign_keys=(ForeignKey(("id",), "person", ("id",)),),
            order_by=("day",),
        ),
    ),
    Person("person", ("id",)),
)


def care() -> Dataset:
    """Persons change doctor at one visit in five, never their dose; the fee is another one each time."""
    stream = rng(0, "care")
    rows: dict[str, list[object]] = {name: [] for name in ("id", "day", "doctor", "dose", "fee")}
    for person in range(PERSONS):
        visits = 2 + int(stream.integers(1, 5)[0])
        days = np.sort(stream.integers(visits, 900)).tolist()
        changes = stream.uniform(visits) < 0.2
        doctor = f"D{int(stream.integers(1, 200)[0]):03d}"
        dose = round(float(stream.uniform(1)[0]) * 90, 1)
        for day, change, fee in zip(days, changes, (stream.uniform(visits) * 80).round(2), strict=True):
            doctor = f"D{int(stream.integers(1, 200)[0]):03d}" if change else doctor
            for name, cell in zip(rows, (person, day, doctor, dose, float(fee)), strict=True):
                rows[name].append(cell)
    return dataset_of(CARE, {"person": {"id": list(range(PERSONS))}, "visit": rows})


def stays(rows: dict[str, list[object]], name: str) -> float:
    """In which share of the visits after another one a value is that of the visit before."""
    cells = zip(rows["id"], rows["id"][1:], rows[name], rows[name][1:], strict=False)
    return float(np.mean([before == after for person, same, before, after in cells if person == same]))


@pytest.mark.parametrize("name", ["trees", "independent"])
def test_values_stay_as_often_as_they_do_and_to_the_last_digit(name: str) -> None:
    real, model = care(), fit(care(), name, K)
    told = {item["name"] for item in model.plan["features"]["visit"] if item["kind"] == "stay"}
    rows = sampled(model, PERSONS, 3).read("visit").to_pydict()

    assert told == {"stay doctor", "stay dose"}
    assert stays(rows, "dose") == 1
    assert stays(rows, "doctor") == pytest.approx(stays(real.read("visit").to_pydict(), "doctor"), abs=0.06)
    assert stays(rows, "fee") < 0.05
    assert len(set(rows["dose"])) > 200
    assert all(one.persons >= K for one in recount(real, model))
