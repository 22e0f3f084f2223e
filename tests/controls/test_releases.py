"""The privacy controls on persons of three kinds: a cohort (NAFLD), a census (Adult) and a simulated SNDS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from synth.core.score import Score, Scores
from synth.core.verdict import Verdict
from synth.gate import judge, read_policy
from synth.generators import fit, sample
from synth.io import memory_dataset
from synth.metrics import Plan
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import Evidence, build_evidence
from synth.metrics.neighbours import nearest
from synth.metrics.registry import METRICS
from synth.simulate import simulate_snds
from tests.controls.releases import People, jittered, parts, people_of, permuted, renamed
from tests.controls.test_real_data import adult, nafld, opened

pytestmark = pytest.mark.shared
PLAN = Plan(targets=1000, pool=800, draws=10, queries=200, secrets=2, plants=())
PRIVACY = [metric for metric in METRICS if metric.family == "disclosure" and metric.names != ("sensitivity",)]
FAST = [metric for metric in PRIVACY if metric.names[0] not in ("attribute_inference", "linkability")]
SNDS = ("IR_BEN_R", "IR_IMB_R", "IR_MTT_R", "KI_CCI_R", "T_MCO22C", "T_MCO22B")
SETS = ("nafld", "adult", "snds")
MANY_ROWS = ("nafld", "snds")


@dataclass(frozen=True)
class Cast:
    """Persons learned from, persons who were not, others whose records make an honest release, and many more."""

    train: People
    holdout: People
    fresh: People
    crowd: People


@cache
def cast(name: str, shared: Path) -> Cast:
    if name == "snds":
        catalog, batches = simulate_snds(5200, (2022, 2022), 7, SNDS)
        found: dict[str, list[pa.RecordBatch]] = {}
        for table, batch in batches:
            found.setdefault(table, []).append(batch)
        whole = people_of(memory_dataset(catalog, {name: pa.Table.from_batches(all_) for name, all_ in found.items()}))
        train, holdout, fresh, crowd = parts(whole, 800, 800, 800, 2700)
    else:
        whole = people_of(opened(*(nafld if name == "nafld" else adult)(shared)))
        train, holdout, fresh, crowd = parts(whole, 1000, 1000, 1000, 3600)
    return Cast(train, holdout, renamed(fresh, "F"), renamed(crowd, "C"))


@pytest.fixture(params=SETS)
def people(request, shared: Path) -> Cast:
    return cast(request.param, shared)


def evidence_of(people: Cast, release: People) -> Evidence:
    return build_evidence(people.train.dataset(), people.holdout.dataset(), release.dataset(), plan=PLAN)


def scored(people: Cast, release: People, metrics=FAST) -> Scores:
    return score_evidence(evidence_of(people, release), {}, metrics=metrics)


def judged(scores: Scores, policy: str = "internal-test") -> Verdict:
    return judge(scores, read_policy(policy))


def blocked(verdict: Verdict) -> set[tuple[str, str]]:
    return {(check.metric, check.scope) for check in verdict.checks if check.outcome == "block"}


def culprits(scores: Scores, verdict: Verdict) -> set[str]:
    """Tables and columns named by the scores that block."""
    names: set[str] = set()
    for score in scores.scores:
        if (score.metric, score.scope) in blocked(verdict):
            names.update(score.details.get("culprits", ()))
            names.add(score.scope.split(":")[0])
    return names


def outliers(people: Cast) -> np.ndarray:
    strata = evidence_of(people, people.fresh).strata
    return np.flatnonzero(next(stratum for stratum in strata if stratum.name == "outlier decile").marks["train"])


def test_other_real_persons_are_blocked_by_nothing_and_pass_where_no_proof_is_asked(people: Cast) -> None:
    scores = scored(people, people.fresh, PRIVACY)
    assert blocked(judged(scores, "open-release")) == set()
    assert judged(scores).passed
    risks = [score for score in scores.scores if score.metric == "attribute_inference" and score.low is not None]
    assert np.mean([score.low <= 0 <= score.high for score in risks]) >= 0.9


@pytest.mark.parametrize("disguise", [renamed, jittered, permuted], ids=["copy", "jitter", "codes renamed"])
def test_copies_in_disguise_are_blocked_with_the_culprit_named(people: Cast, disguise: Callable[..., People]) -> None:
    scores = scored(people, renamed(disguise(people.train), "S"))
    verdict = judged(scores)
    assert "membership_distance" in {metric for metric, _ in blocked(verdict)}
    assert not judged(scores, "open-release").passed
    columns = {
        f"{layout}.{c.name}" for layout in people.train.owner for c in people.train.catalog.table(layout).columns
    }
    assert culprits(scores, verdict) & (columns | set(people.train.owner))


def test_a_leak_of_the_outlier_decile_alone_is_blocked_there(people: Cast) -> None:
    chosen = outliers(people)
    rest = people.fresh.take(np.arange(len(chosen), people.fresh.persons))
    scores = scored(people, rest.join(renamed(people.train.take(chosen))))
    found = blocked(judged(scores))
    assert any("outlier decile" in scope for _, scope in found)
    worst = {score.scope: score for score in scores.scores if score.metric == "membership_distance"}
    everybody, odd = (find(worst, part) for part in ("all tables", "outlier decile"))
    assert odd.value > everybody.value


def find(scores: dict[str, Score], part: str) -> Score:
    return next(score for scope, score in scores.items() if scope.endswith(part))


@pytest.mark.parametrize("name", MANY_ROWS)
def test_one_persons_trajectory_under_a_new_identifier_is_blocked(name: str, shared: Path) -> None:
    people = cast(name, shared)
    rows = sum(np.bincount(owner, minlength=people.train.persons) for owner in people.train.owner.values())
    victim = people.train.take(np.array([int(np.argmax(rows))]))
    verdict = judged(scored(people, people.fresh.join(renamed(victim))))
    assert {metric for metric, _ in blocked(verdict)} == {"trajectory_copies"}
    assert any(scope.split(":")[0] in people.train.owner for _, scope in blocked(verdict))


def test_a_leak_that_distance_to_the_closest_record_passes_is_blocked(people: Cast) -> None:
    some = people.train.take(np.arange(0, people.train.persons, 2))
    evidence = evidence_of(people, people.crowd.join(renamed(jittered(some), "S")))
    features = evidence.persons
    released = features.of(evidence.synthetic)
    to_train, to_holdout = (
        np.sqrt(nearest(released, features.of(side))[0][:, 0]) for side in (evidence.train, evidence.holdout)
    )
    assert np.median(to_train) >= 0.9 * np.median(to_holdout)
    assert 0.4 < np.mean(to_train < to_holdout) < 0.6
    scores = score_evidence(evidence, {}, metrics=FAST)
    assert "membership_distance" in {metric for metric, _ in blocked(judged(scores))}


def test_columns_drawn_alone_keep_secrets_and_lose_relations(people: Cast) -> None:
    model = fit(people.train.dataset(), "independent")
    found: dict[str, list[pa.RecordBatch]] = {table.name: [] for table in model.catalog.tables}
    for table, batch in sample(model, people.train.persons, seed=3):
        found[table].append(batch)
    tables = {name: pa.Table.from_batches(all_) for name, all_ in found.items() if all_}
    metrics = [*FAST, *(metric for metric in METRICS if metric.names[0] in UTILITY)]
    evidence = build_evidence(
        people.train.dataset(), people.holdout.dataset(), memory_dataset(model.catalog, tables), plan=PLAN
    )
    verdict = judged(score_evidence(evidence, {}, metrics=metrics))
    assert blocked(verdict) == set()
    assert not any(use.startswith("exploring") for use in verdict.allowed_uses)


UTILITY = ("marginal_tvd", "pair_tvd", "c2st_auc", "child_count_tvd", "foreign_key_integrity")
