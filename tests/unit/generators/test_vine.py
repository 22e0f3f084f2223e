"""What a vine gives back that a normal copula cannot, and what it does without its library."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from synth.core.catalog import Catalog, Column, Person, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.seeds import rng
from synth.generators import fit
from tests.unit.generators.clinic import dataset_of, sampled

ROWS = 4_000
CATALOG = Catalog(
    (
        Table(
            "p",
            (
                Column("id", "integer", "key", False),
                Column("x", "number", "number", scale=3),
                Column("y", "number", "number", scale=3),
                Column("group", "string", "code"),
            ),
            ("id",),
        ),
    ),
    Person("p", ("id",)),
)


@pytest.fixture(scope="module")
def lower_tail() -> Dataset:
    """Two quantities that are small together (Clayton's copula, by its conditional inverse), and the half x is in."""
    stream = rng(1, "clayton")
    u, w, theta = stream.uniform(ROWS) + 1e-9, stream.uniform(ROWS) + 1e-9, 3.0
    v = ((w ** (-theta / (1 + theta)) - 1) * u**-theta + 1) ** (-1 / theta)
    cells = {
        "id": list(range(ROWS)),
        "x": np.round(u, 3).tolist(),
        "y": np.round(v, 3).tolist(),
        "group": np.where(u < 0.5, "low", "high").tolist(),
    }
    return dataset_of(CATALOG, {"p": cells})


def columns(tables: Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    table = tables.read("p")
    return np.asarray(table["x"]), np.asarray(table["y"]), table["group"].to_pylist()


def both_low(tables: Dataset) -> float:
    x, y, _ = columns(tables)
    return float(((x < 0.05) & (y < 0.05)).mean())


def test_quantities_that_are_small_together_stay_so(lower_tail: Dataset) -> None:
    real = both_low(lower_tail)
    by_vine = both_low(sampled(fit(lower_tail, "vine"), 20_000))
    by_normal = both_low(sampled(fit(lower_tail, "gaussian-copula"), 20_000))
    assert abs(by_vine - real) < 0.006
    assert abs(by_normal - real) > 2 * abs(by_vine - real)


def test_an_atom_goes_with_a_quantity(lower_tail: Dataset) -> None:
    x, _, group = columns(sampled(fit(lower_tail, "vine"), 5_000))
    low = np.array(group) == "low"
    assert x[~low].mean() - x[low].mean() > 0.35
    assert low.mean() == pytest.approx(0.5, abs=0.03)


def test_the_model_names_families_and_holds_no_likelihood(lower_tail: Dataset) -> None:
    (statistic,) = [s for s in fit(lower_tail, "vine").statistics if s.kind == "vine"]
    text = str(statistic.data)
    assert statistic.support >= 11
    assert "Clayton" in text
    assert "loglik" not in text
    assert "nobs" not in text


def test_without_its_library_one_line_says_what_to_install(
    lower_tail: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyvinecopulib", None)
    with pytest.raises(UserError, match="vine") as error:
        fit(lower_tail, "vine")
    assert "synth-snds[vine]" in str(error.value)
