"""Our figures against SDMetrics, to 1e-9, where both mean the same; where they do not, by how much and why.

Skips where SDMetrics is absent: it comes with the extra `sdv`, in an environment of its own.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.score import Score
from synth.io import memory_dataset
from synth.metrics import Plan
from synth.metrics.evidence import build_evidence
from synth.metrics.registry import METRICS

pytestmark = pytest.mark.skipif(
    find_spec("sdmetrics") is None, reason="SDMetrics is not installed: pip install '.[sdv]'"
)
CLOSE = 1e-9
CATALOG = Catalog(
    (
        Table(
            "persons",
            (
                Column("id", "integer", "key", nullable=False),
                Column("sex", "string", "code"),
                Column("l'état", "string", "code"),
                Column("poids kg", "number", "number"),
            ),
            ("id",),
        ),
        Table(
            "visits",
            (Column("id", "integer", "key", nullable=False), Column("kind", "string", "code")),
            foreign_keys=(ForeignKey(("id",), "persons", ("id",)),),
        ),
    ),
    Person("persons", ("id",)),
)


@cache
def tables(seed: int, n: int) -> dict[str, pa.Table]:
    """Persons with ties, missing values and rows alike; visits of none, some or many."""
    r = np.random.default_rng(seed)
    sex, state = r.integers(0, 2, n), np.minimum(r.poisson(1 + 0.2 * seed, n), 4)
    weight = np.round(60 + 8 * sex + 5 * r.normal(size=n))
    weight[r.random(n) < 0.1] = np.nan
    owner = np.repeat(np.arange(n), r.poisson(1 + state))
    persons = {
        "id": np.arange(n) + 10_000 * seed,
        "sex": pa.array(np.array(["F", "M"])[sex]),
        "l'état": pa.array(np.array(list("abcde"))[state]),
        "poids kg": pa.array(weight, from_pandas=True),
    }
    kinds = np.array(["x", "y", "z"])[r.integers(0, 3, len(owner))]
    return {"persons": pa.table(persons), "visits": pa.table({"id": persons["id"][owner], "kind": pa.array(kinds)})}


def data(seed: int, n: int) -> Dataset:
    return memory_dataset(CATALOG, tables(seed, n))


REAL, MADE, OTHER = (1, 400), (2, 350), (3, 300)


@cache
def scores(metric: str) -> dict[str, Score]:
    evidence = build_evidence(data(*REAL), data(*OTHER), data(*MADE), plan=Plan(draws=3))
    evaluate = next(each.evaluate for each in METRICS if metric in each.names)
    return {score.scope: score for score in evaluate(evidence, 0) if score.metric == metric}


def frames(table: str):
    return tuple(tables(*side)[table].to_pandas() for side in (REAL, MADE))


def value(metric: str, scope: str) -> float:
    found = scores(metric)[scope].value
    assert found is not None
    return found


@pytest.mark.parametrize("column", ["sex", "l'état"])
def test_marginals_of_codes_are_tv_complements(column: str) -> None:
    from sdmetrics.single_column import TVComplement

    real, made = frames("persons")
    theirs = TVComplement.compute(real[column], made[column])
    assert value("marginal_tvd", f"persons.{column}") == pytest.approx(1 - theirs, abs=CLOSE)


def test_the_gap_of_distribution_functions_is_a_ks_complement() -> None:
    from sdmetrics.single_column import KSComplement

    real, made = frames("persons")
    theirs = KSComplement.compute(real["poids kg"], made["poids kg"])
    assert value("marginal_ks", "persons.poids kg") == pytest.approx(1 - theirs, abs=CLOSE)


def test_a_pair_of_codes_is_a_contingency_similarity() -> None:
    """Ours is the mean over the pairs of a table; numbers are binned by quantiles of real rows, SDMetrics' by width."""
    from sdmetrics.column_pairs import ContingencySimilarity

    real, made = frames("persons")
    theirs = ContingencySimilarity.compute(real[["sex", "l'état"]], made[["sex", "l'état"]])
    ours = scores("pair_tvd")["persons: pairs of columns"].details["worst"]["sex x l'état"]
    assert ours == pytest.approx(1 - theirs, abs=1e-6)  # named pairs are told to six decimals
    joint = [frame["sex"] + frame["l'état"] for frame in (real, made)]
    cells = sorted(set(joint[0]) | set(joint[1]))
    share = [np.array([(one == cell).mean() for cell in cells]) for one in joint]
    assert 0.5 * np.abs(share[0] - share[1]).sum() == pytest.approx(1 - theirs, abs=CLOSE)


def test_child_counts_are_a_tv_complement_of_counts_and_cardinality_shape_similarity_sees_less() -> None:
    """CardinalityShapeSimilarity takes the gap of distribution functions of the counts, ours their whole distance."""
    from sdmetrics.multi_table import CardinalityShapeSimilarity
    from sdmetrics.single_column import KSComplement, TVComplement

    ours = value("child_count_tvd", "visits by persons")
    sides = [{name: table.to_pandas() for name, table in tables(*side).items()} for side in (REAL, MADE)]
    counts = [side["visits"].groupby("id").size().reindex(side["persons"]["id"], fill_value=0) for side in sides]
    assert ours == pytest.approx(1 - TVComplement.compute(*(count.astype(str) for count in counts)), abs=CLOSE)
    link = ("parent_table_name", "child_table_name", "parent_primary_key", "child_foreign_key")
    metadata = {
        "tables": {
            "persons": {"primary_key": "id", "columns": {"id": {"sdtype": "id"}}},
            "visits": {"columns": {"id": {"sdtype": "id"}}},
        },
        "relationships": [dict(zip(link, ("persons", "visits", "id", "id"), strict=True))],
    }
    theirs = CardinalityShapeSimilarity.compute(*sides, metadata)
    assert theirs == pytest.approx(KSComplement.compute(*counts), abs=CLOSE)
    assert 1 - theirs <= ours + CLOSE


def test_copied_rows_are_what_new_row_synthesis_leaves() -> None:
    from sdmetrics.single_table import NewRowSynthesis

    real, made = (frame.drop(columns="id") for frame in frames("persons"))
    columns = {
        "sex": {"sdtype": "categorical"},
        "l'état": {"sdtype": "categorical"},
        "poids kg": {"sdtype": "numerical"},
    }
    # SDMetrics calls numbers within 1 % of each other equal unless told otherwise; an exact copy is exact here
    theirs = NewRowSynthesis.compute(
        real.rename(columns={"l'état": "etat", "poids kg": "poids"}),
        made.rename(columns={"l'état": "etat", "poids kg": "poids"}),
        {"columns": dict(zip(("sex", "etat", "poids"), columns.values(), strict=True))},
        numerical_match_tolerance=0,
    )
    ours = scores("row_copies")["persons: rows"].details["share_of_synthetic_rows_in_train"]
    assert ours == pytest.approx(1 - theirs, abs=CLOSE)
    known = {tuple(map(str, row)) for row in real.itertuples(index=False)}
    assert ours == pytest.approx(
        np.mean([tuple(map(str, row)) in known for row in made.itertuples(index=False)]), abs=CLOSE
    )


def test_association_kept_follows_correlation_similarity_without_being_it() -> None:
    """CorrelationSimilarity sees straight lines alone: it is full marks where a bend was lost, ours is not."""
    from sdmetrics.column_pairs import CorrelationSimilarity

    r = np.random.default_rng(5)
    catalog = Catalog(
        (Table("t", (Column("id", "integer", "key"), Column("x", "number"), Column("y", "number")), ("id",)),)
    )
    x = r.normal(size=1500)
    bent = {"id": np.arange(1500), "x": x, "y": x**2 + 0.1 * r.normal(size=1500)}
    flat = {"id": np.arange(1500), "x": x, "y": r.permutation(bent["y"])}
    sides = [memory_dataset(catalog, {"t": pa.table(frame)}) for frame in (bent, bent, flat)]
    evidence = build_evidence(sides[0], sides[1], sides[2], plan=Plan(draws=3))
    evaluate = next(each.evaluate for each in METRICS if "pair_association" in each.names)
    kept = next(score for score in evaluate(evidence, 0) if score.metric == "pair_association")
    real, made = (pa.table({"x": frame["x"], "y": frame["y"]}).to_pandas() for frame in (bent, flat))
    assert CorrelationSimilarity.compute(real, made, coefficient="Pearson") > 0.9
    assert kept.value == pytest.approx(0, abs=0.1)
