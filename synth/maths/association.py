"""How much codes tell about other codes: mutual information from contingency tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth.maths.tree_cuts import terms
from synth.maths.tree_growth import Coarse

_TOGETHER = 2**20  # cells looked at together


def strongest(candidates: Sequence[Coarse], target: Coarse, count: int) -> list[int]:
    """The places of the `count` candidates that tell most about the target, in increasing order.

    Judged on a glance at the rows: enough to rank candidates, not to estimate them.
    """
    if len(candidates) <= count:
        return list(range(len(candidates)))
    told = informations([(x.glance, x.count) for x in candidates], target.glance, target.count)
    best = np.argsort(-np.round(told, 9), kind="stable")[:count]
    return sorted(best.tolist())


def informations(
    variables: Sequence[tuple[NDArray[np.int64], int]], y: NDArray[np.int64], ny: int
) -> NDArray[np.float64]:
    """Mutual information of each variable (codes, how many there may be) with `y`, counted together: in nats, less what
    chance alone would show (Miller and Madow's correction)."""
    sizes = np.array([max(nx, 1) for _, nx in variables], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    counts = np.zeros(int(sizes.sum()) * ny, dtype=np.int64)
    step = max(1, _TOGETHER // max(len(y), 1))
    for first in range(0, len(variables), step):
        some = range(first, min(first + step, len(variables)))
        cells = np.concatenate([variables[i][0] + starts[i] for i in some]) * ny + np.tile(y, len(some))
        counts += np.bincount(cells, minlength=len(counts))
    total = len(y)
    if not total:
        return np.zeros(len(variables))
    table = counts.reshape(-1, ny)
    of_x = table.sum(axis=1)
    of_y = np.bincount(y, minlength=ny)
    inside = np.add.reduceat(terms(table, total).sum(axis=1), starts)
    outside = np.add.reduceat(terms(of_x, total), starts) + terms(of_y, total).sum()
    freedom = (np.add.reduceat((of_x > 0).astype(np.int64), starts) - 1) * (np.count_nonzero(of_y) - 1)
    found: NDArray[np.float64] = (inside - outside) / total + np.log(total) - freedom / (2 * total)
    return found
