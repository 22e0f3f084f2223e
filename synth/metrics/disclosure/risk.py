"""From per-person successes of an attack to scores: residual risk R for everybody, for outliers, for subgroups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.disclosure.targets import EVERYBODY, Targets
from synth.metrics.intervals import TOLERANCE, Excess, excess_risk
from synth.metrics.scoring import measured

Floats = NDArray[np.float64]
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack on every target: success (0..1) for each training person and each control person.

    NaN marks a person on whom the attack could not be tried. `scope` and `secret` name columns, never values.
    `targets` says who the persons are, where that differs from the other attacks of the metric.
    """

    scope: str
    train: Floats
    control: Floats
    attacker: str
    secret: str
    details: Mapping[str, Any]
    targets: Targets | None = None


def risk_scores(metric: str, attacks: Sequence[Attack], targets: Targets) -> list[Score]:
    """R = (a - c) / (1 - c) of each attack in each stratum, with intervals that hold for all of them at once."""
    cases = []
    for attack in attacks:
        for name, ours, theirs in (attack.targets or targets).each():
            if attack.secret and name.startswith(f"{attack.secret}, "):
                continue  # everybody in the subgroup shares the secret
            train = attack.train[ours & ~np.isnan(attack.train)]
            control = attack.control[theirs & ~np.isnan(attack.control)]
            if name == EVERYBODY or min(len(train), len(control)) >= FEWEST:
                cases.append((attack, name, train, control))
    return [
        _score(metric, attack, name, train, control, excess_risk(train, control, len(cases)), len(cases))
        for attack, name, train, control in cases
    ]


def _score(
    metric: str, attack: Attack, stratum: str, train: Floats, control: Floats, excess: Excess, tests: int
) -> Score:
    scope = attack.scope if stratum == EVERYBODY else f"{attack.scope}; {stratum}"
    return measured(
        metric,
        "disclosure",
        scope,
        excess.value,
        (excess.low, excess.high),
        min(len(train), len(control)),
        needed=excess.needed,
        control=excess.control,
        details={
            "attacker": attack.attacker,
            "stratum": stratum,
            "success_train": round(excess.attack, 6),
            "success_control": round(excess.control, 6),
            "attacks_train": len(train),
            "attacks_control": len(control),
            "simultaneous_tests": tests,
            "tolerance": TOLERANCE,
            **attack.details,
        },
    )
