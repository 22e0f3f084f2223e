"""Attribute inference: a secret of a person guessed from everything else, by an attacker who holds the synthetic data.

Two attackers: `nearest` looks up the nearest synthetic person on the known columns; `model` fits extra trees on the
synthetic persons. Both attack persons never used for training as well: what they guess there is knowledge about the
population, not leakage, and R = (a - c) / (1 - c) leaves it out.

Where more than half of the persons share one value of a secret, the others are attacked: to guess what most have takes
no data, and a control that nearly always succeeds shows nothing (R is the same share of failures undone either way).
Where there are reference persons, a model of theirs tells how much of the secret is knowledge about the population.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import derive, rng
from synth.metrics.disclosure.risk import Attack, risk_scores
from synth.metrics.disclosure.targets import Targets, pick_targets
from synth.metrics.evidence.model import Evidence, Layout, RoleName, Side
from synth.metrics.neighbours import nearest_leaving_out
from synth.metrics.scoring import skipped

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
METRIC = "attribute_inference"
TREES = 25
COMMON = 0.5  # share of persons from which a value is common knowledge
FEWEST_OTHERS = 100  # persons without the common value below which everybody is attacked all the same


@dataclass(frozen=True, slots=True)
class Secret:
    """One attribute of persons, coded in groups; `source` is the column that must not be among the known ones."""

    scope: str
    source: str
    values: dict[RoleName, NDArray[np.int64]]


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """R of each secret and attacker, overall, for outliers and for subgroups."""
    secrets = list(secrets_of(evidence))[: evidence.plan.secrets]
    usable = [secret for secret in secrets if len(set(evidence.persons.source) - {secret.source})]
    told = {secret.scope: untold_by_the_crowd(secret) for secret in usable} if evidence.holdout else {}
    targets = pick_targets(evidence, seed, [marks for marks in told.values() if marks is not None])
    scope = "every attribute from all others"
    if targets is None:
        return [skipped(METRIC, "disclosure", scope, "no holdout: there is no control person to attack")]
    if not usable or not evidence.synthetic.persons:
        return [skipped(METRIC, "disclosure", scope, "no attribute varies, or nothing is known to guess it from")]
    return risk_scores(METRIC, list(_attacks(evidence, usable, told, targets, seed)), targets)


def untold_by_the_crowd(secret: Secret) -> tuple[Marks, Marks] | None:
    """Persons of train and of the holdout without the value that most real persons have; None when none is common."""
    known = [values[values >= 0] for values in (secret.values["train"], secret.values["holdout"])]
    counts = np.bincount(np.concatenate(known))
    common = int(counts.argmax()) if len(counts) else -1
    if not len(counts) or counts[common] <= COMMON * counts.sum():
        return None
    marks = [(values >= 0) & (values != common) for values in (secret.values["train"], secret.values["holdout"])]
    return None if min(mark.sum() for mark in marks) < FEWEST_OTHERS else (marks[0], marks[1])


def secrets_of(evidence: Evidence) -> Iterator[Secret]:
    """Columns of the person table, then a person's commonest code in each code column of the other tables."""
    for layout in evidence.layouts.values():
        if layout.is_person:
            for place, feature in enumerate(layout.features):
                values = {side.role: _own(side, layout, place) for side in evidence.sides()}
                if _varies(values["train"]):
                    yield Secret(f"{layout.table}.{feature.name}", f"{layout.table}.{feature.name}", values)
    for layout in evidence.layouts.values():
        if layout.of_persons and not layout.is_person:
            for place, feature in enumerate(layout.features):
                if feature.kind == "code":
                    values = {side.role: _commonest(side, layout, place) for side in evidence.sides()}
                    if _varies(values["train"]):
                        scope = f"{layout.table}.{feature.name} (a person's commonest)"
                        yield Secret(scope, f"{layout.table}.{feature.name}", values)


def _varies(values: NDArray[np.int64]) -> bool:
    return len(np.unique(values)) > 1


def _own(side: Side, layout: Layout, place: int) -> NDArray[np.int64]:
    rows = side.tables[layout.table]
    values = np.zeros(side.persons, dtype=np.int64)
    values[rows.person[::-1]] = layout.features[place].coarse[rows.bins[::-1, place]]
    return values


def _commonest(side: Side, layout: Layout, place: int) -> NDArray[np.int64]:
    rows = side.tables[layout.table]
    feature = layout.features[place]
    kept = rows.person >= 0
    flat = rows.person[kept].astype(np.int64) * feature.groups + feature.coarse[rows.bins[kept, place]]
    counts = np.bincount(flat, minlength=side.persons * feature.groups).reshape(side.persons, feature.groups)
    return np.where(counts.sum(axis=1) > 0, counts.argmax(axis=1), -1)


def attacked_parts(
    evidence: Evidence, holdout: Side, secret: Secret, targets: Targets
) -> tuple[NDArray[np.float32], NDArray[np.int64], list[NDArray[np.float32]], list[NDArray[np.int64]]]:
    """What the attacker holds (known columns and answers of synthetic persons), is asked, and the truth."""
    known = np.array([source != secret.source for source in evidence.persons.source])
    pool = np.ascontiguousarray(evidence.persons.of(evidence.synthetic)[:, known])
    answers = secret.values["synthetic"]
    asked = [
        np.ascontiguousarray(evidence.persons.of(side)[chosen][:, known])
        for side, chosen in ((evidence.train, targets.train), (holdout, targets.control))
    ]
    truths = [secret.values["train"][targets.train], secret.values["holdout"][targets.control]]
    return pool[answers >= 0], answers[answers >= 0], asked, truths


def _attacks(
    evidence: Evidence, secrets: Sequence[Secret], told: Mapping[str, tuple[Marks, Marks] | None], targets: Targets,
    seed: int,
) -> Iterator[Attack]:  # fmt: skip
    holdout = evidence.holdout
    if holdout is None:
        return
    looked_up = _looked_up(evidence, holdout, secrets, targets)
    for place, secret in enumerate(secrets):
        pool, answers, asked, truths = attacked_parts(evidence, holdout, secret, targets)
        if not len(pool):
            continue
        crowd = told[secret.scope]
        kept = [np.ones(len(truth), dtype=bool) for truth in truths]
        judged = targets
        if crowd is not None:
            kept = [marks[chosen] for marks, chosen in zip(crowd, (targets.train, targets.control), strict=True)]
            # more of them were drawn than the draw from everybody holds: all of them stand for their kind
            judged = targets.standing_for_everybody(kept[0], kept[1])
        details = _details(evidence, secret, asked, truths, kept, seed)
        modelled = _model(pool, answers, asked, evidence.plan.pool, seed, secret.scope)
        nearby = [secret.values["synthetic"][positions[place]] for positions in looked_up]
        for attacker, guesses in (("nearest", nearby), ("model", modelled)):
            right = [
                np.where((truth >= 0) & marks, guess == truth, np.nan)
                for guess, truth, marks in zip(guesses, truths, kept, strict=True)
            ]
            scope = f"{secret.scope} from all others; {attacker}"
            yield Attack(scope, right[0], right[1], attacker, secret.source, details, judged)


def _looked_up(
    evidence: Evidence, holdout: Side, secrets: Sequence[Secret], targets: Targets
) -> list[list[NDArray[np.int64]]]:
    """For training and control targets: the nearest synthetic person by all columns but each secret's."""
    source = np.array(evidence.persons.source, dtype=object)
    left_out = [np.asarray(source == secret.source, dtype=bool) for secret in secrets]
    usable = [secret.values["synthetic"] >= 0 for secret in secrets]
    pool = evidence.persons.of(evidence.synthetic)
    return [
        nearest_leaving_out(evidence.persons.of(side)[chosen], pool, left_out, usable)
        for side, chosen in ((evidence.train, targets.train), (holdout, targets.control))
    ]


def _details(
    evidence: Evidence,
    secret: Secret,
    asked: list[NDArray[np.float32]],
    truths: list[NDArray[np.int64]],
    kept: list[Marks],
    seed: int,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "secret": secret.scope,
        "known_columns": len({*evidence.persons.source} - {secret.source}),
        "attacked": "everybody" if kept[0].all() else "persons without the commonest value",
        "culprits": [secret.source],
    }
    population = _population(evidence, secret, asked, seed)
    if population is not None:
        found["success_of_a_model_of_reference_persons"] = _share(population, truths, kept)
    return found


def _share(guesses: NDArray[np.int64], truths: list[NDArray[np.int64]], kept: list[Marks]) -> float:
    judged = (truths[0] >= 0) & kept[0]
    return round(float((guesses == truths[0])[judged].mean()), 6) if judged.any() else 0.0


def _population(
    evidence: Evidence, secret: Secret, asked: list[NDArray[np.float32]], seed: int
) -> NDArray[np.int64] | None:
    """What a model of the reference persons guesses of the training targets: knowledge that no release gives away."""
    reference = evidence.reference
    if reference is None or reference.persons < FEWEST_OTHERS:
        return None
    known = np.array([source != secret.source for source in evidence.persons.source])
    answers = secret.values["reference"]
    there = answers >= 0
    pool = np.ascontiguousarray(evidence.persons.of(reference)[there][:, known])
    if not len(pool):
        return None
    return _model(pool, answers[there], asked[:1], evidence.plan.pool, seed, f"population, {secret.scope}")[0]


def _model(
    pool: NDArray[np.float32], answers: NDArray[np.int64], asked: list[NDArray[np.float32]], most: int, seed: int,
    scope: str,
) -> list[NDArray[np.int64]]:  # fmt: skip
    from sklearn.ensemble import ExtraTreesClassifier

    chosen = np.sort(rng(seed, "model attacker", scope).permutation(len(pool))[:most])
    model = ExtraTreesClassifier(
        n_estimators=TREES, min_samples_leaf=2, max_features=0.15, random_state=derive(seed, "model", scope) % 2**32
    )
    model.fit(pool[chosen], answers[chosen])
    return [model.predict(questions).astype(np.int64) for questions in asked]
