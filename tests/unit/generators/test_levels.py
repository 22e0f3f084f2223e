"""What nodes above leaves tell of a small table: counts over k persons or more, which are found again in the rows."""

from __future__ import annotations

import numpy as np

from synth.core.catalog import Catalog, Column, Person, Table
from synth.core.dataset import Dataset
from synth.generators import fit
from synth.generators.recount import recount
from tests.unit.generators.clinic import dataset_of

K = 11
COLUMNS = (
    Column("id", "string", "key", False),
    Column("weight", "integer", "number"),
    Column("dose", "number", "number"),
)
CATALOG = Catalog((Table("patients", COLUMNS, ("id",)),), Person("patients", ("id",)))


def patients(count: int) -> Dataset:
    """Doses that follow from weights, but for chance."""
    stream = np.random.default_rng(3)
    weights = stream.normal(70, 15, count).round().astype(int)
    doses = (weights * stream.uniform(0.9, 1.1, count)).round(1)
    ids = [f"P{i}" for i in range(count)]
    return dataset_of(CATALOG, {"patients": {"id": ids, "weight": weights.tolist(), "dose": doses.tolist()}})


def test_what_nodes_tell_is_counted_over_k_persons_and_found_again() -> None:
    dataset = patients(900)
    model = fit(dataset, min_persons=K)
    told = {name: len(table) for name, table in model.arrays.items() if name.endswith("/runs")}
    assert told and all(told.values())
    found = list(recount(dataset, model))
    assert min(each.persons for each in found) >= K
    assert all(each.told in (None, each.rows) for each in found)
    # every cell and every run of the trees is among what was counted again
    for name, runs in told.items():
        tree = name.removesuffix("/runs")
        cells, rows = (len(model.arrays[f"{tree}/{kind}"]) for kind in ("cells", "rows"))
        assert sum(each.statistic == tree for each in found) == cells + rows + runs


def test_a_run_that_is_not_in_the_rows_is_found_out() -> None:
    dataset = patients(900)
    model = fit(dataset, min_persons=K)
    name = next(name for name in model.arrays if name.endswith("/runs"))
    model.arrays[name][0, 3] += 60
    assert any(each.told not in (None, each.rows) for each in recount(dataset, model))
