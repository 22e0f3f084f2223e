"""A table that the release leaves empty cannot hold a copy; one without control rows still cannot be told."""

from __future__ import annotations

import pyarrow as pa

from synth.core.catalog import Catalog, Column, Table
from synth.core.dataset import arrow_schema
from synth.core.score import Score
from synth.io import memory_dataset
from synth.metrics import Plan
from synth.metrics.disclosure.copies import rows
from synth.metrics.evidence import build_evidence

CATALOG = Catalog((Table("t", (Column("code", "string", "code"), Column("x", "number", "number"))),))


def row_copies(train: int, holdout: int, synthetic: int) -> Score:
    schema = arrow_schema(CATALOG.table("t"))
    sides = [
        memory_dataset(CATALOG, {"t": pa.table({"code": ["a"] * n, "x": [float(i) for i in range(n)]}, schema=schema)})
        for n in (train, holdout, synthetic)
    ]
    (score,) = rows(build_evidence(*sides, plan=Plan(draws=5)), seed=1)
    return score


def test_an_empty_release_of_a_table_copies_nothing() -> None:
    assert row_copies(20, 20, 0).details == {"not_applicable": True}


def test_without_control_rows_copying_cannot_be_told_from_chance() -> None:
    score = row_copies(20, 0, 20)
    assert (score.status, dict(score.details)) == ("skipped", {})
