"""Tables published as they were simulated: every row is made again, and a row from elsewhere is caught."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from synth.core.score import Score
from synth.gate import judge, read_policy
from synth.pipeline.assess import assess, policy_file, write_simulated
from synth.pipeline.recipe import Input, Recipe, Simulate

RECIPE = Recipe("few", Input(simulate=Simulate(30, "2022", ("IR_BEN_R", "IR_IMB_R"))), seed=3, learn=False)


@pytest.fixture
def simulated(tmp_path: Path) -> Path:
    """The tables of the recipe."""
    write_simulated(RECIPE, tmp_path / "simulated")
    return tmp_path / "simulated"


def outcomes(simulated: Path, aside: Path) -> dict[str, str]:
    verdict = judge(assess(RECIPE, simulated, aside), read_policy(policy_file()))
    assert verdict.passed == all(check.outcome == "pass" for check in verdict.checks)
    return {f"{check.rule}: {check.scope}": check.outcome for check in verdict.checks}


def test_what_the_recipe_makes_passes(simulated: Path, tmp_path: Path) -> None:
    found = outcomes(simulated, tmp_path)

    assert set(found.values()) == {"pass"}
    assert {"simulated-again: IR_BEN_R", "simulated-again: IR_IMB_R", "minimum-persons: synthetic"} <= found.keys()
    assert [path.name for path in tmp_path.iterdir()] == ["simulated"]


def test_a_row_from_elsewhere_blocks(simulated: Path, tmp_path: Path) -> None:
    path = simulated / "IR_BEN_R.parquet"
    rows = pq.read_table(path)
    place = rows.column_names.index("BEN_SEX_COD")
    turned = rows.set_column(place, "BEN_SEX_COD", rows["BEN_SEX_COD"].take([*range(1, rows.num_rows), 0]))
    pq.write_table(turned, path)

    found = outcomes(simulated, tmp_path)

    assert found["simulated-again: IR_BEN_R"] == "block" and found["simulated-again: IR_IMB_R"] == "pass"


def test_a_broken_rule_blocks_and_one_that_does_not_apply_is_said(simulated: Path, tmp_path: Path) -> None:
    scores = assess(RECIPE, simulated, tmp_path)
    skipped = [score for score in scores.scores if score.status == "skipped"]
    policy = read_policy(policy_file())

    assert [score.scope for score in skipped] == ["other rules"] and "are not there" in skipped[0].note
    broken = (*scores.scores, Score("broken_rule", "structure", "rule 0: x", 1.0, 1.0, 1.0, n=30, needed=1))
    from dataclasses import replace

    verdict = judge(replace(scores, scores=broken), policy)
    assert not verdict.passed and verdict.allowed_uses == ()
    assert [check.scope for check in verdict.checks if check.outcome == "block"] == ["rule 0: x"]


def test_scores_of_learned_tables_cannot_meet_it() -> None:
    from synth.core.score import Scores

    learned = Scores((Score("row_copies", "disclosure", "t", 0.0, 0.0, 0.0, 5000),), {}, 0, "0",
                     {"persons": {"train": 5000, "synthetic": 5000}})  # fmt: skip
    verdict = judge(learned, read_policy(policy_file()))

    assert not verdict.passed
    assert {check.outcome for check in verdict.checks if check.rule != "minimum-persons"} == {"inconclusive"}
