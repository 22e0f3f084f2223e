"""Tables of counts are scaled to their totals."""

from __future__ import annotations

import numpy as np
import pytest

from synth.maths.raking import raked


def test_a_rounded_table_gets_its_totals_back() -> None:
    rounded = np.array([[11.0, 22.0], [11.0, 0.0], [33.0, 22.0]])

    found = raked(rounded, np.array([35.0, 12.0, 53.0]), np.array([60.0, 40.0]))

    assert found.sum(axis=0) == pytest.approx([60, 40])
    assert found.sum(axis=1) == pytest.approx([35, 12, 53], rel=0.02)
    assert found[1, 1] == 0


def test_columns_without_a_total_and_empty_rows_stay() -> None:
    found = raked(np.array([[2.0, 3.0], [0.0, 0.0]]), np.array([5.0, 4.0]), np.array([0.0, 3.0]))

    assert found == pytest.approx(np.array([[2.0, 3.0], [0.0, 0.0]]))
