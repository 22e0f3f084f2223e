"""References to public tables keep what is named often; rare rows are named by any of the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from tests.unit.generators.clinic import dataset_of
from tests.unit.generators.reading import faults, values
from tests.unit.generators.small import KEY, children_of, drawn

PERSONS = 400


def stays(nullable: bool = False) -> Dataset:
    """A stay each in one of 40 wards: half in the first, a quarter in the second, the others alone or nearly."""
    ward = Table("ward", (Column("ward", "integer", "key", False), Column("name", "string", "text")), ("ward",))
    person = Table(
        "p",
        (KEY, Column("ward", "integer", "key", nullable), Column("old", "boolean", "code")),
        ("id",),
        (ForeignKey(("ward",), "ward", ("ward",)),),
    )
    wards = [101 if i % 2 else 102 if i % 4 else 103 + i // 4 % 38 for i in range(PERSONS)]
    rows = {
        "ward": {"ward": list(range(101, 141)), "name": [f"ward {i}" for i in range(40)]},
        "p": {
            "id": [f"k{i}" for i in range(PERSONS)],
            "ward": [None if nullable and i % 10 == 0 else each for i, each in enumerate(wards)],
            "old": [each == 102 for each in wards],
        },
    }
    catalog = Catalog((replace(ward, public=True), person), Person("p", ("id",)))
    return dataset_of(catalog, rows)


def test_what_many_name_in_a_public_table_is_named_as_often_and_rare_rows_are_named_by_the_others() -> None:
    made = drawn(stays(), persons=PERSONS)

    assert faults(made) == []
    named = Counter(values(made, "p", "ward"))
    assert named[101] / PERSONS == pytest.approx(0.5, abs=0.08)
    assert named[102] / PERSONS == pytest.approx(0.25, abs=0.08)
    assert len(named) > 20
    assert max(count for ward, count in named.items() if ward > 102) < 15


def test_what_goes_with_the_row_that_is_named_stays_with_it() -> None:
    table = drawn(stays(), persons=PERSONS).read("p")
    second, old = np.array(table["ward"].to_pylist()) == 102, np.array(table["old"].to_pylist())

    assert old[second].mean() > 0.9
    assert old[~second].mean() < 0.1


def test_a_reference_that_may_be_empty_is_so_as_often() -> None:
    made = drawn(stays(nullable=True), persons=PERSONS)

    assert faults(made) == []
    assert made.read("p")["ward"].null_count / PERSONS == pytest.approx(0.1, abs=0.06)


def test_a_table_of_rows_that_just_enough_persons_have_is_drawn() -> None:
    deaths = [(person, "C34") for person in range(21)]
    made = drawn(children_of(1_000, deaths, Column("cause", "string", "code")), persons=1_000)

    assert made.read("c").num_rows == pytest.approx(21, abs=15)
    assert set(values(made, "c", "cause")) == {"C34"}


def test_codes_that_mostly_name_rows_of_a_public_table_become_others_of_these() -> None:
    hospital = Table("hospital", (Column("number", "string", "key", False),), ("number",), public=True)
    loose = {"fields": ["where"], "reference": {"resource": "hospital", "fields": ["number"]}}
    visit = Table("p", (KEY, Column("where", "string", "code", False)), ("id",), extra={"synth:references": [loose]})
    numbers = [f"{10_000 + 37 * i:08d}" for i in range(300)]
    rows = {
        "hospital": {"number": numbers},
        "p": {"id": [f"k{i}" for i in range(900)], "where": [numbers[i % 90 * i % 250] for i in range(900)]},
    }
    made = drawn(dataset_of(Catalog((hospital, visit), Person("p", ("id",))), rows), persons=PERSONS)

    assert set(values(made, "p", "where")) <= set(numbers)
    assert len(set(values(made, "p", "where"))) > 60
