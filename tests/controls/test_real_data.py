"""The privacy controls on real persons: the NAFLD cohort (three tables, labs over 20 years) and the Adult census."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset, arrow_schema
from synth.core.score import Scores
from synth.gate import judge, read_policy
from synth.io import memory_dataset
from synth.metrics import Plan
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import build_evidence
from synth.metrics.registry import METRICS

pytestmark = pytest.mark.shared
PLAN = Plan(targets=1500, pool=1000, draws=20, queries=200, secrets=4, plants=())
PRIVACY = [metric for metric in METRICS if metric.family == "disclosure"]
Frames = dict[str, pd.DataFrame]


def columns(frame: pd.DataFrame, keys: tuple[str, ...]) -> tuple[Column, ...]:
    found = []
    for name in frame:
        kind = {"i": "integer", "f": "number"}.get(frame[name].dtype.kind, "string")
        found.append(Column(name, kind, "key" if name in keys else "code" if kind == "string" else "number"))
    return tuple(found)


def nafld(shared: Path) -> tuple[Catalog, Frames]:
    folder = shared / "data" / "nafld"
    frames = {
        "nafld1": pd.read_parquet(folder / "nafld1.parquet"),
        "nafld2": pd.read_parquet(folder / "nafld2.parquet"),
        "nafld3": pd.read_csv(folder / "nafld3.csv"),
    }
    up = (ForeignKey(("id",), "nafld1", ("id",)),)
    self_key = (ForeignKey(("case.id",), "nafld1", ("id",)),)
    tables = (
        Table("nafld1", columns(frames["nafld1"], ("id", "case.id")), ("id",), self_key),
        Table("nafld2", columns(frames["nafld2"], ("id",)), foreign_keys=up, order_by=("days",)),
        Table("nafld3", columns(frames["nafld3"], ("id",)), foreign_keys=up, order_by=("days",)),
    )
    return Catalog(tables, Person("nafld1", ("id",))), frames


def adult(shared: Path) -> tuple[Catalog, Frames]:
    frame = pd.read_parquet(shared / "data" / "adult_anonymeter" / "adult.parquet")
    frame.insert(0, "id", np.arange(len(frame)))
    return Catalog((Table("adult", columns(frame, ("id",)), ("id",)),), Person("adult", ("id",))), {"adult": frame}


def parts(frames: Frames, sizes: tuple[int, ...]) -> list[Frames]:
    """Disjoint sets of persons drawn at random."""
    first = next(iter(frames.values()))
    order = np.random.default_rng(4).permutation(first["id"].unique())
    ends = np.cumsum((0, *sizes))
    return [
        {name: frame[frame["id"].isin(order[low:high])] for name, frame in frames.items()}
        for low, high in pairwise(ends)
    ]


def opened(catalog: Catalog, frames: Frames) -> Dataset:
    return memory_dataset(
        catalog,
        {
            name: pa.Table.from_pandas(frame, schema=arrow_schema(catalog.table(name)), preserve_index=False)
            for name, frame in frames.items()
        },
    )


def scored(catalog: Catalog, *sides: Frames) -> Scores:
    evidence = build_evidence(*(opened(catalog, side) for side in sides), plan=PLAN)
    return score_evidence(evidence, {}, metrics=PRIVACY)


@pytest.mark.parametrize("load", [nafld, adult])
def test_other_persons_pass_and_copies_are_blocked(load, shared: Path) -> None:
    catalog, frames = load(shared)
    train, holdout, fresh, reference = parts(frames, (3000, 3000, 3000, 2000))
    clean = scored(catalog, train, holdout, fresh, reference)
    for policy in ("open-release", "internal-test"):
        assert not [c for c in judge(clean, read_policy(policy)).checks if c.outcome == "block"]
    assert judge(clean, read_policy("internal-test")).passed
    copied = judge(scored(catalog, train, holdout, train, reference), read_policy("internal-test"))
    blocked = {check.metric for check in copied.checks if check.outcome == "block"}
    assert {"row_copies", "membership_distance", "membership_density", "linkability", "attribute_inference"} <= blocked
    assert ("trajectory_copies" in blocked) == (len(catalog.tables) > 1)


def test_one_leaked_table_is_named(shared: Path) -> None:
    catalog, frames = nafld(shared)
    train, holdout, fresh = parts(frames, (2500, 2500, 2500))
    swap = dict(zip(train["nafld1"]["id"].unique(), fresh["nafld1"]["id"].unique(), strict=True))
    leaked = {**fresh, "nafld2": train["nafld2"].assign(id=train["nafld2"]["id"].map(swap))}
    scores = scored(catalog, train, holdout, leaked)
    verdict = judge(scores, read_policy("internal-test"))
    assert any("nafld2" in check.scope for check in verdict.checks if check.outcome == "block")
    member = next(score for score in scores.scores if score.metric == "membership_distance")
    assert member.details["attacker"] == "distance, table nafld2 alone"
