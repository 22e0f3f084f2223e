"""Area under the ROC curve, with its error by person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def auc(
    high: Floats, low: Floats, high_unit: NDArray[np.int64] | None = None, low_unit: NDArray[np.int64] | None = None
) -> tuple[float, float]:
    """AUC, ties counted half, and its DeLong standard error (clustered by unit: Obuchowski, Biometrics 1997)."""
    ordered_low, ordered_high = np.sort(low), np.sort(high)
    above = (np.searchsorted(ordered_low, high, "left") + np.searchsorted(ordered_low, high, "right")) / (2 * len(low))
    below = 1 - (np.searchsorted(ordered_high, low, "left") + np.searchsorted(ordered_high, low, "right")) / (
        2 * len(high)
    )
    value = float(above.mean())
    variance = _variance(above - value, high_unit) + _variance(below - value, low_unit)
    return value, float(np.sqrt(variance))


def _variance(part: Floats, unit: NDArray[np.int64] | None) -> float:
    """Variance of the mean of `part`, whose terms add up within a unit."""
    totals = part if unit is None else np.bincount(np.unique(unit, return_inverse=True)[1], weights=part)
    groups = len(totals)
    return float((totals**2).sum() / len(part) ** 2 * groups / max(groups - 1, 1))
