"""Classifier two-sample tests: can a model tell synthetic from real? (Lopez-Paz and Oquab, ICLR 2017.)

On whole persons (all tables aggregated, as in SyntheRela's aggregated test) and on the rows of each table. Folds hold
whole persons. The control is the same classifier on holdout against train: what two sets of real persons look like.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import derive, rng
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.intervals import quantile
from synth.metrics.ranking import auc
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]
FOLDS = 3
FEWEST = 30


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """AUC (0.5: cannot tell; 1: always), for whole persons and for the rows of every table."""
    scores = [_persons(evidence, seed)]
    for layout in evidence.layouts.values():
        if layout.features and not (layout.is_person and len(evidence.layouts) == 1):
            scores.append(_rows(evidence, layout, seed))
    return scores


def _persons(evidence: Evidence, seed: int) -> Score:
    scope = "whole persons, all tables"
    train, synthetic, holdout = evidence.train, evidence.synthetic, evidence.holdout
    size = min(train.persons, synthetic.persons, evidence.plan.pool)
    if holdout is not None:
        size = min(size, holdout.persons)
    features = evidence.persons
    if size < FEWEST or not features.source:
        return skipped("c2st_auc", "fidelity", scope, f"fewer than {FEWEST} persons or no column", needed=FEWEST)

    def draw(side: Side, purpose: str) -> NDArray[np.float32]:
        chosen = rng(seed, "c2st", purpose, side.role).permutation(side.persons)[:size]
        return features.of(side)[chosen]

    real = draw(train, "persons")
    units = np.arange(size)
    value, error, weights = auc_of(real, draw(synthetic, "persons"), units, units, seed)
    control = None if holdout is None else auc_of(real, draw(holdout, "persons"), units, units, seed)[:2]
    telling: dict[str, float] = {}
    for name, weight in zip(features.source, weights, strict=True):
        telling[name] = telling.get(name, 0.0) + float(weight)
    return _score(scope, value, error, control, size, telling)


def _rows(evidence: Evidence, layout: Layout, seed: int) -> Score:
    scope = f"{layout.table}: rows"
    sides = [side for side in (evidence.train, evidence.synthetic, evidence.holdout) if side is not None]
    size = min(min(len(side.tables[layout.table]) for side in sides), evidence.plan.pool)
    if size < FEWEST:
        return skipped("c2st_auc", "fidelity", scope, f"fewer than {FEWEST} rows", needed=FEWEST)
    drawn = [_draw_rows(side, layout, size, seed) for side in sides]
    value, error, weights = auc_of(drawn[0][0], drawn[1][0], drawn[0][1], drawn[1][1], seed)
    control = auc_of(drawn[0][0], drawn[2][0], drawn[0][1], drawn[2][1], seed)[:2] if len(drawn) > 2 else None
    names = [f"{layout.table}.{feature.name}" for feature in layout.features]
    persons = min(len(np.unique(units)) for _, units in drawn[:2])
    return _score(scope, value, error, control, persons, dict(zip(names, map(float, weights), strict=True)))


def _draw_rows(side: Side, layout: Layout, size: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    rows = side.tables[layout.table]
    chosen = np.sort(rng(seed, "c2st", layout.table, side.role).permutation(len(rows))[:size])
    matrix = np.column_stack([rows.column(place)[chosen] for place in range(len(layout.features))])
    most = np.finfo(np.float32).max  # the classifier's numbers end there
    return np.clip(matrix, -most, most).astype(np.float32), rows.person[chosen].astype(np.int64)


def _score(
    scope: str, value: float, error: float, control: tuple[float, float] | None, n: int, telling: dict[str, float]
) -> Score:
    worst = sorted(telling, key=lambda name: (-telling[name], name))[:5]
    return measured(
        "c2st_auc",
        "fidelity",
        scope,
        value,
        _interval(value, error),
        n,
        control=None if control is None else control[0],
        control_interval=None if control is None else _interval(*control),
        details={"classifier": "extra trees, 3 folds by person", "most_telling": worst},
    )


def _interval(value: float, error: float) -> tuple[float, float]:
    half = quantile() * error
    return max(0.0, value - half), min(1.0, value + half)


def auc_of(
    left: NDArray[np.float32], right: NDArray[np.float32], left_unit: NDArray[np.int64], right_unit: NDArray[np.int64],
    seed: int,
) -> tuple[float, float, Floats]:  # fmt: skip
    """Cross-validated AUC, its standard error by unit, and how much each column told (shares that add up to 1)."""
    from sklearn.ensemble import ExtraTreesClassifier

    data = np.nan_to_num(np.vstack([left, right]), nan=-9e9).clip(-9e9, 9e9)
    label = np.repeat([0, 1], [len(left), len(right)])
    unit = np.concatenate([left_unit, right_unit])
    fold = np.concatenate([_folds(left_unit, seed), _folds(right_unit, seed)])
    guess = np.zeros(len(data))
    told = np.zeros(data.shape[1])
    for number in range(FOLDS):
        inside = fold != number
        model = ExtraTreesClassifier(
            n_estimators=25,
            min_samples_leaf=5,
            max_features=min(1.0, max(0.12, 3 / data.shape[1])),
            random_state=derive(seed, "c2st", number) % 2**32,
        )
        model.fit(data[inside], label[inside])
        guess[~inside] = model.predict_proba(data[~inside])[:, 1]
        with np.errstate(invalid="ignore"):  # where no split tells anything, the shares are 0 / 0
            told += np.nan_to_num(model.feature_importances_) / FOLDS
    value, error = auc(guess[label == 1], guess[label == 0], unit[label == 1], unit[label == 0])
    return value, error, told


def _folds(unit: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    span = int(unit.max(initial=0)) + 2
    dealt = rng(seed, "c2st", "folds").permutation(span) % FOLDS
    return dealt[unit]
