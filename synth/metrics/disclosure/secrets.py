"""Secrets that attackers guess, and whom it is worth to ask about: those whom knowledge of other people does not tell.

A guess that any model of the population makes is no leak, and a control that nearly always succeeds shows nothing: R is
the same share of failures undone, but of so few that no number of attacks could bound it. So a model is fitted on
reference persons (ALC, arXiv 2507.01710, takes the same baseline), and those whose secret it misses are attacked, of
train and of the holdout alike. Without enough reference persons, those without a value that most have are attacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import derive, rng
from synth.metrics.evidence.model import Evidence, Layout, RoleName, Side

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier

Codes = NDArray[np.int64]
Marks = NDArray[np.bool_]
TREES = 25
COMMON = 0.5  # share of persons from which a value is common knowledge
FEWEST = 100  # persons not told below which everybody is attacked all the same
REFERENCE = 500  # reference persons it takes to fit a model of the population
MANY = 2_000  # persons of whom so few are missed that the secret is known anyway
EVERYBODY, MISSED, UNCOMMON = (
    "everybody",
    "persons whose secret a model of reference persons misses",
    "persons without the commonest value",
)


@dataclass(frozen=True, slots=True)
class Secret:
    """One attribute of persons, coded in groups; `source` is the column that must not be among the known ones."""

    scope: str
    source: str
    values: dict[RoleName, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Whom to attack: marks of train and of the holdout (None: everybody), and why.

    `guessed` is the share of training persons whose secret a model of reference persons guesses; `missed` of `persons`
    it misses. `known_anyway`: it misses too few of many, so that there is next to nothing left to leak.
    """

    told: str
    marks: tuple[Marks, Marks] | None = None
    guessed: float | None = None
    missed: int = 0
    persons: int = 0
    known_anyway: bool = False


def whom_to_attack(evidence: Evidence, secret: Secret, seed: int) -> Crowd:
    """The persons of train and of the holdout whose secret is not common knowledge."""
    truths = [secret.values["train"], secret.values["holdout"]]
    guesses = _population(evidence, secret, seed)
    if guesses is None:
        marks = _uncommon(truths)
        return Crowd(EVERYBODY) if marks is None else Crowd(UNCOMMON, marks)
    missed = [(truth >= 0) & (guess != truth) for truth, guess in zip(truths, guesses, strict=True)]
    known = int((truths[0] >= 0).sum())
    share = round(1 - float(missed[0].sum()) / max(known, 1), 6)
    fewest = int(min(mark.sum() for mark in missed))
    if fewest >= FEWEST:
        return Crowd(MISSED, (missed[0], missed[1]), share, int(missed[0].sum()), known)
    many = min(int((truth >= 0).sum()) for truth in truths) >= MANY
    return Crowd(EVERYBODY, None, share, int(missed[0].sum()), known, many)


def _uncommon(truths: Sequence[Codes]) -> tuple[Marks, Marks] | None:
    """Persons without the value that most real persons have; None when none is common or too few are left."""
    counts = np.bincount(np.concatenate([values[values >= 0] for values in truths]))
    common = int(counts.argmax()) if len(counts) else -1
    if not len(counts) or counts[common] <= COMMON * counts.sum():
        return None
    marks = [(values >= 0) & (values != common) for values in truths]
    return None if min(mark.sum() for mark in marks) < FEWEST else (marks[0], marks[1])


def _population(evidence: Evidence, secret: Secret, seed: int) -> list[Codes] | None:
    """What a model of the reference persons guesses of every person of train and of the holdout."""
    reference, holdout = evidence.reference, evidence.holdout
    if reference is None or holdout is None or reference.persons < REFERENCE:
        return None
    known = np.array([source != secret.source for source in evidence.persons.source])
    answers = secret.values["reference"]
    there = answers >= 0
    if there.sum() < REFERENCE:
        return None
    pool = np.ascontiguousarray(evidence.persons.of(reference)[there][:, known])
    asked = [np.ascontiguousarray(evidence.persons.of(side)[:, known]) for side in (evidence.train, holdout)]
    return guesses_of_model(pool, answers[there], asked, evidence.plan.pool, seed, f"population, {secret.scope}")


def secrets_of(evidence: Evidence) -> Iterator[Secret]:
    """Columns of the person table, then a person's commonest code in each code column of the other tables.

    Columns that an attacker is declared to know are no secrets; the verdict names them.
    """
    for layout in evidence.layouts.values():
        if layout.is_person:
            for place, feature in enumerate(layout.features):
                if f"{layout.table}.{feature.name}" in evidence.plan.keys:
                    continue
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


def guesses_of_model(
    pool: NDArray[np.float32], answers: NDArray[np.int64], asked: list[NDArray[np.float32]], most: int, seed: int,
    scope: str,
) -> list[NDArray[np.int64]]:  # fmt: skip
    """What `model_of` these answers guesses of each set of persons."""
    model = model_of(pool, answers, most, seed, scope)
    return [model.predict(questions).astype(np.int64) for questions in asked]


def model_of(
    pool: NDArray[np.float32], answers: NDArray[np.int64], most: int, seed: int, scope: str
) -> ExtraTreesClassifier:
    """Extra trees (Geurts et al., 2006) fitted on at most `most` rows of `pool`."""
    from sklearn.ensemble import ExtraTreesClassifier

    chosen = np.sort(rng(seed, "model attacker", scope).permutation(len(pool))[:most])
    model = ExtraTreesClassifier(
        n_estimators=TREES, min_samples_leaf=2, max_features=0.15, random_state=derive(seed, "model", scope) % 2**32
    )
    return model.fit(pool[chosen], answers[chosen])
