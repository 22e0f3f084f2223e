"""Mutual information ranks what tells about a target."""

from __future__ import annotations

import numpy as np
import pytest

from synth.core.seeds import rng
from synth.maths.association import informations, strongest
from synth.maths.tree_growth import coarsen


def information(x: np.ndarray, y: np.ndarray, nx: int, ny: int) -> float:
    return float(informations([(x, nx)], y, ny)[0])


def test_several_variables_are_told_as_each_alone() -> None:
    stream = rng(0, "several")
    y = stream.integers(3_000, 5)
    variables = [(np.minimum(y, size - 1) * (stream.uniform(3_000) < 0.5), size) for size in (2, 5, 3)]

    assert informations(variables, y, 5) == pytest.approx([information(x, y, size, 5) for x, size in variables])


def test_equal_codes_share_their_entropy_and_a_constant_nothing() -> None:
    x = np.tile([0, 1], 5_000)

    assert information(x, x, 2, 2) == pytest.approx(np.log(2), abs=1e-3)
    assert information(x, np.zeros_like(x), 2, 1) == pytest.approx(0, abs=1e-9)
    assert information(np.zeros(0, int), np.zeros(0, int), 2, 2) == 0


def test_what_chance_alone_would_show_is_taken_off() -> None:
    found = [information(rng(i, "x").integers(500, 8), rng(i, "y").integers(500, 8), 8, 8) for i in range(40)]

    assert float(np.mean(found)) == pytest.approx(0, abs=0.006)


def test_the_strongest_candidates_are_named_in_their_own_order() -> None:
    target = rng(0, "target").integers(2_000, 4)
    noise = rng(0, "noise").integers(2_000, 4)
    half = np.where(rng(0, "half").uniform(2_000) < 0.5, target, noise)
    candidates = [coarsen(x, np.bincount(x, minlength=4), True, 4) for x in (noise, half, target)]

    assert strongest(candidates, candidates[2], 2) == [1, 2]
    assert strongest(candidates, candidates[2], 1) == [2]
    assert strongest(candidates, candidates[2], 9) == [0, 1, 2]
