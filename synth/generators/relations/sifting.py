"""Sifting: of all pairs of columns, those that some rows do not rule out already as what a quantity is made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
ROWS = 256
_FEW = 20  # with fewer rows that say something, nothing is ruled out
_SHARE = 0.5  # of these rows, far below what is asked of all rows


def worth_trying(
    target: Floats, numbers: Floats, form: Callable[[Floats, Floats], Floats], tolerance: float, telling: int
) -> Flags:
    """For every two columns of `numbers` (rows x columns) whether `form` of them may be the target.

    Ruled out are pairs for which fewer than `telling` rows have both and the target, none of them zero, and pairs that
    mostly give something else in the first of these rows, evenly spread.
    """
    there = ~np.isnan(target) & (target != 0)
    says = ((numbers != 0) & ~np.isnan(numbers))[there]
    enough = says.T.astype(np.float32) @ says.astype(np.float32) >= telling
    rows = np.flatnonzero(there)
    spread = slice(None, None, max(1, len(rows) // ROWS))
    some, wanted, says = numbers[rows[spread]], target[rows[spread], None, None], says[spread]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        given = form(some[:, :, None], some[:, None, :])
        held = np.abs(wanted - given) <= tolerance + 1e-9 * np.abs(given)
    both = says[:, :, None] & says[:, None, :]
    count = both.sum(axis=0)
    found: Flags = enough & ((count < _FEW) | ((held & both).sum(axis=0) >= _SHARE * count))
    return found
