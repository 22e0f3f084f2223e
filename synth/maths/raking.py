"""Raking: a table of counts scaled in turn to its known row and column totals (Deming and Stephan, 1940)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ROUNDS = 10


def raked(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """`table` scaled to totals near `rows` and `columns`, the columns exactly; cells of 0 stay 0.

    Columns without a total (0) or with nothing to scale are left as they are. What a table's cells lost to rounding,
    its totals put right.
    """
    found = table
    for _ in range(_ROUNDS):
        have = found.sum(axis=1)
        found = found * np.divide(rows, have, out=np.ones_like(have), where=(have > 0) & (rows > 0))[:, None]
        have = found.sum(axis=0)
        found = found * np.divide(columns, have, out=np.ones_like(have), where=(have > 0) & (columns > 0))[None, :]
    return found
