"""Columns an attacker is taken to know, and conditions of one attribute, against counts made one by one."""

from __future__ import annotations

import numpy as np
import pytest

from synth.core.errors import UserError
from synth.metrics import Plan
from synth.metrics.disclosure.singling_out import _lone_values
from synth.metrics.evidence import build_evidence
from tests.controls.people import dataset, people


@pytest.mark.parametrize("key", ["person.nothing", "visit.code", "person.id", "l'âge"])
def test_a_key_that_is_no_column_of_persons_is_refused_and_not_named_in_full(key: str) -> None:
    train, holdout, synthetic = (dataset(people(30, seed, 100 * seed)) for seed in (1, 2, 3))
    with pytest.raises(UserError, match="key 2"):
        build_evidence(train, holdout, synthetic, plan=Plan(keys=("person.sex", key)))


def test_conditions_of_one_attribute_are_values_that_the_synthetic_person_alone_has() -> None:
    r = np.random.default_rng(1)
    tables = [r.integers(0, 40, (30, 4)).astype(float) for _ in range(3)]
    for table in tables:
        table[r.random(table.shape) < 0.1] = np.nan
    synthetic, ours, theirs = tables
    order = r.permutation(30)[:20]
    priority = r.random((20, 4))
    found, used = _lone_values(synthetic, (ours, theirs), order, priority)
    for row, person in enumerate(order):
        lone = [column for column in range(4) if (synthetic[:, column] == synthetic[person, column]).sum() == 1]
        if not lone:
            assert np.isnan(found[row]).all()
            assert not used[row].any()
            continue
        column = min(lone, key=lambda each: priority[row, each])
        assert np.flatnonzero(used[row]).tolist() == [column]
        value = synthetic[person, column]
        assert found[row].tolist() == [float((side[:, column] == value).sum() == 1) for side in (ours, theirs)]
