"""Persons given by the user: kept as they are, and their care drawn to go with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.errors import UserError
from synth.core.model import Model
from synth.core.seeds import rng
from synth.core.tablerules import rule_from
from synth.generators import fit, read_given, sample, synthetic_catalog
from synth.io import memory_dataset
from tests.unit.generators.clinic import dataset_of
from tests.unit.generators.reading import faults
from tests.unit.generators.test_enforcing import bounds

PERSONS = Table(
    "people",
    (
        Column("id", "string", "key", False),
        Column("born", "date", "date"),
        Column("sex", "string", "code"),
        Column("income", "number", "number", scale=0),
        Column("ill", "string", "code"),
    ),
    ("id",),
)
VISITS = Table(
    "visits",
    (Column("id", "string", "key", False), Column("kind", "string", "code")),
    foreign_keys=(ForeignKey(("id",), "people", ("id",)),),
)
CATALOG = Catalog((PERSONS, VISITS), Person("people", ("id",)))


@pytest.fixture(scope="module", params=["trees", "gaussian-copula"])
def model(request: pytest.FixtureRequest) -> Model:
    """The ill earn less and have ten visits, of kind `i`; the others have one, of kind `w`."""
    stream = rng(1, "given")
    ill = stream.uniform(800) < 0.4
    income = np.where(ill, 1000, 3000) + stream.integers(800, 500)
    people = {
        "id": [f"k{i}" for i in range(800)],
        "born": [f"19{20 + i % 80}-01-0{1 + i % 9}" for i in range(800)],
        "sex": [str(1 + i % 2) for i in range(800)],
        "income": [float(value) for value in income],
        "ill": ["yes" if value else "no" for value in ill],
    }
    people["born"] = pa.array(people["born"]).cast(pa.date32()).to_pylist()
    owners = [i for i in range(800) for _ in range(10 if ill[i] else 1)]
    visits = {"id": [f"k{i}" for i in owners], "kind": ["i" if ill[i] else "w" for i in owners]}
    return fit(dataset_of(CATALOG, {"people": people, "visits": visits}), request.param, 11)


def drawn(model: Model, path: Path) -> dict[str, pa.Table]:
    given = read_given(model, path)
    found: dict[str, list[pa.RecordBatch]] = {"visits": []}
    for name, batch in sample(model, given.persons, 3, 1, given):
        found.setdefault(name, []).append(batch)
    return {name: pa.Table.from_batches(batches) for name, batches in found.items()}


def written(path: Path, **columns: list[object]) -> Path:
    pc.write_csv(pa.table(columns), path)
    return path


def test_their_cells_stand_as_given_and_their_care_goes_with_them(model: Model, tmp_path: Path) -> None:
    ids = [f"mine{i}" for i in range(100)]
    illness = ["yes" if i < 50 else "no" for i in range(100)]
    found = drawn(model, written(tmp_path / "p.csv", id=ids, ill=illness))
    assert found["people"]["id"].to_pylist() == ids
    assert found["people"]["ill"].to_pylist() == illness
    counts = dict.fromkeys(ids, 0)
    for name in found["visits"]["id"].to_pylist():
        counts[name] += 1
    of_ill, of_well = ([counts[name] for name in part] for part in (ids[:50], ids[50:]))
    assert np.mean(of_ill) > 7
    assert np.mean(of_well) < 4
    catalog = synthetic_catalog(model, given=("id", "ill"))
    assert catalog.table("people").column("id").marker is None
    assert not faults(memory_dataset(catalog, found))


def test_what_is_given_late_in_the_chain_tells_of_what_is_not(model: Model, tmp_path: Path) -> None:
    """Income comes before illness in the chain: it must follow from it all the same."""
    found = drawn(model, written(tmp_path / "p.csv", ill=["yes"] * 100))
    incomes = np.asarray(found["people"]["income"])
    assert (incomes < 2000).mean() > 0.8
    assert set(found["people"]["ill"].to_pylist()) == {"yes"}


def test_a_value_that_the_model_does_not_know_is_kept(model: Model, tmp_path: Path) -> None:
    found = drawn(model, written(tmp_path / "p.csv", sex=["9"] * 20))
    assert found["people"]["sex"].to_pylist() == ["9"] * 20


def test_a_folder_of_tables_will_do(model: Model, tmp_path: Path) -> None:
    from synth.io import dataset_writer

    alone = Catalog((Table("people", (PERSONS.columns[0], PERSONS.columns[2]), ("id",)),), CATALOG.person)
    with dataset_writer(alone, tmp_path / "d", "parquet", overwrite=False, metadata=None) as writer:
        writer.write("people", pa.RecordBatch.from_pydict({"id": ["a", "b"], "sex": ["1", "2"]}))
    assert drawn(model, tmp_path / "d")["people"]["id"].to_pylist() == ["a", "b"]


def test_rules_about_columns_that_are_not_given_are_kept_by_what_is_drawn(tmp_path: Path) -> None:
    ruled = bounds((rule_from("high >= low", "p"),))
    given = read_given(fit(ruled), written(tmp_path / "p.csv", id=["a", "b"], low=["90", "3"]))
    (batch,) = [batch for _, batch in sample(fit(ruled), 2, 1, choice=given)]

    assert batch["low"].to_pylist() == [90, 3]
    assert all(row["high"] >= row["low"] for row in batch.to_pylist())


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"id": ["a", "a"]}, "key of another"),
        ({"id": ["a", None], "sex": ["1", "2"]}, "key is empty"),
        ({"other": ["a"]}, "no column"),
        ({"income": ["rich"]}, "income"),
    ],
)
def test_bad_persons_are_refused(model: Model, tmp_path: Path, columns: dict[str, list[object]], words: str) -> None:
    with pytest.raises(UserError, match=words) as error:
        read_given(model, written(tmp_path / "p.csv", **columns))
    assert "rich" not in str(error.value)


def test_a_file_that_is_absent_empty_or_no_table_is_refused(model: Model, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "head.csv").write_text("id,sex\n")
    (tmp_path / "p.parquet").write_text("PAR0")
    (tmp_path / "p.xlsx").write_text("id\n1\n")
    for name in ("none.csv", "empty.csv", "head.csv", "p.parquet", "p.xlsx"):
        with pytest.raises(UserError):
            read_given(model, tmp_path / name)
