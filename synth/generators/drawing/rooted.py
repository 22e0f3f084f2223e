"""References of a table's rows to one another that never lead back to where they began: somebody has nobody above.

A person's superior, the stay that a stay continues. Rows are put in an order and name only rows before them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import Stream

Codes = NDArray[np.int64]


def earlier_kin(units: Codes, asked: Codes, stream: Stream) -> Codes:
    """For each row asked for, a row before it of the same unit; -1 where there is none. Rows are ordered by unit."""
    first = np.searchsorted(units, units[asked], side="left")
    before = asked - first
    place = first + (stream.uniform(len(asked)) * before).astype(np.int64)
    return np.where(before > 0, place, -1)


def earlier_rows(times: Codes, asked: Codes, stream: Stream) -> Codes:
    """For each row asked for, the row it names; -1 for what comes first where nothing else does.

    `times` is how often each row is to be named. Who names nobody comes first, then who is named, then all others, by
    chance; each row takes one of the places that those before it have left.
    """
    rows = len(times)
    naming = np.zeros(rows, dtype=np.bool_)
    naming[asked] = True
    order = np.lexsort((stream.permutation(rows), times == 0, naming))
    draws = stream.uniform(rows)
    named = np.full(rows, -1)
    left: list[int] = []
    for place, row in enumerate(order.tolist()):
        if naming[row] and place:
            if left:
                chosen = int(draws[place] * len(left))
                left[chosen], left[-1] = left[-1], left[chosen]
                named[row] = left.pop()
            else:
                named[row] = order[int(draws[place] * place)]
        left += [row] * int(times[row])
    return named[asked]
