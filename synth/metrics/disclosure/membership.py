"""Membership, person by person over all tables: was this person used for training?

The attacker holds a person's whole record and the synthetic tables, and nothing of the model ("no-box"). Attackers:

- `distance`: a synthetic person stands unusually close (Chen et al., GAN-Leaks, CCS 2020), on all columns, on numbers
  alone (so that renamed codes hide nothing), and on each table alone (so that one leaked table is named);
- `density ratio`: close by the measure of a reference set of real persons, p_synthetic / p_reference by nearest
  neighbours (van Breugel et al., DOMIAS, AISTATS 2023); it needs reference persons.

Success is the true positive rate at fixed false positive rates (Carlini et al., IEEE S&P 2022), never AUC alone, and
the best attacker of the ensemble decides in each stratum.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.disclosure.roc import Claim, membership_scores
from synth.metrics.disclosure.targets import Targets, pick_targets
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.neighbours import nearest
from synth.metrics.scoring import skipped

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]
DISTANCE, DENSITY = "membership_distance", "membership_density"
SCOPE = "whole persons, all tables"
LEAST = 1e-3  # distances below this are told apart by nothing but rounding
TABLES = 8  # tables attacked on their own, in the order of the catalog
DENSITY_NEIGHBOURS = 5
REFERENCE = 20_000
CULPRITS = 3
SEEN = 3.0  # standard errors from which a column is named


def distance(evidence: Evidence, seed: int) -> list[Score]:
    """TPR at 10 % FPR (and lower) of the distance attackers, by stratum."""
    targets, why = _usable(evidence, seed)
    if targets is None or evidence.holdout is None:
        return [skipped(DISTANCE, "disclosure", SCOPE, why)]
    claims = []
    for name, columns in views(evidence):
        ours, theirs, pool = _parts(evidence, evidence.holdout, targets, columns)
        (far, near), (control_far, control_near) = _found(ours, pool), _found(theirs, pool)
        gaps = [np.abs(asked - pool[places]) for asked, places in ((ours, near), (theirs, control_near))]
        culprits = _culprits(gaps, (far, control_far), np.array(evidence.persons.source)[columns])
        claims.append(Claim(name, -far, -control_far, culprits))
    return membership_scores(DISTANCE, SCOPE, claims, targets)


def _found(asked: Matrix, pool: Matrix) -> tuple[Floats, NDArray[np.int64]]:
    distances, places = nearest(asked, pool)
    return np.sqrt(np.maximum(distances[:, 0], 0)).astype(np.float64), places[:, 0]


def _culprits(gaps: list[Matrix], far: tuple[Floats, Floats], source: NDArray[np.str_]) -> tuple[str, ...]:
    """Columns on which the closest tenth of training persons is nearer to somebody than the closest of controls is."""
    closest = [gap[distance <= np.quantile(distance, 0.1)] for gap, distance in zip(gaps, far, strict=True)]
    ours, theirs = (part.mean(axis=0) for part in closest)
    error = np.sqrt(sum(part.var(axis=0) / len(part) for part in closest)) + 1e-9
    ahead = (theirs - ours) / error
    ranked = [str(source[place]) for place in np.argsort(-ahead, kind="stable") if ahead[place] > SEEN]
    return tuple(dict.fromkeys(ranked))[:CULPRITS]


def density(evidence: Evidence, seed: int) -> list[Score]:
    """TPR at 10 % FPR (and lower) of the density-ratio attackers; skipped without reference persons."""
    targets, why = _usable(evidence, seed)
    reference = evidence.reference
    if targets is None or evidence.holdout is None:
        return [skipped(DENSITY, "disclosure", SCOPE, why)]
    if reference is None or reference.persons <= DENSITY_NEIGHBOURS:
        return [skipped(DENSITY, "disclosure", SCOPE, "no reference persons: the attacker knows no population")]
    columns = np.ones(len(evidence.persons.source), dtype=bool)
    ours, theirs, pool = _parts(evidence, evidence.holdout, targets, columns)
    chosen = rng(seed, "reference").permutation(reference.persons)[:REFERENCE]
    known = evidence.persons.of(reference)[chosen]
    ratios = [_ratios(asked, pool, known) for asked in (ours, theirs)]
    claims = [
        Claim(name, ratios[0][place], ratios[1][place])
        for place, name in enumerate(("density ratio, 1 neighbour", "density ratio, 5 neighbours"))
    ]
    return membership_scores(DENSITY, SCOPE, claims, targets)


def _usable(evidence: Evidence, seed: int) -> tuple[Targets | None, str]:
    targets = pick_targets(evidence, seed)
    if targets is None:
        return None, "no holdout: there is no control person to attack"
    if not evidence.synthetic.persons or not evidence.persons.source:
        return None, "no synthetic person or no column to attack with"
    return targets, ""


def views(evidence: Evidence) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """(attacker, the columns it looks at): everything, numbers alone, each table alone."""
    features = evidence.persons
    yield "distance, all columns", np.ones(len(features.source), dtype=bool)
    numeric = features.numeric
    if 0 < numeric.sum() < len(numeric):
        yield "distance, numbers alone", numeric
    tables = [layout.table for layout in evidence.layouts.values() if layout.of_persons]
    for table in tables[:TABLES] if len(tables) > 1 else ():
        mine = np.array([name == table or name.startswith(f"{table}.") for name in features.source])
        if mine.sum() > 1:
            yield f"distance, table {table} alone", mine


def _parts(
    evidence: Evidence, holdout: Side, targets: Targets, columns: NDArray[np.bool_]
) -> tuple[Matrix, Matrix, Matrix]:
    features = evidence.persons
    return (
        np.ascontiguousarray(features.of(evidence.train)[targets.train][:, columns]),
        np.ascontiguousarray(features.of(holdout)[targets.control][:, columns]),
        np.ascontiguousarray(features.of(evidence.synthetic)[:, columns]),
    )


def closeness(evidence: Evidence, side: Side, chosen: NDArray[np.int64]) -> Floats:
    """Minus the distance, on all columns, from each chosen person to the nearest synthetic person."""
    return -_found(evidence.persons.of(side)[chosen], evidence.persons.of(evidence.synthetic))[0]


def _ratios(asked: Matrix, pool: Matrix, known: Matrix) -> tuple[Floats, Floats]:
    """Log ratio of the distances to reference and to synthetic persons: the nearest of each, and the fifth."""
    far, near = (nearest(asked, among, DENSITY_NEIGHBOURS)[0] for among in (known, pool))
    first, last = (
        np.log(np.maximum(np.sqrt(np.maximum(far[:, place], 0)).astype(np.float64), LEAST))
        - np.log(np.maximum(np.sqrt(np.maximum(near[:, place], 0)).astype(np.float64), LEAST))
        for place in (0, -1)
    )
    return first, last
