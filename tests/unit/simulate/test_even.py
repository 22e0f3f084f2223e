"""Even chances: each person keeps their own probability, and counts stray little from what is expected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.core.seeds import rng
from synth.simulate.causes import CHAPTERS, draw_causes
from synth.simulate.even import slopes, spread, stratified_normals, taken

BLOCKS = 400


def chances(seed, n=200):
    stream = rng(seed, "test")
    return stream.uniform(n) * 0.1, stream.integers(n, 3), stream.uniform(n)


@given(st.integers(0, 1000), st.integers(0, 5000))
def test_the_number_taken_in_a_cell_is_the_sum_rounded_up_or_down(seed, block):
    chance, cell, order = chances(seed)
    found = taken(chance, cell, order, seed, block, "test")
    for place in range(3):
        assert abs(found[cell == place].sum() - chance[cell == place].sum()) < 1


def test_counts_over_blocks_stray_far_less_than_independent_draws_would():
    chance, cell, order = np.full(100, 0.004), np.zeros(100, dtype=np.int64), np.arange(100.0)
    total = sum(int(taken(chance, cell, order, 3, block, "test").sum()) for block in range(BLOCKS))
    assert abs(total - 0.4 * BLOCKS) < 5  # one standard deviation of independent draws is 12


def test_every_person_keeps_their_own_probability():
    chance, cell, order = chances(1)
    seen = np.mean([taken(chance, cell, order, seed, 0, "test") for seed in range(2000)], axis=0)
    assert seen == pytest.approx(chance, abs=0.03)


def test_nobody_without_a_chance_is_taken():
    chance, cell, order = chances(2)
    chance[::2] = 0.0
    assert not taken(chance, cell, order, 2, 7, "test")[::2].any()
    assert not taken(np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0), 2, 7, "test").any()


def test_two_names_do_not_go_together():
    order = np.arange(1000.0)
    first, second = spread(order, 1, 2, "a"), spread(order, 1, 2, "b")
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
    assert np.histogram(first, bins=10, range=(0, 1))[0] == pytest.approx(np.full(10, 100), abs=3)


def test_what_is_taken_for_one_name_does_not_go_with_another():
    """Who is taken for a first reason must not tell how many are taken for a second one."""
    one, cell, order = np.full(1, 0.5), np.zeros(1, dtype=np.int64), np.zeros(1)
    pairs = [(taken(one, cell, order, 4, b, "a")[0], taken(one, cell, order, 4, b, "b")[0]) for b in range(BLOCKS)]
    both = np.mean([first and second for first, second in pairs])
    assert both == pytest.approx(0.25, abs=0.04)
    assert ((slopes(1, 100, "a") > 0.2) & (slopes(1, 100, "a") < 0.8)).all()


def test_normals_are_normal_in_every_stratum():
    order = rng(1, "order").permutation(1600)
    values = stratified_normals(order, rng(1, "test").uniform(1600))
    assert (np.mean(values), np.std(values)) == pytest.approx((0, 1), abs=0.02)
    means = values[order].reshape(-1, 16).mean(axis=1)
    assert np.std(means) < 0.1  # independent normals: 0.25


def test_causes_of_one_sex_are_those_of_that_sex():
    n = 400
    sex, age = np.tile([1, 2], n // 2), np.full(n, 80)
    causes = draw_causes(np.ones((1, n)), [], sex, age, 2022, 1, 0)
    assert set(causes.astype("U1").tolist()) >= set(CHAPTERS)
    assert not {cause for cause in causes[sex == 1].tolist() if cause.startswith(("C53", "C56"))}
    assert not {cause for cause in causes[sex == 2].tolist() if cause.startswith("C61")}
    assert len(draw_causes(np.ones((1, 0)), [], sex[:0], age[:0], 2022, 1, 0)) == 0
