"""Attribute inference: a secret of a person guessed from everything else, by an attacker who holds the synthetic data.

Two attackers: `nearest` looks up the nearest synthetic person on the known columns; `model` fits extra trees on the
synthetic persons. Both attack persons never used for training as well: what they guess there is knowledge about the
population, not leakage, and R = (a - c) / (1 - c) leaves it out.

Whom to attack: persons whose secret other people do not tell (see `secrets`), since only they have something to lose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.disclosure.risk import Attack, risk_scores
from synth.metrics.disclosure.secrets import Crowd, Secret, guesses_of_model, secrets_of, whom_to_attack
from synth.metrics.disclosure.targets import Targets, pick_targets
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.neighbours import nearest_leaving_out
from synth.metrics.scoring import skipped

Floats = NDArray[np.float64]
METRIC = "attribute_inference"


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """R of each secret and attacker, overall, for outliers and for subgroups."""
    secrets = list(secrets_of(evidence))[: evidence.plan.secrets]
    usable = [secret for secret in secrets if len(set(evidence.persons.source) - {secret.source})]
    told = {secret.scope: whom_to_attack(evidence, secret, seed) for secret in usable} if evidence.holdout else {}
    targets = pick_targets(evidence, seed, [crowd.marks for crowd in told.values() if crowd.marks is not None])
    scope = "every attribute from all others"
    if targets is None:
        return [skipped(METRIC, "disclosure", scope, "no holdout: there is no control person to attack")]
    if not usable or not evidence.synthetic.persons:
        return [skipped(METRIC, "disclosure", scope, "no attribute varies, or nothing is known to guess it from")]
    known = [secret for secret in usable if told[secret.scope].known_anyway]
    asked = [secret for secret in usable if not told[secret.scope].known_anyway]
    return [_known_anyway(secret, told[secret.scope]) for secret in known] + risk_scores(
        METRIC, list(_attacks(evidence, asked, told, targets, seed)), targets
    )


def _known_anyway(secret: Secret, crowd: Crowd) -> Score:
    note = f"other real persons tell it: a model of theirs misses {crowd.missed} of {crowd.persons} persons"
    return skipped(METRIC, "disclosure", f"{secret.scope} from all others", note, applicable=False)


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
    evidence: Evidence, secrets: Sequence[Secret], told: Mapping[str, Crowd], targets: Targets,
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
        if crowd.marks is not None:
            kept = [marks[chosen] for marks, chosen in zip(crowd.marks, (targets.train, targets.control), strict=True)]
            # more of them were drawn than the draw from everybody holds: all of them stand for their kind
            judged = targets.standing_for_everybody(kept[0], kept[1])
        details = _details(evidence, secret, crowd)
        modelled = guesses_of_model(pool, answers, asked, evidence.plan.pool, seed, secret.scope)
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


def _details(evidence: Evidence, secret: Secret, crowd: Crowd) -> dict[str, Any]:
    return {
        "secret": secret.scope,
        "known_columns": len({*evidence.persons.source} - {secret.source}),
        "attacked": crowd.told,
        "guessed_by_a_model_of_other_persons": crowd.guessed,
        "culprits": [secret.source],
    }
