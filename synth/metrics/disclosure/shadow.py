"""Membership of the most vulnerable persons, by an attacker who trains shadow models (Stadler et al., USENIX 2022).

Targets are the training persons farthest from their neighbours (Meeus et al., Achilles' Heels, 2023). Each shadow model
holds about half of them, drawn anew. From the outputs of half the models the attacker learns what an output looks like
when a target is in (distances to the target on all columns and on fixed halves of them, each standardised for the
target: LiRA, Carlini et al., 2022; queries on subsets of columns: Houssiau et al., TAPAS, 2022), and tells it of the
other half. The figure is the advantage TP - FP; chance is 0. Control persons are in no model; their labels are drawn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import TOLERANCE, quantile
from synth.metrics.neighbours import nearest
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
METRIC = "shadow_membership"
SCOPE = "most vulnerable persons"
NEIGHBOURS = 5
HALVES = 8
MANY = 5_000  # persons among whom the most vulnerable are looked for
LEAST_MODELS = 8


def most_vulnerable(evidence: Evidence, side: Side, count: int, seed: int) -> Positions:
    """Positions of the persons whose nearest neighbours of their own side are farthest, among at most MANY."""
    drawn = np.sort(rng(seed, "shadow pool", side.role).permutation(side.persons)[:MANY])
    features = np.ascontiguousarray(evidence.persons.of(side)[drawn])
    distances, _ = nearest(features, features, NEIGHBOURS, np.arange(len(drawn)))
    far = np.sqrt(np.maximum(distances, 0)).mean(axis=1)
    return drawn[np.argsort(-far, kind="stable")[:count]]


def what_is_shown(evidence: Evidence, side: Side, chosen: Positions) -> Floats:
    """Figures of the synthetic persons about each chosen person: closeness on all columns, and on halves of them."""
    asked, pool = evidence.persons.of(side)[chosen], evidence.persons.of(evidence.synthetic)
    width = asked.shape[1]
    columns = [np.arange(width)] + [
        np.sort(rng(0, "shadow halves", half).permutation(width)[: max(1, width // 2)]) for half in range(HALVES)
    ]
    shown = []
    for place, some in enumerate(columns):
        count = min(NEIGHBOURS, len(pool)) if place == 0 else 1
        distances, _ = nearest(np.ascontiguousarray(asked[:, some]), np.ascontiguousarray(pool[:, some]), count)
        far = np.sqrt(np.maximum(distances, 0)).astype(np.float64)
        shown += [-far[:, 0]] if place else [-far[:, 0], -far.mean(axis=1)]
    return np.column_stack(shown)


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """Advantage of telling who was in a model, on models the attacker did not learn from."""
    shadows = evidence.shadows
    if shadows is None:
        note = "no shadow models were trained (synth shadow)"
        return [skipped(METRIC, "disclosure", SCOPE, note)]
    models, targets = shadows.inside.shape
    if models < LEAST_MODELS or targets < 2:
        return [skipped(METRIC, "disclosure", SCOPE, f"fewer than {LEAST_MODELS} models or 2 targets")]
    advantage, by_target, by_model = _attack(shadows.near, shadows.inside)
    drawn = rng(seed, "shadow labels").uniform(models * shadows.control_near.shape[1])
    labels = drawn.reshape(models, -1) < 0.5
    control = _attack(shadows.control_near, labels)[0]
    error = float(np.hypot(by_target, by_model))
    half = quantile() * error
    needed = int(np.ceil(targets * (half / TOLERANCE) ** 2)) if half > 0 else targets
    return [
        measured(
            METRIC,
            "disclosure",
            SCOPE,
            advantage,
            (max(-1.0, advantage - half), min(1.0, advantage + half)),
            targets,
            needed=needed,
            control=control,
            details={
                "attacker": "logistic regression on standardised distances",
                "figure": "true positive rate less false positive rate, on models not learned from",
                "shadow_models": models,
                "generator": shadows.generator,
                "persons_a_model": shadows.persons,
                "tolerance": TOLERANCE,
                "culprits": [],
            },
        )
    ]


def _attack(near: Floats, inside: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Advantage, and its standard error by targets and by models."""
    from sklearn.linear_model import LogisticRegression

    half = len(near) // 2
    middle, spread = near[:half].mean(axis=0), near[:half].std(axis=0) + 1e-6
    told = (near - middle) / spread
    learnt, truth = told[:half].reshape(-1, near.shape[2]), inside[:half].ravel()
    if truth.all() or not truth.any():
        return 0.0, 1.0, 1.0
    attacker = LogisticRegression(max_iter=500).fit(np.clip(learnt, -6, 6), truth)
    asked = np.clip(told[half:].reshape(-1, near.shape[2]), -6, 6)
    claimed = attacker.predict(asked).astype(np.float64).reshape(inside[half:].shape)
    # each decision weighs on the true or on the false positive rate, so that means over any grouping add up
    there = inside[half:]
    weight = np.where(there, 1 / max(there.mean(), 1e-9), -1 / max((~there).mean(), 1e-9))
    gain = claimed * weight
    by_target, by_model = (float(gain.mean(axis=axis).std(ddof=1) / np.sqrt(gain.shape[1 - axis])) for axis in (0, 1))
    return float(gain.mean()), by_target, by_model
