"""True positive rates at fixed false positive rates, with intervals by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.disclosure.targets import EVERYBODY, Targets
from synth.metrics.intervals import TOLERANCE, quantile, wilson
from synth.metrics.ranking import auc
from synth.metrics.scoring import measured

Floats = NDArray[np.float64]
FALSE_POSITIVES = (0.1, 0.01, 0.001)
FEWEST = 50  # targets a stratum needs on each side before it is attacked on its own


@dataclass(frozen=True, slots=True)
class Claim:
    """How strongly an attacker claims membership, for each training target and each control target.

    `culprits` are the columns that give members away, worst first.
    """

    attacker: str
    train: Floats
    control: Floats
    culprits: tuple[str, ...] = ()


def true_positive_rate(train: Floats, control: Floats, false_positives: float) -> float:
    """TPR at exactly that FPR; within a tie the attacker flips a coin, so ties neither help nor hide."""
    ordered = np.sort(control)[::-1]
    allowed = false_positives * len(ordered)
    threshold = ordered[min(int(np.floor(allowed)), len(ordered) - 1)]
    above = float((ordered > threshold).sum())
    tied = float((ordered == threshold).sum())
    coin = min(max((allowed - above) / tied, 0.0), 1.0) if tied else 0.0
    return float((train > threshold).mean() + coin * (train == threshold).mean())


def tpr_interval(train: Floats, control: Floats, fpr: float, z: float) -> tuple[float, float]:
    """Interval of the TPR at that FPR: Wilson's, with the threshold's error added in squares (MOVER).

    The threshold is estimated on control targets, so the true FPR at it lies in Wilson's interval of `fpr`. What the
    TPR would then be at `fpr` is read off the curve of two normal distributions that passes there (the diagonal, by
    chance).
    """
    from scipy.special import ndtr, ndtri

    rate = true_positive_rate(train, control, fpr)
    low, high = wilson(rate, len(train), z)
    with np.errstate(invalid="ignore"):
        stricter, laxer = (
            float(ndtr(ndtri(rate) + ndtri(fpr) - ndtri(bound))) for bound in reversed(wilson(fpr, len(control), z))
        )
    down, up = (abs(rate - other) if np.isfinite(other) else 0.0 for other in (stricter, laxer))
    return max(0.0, rate - float(np.hypot(rate - low, down))), min(1.0, rate + float(np.hypot(high - rate, up)))


def targets_needed(z: float, tolerance: float = TOLERANCE, fpr: float = 0.1) -> int:
    """Targets on each side for which a TPR equal to the FPR is bounded below FPR + tolerance."""
    return int(np.ceil(2 * fpr * (1 - fpr) * (z / tolerance) ** 2 * 1.3))  # 1.3: skewness of the score interval


def membership_scores(metric: str, scope: str, claims: Sequence[Claim], targets: Targets) -> list[Score]:
    """The strongest claim decides; intervals hold for every attacker and stratum at once.

    A stratum holds few persons, among whom the best of several attackers would be the luckiest: there the first claim
    alone attacks.
    """
    strata = [
        (name, ours, theirs)
        for name, ours, theirs in targets.each()
        if name == EVERYBODY or min(ours.sum(), theirs.sum()) >= FEWEST
    ]
    z = quantile(len(strata) - 1 + len(claims))
    return [
        _score(metric, scope, claims if name == EVERYBODY else claims[:1], name, ours, theirs, z)
        for name, ours, theirs in strata
    ]


def _score(
    metric: str,
    scope: str,
    claims: Sequence[Claim],
    stratum: str,
    ours: NDArray[np.bool_],
    theirs: NDArray[np.bool_],
    z: float,
) -> Score:
    rates = [true_positive_rate(claim.train[ours], claim.control[theirs], 0.1) for claim in claims]
    best = claims[int(np.argmax(rates))]
    train, control = best.train[ours], best.control[theirs]
    n = min(len(train), len(control))
    area, error = auc(train, control)
    tails = {
        f"tpr_at_{100 * fpr:g}_percent_fpr": round(true_positive_rate(train, control, fpr), 6)
        for fpr in FALSE_POSITIVES[1:]
        if len(control) * fpr >= 5
    }
    return measured(
        metric,
        "disclosure",
        scope if stratum == EVERYBODY else f"{scope}; {stratum}",
        max(rates),
        tpr_interval(train, control, 0.1, z),
        n,
        needed=targets_needed(z),
        control=0.1,
        details={
            "attacker": best.attacker,
            "attackers": {claim.attacker: round(rate, 6) for claim, rate in zip(claims, rates, strict=True)},
            "stratum": stratum,
            "tolerance": TOLERANCE,
            "culprits": list(best.culprits),
            "figure": "true positive rate at 10 % false positives",
            "auc": round(area, 6),
            "auc_standard_error": round(error, 6),
            **tails,
        },
    )
