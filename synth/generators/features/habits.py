"""Habits: columns whose values stay from one row of a person to the next, though there are many of them.

A residence, a doctor, a dose: trees tell few values from what the row before had; of many values, most of which few
have, they cannot. Whether a value stays is learned instead, like any other column, and what stays is repeated as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.values import to_texts
from synth.core.arrays import numpy_of
from synth.engines.forest import Node
from synth.engines.local import Frame, Ordered

_LEVELS = 24  # so few values are told well enough by the row before
_STAYS = 0.3  # of the rows that follow another, and of those in which chance would not have kept the value
_ROWS = 1_000_000


def habits(ordered: Ordered, node: Node, names: Sequence[str]) -> tuple[str, ...]:
    """Columns of a table in order, among `names`, whose values stay more often than chance would have it.

    Chance is what the first row of a parent shows beside the last one of the parent before.
    """
    if not names or not ordered.rows(node.name):
        return ()
    rows = min(_ROWS, ordered.rows(node.name))
    parents = ordered.parents[node.name][:rows]
    later = parents[1:] == parents[:-1]
    return tuple(name for name in names if _is_habit(*_told(ordered.frame(node, 0, rows, (name,)), name, later)))


def _told(frame: Frame, name: str, later: NDArray[np.bool_]) -> tuple[int, float | None, float | None]:
    """Distinct values of a column after the first row; how often one is that of the row before, `later` and else."""
    encoded = frame.columns[name].combine_chunks().dictionary_encode()
    codes = numpy_of(encoded.indices, -1)
    same = codes[1:] == codes[:-1]
    distinct = np.count_nonzero(np.bincount(codes[1:] + 1, minlength=1)[1:])
    stays, chance = (float(some.mean()) if len(some) else None for some in (same[later], same[~later]))
    return int(distinct), stays, chance


def _is_habit(distinct: int, stays: float | None, chance: float | None) -> bool:
    if distinct <= _LEVELS or stays is None or stays < _STAYS:
        return False
    expected = chance or 0.0
    return stays - expected >= _STAYS * (1 - expected)


def stays(frame: Frame, cells: pa.ChunkedArray | pa.Array) -> NDArray[np.bool_]:
    """Whether each row has what the row before it of the same parent has."""
    encoded = to_texts(cells).dictionary_encode()
    codes = numpy_of(encoded.indices, -1).astype(np.int64)
    same = np.zeros(frame.rows, dtype=bool)
    same[1:] = (codes[1:] == codes[:-1]) & ~frame.starts[1:]
    return same
