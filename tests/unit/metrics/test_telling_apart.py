"""The classifier that tells synthetic rows from real ones, where there is nothing to tell."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from synth.metrics.fidelity.c2st import auc_of


@pytest.mark.parametrize("cells", [[0.0, 1.0], [0.0, 0.0]])
def test_sides_that_are_the_same_are_not_told_apart_and_no_column_tells(cells: list[float]) -> None:
    rows = np.tile(np.array(cells, dtype=np.float32)[:, None], (60, 1))
    units = np.arange(120) // 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, _, told = auc_of(rows, rows, units, units, seed=0)
    assert (value, told.tolist()) == (0.5, [0.0])
