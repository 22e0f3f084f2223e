"""Distance attack on membership, person by person over all tables: was this person used for training?

The attacker holds a person's whole record and says "member" when a synthetic person stands unusually close. Success is
told by the true positive rate at fixed false positive rates (Carlini et al., IEEE S&P 2022), never by AUC alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.disclosure.roc import Claim, membership_scores
from synth.metrics.disclosure.targets import pick_targets
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.neighbours import nearest
from synth.metrics.scoring import skipped

Floats = NDArray[np.float64]
METRIC = "membership_distance"


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """AUC and TPR at 10, 1 and 0.1 % FPR of the distance to the nearest synthetic person, by stratum."""
    targets = pick_targets(evidence, seed)
    scope = "whole persons, all tables"
    if targets is None or evidence.holdout is None:
        return [skipped(METRIC, "disclosure", scope, "no holdout: there is no control person to attack")]
    if not evidence.synthetic.persons or not evidence.persons.source:
        return [skipped(METRIC, "disclosure", scope, "no synthetic person or no column to attack with")]
    ours = closeness(evidence, evidence.train, targets.train)
    theirs = closeness(evidence, evidence.holdout, targets.control)
    return membership_scores(METRIC, scope, [Claim("distance to the nearest synthetic person", ours, theirs)], targets)


def closeness(evidence: Evidence, side: Side, chosen: NDArray[np.int64]) -> Floats:
    """Minus the distance from each chosen person to the nearest synthetic person."""
    distances, _ = nearest(evidence.persons.of(side)[chosen], evidence.persons.of(evidence.synthetic))
    return -np.sqrt(np.maximum(distances[:, 0], 0)).astype(np.float64)
