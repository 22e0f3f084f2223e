"""A model that claims differential privacy is found out; one that has a column of that name is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from synth.core.model import Model, write_model
from synth.gate import judge, read_policy
from synth.gate.policy import policy_names
from synth.metrics import Plan, score
from synth.metrics.disclosure.claims import claims_of
from tests.controls.people import CATALOG, dataset, people

MODEL = Model("any", CATALOG, (), {}, {"features": {"epsilon": []}}, {"min_persons": 11, "rows": {"delta": 3}})


@pytest.mark.parametrize(
    ("receipt", "found"),
    [
        ({"epsilon": 1.0}, ("receipt.epsilon",)),
        ({"privacy": {"noise_delta": 1e-6}}, ("receipt.privacy.noise_delta",)),
        ({"differentialPrivacy": True}, ("receipt.differentialPrivacy",)),
        ({"epsilon": None}, ()),
        ({"adp_code": 4, "steps": 2, "deltas_kept": 1}, ()),
    ],
)
def test_claims_are_named_by_where_they_stand(receipt: dict, found: tuple[str, ...]) -> None:
    assert claims_of(replace(MODEL, receipt={**MODEL.receipt, **receipt})) == found


def test_a_plan_that_claims_is_found_and_its_columns_are_not() -> None:
    assert claims_of(MODEL) == ()
    assert claims_of(replace(MODEL, plan={**MODEL.plan, "epsilon": 0.5})) == ("plan.epsilon",)


def test_every_policy_blocks_a_model_that_claims(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    write_model(replace(MODEL, receipt={**MODEL.receipt, "epsilon": 1.0}), path)
    train, synthetic = dataset(people(40, 1)), dataset(people(40, 2, 1000))
    scores = score(train, None, synthetic, plan=Plan(plants=()), metrics=(), model=path)
    for name in policy_names():
        outcomes = {check.rule: check.outcome for check in judge(scores, read_policy(name)).checks}
        assert outcomes["privacy-claims"] == "block"
