"""How much codes tell about other codes: mutual information from contingency tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth.maths.tree_growth import Coarse

SAMPLE = 10_000


def strongest(candidates: Sequence[Coarse], target: Coarse, count: int) -> list[int]:
    """The places of the `count` candidates that tell most about the target, in increasing order.

    Judged on at most SAMPLE rows, evenly spread: enough to rank candidates, not to estimate them.
    """
    if len(candidates) <= count:
        return list(range(len(candidates)))
    rows = len(target.groups)
    spread = np.arange(rows) if rows <= SAMPLE else (np.arange(SAMPLE) * (rows / SAMPLE)).astype(np.int64)
    y = target.groups[spread]
    told = [information(x.groups[spread], y, x.count, target.count) for x in candidates]
    best = np.argsort(-np.round(told, 9), kind="stable")[:count]
    return sorted(best.tolist())


def information(x: NDArray[np.integer], y: NDArray[np.integer], nx: int, ny: int) -> float:
    """Mutual information in nats, less what chance alone would show (Miller and Madow's correction)."""
    counts = np.bincount(x.astype(np.int64) * ny + y, minlength=nx * ny).reshape(nx, ny)
    total = counts.sum()
    if not total:
        return 0.0
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)

    def entropy(values: NDArray[np.int64]) -> float:
        return float((values * np.log(np.maximum(values, 1))).sum())

    raw = (entropy(counts.ravel()) - entropy(rows) - entropy(columns)) / float(total) + float(np.log(total))
    freedom = ((rows > 0).sum() - 1) * ((columns > 0).sum() - 1)
    return raw - float(freedom) / (2 * float(total))
