"""Train on synthetic, test on real: a model fitted on synthetic persons, judged on holdout persons.

The figure is the accuracy lost against the same model fitted on as many training persons (TRTR); 0 is no loss. Beside
it stands what another real set of as many persons loses: half of the holdout is learned from, and the other half is
what all three models are tested on. Tasks are those declared (`tasks` of the analyses: a target, and the columns it is
predicted from), else the first attributes that attribute inference guesses, from all other columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import derive, rng
from synth.metrics.analyses.columns import places
from synth.metrics.analyses.model import Task
from synth.metrics.analyses.persons import per_person, root_of
from synth.metrics.disclosure.secrets import secrets_of
from synth.metrics.evidence.model import Evidence, RoleName, Side
from synth.metrics.intervals import quantile
from synth.metrics.scoring import measured, skipped

Codes = NDArray[np.int64]
METRIC = "tstr_gap"
TASKS = 4
FEWEST = 30
TREES = 40
GROUPS = 4  # a number is predicted by its quarter in train
MOST_CLASSES = 8


@dataclass(frozen=True)
class _Predicted:
    """One task: its name, the class of every person by role (-1: unknown), which feature columns may be used."""

    scope: str
    classes: Mapping[RoleName, Codes]
    known: NDArray[np.bool_]


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """Accuracy lost for each task, with a paired interval by person, beside a third set of real persons."""
    holdout = evidence.holdout
    if holdout is None:
        return [skipped(METRIC, "utility", "attributes of persons", "no holdout to test on")]
    declared = [_declared(evidence, task) for task in evidence.analyses.tasks]
    tasks = [task for task in declared or _default(evidence) if task.known.any()]
    size = min(evidence.train.persons, evidence.synthetic.persons, holdout.persons // 2, evidence.plan.pool)
    if not tasks or size < FEWEST:
        note = f"fewer than {FEWEST} persons, or nothing to predict"
        return [skipped(METRIC, "utility", "attributes of persons", note, applicable=not tasks)]
    return [_score(evidence, holdout, task, size, seed) for task in tasks]


def _default(evidence: Evidence) -> list[_Predicted]:
    found = []
    for secret in secrets_of(evidence):
        known = np.array([source != secret.source for source in evidence.persons.source], dtype=bool)
        found.append(_Predicted(f"{secret.scope} predicted from all others", secret.values, known))
        if len(found) == TASKS:
            break
    return found


def _declared(evidence: Evidence, task: Task) -> _Predicted:
    root = root_of(evidence)
    target = {f"{table}.{column}" for table, column in places(evidence.catalog, task.target, root)}
    wanted = {f"{table}.{column}" for name in task.features for table, column in places(evidence.catalog, name, root)}
    sources = evidence.persons.source
    known = np.array([source not in target and (not wanted or source in wanted) for source in sources], dtype=bool)
    features = f"({', '.join(task.features)})" if task.features else "all others"
    return _Predicted(f"{task.target} predicted from {features}", _classes(evidence, task.target), known)


def _classes(evidence: Evidence, target: str) -> dict[RoleName, Codes]:
    """The class of each person: the commonest values of train, or the quarter of train that a number is in."""
    train = per_person(evidence, evidence.train, target)
    found: dict[RoleName, Codes] = {}
    for side in evidence.sides():
        column = per_person(evidence, side, target)
        if train is None or column is None:
            found[side.role] = np.full(side.persons, -1, dtype=np.int64)
            continue
        codes, levels = train.coded
        counts = np.bincount(codes[codes >= 0], minlength=len(levels))
        if train.given_numbers is not None and np.count_nonzero(counts) > MOST_CLASSES:
            known = train.numbers[np.isfinite(train.numbers)]
            edges = np.unique(np.quantile(known, np.arange(1, GROUPS) / GROUPS))
            place = np.searchsorted(edges, np.nan_to_num(column.numbers), side="right")
            found[side.role] = np.where(np.isnan(column.numbers), -1, place).astype(np.int64)
            continue
        ranked = [levels[place] for place in np.argsort(-counts, kind="stable")[: MOST_CLASSES - 1]]
        rank = {level: number for number, level in enumerate(ranked)}
        mine, texts = column.coded
        table = np.array([*(rank.get(text, MOST_CLASSES - 1) for text in texts), -1], dtype=np.int64)
        found[side.role] = table[mine]
    return found


def _score(evidence: Evidence, holdout: Side, task: _Predicted, size: int, seed: int) -> Score:
    order = rng(seed, "tstr", "halves").permutation(holdout.persons)
    learned, tested = order[: holdout.persons // 2], order[holdout.persons // 2 :][: evidence.plan.pool]
    tested = tested[task.classes["holdout"][tested] >= 0]
    truth = task.classes["holdout"][tested]
    asked = evidence.persons.of(holdout)[tested][:, task.known]
    sources = [
        (side, rng(seed, "tstr", side.role).permutation(side.persons)) for side in (evidence.train, evidence.synthetic)
    ]
    guesses = [
        _fitted(evidence, side, chosen, task, size, asked, seed) for side, chosen in [*sources, (holdout, learned)]
    ]
    real, synthetic, other = guesses
    if real is None or synthetic is None or len(tested) < FEWEST:
        note = f"fewer than {FEWEST} persons, or nothing to predict"
        return skipped(METRIC, "utility", task.scope, note, applicable=False)
    right = (real == truth).astype(np.float64)
    value, interval = _mean(right - (synthetic == truth))
    held = None if other is None else _mean(right - (other == truth))
    accuracy = {"accuracy_trtr": float(right.mean()), "accuracy_tstr": float((synthetic == truth).mean())}
    commonest = np.bincount(truth).max() / len(truth)
    return measured(
        METRIC,
        "utility",
        task.scope,
        value,
        interval,
        len(tested),
        control=None if held is None else held[0],
        control_interval=None if held is None else held[1],
        details={name: round(figure, 6) for name, figure in (*accuracy.items(), ("commonest_class", float(commonest)))},
    )


def _mean(lost: NDArray[np.float64]) -> tuple[float, tuple[float, float]]:
    value, half = float(lost.mean()), quantile() * float(lost.std(ddof=1)) / np.sqrt(len(lost))
    return value, (value - half, value + half)


def _fitted(
    evidence: Evidence,
    side: Side,
    chosen: NDArray[np.int64],
    task: _Predicted,
    size: int,
    asked: NDArray[np.float32],
    seed: int,
) -> Codes | None:
    """What a model fitted on `size` persons of a side answers; None when there is nothing to fit on."""
    from sklearn.ensemble import ExtraTreesClassifier

    classes = task.classes[side.role]
    used = chosen[classes[chosen] >= 0][:size]
    if not len(used):
        return None
    model = ExtraTreesClassifier(
        n_estimators=TREES, min_samples_leaf=3, random_state=derive(seed, "tstr", task.scope) % 2**32
    )
    model.fit(evidence.persons.of(side)[used][:, task.known], classes[used])
    guess: Codes = model.predict(asked).astype(np.int64)
    return guess
