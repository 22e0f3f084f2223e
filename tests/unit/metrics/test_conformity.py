"""Constraints of the catalog and rules of the SNDS, counted by hand and on simulated tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, Person, Table
from synth.io import open_dataset
from synth.metrics import Plan
from synth.metrics.evidence import build_evidence
from synth.metrics.fidelity import trajectory
from synth.metrics.fidelity.conformity import conformity
from synth.metrics.fidelity.marginals import wasserstein
from tests.controls.people import dataset, people


def test_cells_that_break_a_constraint_are_counted() -> None:
    age = Column("age", "integer", "number", nullable=False, minimum=0, maximum=120)
    sex = Column("sex", "string", "code", categories=("F", "M"))
    catalog = Catalog((Table("p", (Column("id", "integer", "key"), age, sex), ("id",)),), Person("p", ("id",)))
    ids = np.arange(4)
    real = {"p": {"id": ids, "age": np.array([1, 2, 3, 4]), "sex": np.array(["F", "M", "F", "M"])}}
    drawn = {"p": {"id": ids, "age": np.array([1, 130, 3, -1]), "sex": np.array(["F", "X", "F", "M"])}}
    found = conformity(dataset(real, catalog), dataset(drawn, catalog), 11)
    share = next(score for score in found if score.metric == "constraint_share")
    assert share.details["broken"] == 3
    assert share.value == pytest.approx(1 - 3 / 16, abs=1e-6)  # required, minimum, maximum, closed list: 4 cells each
    assert share.control == 1
    rules = next(score for score in found if score.metric == "claims_validity")
    assert rules.status == "skipped"


def test_rules_of_the_snds_stand_beside_the_real_rate(call_cli, tmp_path: Path) -> None:
    for seed in (1, 2):
        outcome = call_cli("simulate", "snds", "--persons", 60, "--years", "2022", "--seed", seed, "--out",
                           tmp_path / str(seed), "--tables", "IR_BEN_R,IR_IMB_R")  # fmt: skip
        assert outcome.code == 0
    found = conformity(*(open_dataset(tmp_path / str(seed)) for seed in (1, 2)), 11)
    rules = [score for score in found if score.metric == "claims_validity"]
    assert len(rules) > 5
    assert all(score.value == 0 and score.n > 0 and score.scope.startswith("rule ") for score in rules[:3])
    assert all(score.control is not None for score in rules)


def test_lengths_and_coherence_are_counted_by_person() -> None:
    frames = [people(120, 1), people(120, 3, 1000)]
    built = build_evidence(dataset(frames[0]), None, dataset(frames[1]), plan=Plan(draws=5))
    scores = {score.metric: score for score in trajectory.evaluate(built, 1)}
    for metric, different in (("trajectory_length", False), ("trajectory_coherence", True)):
        shares = []
        for frame in frames:
            pairs = list(zip(frame["visit"]["id"].tolist(), frame["visit"]["code"].tolist(), strict=True))
            counts = Counter(person for person, _ in (set(pairs) if different else pairs))
            shares.append(Counter(counts.get(person, 0) for person in frame["person"]["id"].tolist()))
        expected = sum(abs(shares[0][k] - shares[1][k]) for k in shares[0] | shares[1]) / 240
        assert scores[metric].value == pytest.approx(expected, abs=1e-6)


def test_wasserstein_agrees_with_scipy() -> None:
    from scipy.stats import wasserstein_distance

    r = np.random.default_rng(2)
    left, right = r.normal(size=80), np.append(r.normal(1, 2, 50), np.nan)
    assert wasserstein(left, right) == pytest.approx(wasserstein_distance(left, right[:-1]))
    assert wasserstein(left, np.full(3, np.nan)) is None
