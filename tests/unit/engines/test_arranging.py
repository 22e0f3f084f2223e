"""Rows in memory are put in the same order as by the database, and keys of any types are matched."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.engines.arranging import first_matches, in_order
from synth.engines.local import Ordered
from tests.unit.generators.clinic import dataset_of

CATALOG = Catalog(
    (
        Table("p", (Column("a", "string", "key"), Column("b", "number", "key"))),
        Table(
            "v",
            (
                Column("a", "string", "key"),
                Column("b", "number", "key"),
                Column("word", "string", "code"),
                Column("day", "date"),
                Column("flag", "boolean"),
            ),
            foreign_keys=(ForeignKey(("a", "b"), "p", ("a", "b")),),
            order_by=("word", "day", "flag"),
        ),
    ),
    Person("p", ("a", "b")),
)
WORDS = st.sampled_from((None, "", "a", "Z", "é", "zz"))
NUMBERS = st.sampled_from((None, -0.0, 0.0, 1.5, -2.0))
DAYS = st.sampled_from((None, date(1599, 1, 1), date(1999, 2, 3), date(2020, 2, 29)))
PERSONS = st.lists(st.tuples(WORDS, NUMBERS), min_size=1, max_size=8)
VISITS = st.lists(st.tuples(WORDS, NUMBERS, WORDS, DAYS, st.sampled_from((None, True, False))), max_size=12)


@settings(max_examples=25)
@given(PERSONS, VISITS)
def test_rows_in_memory_are_in_the_order_of_those_on_disk(persons: list[Any], visits: list[Any]) -> None:
    rows = {
        "p": {name: [row[i] for row in persons] for i, name in enumerate("ab")},
        "v": {name: [row[i] for row in visits] for i, name in enumerate(CATALOG.table("v").column_names)},
    }
    found = []
    for room in (2**27, -1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("synth.engines.local.HELD", room)
            with Ordered(dataset_of(CATALOG, rows)) as ordered:
                node = ordered.forest.node("v")
                frame = ordered.frame(node, 0, ordered.rows("v"))
                found.append((frame.columns.to_pylist(), frame.parent.tolist(), frame.unit.tolist()))
    assert found[0] == found[1]


def test_keys_of_two_types_are_compared_as_texts() -> None:
    mine = [pa.array(["1", "02", None, "3"])]
    assert first_matches(mine, [pa.array([3, 1, 2, 3])]).tolist() == [1, -1, -1, 0]


def test_keys_of_many_columns_with_many_values_fit_into_one_number() -> None:
    values = np.arange(3_000)
    columns = [pa.array((values * step) % 3_001) for step in (1, 7, 11, 13, 17, 19, 23)]
    shuffled = np.random.default_rng(1).permutation(len(values))
    found = first_matches([column.take(pa.array(shuffled)) for column in columns], columns)
    assert found.tolist() == shuffled.tolist()


def test_nothing_to_match_with() -> None:
    assert first_matches([pa.array(["a", None])], [pa.array([], pa.string())]).tolist() == [-1, -1]
    assert in_order(np.array([-1, -1]), [pa.array(["a", None])]).tolist() == []


@pytest.mark.parametrize("room", [2**27, -1])
def test_cells_that_are_there_are_counted(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth.engines.local.HELD", room)
    visits: dict[str, list[Any]] = {"a": ["x"] * 3, "b": [0.0] * 3, "word": [None, "w", None], "day": [None] * 3}
    visits["flag"] = [True, False, None]
    rows: dict[str, dict[str, list[Any]]] = {"p": {"a": ["x", None], "b": [0.0, 1.0]}, "v": visits}
    with Ordered(dataset_of(CATALOG, rows)) as ordered:
        assert ordered.filled(ordered.forest.node("p")) == {"a": 1, "b": 2}
        assert ordered.filled(ordered.forest.node("v")) == {"a": 3, "b": 3, "word": 1, "day": 0, "flag": 2}
