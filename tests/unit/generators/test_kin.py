"""Which row of its own unit a row names, where there are several: by what is above both, and by their dates."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.generators import fit
from synth.generators.keys.kin import latest
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY

STAY = Column("stay", "integer", "key", True)
OF_PERSON = ForeignKey(("id",), "p", ("id",))
CATALOG = Catalog(
    (
        Table("p", (KEY,), ("id",)),
        Table(
            "stay",
            (
                KEY,
                Column("stay", "integer", "key", False),
                Column("entry", "datetime", "date", False),
                Column("exit", "datetime", "date", False),
            ),
            ("stay",),
            (OF_PERSON,),
            order_by=("entry",),
        ),
        Table(
            "test",
            (KEY, STAY, Column("at", "datetime", "date", False)),
            foreign_keys=(OF_PERSON, ForeignKey(("stay",), "stay", ("stay",))),
            order_by=("at",),
        ),
    ),
    Person("p", ("id",)),
)


def cohort() -> Dataset:
    """Two stays of ten days a person, a year apart, a test in each of them and one between them that names no stay."""
    rows: dict[str, dict[str, list[Any]]] = {
        "p": {"id": []},
        "stay": {"id": [], "stay": [], "entry": [], "exit": []},
        "test": {"id": [], "stay": [], "at": []},
    }
    for person in range(120):
        key, first = f"k{person:03d}", datetime(2010, 1, 1, 8) + timedelta(days=29 * person)
        rows["p"]["id"].append(key)
        for which in (0, 1):
            entry = first + timedelta(days=365 * which + person % 7)
            for name, cell in {"id": key, "stay": 2 * person + which, "entry": entry}.items():
                rows["stay"][name].append(cell)
            rows["stay"]["exit"].append(entry + timedelta(days=10))
            for after, stay in ((1 + person % 8, 2 * person + which), (100 + person % 50, None)):
                for name, value in {"id": key, "stay": stay, "at": entry + timedelta(days=after)}.items():
                    rows["test"][name].append(value)
    return dataset_of(CATALOG, rows)


def test_the_last_that_had_begun_is_found_in_its_own_group() -> None:
    groups, starts = np.array([0, 0, 2]), np.array([1.0, 5.0, np.nan])
    of, times = np.array([0, 0, 0, 1, 2, 0]), np.array([0.0, 1.0, 9.0, 9.0, 9.0, np.nan])

    assert latest(groups, starts, of, times).tolist() == [-1, 0, 1, -1, -1, -1]
    assert latest(groups[:0], starts[:0], of, times).tolist() == [-1] * 6


def test_rows_name_the_last_stay_that_had_begun() -> None:
    model = fit(cohort(), "trees", 11)
    made = sampled(model, 300)
    stays: dict[Any, list[Any]] = {}
    for stay in made.read("stay").to_pylist():
        stays.setdefault(stay["id"], []).append(stay)
    tests = made.read("test").to_pylist()
    named = [test for test in tests if test["stay"] is not None]

    assert model.plan["links"][0]["under"] == "p"
    assert model.plan["links"][0]["during"] == [["at"], ["entry"]]
    assert 0.4 < len(named) / len(tests) < 0.6
    for test in named:
        begun = [stay for stay in stays[test["id"]] if stay["entry"] <= test["at"]]
        assert test["stay"] in {stay["stay"] for stay in stays[test["id"]]}
        assert not begun or test["stay"] == max(begun, key=lambda stay: stay["entry"])["stay"]
