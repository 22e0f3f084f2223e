"""Ranks are counted within groups, and are even whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from synth.maths.ranks_within import code_ranks, number_ranks

GROUP = np.array([0, 1, 0, 1, 0, 1])


def test_equal_codes_share_the_middle_of_their_ranks() -> None:
    assert code_ranks(GROUP, np.array([2, 0, 2, 1, 0, 1]), 3) == pytest.approx(
        [2 / 3, 1 / 6, 2 / 3, 2 / 3, 1 / 6, 2 / 3]
    )


def test_a_row_alone_in_its_group_may_stand_anywhere() -> None:
    assert code_ranks(np.array([0]), np.array([4]), 9, np.array([0.7])) == pytest.approx([0.7])


def test_numbers_are_ranked_within_their_group() -> None:
    ranks = number_ranks(GROUP, np.array([5.0, -1.0, 9.0, 2.0, 7.0, 1.0]), np.full(6, 0.5))

    assert ranks == pytest.approx([1 / 6, 1 / 6, 5 / 6, 5 / 6, 1 / 2, 1 / 2])
