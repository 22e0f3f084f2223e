"""Every metric on tables that are empty, constant, missing, tiny, of every type or of another size."""

from __future__ import annotations

import math
import warnings
from datetime import date, datetime

import pyarrow as pa
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import arrow_schema
from synth.core.errors import UserError
from synth.core.score import Scores
from synth.io import memory_dataset
from synth.metrics import Plan
from synth.metrics.evaluate import score_evidence
from synth.metrics.evidence import build_evidence

PLAN = Plan(targets=300, pool=200, draws=20, queries=50, plants=(), secrets=3)


def run(catalog: Catalog, *sides: dict[str, dict] | None) -> Scores:
    """Scores of (train, holdout, synthetic, reference), each {table: {column: values}}."""
    datasets = [
        None if side is None else memory_dataset(
            catalog,
            {name: pa.table(columns, schema=arrow_schema(catalog.table(name))) for name, columns in side.items()},
        )
        for side in (*sides, None, None, None)[:4]
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = score_evidence(build_evidence(*datasets, plan=PLAN), {}, seed=1)
    for score in scores.scores:
        for figure in (score.value, score.low, score.high, score.control):
            assert figure is None or math.isfinite(figure)
        if score.value is not None and score.low is not None and score.high is not None:
            assert score.low <= score.value + 1e-6, score
            assert score.value <= score.high + 1e-6, score
        assert score.status == "skipped" or score.value is not None
        assert score.status != "skipped" or score.note
    return scores


ONE = Catalog((Table("t", (Column("a b", "string", "code"), Column("x", "number", "number"))),))


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_few_rows(n: int) -> None:
    rows = {"t": {"a b": ["it's", "b"] * (n // 2) + ["c"] * (n % 2), "x": [float(i % 7) for i in range(n)]}}
    run(ONE, rows, rows, rows, rows)


@pytest.mark.parametrize("empty", [0, 1, 2, 3])
def test_an_empty_side(empty: int) -> None:
    rows = {"t": {"a b": ["u", "v", None] * 20, "x": [1.0, -2.0, math.nan] * 20}}
    sides = [rows] * 4
    sides[empty] = {"t": {"a b": [], "x": []}}
    if empty == 0:
        with pytest.raises(UserError, match="hold no person"):
            run(ONE, *sides)
    else:
        run(ONE, *sides)


def test_constants_and_nothing_but_missing() -> None:
    for values in (["k"] * 60, [None] * 60):
        for number in ([3.0] * 60, [None] * 60):
            run(ONE, *[{"t": {"a b": values, "x": number}}] * 4)


def test_another_size_and_values_never_seen() -> None:
    train = {"t": {"a b": ["u", "v"] * 100, "x": [float(i) for i in range(200)]}}
    small = {"t": {"a b": ["w", "z", None], "x": [1e300, -1e300, 2e300]}}
    run(ONE, train, train, small)
    run(ONE, small, train, train)


EVERY = Catalog(
    (
        Table("drug", (Column("cip"), Column("name")), ("cip",), public=True),
        Table("place", (Column("place", "integer", "key"), Column("beds", "integer", "number")), ("place",)),
        Table(
            "patient.table",
            (
                Column("né le", "date", "date"),
                Column("id", "string", "key", nullable=False),
                Column("rang", "integer", "key", nullable=False),
                Column("sealed", "datetime", "date"),
                Column("month", "yearmonth", "date"),
                Column("hour", "time", "date"),
                Column("year", "year", "number"),
                Column("yes", "boolean", "code"),
                Column("mother", "string", "key"),
            ),
            ("id", "rang"),
            (ForeignKey(("mother", "rang"), "patient.table", ("id", "rang")),),
        ),
        Table(
            "care",
            (
                Column("id", "string", "key"),
                Column("rang", "integer", "key"),
                Column("line", "integer", "key"),
                Column("cip", "string", "code"),
                Column("place", "integer", "key"),
                Column("huge", "integer", "number"),
                Column("note", "string", "text"),
            ),
            ("id", "rang", "line"),
            (
                ForeignKey(("id", "rang"), "patient.table", ("id", "rang")),
                ForeignKey(("cip",), "drug", ("cip",)),
                ForeignKey(("place",), "place", ("place",)),
            ),
        ),
        Table(
            "nothing",
            (Column("id", "string", "key"), Column("rang", "integer", "key"), Column("v", "number", "number")),
            foreign_keys=(ForeignKey(("id", "rang"), "patient.table", ("id", "rang")),),
        ),
    ),
    Person("patient.table", ("id", "rang")),
)  # fmt: skip


def every(n: int, prefix: str) -> dict[str, dict]:
    ids = [f"{prefix}{i}" for i in range(n)]
    days = [date(1600, 1, 1) if i % 9 == 0 else date(1899 + i % 120, 2, 28) for i in range(n)]
    lines = [i for i in range(n) for _ in range(i % 4)]
    return {
        "drug": {"cip": ["1", "2", "3"], "name": ["a", "b", "c"]},
        "place": {"place": [1, 2, 3], "beds": [10, 20, None]},
        "patient.table": {
            "né le": days,
            "id": ids,
            "rang": [1] * n,
            "sealed": [datetime(2020, 2, 29, i % 24) for i in range(n)],
            "month": [f"20{i % 20:02d}-{1 + i % 12:02d}" if i % 5 else None for i in range(n)],
            "hour": [f"{i % 24:02d}:30:00" if i % 6 else None for i in range(n)],
            "year": [1990 + i % 30 for i in range(n)],
            "yes": [i % 3 == 0 if i % 7 else None for i in range(n)],
            "mother": [ids[i // 2] if i % 4 == 0 else None for i in range(n)],
        },
        "care": {
            "id": [ids[i] for i in lines],
            "rang": [1] * len(lines),
            "line": [sum(1 for j in lines[:k] if j == i) for k, i in enumerate(lines)],
            "cip": [str(1 + i % 3) for i in lines],
            "place": [1 + i % 3 for i in lines],
            "huge": [9_007_199_254_740_993 - i for i in lines],
            "note": [f"text {i} é'\"" for i in lines],
        },
        "nothing": {"id": [], "rang": [], "v": []},
    }


def test_every_type_composite_keys_two_parents_self_reference_referential_and_empty_child() -> None:
    scores = run(EVERY, every(120, "R"), every(100, "H"), every(90, "SYN"), every(60, "F"))
    scopes = {score.scope for score in scores.scores}
    assert "patient.table.né le" in scopes
    assert "care.cip" in scopes
    assert "place.beds" in scopes
    assert not any("patient.table.id" in scope or "care.rang" in scope or scope == "drug" for scope in scopes)
    assert scores.context["persons"] == {"train": 120, "holdout": 100, "reference": 60, "synthetic": 90}


def test_orphans_are_counted_and_do_not_crash() -> None:
    broken = every(90, "SYN")
    broken["care"]["id"] = ["SYN-nobody"] * 10 + broken["care"]["id"][10:]
    scores = run(EVERY, every(120, "R"), every(100, "H"), broken)
    link = next(s for s in scores.scores if s.metric == "foreign_key_integrity" and s.scope.startswith("care (id"))
    assert link.details["orphans"] == 10
    assert link.value == pytest.approx(1 - 10 / len(broken["care"]["id"]))
