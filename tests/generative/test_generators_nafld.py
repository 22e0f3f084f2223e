"""A real cohort (17 549 persons, labs and events over 20 years): keys, child counts and margins come back."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth.core.dataset import Dataset
from synth.generators import DEFAULT, fit
from synth.io import open_dataset
from synth.pipeline.unresolved import without_unresolved
from tests.unit.generators.clinic import sampled
from tests.unit.generators.reading import faults

pytestmark = [pytest.mark.shared, pytest.mark.slow]
KEYS = ("id", "case.id")


@cache
def real(shared: Path, repo: Path) -> Dataset:
    # 21 controls are matched to a case that is not in the table
    return without_unresolved(open_dataset(shared / "data" / "nafld", repo / "datasets" / "nafld" / "datapackage.json"))


@cache
def made(shared: Path, repo: Path) -> Dataset:
    model = fit(real(shared, repo), DEFAULT)
    assert model.receipt["smallest_support"] >= 11
    return sampled(model, model.receipt["persons"])


def codes(dataset: Dataset, table: str, column: str, edges: NDArray[np.float64] | None) -> NDArray[np.object_]:
    """Bins of a quantity, or its levels; missing is a level of its own."""
    cells = dataset.read(table, [column])[column]
    missing = cells.is_null().to_numpy()
    if edges is None:
        return np.where(missing, "missing", np.array([str(cell) for cell in cells.to_pylist()], dtype=object))
    places = np.searchsorted(edges, cells.fill_null(0).to_numpy().astype(float), side="right")
    return np.where(missing, "missing", places.astype(object))


def distance(one: NDArray[np.object_], two: NDArray[np.object_]) -> float:
    """Total variation between the shares of levels."""
    levels = set(one.tolist()) | set(two.tolist())
    return 0.5 * sum(abs(float((one == level).mean()) - float((two == level).mean())) for level in levels)


def margin_distance(a: Dataset, b: Dataset, table: str, column: str) -> float:
    described = a.catalog.table(table).column(column)
    edges = None
    if described.type != "string" and not described.categories:
        cells = a.read(table, [column])[column].drop_null().to_numpy().astype(float)
        edges = np.unique(np.quantile(cells, np.linspace(0, 1, 21)[1:-1]))
    return distance(codes(a, table, column, edges), codes(b, table, column, edges))


def child_counts(dataset: Dataset, table: str) -> NDArray[np.object_]:
    """How many rows of `table` each person has."""
    persons = dataset.read("nafld1")["id"].to_pylist()
    found, counts = np.unique(np.array(dataset.read(table)["id"].to_pylist()), return_counts=True)
    of_person = dict(zip(found.tolist(), counts.tolist(), strict=True))
    return np.array([of_person.get(person, 0) for person in persons], dtype=object)


def test_everybody_is_drawn_without_an_orphan(shared: Path, repo: Path) -> None:
    assert faults(made(shared, repo)) == []
    assert made(shared, repo).read("nafld1").num_rows == 17_545  # 17 549, to the nearest multiple of 11


@pytest.mark.parametrize("table", ["nafld2", "nafld3"])
def test_persons_have_as_many_rows_as_they_had(shared: Path, repo: Path, table: str) -> None:
    one, two = (child_counts(data, table) for data in (real(shared, repo), made(shared, repo)))

    assert distance(one, two) <= 0.05


def test_margins_come_back(shared: Path, repo: Path) -> None:
    a, b = real(shared, repo), made(shared, repo)
    found = {
        (table.name, column.name): margin_distance(a, b, table.name, column.name)
        for table in a.catalog.tables
        for column in table.columns
        if column.name not in KEYS
    }

    assert float(np.mean(list(found.values()))) <= 0.03, found
    assert max(found.values()) <= 0.1, found


def test_events_stay_in_order(shared: Path, repo: Path) -> None:
    for table in ("nafld2", "nafld3"):
        rows = made(shared, repo).read(table, ["id", "days"])
        days = rows["days"].to_numpy()
        same = np.diff(rows["id"].to_numpy()) == 0

        assert (np.diff(days)[same] >= 0).all()


def test_no_real_person_is_drawn(shared: Path, repo: Path) -> None:
    assert max(made(shared, repo).read("nafld1")["id"].to_pylist()) < 0
