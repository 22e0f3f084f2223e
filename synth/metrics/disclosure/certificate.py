"""Sensitivity certificate: what share of leaked persons these very attacks, on these very tables, would have seen.

Training persons drawn at random are planted in copies of the synthetic data and the attacks are run again. A leak is
seen when an attack's interval excludes chance (or one copied trajectory is found). A share is certified when it is seen
in every one of `REPEATS` plantings: by the rule of three the power is then at least 95 % (Hanley and Lippman-Hand,
JAMA 1983). Planted persons are exact copies; what a disguised copy would need is not certified.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.disclosure import attribute_inference as inference
from synth.metrics.disclosure.copies import copied_by_person, excess_copies, telling_persons
from synth.metrics.disclosure.membership import closeness
from synth.metrics.disclosure.roc import tpr_interval
from synth.metrics.disclosure.secrets import secrets_of
from synth.metrics.disclosure.targets import Targets, pick_targets
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import excess_risk, quantile
from synth.metrics.neighbours import nearest
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]
Planted = NDArray[np.int64]
Seen = Callable[[Planted], bool]
METRIC = "sensitivity"
REPEATS = 60  # no miss in 60: the power is above 0.951 with 95 % confidence
TESTS = 20  # the multiplicity that a full run corrects for
SECRETS = 2


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """For each attack, the smallest planted share of training persons that it always saw; 1 when it saw none."""
    targets = pick_targets(evidence, seed, names=())
    holdout = evidence.holdout
    if targets is None or holdout is None or not evidence.synthetic.persons or not evidence.persons.source:
        return [skipped(METRIC, "disclosure", "all attacks", "no holdout, or nothing to attack with")]
    if not evidence.plan.plants:
        return [skipped(METRIC, "disclosure", "all attacks", "no planting was asked for")]
    attacks: dict[str, Seen | None] = {
        "row_copies": _rows(evidence, holdout),
        "trajectory_copies": _trajectories(evidence),
        "membership_distance": _membership(evidence, holdout, targets),
        "attribute_inference": _inference(evidence, holdout, targets),
    }
    scores = [_certify(name, seen, evidence, seed) for name, seen in attacks.items() if seen is not None]
    best = min((score.value for score in scores if score.value is not None), default=1.0)
    seers = [score.scope for score in scores if score.value == best]
    overall = measured(METRIC, "disclosure", "best attack", best, (best, best), REPEATS, details={"attacks": seers})
    return [overall, *scores]


def _certify(name: str, seen: Seen, evidence: Evidence, seed: int) -> Score:
    power: dict[str, float] = {}
    value = 1.0
    for share in sorted(evidence.plan.plants):
        count = max(1, round(share * evidence.train.persons))
        caught = 0
        for repeat in range(REPEATS):
            planted = rng(seed, "plant", f"{share:g}", repeat).permutation(evidence.train.persons)[:count]
            caught += seen(planted)
            if caught < repeat + 1 and repeat >= 9:
                break  # missed once: not certified, and ten plantings give a fair figure
        power[f"{share:g}"] = round(caught / (repeat + 1), 4)
        if caught == REPEATS:
            value = share  # larger leaks are seen as well
            break
    note = (
        f"would have detected a leak of {100 * value:g} % of training persons or more with at least 95 % power"
        if value < 1
        else f"no planted leak up to {100 * max(evidence.plan.plants):g} % was detected with 95 % power"
    )
    details = {"power_by_share": power, "plantings": REPEATS, "planted": "exact copies of whole persons"}
    return measured(METRIC, "disclosure", name, value, (value, value), REPEATS, note=note, details=details)


def _rows(evidence: Evidence, holdout: Side) -> Seen | None:
    usable = [
        layout
        for layout in evidence.layouts.values()
        if layout.of_persons and layout.features and len(holdout.tables[layout.table])
        and len(evidence.synthetic.tables[layout.table]) and len(evidence.train.tables[layout.table])
    ]  # fmt: skip
    parts = []
    for layout in usable:
        synthetic = np.unique(evidence.synthetic.tables[layout.table].exact)
        parts.append((copied_by_person(evidence.train, layout, synthetic),
                      copied_by_person(holdout, layout, synthetic)[0]))  # fmt: skip
    z = quantile(max(len(parts), 1))

    def seen(planted: Planted) -> bool:
        for (found, present), chance in parts:
            leaked = np.where(np.isin(present, planted), 1.0, found)
            if excess_copies(leaked, chance, z)[1][0] > 0:
                return True
        return False

    return seen if parts else None


def _trajectories(evidence: Evidence) -> Seen | None:
    if all(layout.is_person for layout in evidence.layouts.values() if layout.of_persons):
        return None
    telling = telling_persons(evidence)
    return lambda planted: bool(telling[planted].any())


def _membership(evidence: Evidence, holdout: Side, targets: Targets) -> Seen:
    features = evidence.persons
    base = [closeness(evidence, evidence.train, targets.train), closeness(evidence, holdout, targets.control)]
    asked = [features.of(evidence.train)[targets.train], features.of(holdout)[targets.control]]
    z = quantile(TESTS)

    def seen(planted: Planted) -> bool:
        pool = features.of(evidence.train)[planted]
        ours, theirs = (
            np.maximum(before, -np.sqrt(nearest(questions, pool)[0][:, 0].astype(np.float64)))
            for before, questions in zip(base, asked, strict=True)
        )
        return tpr_interval(ours, theirs, 0.1, z)[0] > 0.1

    return seen


def _inference(evidence: Evidence, holdout: Side, targets: Targets) -> Seen | None:
    parts = []
    for secret in list(secrets_of(evidence))[:SECRETS]:
        pool, answers, asked, truths = inference.attacked_parts(evidence, holdout, secret, targets)
        if not len(pool) or not pool.shape[1]:
            continue
        known = np.array([source != secret.source for source in evidence.persons.source])
        leaked = np.ascontiguousarray(evidence.persons.of(evidence.train)[:, known])
        before = [nearest(questions, pool) for questions in asked]
        guesses = [answers[places[:, 0]] for _, places in before]
        parts.append((leaked, secret.values["train"], asked, truths, [far[:, 0] for far, _ in before], guesses))

    def seen(planted: Planted) -> bool:
        for leaked, values, asked, truths, far, guesses in parts:
            right = []
            for questions, truth, distance, guess in zip(asked, truths, far, guesses, strict=True):
                closer, places = nearest(questions, leaked[planted])
                changed = np.where(closer[:, 0] < distance, values[planted][places[:, 0]], guess)
                right.append((changed == truth)[truth >= 0].astype(np.float64))
            if excess_risk(right[0], right[1], TESTS).low > 0:
                return True
        return False

    return seen if parts else None
