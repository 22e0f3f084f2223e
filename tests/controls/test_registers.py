"""The adversaries who hold the open register of deaths, or the hospitals' stays, on simulated SNDS tables."""

from __future__ import annotations

import pyarrow as pa
import pytest

from synth.core.score import Scores
from synth.io import memory_dataset
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import build_evidence
from synth.metrics.registry import METRICS
from synth.simulate import simulate_snds
from tests.controls.releases import People, parts, people_of, renamed

LINKED = [metric for metric in METRICS if metric.names[0] in ("death_register", "claims_and_stays")]


@pytest.fixture(scope="module")
def sides() -> list[People]:
    catalog, batches = simulate_snds(6000, (2022, 2022), 5, ("IR_BEN_R", "KI_CCI_R", "T_MCO22C", "T_MCO22B"))
    found: dict[str, list[pa.RecordBatch]] = {}
    for table, batch in batches:
        found.setdefault(table, []).append(batch)
    whole = people_of(memory_dataset(catalog, {name: pa.Table.from_batches(rows) for name, rows in found.items()}))
    return parts(whole, 2000, 2000, 1900)


def scored(train: People, holdout: People, release: People) -> Scores:
    evidence = build_evidence(train.dataset(), holdout.dataset(), release.dataset())
    return score_evidence(evidence, {}, metrics=LINKED)


def test_other_persons_are_not_linked(sides: list[People]) -> None:
    train, holdout, fresh = sides
    scores = scored(train, holdout, renamed(fresh)).scores
    assert {score.metric for score in scores} == {"death_register", "claims_and_stays"}
    assert all(score.low is not None and score.low <= 0 <= score.high for score in scores)


def test_a_copy_tells_causes_of_death_and_joins_stays_to_claims(sides: list[People]) -> None:
    train, holdout, _ = sides
    scores = {score.scope: score for score in scored(train, holdout, renamed(train)).scores}
    cause = next(score for scope, score in scores.items() if scope.startswith("cause of death read by"))
    stays = next(score for scope, score in scores.items() if scope.startswith("stays by"))
    assert cause.value > 0.9
    assert cause.details["culprits"] == ["KI_CCI_R.DCD_CIM_COD"]
    assert stays.value > 0.5
    assert stays.low > 0


def test_tables_that_are_not_of_the_snds_are_told_apart(sides: list[People]) -> None:
    catalog = sides[0].catalog.select(("IR_BEN_R",))
    only = [memory_dataset(catalog, {"IR_BEN_R": side.tables["IR_BEN_R"]}) for side in sides]
    scores = score_evidence(build_evidence(*only), {}, metrics=LINKED).scores
    stays = next(score for score in scores if score.metric == "claims_and_stays")
    assert stays.details["not_applicable"]
