"""Membership F1 (El Emam, Mosquera and Fang, JAMIA Open 2022, ooac083): how well "close by, so it was in" does.

The attacker counts on how many attributes a person differs from the nearest synthetic person and claims membership up
to a number of differences. Precision depends on how many of those asked about were in, so true and false positive
rates are weighted by the sampling fraction, the share of all real persons given that are training persons. The control
is the F1 of claiming everybody, 2 t / (1 + t). The number of differences is chosen on one half of the targets and
judged on the other. A diagnostic: one attacker at one threshold, which no policy rests on.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.disclosure.targets import pick_targets
from synth.metrics.evidence.model import Evidence, RoleName
from synth.metrics.intervals import spread
from synth.metrics.scoring import measured, rounded, skipped

Codes = NDArray[np.int16]
Rates = NDArray[np.float64]
METRIC, SCOPE = "membership_f1", "whole persons, all tables"
MOST, POOL = 1_500, 20_000  # persons asked about on each side, and synthetic persons they are compared with
INTERVALS = 20  # of numbers, by quantiles of real persons
FEWEST = 100
DRAWS = 200


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """F1 of the attack against that of claiming everybody."""
    targets, holdout = pick_targets(evidence, seed, names=()), evidence.holdout
    if targets is None or holdout is None:
        return [skipped(METRIC, "disclosure", SCOPE, "no holdout: there is no control person to attack")]
    if min(len(targets.train), len(targets.control)) < 2:
        return [skipped(METRIC, "disclosure", SCOPE, "fewer than two persons to attack on each side")]
    if not evidence.synthetic.persons or not evidence.persons.attributes:
        return [skipped(METRIC, "disclosure", SCOPE, "no synthetic person or no column to attack with")]
    codes = _codes(evidence)
    pool = codes["synthetic"][rng(seed, "membership f1", "pool").permutation(evidence.synthetic.persons)[:POOL]]
    sides = []
    for role, chosen in (("train", targets.train), ("holdout", targets.control)):
        order = rng(seed, "membership f1", role).permutation(len(chosen))[:MOST]
        sides.append(differences(codes["train" if role == "train" else "holdout"][chosen[order]], pool))
    real = sum(side.persons for side in evidence.sides() if side.role != "synthetic")
    return [_score(sides[0], sides[1], evidence.train.persons / real, seed)]


def _score(ours: NDArray[np.int64], theirs: NDArray[np.int64], fraction: float, seed: int) -> Score:
    n = min(len(ours), len(theirs))
    learnt, judged = (ours[::2], theirs[::2]), (ours[1::2], theirs[1::2])
    most = int(max(ours.max(initial=0), theirs.max(initial=0)))
    tried = [f1(_share(learnt[0], h), _share(learnt[1], h), fraction) for h in range(most + 1)]
    differing = int(np.argmax(tried))
    rates = [_share(side, differing) for side in judged]
    stream = rng(seed, "membership f1", "draws")
    drawn = [
        (stream.uniform(DRAWS * len(side)).reshape(DRAWS, len(side)) < rate).mean(axis=1)
        for side, rate in zip(judged, rates, strict=True)
    ]
    draws = np.array([f1(a, b, fraction) for a, b in zip(*drawn, strict=True)])
    value, naive = f1(rates[0], rates[1], fraction), f1(1.0, 1.0, fraction)
    return measured(
        METRIC, "disclosure", SCOPE, value, spread(value, draws, least=0.0, most=1.0), n, needed=FEWEST, control=naive,
        details={
            "attacker": f"at most {differing} attributes differ from a synthetic person",
            "relative_to_naive": rounded((value - naive) / (1 - naive) if naive < 1 else 0.0),
            "sampling_fraction": round(fraction, 6),
            "true_positive_rate": round(rates[0], 6),
            "false_positive_rate": round(rates[1], 6),
            "diagnostic": True,
        },
    )  # fmt: skip


def f1(true_positives: float, false_positives: float, fraction: float) -> float:
    """F1 of claims with these rates where `fraction` of those asked about were in; 0 where nobody is claimed."""
    claimed = fraction * true_positives + (1 - fraction) * false_positives
    if claimed <= 0 or true_positives <= 0:
        return 0.0
    precision = fraction * true_positives / claimed
    return 2 * precision * true_positives / (precision + true_positives)


def differences(asked: Codes, pool: Codes) -> NDArray[np.int64]:
    """On how many attributes each person differs from the nearest of the pool."""
    least = np.empty(len(asked), dtype=np.int64)
    for row, person in enumerate(asked):
        least[row] = (pool != person).sum(axis=1).min(initial=pool.shape[1])
    return least


def _share(found: NDArray[np.int64], most: int) -> float:
    return float((found <= most).mean()) if len(found) else 0.0


def _codes(evidence: Evidence) -> Mapping[RoleName, Codes]:
    """Attributes as codes: those of codes, and numbers by interval; 0 where missing."""
    parts: dict[RoleName, list[Codes]] = {side.role: [] for side in evidence.sides()}
    for attribute in evidence.persons.attributes:
        real = np.concatenate([attribute.values["train"], attribute.values["holdout"]])
        known = real[~np.isnan(real)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, INTERVALS + 1)[1:-1])) if len(known) else np.zeros(0)
        for role, columns in parts.items():
            values = attribute.values[role]
            coded = np.nan_to_num(values) if attribute.coded else 1 + np.searchsorted(edges, values, "right")
            columns.append(np.where(np.isnan(values), 0, coded).astype(np.int16))
    return {role: np.column_stack(columns) for role, columns in parts.items()}
