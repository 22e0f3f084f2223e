"""The k-person rule, audited: every number in a model file is recounted from the rows it was learned from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.generators import GENERATORS, fit
from tests.unit.generators import recount
from tests.unit.generators.clinic import clinic
from tests.unit.generators.recount import Found, Training, training

K = 11


@cache
def real() -> Dataset:
    return clinic(300, seed=4)


@cache
def fitted(name: str) -> Model:
    return fit(real(), name, K)


@cache
def rows() -> Training:
    return training(real(), fitted("independent"), K)


@pytest.mark.parametrize("name", GENERATORS)
def test_every_statistic_says_it_covers_k_persons(name: str) -> None:
    learned = [s for s in fitted(name).statistics if s.cells and s.kind != "public table"]

    assert learned
    assert [(s.name, s.support) for s in learned if s.support < K] == []
    assert fitted(name).receipt["smallest_support"] == min(s.support for s in learned) >= K


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("counted", [recount.kept_values, recount.pooled_counts, recount.margin_counts])
def test_every_value_and_count_covers_k_persons(
    name: str, counted: Callable[[Model, Training], Iterator[Found]]
) -> None:
    found = list(counted(fitted(name), rows()))

    assert len(found) > 50
    assert [item for item in found if item[2] < K] == []


def test_every_cell_of_every_tree_covers_k_persons() -> None:
    found = list(recount.tree_cells(fitted("trees"), rows()))

    assert len(found) > 100
    assert [item for item in found if item[2] < K] == []


def test_every_correlation_covers_k_persons() -> None:
    found = list(recount.copula_pairs(fitted("gaussian-copula"), rows()))

    assert len(found) > 100
    assert [item for item in found if item[2] < K] == []
