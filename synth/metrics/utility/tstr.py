"""Train on synthetic, test on real: a model fitted on synthetic persons, judged on holdout persons.

The figure is the accuracy lost against the same model fitted on as many training persons (TRTR); 0 is no loss. Targets
are the attributes that attribute inference guesses; both models are tested on the same holdout persons.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import derive, rng
from synth.metrics.disclosure.attribute_inference import Secret, secrets_of
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import quantile
from synth.metrics.scoring import measured, skipped

METRIC = "tstr_gap"
TASKS = 4
FEWEST = 30
TREES = 40


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """Accuracy lost, for up to four attributes of persons, with a paired interval by person."""
    holdout = evidence.holdout
    if holdout is None:
        return [skipped(METRIC, "utility", "attributes of persons", "no holdout to test on")]
    size = min(evidence.train.persons, evidence.synthetic.persons, evidence.plan.pool)
    tasks = [task for task in secrets_of(evidence) if len(set(evidence.persons.source) - {task.source})][:TASKS]
    if not tasks or min(size, holdout.persons) < FEWEST:
        note = f"fewer than {FEWEST} persons, or nothing to predict"
        return [skipped(METRIC, "utility", "attributes of persons", note, applicable=not tasks)]
    return [_task(evidence, holdout, task, size, seed) for task in tasks]


def _task(evidence: Evidence, holdout: Side, task: Secret, size: int, seed: int) -> Score:
    known = np.array([source != task.source for source in evidence.persons.source])
    tested = rng(seed, "tstr", "test").permutation(holdout.persons)[: evidence.plan.pool]
    truth = task.values["holdout"][tested]
    asked = evidence.persons.of(holdout)[tested][:, known]
    right = [
        (_fitted(evidence, side, task, known, size, asked, seed) == truth).astype(np.float64)
        for side in (evidence.train, evidence.synthetic)
    ]
    lost = right[0] - right[1]
    value, half = float(lost.mean()), quantile() * float(lost.std(ddof=1)) / np.sqrt(len(lost))
    return measured(
        METRIC,
        "utility",
        f"{task.scope} predicted from all others",
        value,
        (value - half, value + half),
        len(lost),
        control=0.0,
        details={"accuracy_trtr": round(float(right[0].mean()), 6), "accuracy_tstr": round(float(right[1].mean()), 6)},
    )


def _fitted(
    evidence: Evidence,
    side: Side,
    task: Secret,
    known: NDArray[np.bool_],
    size: int,
    asked: NDArray[np.float32],
    seed: int,
) -> NDArray[np.int64]:
    from sklearn.ensemble import ExtraTreesClassifier

    chosen = rng(seed, "tstr", side.role).permutation(side.persons)[:size]
    model = ExtraTreesClassifier(
        n_estimators=TREES, min_samples_leaf=3, random_state=derive(seed, "tstr", task.scope) % 2**32
    )
    model.fit(evidence.persons.of(side)[chosen][:, known], task.values[side.role][chosen])
    guess: NDArray[np.int64] = model.predict(asked).astype(np.int64)
    return guess
