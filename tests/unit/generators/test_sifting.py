"""Pairs that give a quantity are never sifted out; pairs that do not mostly are."""

from __future__ import annotations

import numpy as np
import pytest

from synth.core.seeds import rng
from synth.generators.relations.sifting import worth_trying

FORMS = [np.add, np.multiply, np.divide]


def columns(seed: int, zeros: float) -> np.ndarray:
    stream = rng(seed, "sifting")
    numbers = np.round(stream.normal(2_000 * 6).reshape(2_000, 6) * 50)
    numbers[stream.uniform(2_000 * 6).reshape(2_000, 6) < zeros] = 0.0
    numbers[stream.uniform(2_000 * 6).reshape(2_000, 6) < 0.1] = np.nan
    return numbers


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("zeros", [0.0, 0.5, 0.8])
def test_what_gives_a_quantity_in_nine_rows_of_ten_stays(form: np.ufunc, zeros: float) -> None:
    numbers = columns(1, zeros)
    with np.errstate(divide="ignore", invalid="ignore"):
        target = form(numbers[:, 1], numbers[:, 4])
    target[rng(2, "exceptions").uniform(2_000) < 0.1] = 7.0
    found = worth_trying(np.where(np.isfinite(target), target, np.nan), numbers, form, 1e-6, 20)

    assert found[1, 4]
    assert found.sum() <= 6 if zeros < 0.8 else found.sum() < 36


def test_where_few_rows_say_something_nothing_is_ruled_out_but_by_counting() -> None:
    numbers = np.zeros((2_000, 3))
    numbers[:15, :2] = 3.0
    target = np.ones(2_000)

    assert worth_trying(target, numbers, np.add, 1e-6, 10)[:2, :2].all()
    assert not worth_trying(target, numbers, np.add, 1e-6, 16).any()
