"""References that lead nowhere are emptied where a value may be missing, and nothing else is touched."""

from __future__ import annotations

import pyarrow as pa
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.io import memory_dataset
from synth.io.integrity import integrity_faults
from synth.pipeline.unresolved import without_unresolved

KEY = Column("id", "integer", "key", nullable=False)
PERSON = Table(
    "person", (KEY, Column("case.id", "integer", "key")), ("id",), (ForeignKey(("case.id",), "person", ("id",)),)
)
STAY = Table(
    "stay",
    (KEY, Column("etab"), Column("unit"), Column("n", "integer", "number")),
    foreign_keys=(ForeignKey(("id",), "person", ("id",)), ForeignKey(("etab", "unit"), "ward", ("etab", "unit"))),
)
WARD = Table("ward", (Column("etab", nullable=False), Column("unit", nullable=False)), ("etab", "unit"))
CATALOG = Catalog((PERSON, WARD, STAY), Person("person", ("id",)))


def tables() -> dict[str, pa.Table]:
    return {
        "person": pa.table({"id": [1, 2, 3, 4], "case.id": [1, 9, None, 3]}),
        "ward": pa.table({"etab": ["a", "b"], "unit": ["1", "2"]}),
        "stay": pa.table(
            {"id": [1, 1, 2, 4], "etab": ["a", "a", None, "b"], "unit": ["1", "2", None, "2"], "n": [1, 2, 3, 4]}
        ),
    }


def test_only_what_leads_nowhere_is_emptied(capsys: pytest.CaptureFixture[str]) -> None:
    dataset = without_unresolved(memory_dataset(CATALOG, tables()), tell=True)
    assert dataset.read("person").column("case.id").to_pylist() == [1, None, None, 3]
    stays = dataset.read("stay")
    assert stays.column("etab").to_pylist() == ["a", None, None, "b"]
    assert stays.column("unit").to_pylist() == ["1", None, None, "2"]
    assert stays.column("n").to_pylist() == [1, 2, 3, 4]
    assert list(integrity_faults(dataset)) == []
    told = capsys.readouterr().err
    assert "table person, column case.id: 1 references to no row, emptied" in told
    assert "9" not in told


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_rows_are_the_same_in_any_chunk_and_any_selection(chunk: int) -> None:
    dataset = without_unresolved(memory_dataset(CATALOG, tables()))
    batches = list(dataset.scan("stay", ["n", "etab"], chunk))
    read = pa.Table.from_batches(batches).to_pydict()
    assert read == {"n": [1, 2, 3, 4], "etab": ["a", None, None, "b"]}


def test_a_reference_that_may_not_be_missing_is_left_to_be_refused() -> None:
    broken = {**tables(), "stay": pa.table({"id": [7], "etab": ["a"], "unit": ["1"], "n": [1]})}
    dataset = without_unresolved(memory_dataset(CATALOG, broken))
    assert any("refers to a row of person" in str(fault) for fault in integrity_faults(dataset))


def test_tables_whose_references_all_resolve_are_not_wrapped() -> None:
    whole = memory_dataset(
        CATALOG,
        {
            **tables(),
            "person": pa.table({"id": [1, 2, 4], "case.id": [1, 1, None]}),
            "stay": tables()["stay"].slice(0, 1),
        },
    )
    assert without_unresolved(whole) is whole
