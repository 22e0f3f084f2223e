"""Kinds of rows: how many of each a person has, and at what level, persist; no quantity is that of another kind."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.core.seeds import rng
from synth.generators import fit
from synth.generators.laws.hazards import exposure, rates_of
from synth.generators.recount import recount
from tests.unit.generators.clinic import dataset_of, sampled

PERSONS = 800
K = 5
LABS = Catalog(
    (
        Table("person", (Column("id", "integer", "key", False),), ("id",)),
        Table(
            "lab",
            (
                Column("id", "integer", "key", False),
                Column("day", "integer", "number", False),
                Column("test", "string", "code", False),
                Column("value", "number", "number", False),
            ),
            foreign_keys=(ForeignKey(("id",), "person", ("id",)),),
            order_by=("day",),
        ),
    ),
    Person("person", ("id",)),
)


def labs() -> Dataset:
    """Pressures come in twos and each person keeps to a level; potassium is between 3 and 5; once at most, a smear."""
    stream = np.random.Generator(np.random.PCG64(rng(0, "labs").raw(1)[0]))
    rows: dict[str, list[object]] = {name: [] for name in ("id", "day", "test", "value")}
    for person in range(PERSONS):
        level = float(stream.normal(130, 15))
        visits = [["high", "low"]] * int(stream.integers(1, 5)) + [["potassium"]] * int(stream.integers(0, 6))
        visits += [["smear"]] * int(stream.integers(0, 2))
        for day, place in enumerate(stream.permutation(len(visits))):
            for test in visits[place]:
                pressure = level + float(stream.normal(0, 3)) - (50 if test == "low" else 0)
                value = {"potassium": float(stream.uniform(3, 5)), "smear": 0.0}.get(test, pressure)
                for name, cell in zip(rows, (person, day, test, round(value, 1)), strict=True):
                    rows[name].append(cell)
    return dataset_of(LABS, {"person": {"id": list(range(PERSONS))}, "lab": rows})


@cache
def learned() -> Model:
    return fit(labs(), "trees", K)


@cache
def both() -> tuple[Dataset, Dataset]:
    """Real and made."""
    return labs(), sampled(learned(), PERSONS, 3)


def counts(data: Dataset) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for row in data.read("lab").to_pylist():
        found.setdefault(row["id"], Counter())[row["test"]] += 1
    return found


def test_nobody_has_more_of_a_kind_than_anybody_had() -> None:
    assert max(person["smear"] for person in counts(both()[1]).values()) == 1


def test_kinds_that_come_in_equal_numbers_still_do() -> None:
    assert all(person["high"] == person["low"] for person in counts(both()[1]).values())


def test_the_numbers_of_each_kind_are_those_of_the_data() -> None:
    many = sampled(learned(), 8 * PERSONS, 3)  # of as many as were learned from, chance alone makes .06 at times
    real, made = ([person["potassium"] for person in counts(data).values()] for data in (labs(), many))
    shares = [np.bincount(side, minlength=8)[:8] / len(side) for side in (real, made)]
    assert np.abs(shares[0] - shares[1]).sum() / 2 < 0.05


def test_a_quantity_stays_within_what_its_kind_had() -> None:
    made = both()[1].read("lab").to_pylist()

    assert all(2.9 <= row["value"] <= 5.1 for row in made if row["test"] == "potassium")
    assert {row["value"] for row in made if row["test"] == "smear"} == {0.0}


def test_a_person_keeps_to_a_level() -> None:
    spreads = []
    for data in both():
        levels: dict[int, list[float]] = {}
        for row in data.read("lab").to_pylist():
            if row["test"] == "high":
                levels.setdefault(row["id"], []).append(row["value"])
        spreads.append(float(np.mean([np.std(values) for values in levels.values() if len(values) > 2])))
    assert spreads[1] == pytest.approx(spreads[0], abs=3)


def test_the_same_rows_whatever_the_workers() -> None:
    model = fit(labs(), "trees", K)
    one, two = (sampled(model, 5_000, 3, workers).read("lab") for workers in (1, 2))
    assert one.equals(two)


def test_k_persons_stand_behind_every_number_recounted() -> None:
    model = fit(labs(), "trees", K)
    found = [each for each in recount(labs(), model) if not each.statistic.startswith("dependency/")]

    assert min(each.persons for each in found) >= K
    assert all(each.told is None or each.told == each.rows for each in found)
    assert any(name.endswith("/exposure") for name in model.arrays)


def test_rates_are_those_that_draw_what_was_drawn() -> None:
    from synth.columns.bins import Bins
    from synth.columns.codec import Codec

    # two left of each kind in every row, the first taken three times out of four
    codec = Codec(Bins(np.array([0.0, 2.0]), np.array([0.0, 2.0]), 0), False, K)
    kind = np.tile([0, 0, 0, 1], 100)
    told = exposure(np.zeros(400, dtype=np.int64), 1, kind, [np.ones(400, dtype=np.int64)] * 2, [codec, codec], K)
    rates = rates_of(np.array([[300.0, 100.0]]), told[:, 1:])

    assert told[0, 0] == 400
    assert rates[0, 0] / rates[0, 1] == pytest.approx(3, rel=0.05)
