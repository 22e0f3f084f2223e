"""Shares of codes from counts that were rounded: what rounding adds to many small ones is not taken from the others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.core.counts import rounded, rounded_alone
from synth.generators.laws.margins import Margin

NOTHING_POOLED = np.zeros(48, dtype=np.int64)


def margin(counts: list[int], k: int, lost: int = 0) -> Margin:
    told = np.array(counts)
    return Margin(rounded(told, k), 0, k, int(rounded_alone(told.sum() + lost, k)))


@pytest.mark.parametrize(("each", "k"), [(5, 5), (11, 11), (15, 11), (14, 11)])
def test_many_small_runs_take_nothing_from_what_stands_alone(each: int, k: int) -> None:
    alone = 20 * each
    shares = margin([each] * 47 + [alone], k).shares(NOTHING_POOLED)
    assert shares[-1] == pytest.approx(alone / (47 * each + alone), rel=0.02)
    assert shares.sum() == pytest.approx(1)


@given(st.lists(st.integers(11, 300), min_size=1, max_size=48))
def test_no_code_that_is_told_loses_its_share(counts: list[int]) -> None:
    shares = margin(counts, 11).shares(NOTHING_POOLED[: len(counts)])
    assert (shares > 0).all()
    assert np.abs(shares * sum(counts) - counts).max() <= 12


def test_rows_that_were_forgotten_are_no_rounding() -> None:
    """A thousand rows of one person's code are not told; those told keep the shares they have among themselves."""
    shares = margin([60, 120], 11, lost=1000).shares(NOTHING_POOLED[:2])
    assert shares.tolist() == pytest.approx([1 / 3, 2 / 3])
