"""The guide gives the ranks that searching gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.maths.cutting import Cutting

NUMBERS = st.floats(-12, 12) | st.integers(-3_000, 3_000).map(lambda step: step / 256)


@given(st.lists(NUMBERS | st.just(np.inf), max_size=8), st.lists(NUMBERS, min_size=1, max_size=30))
def test_a_rank_is_how_many_thresholds_are_not_above(thresholds: list[float], numbers: list[float]) -> None:
    cutting = Cutting(np.sort(np.array(thresholds, dtype=np.float64)))

    assert cutting.ranks(np.array(numbers)).tolist() == [sum(t <= number for t in thresholds) for number in numbers]
