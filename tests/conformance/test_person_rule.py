"""The k-person rule, audited: every number in a model file is recounted from the rows it was learned from."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from synth.audit.support import check
from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.generators import GENERATORS, fit
from synth.generators.recount import recount
from synth.metrics.disclosure.aggregates import from_parts, from_trees
from tests.unit.generators.clinic import clinic

K = 11


@cache
def real() -> Dataset:
    return clinic(300, seed=4)


@cache
def fitted(name: str) -> Model:
    return fit(real(), name, K)


@pytest.mark.parametrize("name", GENERATORS)
def test_every_statistic_says_it_covers_k_persons(name: str) -> None:
    learned = [s for s in fitted(name).statistics if s.cells and s.kind != "public table"]

    assert learned
    assert [(s.name, s.support) for s in learned if s.support < K] == []
    assert fitted(name).receipt["smallest_support"] == min(s.support for s in learned) >= K


@pytest.mark.parametrize("name", GENERATORS)
def test_every_number_covers_k_persons_and_the_rows_it_tells_of(name: str) -> None:
    checked = check(fitted(name), recount(real(), fitted(name)))

    assert checked.faults == ()
    assert checked.least >= K
    assert checked.numbers > 300


@pytest.mark.parametrize("name", GENERATORS)
def test_subtracting_its_numbers_shows_no_group_below_k(name: str) -> None:
    assert from_parts(fitted(name), K) == from_trees(fitted(name), K) == {}
    exact = replace(fitted(name), receipt=dict(fitted(name).receipt) | {"counts_rounded_to": 1})
    assert from_parts(exact, K)  # were these numbers exact, it would


@pytest.mark.parametrize(("name", "kind"), [("trees", "tree"), ("gaussian-copula", "latent correlation")])
def test_what_a_generator_adds_is_recounted_too(name: str, kind: str) -> None:
    counted = {each.statistic for each in recount(real(), fitted(name))}
    kinds = {s.kind for s in fitted(name).statistics for known in [{s.name, *s.arrays}] if counted & known}

    assert kind in kinds
