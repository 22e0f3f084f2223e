"""A recount finds a number that stands for too few, or that is not what the rows say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from synth.audit.support import check
from synth.core.errors import UserError
from synth.core.model import Model
from synth.generators import fit
from synth.generators.recount import recount
from tests.unit.generators.clinic import clinic

REAL = clinic(200, seed=6)


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(REAL, "trees", 5)


def altered(model: Model, name: str, cell: tuple[int, ...]) -> Model:
    """The model with one more row told in an array."""
    array = np.array(model.arrays[name])
    array[cell] += 1
    return replace(model, arrays={**model.arrays, name: array})


def test_an_honest_model_holds(model: Model) -> None:
    assert check(model, recount(REAL, model)).faults == ()


@pytest.mark.parametrize("prefix", ["pooled/persons/sex", "margin/persons/sex", "tree/persons/sex/cells"])
def test_a_count_that_is_not_that_of_the_rows_is_found(model: Model, prefix: str) -> None:
    array = model.arrays[prefix]
    cell = (0,) if array.ndim == 1 else (0, 3)
    faults = check(model, recount(REAL, altered(model, prefix, cell))).faults
    assert faults
    assert all("sex" in name for name, _ in faults)


def test_a_cell_of_fewer_persons_than_promised_is_found(model: Model) -> None:
    greedy = replace(model, receipt=dict(model.receipt) | {"min_persons": 40})
    found = check(greedy, recount_with(model))
    assert found.asked == 40
    assert found.faults
    assert "fewer than 40" in found.lines()[1]


def recount_with(model: Model) -> list[object]:
    """The numbers of the model at its own k."""
    return list(recount(REAL, model))


def test_other_tables_are_refused_without_a_value(model: Model) -> None:
    with pytest.raises(UserError, match=r"not (those|what)") as error:
        list(recount(clinic(200, seed=7), model))
    assert "fitted on" in str(error.value)
