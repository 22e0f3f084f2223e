"""Persons chosen by a condition, and rare strata drawn more often than others."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from synth.core.errors import UserError
from synth.core.model import Model
from synth.generators import Choice, fit, sample, synthetic_catalog
from synth.generators.choosing import meets
from synth.io import memory_dataset
from tests.unit.generators.clinic import clinic
from tests.unit.generators.reading import faults

ROWS = pa.RecordBatch.from_pydict(
    {
        "sex": ["1", "2", "2", "x", None],
        "age": [10, 70, None, 80, 90],
        "born": pa.array([1, 2, 3, 4, None], pa.int32()).cast(pa.date32()),
        "case.id": ["a", "b", "c", "d", "e"],
    }
)


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("sex = '2'", "bc"),
        ("sex = 2", "bc"),
        ("sex='2' and age>=60", "b"),
        ("AGE > 5 or \"case.id\" = 'c'", "abcde"),
        ("born >= '1970-01-04'", "cd"),
        ("age is null", "c"),
        ("not (age between 60 and 85)", "ae"),
        ("sex like '2%'", "bc"),
    ],
)
def test_a_condition_keeps_the_rows_that_meet_it(condition: str, kept: str) -> None:
    (found,) = meets(ROWS, [condition])
    assert "".join(np.array(list("abcde"))[found]) == kept


@pytest.mark.parametrize(
    "condition",
    ["", " ", "foo = 1", "random() < 0.5", "1=1); drop table x", "age in (select 1)", "(from read_csv('/etc/hosts'))"],
)
def test_what_is_no_condition_on_a_row_is_refused_without_a_value(condition: str) -> None:
    with pytest.raises(UserError) as error:
        meets(ROWS, [condition])
    assert "condition" in str(error.value)


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(clinic(400, seed=3), "trees", 11)


def tables(model: Model, persons: int, choice: Choice | None, workers: int = 1) -> dict[str, pa.Table]:
    found: dict[str, list[pa.RecordBatch]] = {}
    for name, batch in sample(model, persons, 5, workers, choice):
        found.setdefault(name, []).append(batch)
    return {name: pa.Table.from_batches(batches) for name, batches in found.items()}


def test_all_and_only_those_who_meet_the_condition_with_all_their_rows(model: Model) -> None:
    person = str(model.catalog.person.table) if model.catalog.person else ""
    column = next(c.name for c in model.catalog.table(person).columns if c.role == "code")
    value = next(v for v in tables(model, 50, None)[person][column].to_pylist() if v is not None)
    found = tables(model, 130, Choice(f"\"{column}\" = '{value}'"))
    assert found[person].num_rows == 130
    assert set(found[person][column].to_pylist()) == {value}
    assert not faults(memory_dataset(synthetic_catalog(model), found))


def test_any_number_of_workers_gives_the_same(model: Model) -> None:
    choice = Choice(strata=(("1 = 1", 2.0),))
    assert tables(model, 5_000, choice, 1) == tables(model, 5_000, choice, 2)


def test_weights_undo_the_oversampling(model: Model) -> None:
    assert model.catalog.person is not None
    person = model.catalog.person.table
    column = next(c.name for c in model.catalog.table(person).columns if c.role == "code")
    plain = tables(model, 20_000, None)[person]
    value = plain[column].to_pylist()[0]
    condition = f"\"{column}\" = '{value}'"
    drawn = tables(model, 20_000, Choice(strata=((condition, 4.0),)))[person]
    met = np.array([v == value for v in drawn[column].to_pylist()])
    weights = np.asarray(drawn["synth_weight"])
    share = np.mean([v == value for v in plain[column].to_pylist()])
    assert set(weights[met].tolist()) == {0.25}
    assert set(weights[~met].tolist()) == {1.0}
    assert met.mean() == pytest.approx(4 * share / (1 + 3 * share), abs=0.02)
    assert weights[met].sum() / weights.sum() == pytest.approx(share, abs=0.02)


def test_a_condition_that_nobody_meets_ends_in_an_error(model: Model) -> None:
    with pytest.raises(UserError, match="hardly anybody"):
        tables(model, 10, Choice("false"))


@pytest.mark.parametrize("times", [0.0, -1.0, float("nan"), float("inf")])
def test_times_must_be_positive(times: float) -> None:
    with pytest.raises(UserError):
        Choice(strata=(("1=1", times),))


def test_a_table_with_a_column_of_that_name_cannot_carry_weights(model: Model) -> None:
    from dataclasses import replace

    assert model.catalog.person is not None
    table = model.catalog.table(model.catalog.person.table)
    renamed = replace(table, columns=(*table.columns, replace(table.columns[-1], name="synth_weight")))
    others = tuple(renamed if t.name == table.name else t for t in model.catalog.tables)
    with pytest.raises(UserError, match="weights"):
        synthetic_catalog(replace(model, catalog=replace(model.catalog, tables=others)), weighted=True)


def test_a_value_that_no_cell_of_the_column_can_be_is_told_before_anybody_is_drawn_in_vain() -> None:
    empty = pa.array([None, None], pa.string())
    rows = pa.record_batch({"born": [date(1950, 1, 1), None], "town": ["7", "a"], "empty": empty})
    with pytest.raises(UserError, match="compares a column with what it cannot hold"):
        meets(rows, ["born > 'yesterday'"])
    assert [kept.tolist() for kept in meets(rows, ["born > '1949-12-31'", "cast(town as int) > 8", "empty = 'x'"])] == [
        [True, False],
        [False, False],
        [False, False],
    ]
