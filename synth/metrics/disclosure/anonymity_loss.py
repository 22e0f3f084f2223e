"""Anonymity loss coefficient (Francis and Wagner, arXiv 2507.01710): what the release adds to guessing a secret.

Guesses come with a confidence, and an attacker may keep the surest. P is the share of kept guesses that are right, R
the share of persons kept; PRC = P (1 - (log R / log 0.0001)^3), the best over R, rewards sure guesses about few. The
coefficient is (PRC of the attack - PRC of the baseline) / (1 - PRC of the baseline): the attack is a model fitted on
synthetic persons, the baseline the same model fitted on as many other real persons. 1: all anonymity lost; 0: none. The
control is the same coefficient for persons who were not used for training. A diagnostic beside `attribute_inference`,
whose R the policies judge: the best R is searched for on the persons themselves, which flatters both models alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.disclosure.secrets import REFERENCE, Secret, model_of, secrets_of
from synth.metrics.disclosure.targets import pick_targets
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import spread
from synth.metrics.scoring import measured, skipped

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
METRIC, SCOPE = "anonymity_loss", "every attribute from all others"
LEAST_RECALL = 1e-4
STRENGTH = 3.0
SECRETS = 4
MOST = 1_500
FEWEST = 100
DRAWS = 60


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """The coefficient of each of the first secrets; skipped without reference persons to fit a baseline on."""
    targets, holdout, reference = pick_targets(evidence, seed, names=()), evidence.holdout, evidence.reference
    if targets is None or holdout is None:
        return [skipped(METRIC, "disclosure", SCOPE, "no holdout: there is no control person to attack")]
    if reference is None or reference.persons < REFERENCE:
        return [skipped(METRIC, "disclosure", SCOPE, "no reference persons: the attacker knows no population")]
    usable = [secret for secret in secrets_of(evidence) if len(set(evidence.persons.source) - {secret.source})]
    sides = ((evidence.train, targets.train[:MOST]), (holdout, targets.control[:MOST]))
    found = [_score(evidence, secret, reference, sides, seed) for secret in usable[:SECRETS]]
    scores = [score for score in found if score is not None]
    note = "no attribute varies, or nothing is known to guess it from"
    return scores or [skipped(METRIC, "disclosure", SCOPE, note, applicable=bool(usable))]


def _score(
    evidence: Evidence, secret: Secret, reference: Side, sides: tuple[tuple[Side, NDArray[np.int64]], ...], seed: int
) -> Score | None:
    known = np.array([source != secret.source for source in evidence.persons.source])
    there = {side.role: secret.values[side.role] >= 0 for side in (evidence.synthetic, reference)}
    size = min(evidence.plan.pool, *(int(marks.sum()) for marks in there.values()))
    if size < FEWEST:
        return None
    models = []
    for side in (evidence.synthetic, reference):
        pool = np.ascontiguousarray(evidence.persons.of(side)[there[side.role]][:, known])
        answers = secret.values[side.role][there[side.role]]
        models.append(model_of(pool, answers, size, seed, f"anonymity loss, {side.role}, {secret.scope}"))
    losses = []
    for side, chosen in sides:
        truth = secret.values[side.role][chosen]
        asked = np.ascontiguousarray(evidence.persons.of(side)[chosen][:, known])[truth >= 0]
        losses.append([_told(model, asked, truth[truth >= 0]) for model in models])
    (ours, theirs) = (loss(*(prc(sure, right) for sure, right in side)) for side in losses)
    n = min(len(side[0][0]) for side in losses)
    if not n:
        return None
    draws = _drawn(losses[0], seed, secret.scope)
    return measured(
        METRIC, "disclosure", f"{secret.scope} from all others", ours, spread(ours, draws, most=1.0), n, needed=FEWEST,
        control=theirs,
        details={
            "attacker": "model, surest guesses kept",
            "secret": secret.scope,
            "prc_attack": round(prc(*losses[0][0]), 6),
            "prc_baseline": round(prc(*losses[0][1]), 6),
            "fitted_on": size,
            "diagnostic": True,
        },
    )  # fmt: skip


def _told(model: ExtraTreesClassifier, asked: NDArray[np.float32], truth: NDArray[np.int64]) -> tuple[Floats, Marks]:
    """How sure the model is of its guess for each person, and whether it is right."""
    if not len(asked):
        return np.zeros(0), np.zeros(0, dtype=bool)
    chances = model.predict_proba(asked)
    return chances.max(axis=1), model.classes_[chances.argmax(axis=1)] == truth


def prc(sure: Floats, right: Marks) -> float:
    """The best precision over shares of the surest guesses kept, weighted by how many are kept; ties are kept whole."""
    if not len(sure):
        return 0.0
    order = np.argsort(-sure, kind="stable")
    hits = np.cumsum(right[order])
    last = np.flatnonzero(np.append(np.diff(sure[order]) != 0, True))
    kept = last + 1
    recall = np.maximum(kept / len(sure), LEAST_RECALL)
    weight = 1 - (np.log10(recall) / np.log10(LEAST_RECALL)) ** STRENGTH
    return float((hits[last] / kept * weight).max())


def loss(attack: float, baseline: float) -> float:
    """How much of what the baseline leaves untold the attack tells; 0 where nothing is left."""
    return (attack - baseline) / (1 - baseline) if baseline < 1 else 0.0


def _drawn(told: list[tuple[Floats, Marks]], seed: int, scope: str) -> Floats:
    """The coefficient over persons drawn again."""
    n = len(told[0][0])
    stream = rng(seed, "anonymity loss", scope)
    found = []
    for _ in range(DRAWS):
        again = np.minimum((stream.uniform(n) * n).astype(np.int64), n - 1)
        found.append(loss(*(prc(sure[again], right[again]) for sure, right in told)))
    return np.array(found)
