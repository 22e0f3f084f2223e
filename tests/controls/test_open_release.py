"""Passing the strictest policy: other real persons do, when there are enough of them; a leak among them does not.

One seed of each attack, and no singling out, for which as many persons would have to be released: the whole policy is
passed by `datasets/open-release`, in minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from synth.core.catalog import Catalog, Column, Person, Table
from synth.core.score import Scores
from synth.core.verdict import Verdict
from synth.gate import judge, read_policy
from synth.io import memory_dataset
from synth.metrics import Plan
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import build_evidence
from synth.metrics.registry import METRICS, Metric

CATALOG = Catalog(
    (
        Table(
            "persons",
            (
                Column("id", "integer", "key", nullable=False),
                Column("département", "string", "code"),
                Column("âge", "integer", "number"),
                Column("coût", "number", "number"),
            ),
            ("id",),
        ),
    ),
    Person("persons", ("id",)),
)
MANY, RELEASED = 12_000, 2_000
PLAN = Plan(targets=MANY, pool=1000, queries=RELEASED, secrets=2, plants=(0.01,))
PRIVACY = [metric for metric in METRICS if metric.family == "disclosure" and metric.names != ("singling_out",)]
WHOLE = read_policy("open-release")
POLICY = replace(WHOLE, seeds=1, rules=tuple(rule for rule in WHOLE.rules if rule.metric != "singling_out"))
Frame = dict[str, np.ndarray]


def persons(n: int, seed: int) -> Frame:
    """`n` persons whose place depends on their age, and whose cost depends on both."""
    r = np.random.default_rng(seed)
    age = np.clip(r.gamma(8, 6, n), 0, 104).astype(np.int64)
    place = r.integers(0, 60, n) + age // 3
    cost = np.round(np.exp(r.normal(3 + age / 60 + place / 100, 0.7, n)), 3)
    named = np.array([f"{number:03}" for number in range(100)])
    return {"id": np.arange(n) + seed * 10**6, "département": named[place], "âge": age, "coût": cost}


def judged(synthetic: Frame, metrics: Sequence[Metric] = PRIVACY) -> tuple[Verdict, Scores]:
    frames = (persons(MANY, 1), persons(MANY, 2), synthetic, persons(2000, 4))
    train, holdout, release, reference = (memory_dataset(CATALOG, {"persons": pa.table(frame)}) for frame in frames)
    scores = score_evidence(
        build_evidence(train, holdout, release, reference, PLAN), {"reference": "r"}, metrics=metrics
    )
    return judge(scores, POLICY), scores


def test_other_real_persons_pass_when_there_are_enough() -> None:
    verdict, scores = judged(persons(RELEASED, 3))
    assert [(c.outcome, c.rule, c.scope, c.reason) for c in verdict.checks if c.outcome != "pass"] == []
    assert verdict.passed
    assert all(score.n >= score.needed for score in scores.scores if score.status != "skipped")


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_a_leak_among_them_is_blocked(share: float) -> None:
    fresh, train = persons(RELEASED, 3), persons(MANY, 1)
    leaked = np.random.default_rng(5).permutation(MANY)[: round(share * RELEASED)]
    mixed = {name: np.concatenate([values[len(leaked) :], train[name][leaked]]) for name, values in fresh.items()}
    few = [metric for metric in PRIVACY if metric.names[0] in ("row_copies", "membership_distance")]
    verdict, _ = judged({**mixed, "id": np.arange(RELEASED) + 9 * 10**6}, few)
    assert not verdict.passed
    assert "block" in {check.outcome for check in verdict.checks}
