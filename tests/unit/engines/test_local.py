"""Rows are put in the order of their persons, parents and own order, whatever order they came in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.engines.local import Ordered
from tests.unit.generators.clinic import dataset_of

KEY = Column("id", "string", "key", False)
CATALOG = Catalog(
    (
        Table("p", (KEY,), ("id",)),
        Table(
            "v",
            (KEY, Column("n", "integer", "key", False), Column("day", "integer", "number")),
            ("id", "n"),
            (ForeignKey(("id",), "p", ("id",)),),
            order_by=("day",),
        ),
        # a name that differs in case alone, as Oracle's users sometimes have
        Table(
            "V",
            (KEY, Column("n", "integer", "key", False), Column("N", "string", "code")),
            foreign_keys=(ForeignKey(("id", "n"), "v", ("id", "n")),),
        ),
    ),
    Person("p", ("id",)),
)
Visits = list[tuple[str, int, int | None]]


def dataset(visits: Visits, acts: list[tuple[str, int, str]]) -> Dataset:
    return dataset_of(
        CATALOG,
        {
            "p": {"id": ["b", "a", "c"]},
            "v": {name: [row[i] for row in visits] for i, name in enumerate(("id", "n", "day"))},
            "V": {name: [row[i] for row in acts] for i, name in enumerate(("id", "n", "N"))},
        },
    )


SHUFFLED: Visits = [("a", 1, 9), ("c", 1, None), ("b", 1, 5), ("a", 2, 3), ("c", 2, 7), ("a", 3, 3)]


def test_rows_follow_their_persons_then_their_own_order_with_missing_ones_last() -> None:
    with Ordered(dataset(SHUFFLED, [])) as ordered:
        frame = ordered.frame(ordered.forest.node("v"), 0, 6)

        assert frame.columns["id"].to_pylist() == ["b", "a", "a", "a", "c", "c"]
        # equal days keep the order in which the rows came
        assert frame.columns["n"].to_pylist() == [1, 2, 3, 1, 2, 1]
        assert frame.unit.tolist() == frame.parent.tolist() == [0, 1, 1, 1, 2, 2]
        assert frame.starts.tolist() == [True, True, False, False, True, False]


def test_grandchildren_know_their_person_and_their_parents_row() -> None:
    acts = [("c", 2, "x"), ("a", 1, "y"), ("a", 2, "z"), ("a", 1, "w")]
    with Ordered(dataset(SHUFFLED, acts)) as ordered:
        frame = ordered.frame(ordered.forest.node("V"), 0, 4)

        assert frame.columns["N"].to_pylist() == ["z", "y", "w", "x"]
        assert frame.unit.tolist() == [1, 1, 1, 2]
        assert frame.parent.tolist() == [1, 3, 3, 4]


@settings(max_examples=10)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=12, unique=True), st.integers(1, 4))
def test_blocks_hold_every_row_once_and_never_part_a_person(keys: list[tuple[str, int]], units: int) -> None:
    visits: Visits = [(person, n, n) for person, n in keys]
    with Ordered(dataset(visits, [])) as ordered:
        blocks = [frames["v"] for frames in ordered.blocks("p", units)]

        assert sum(frame.rows for frame in blocks) == len(visits)
        seen = [set(frame.unit.tolist()) for frame in blocks]
        assert sum(map(len, seen)) == len(set().union(*seen))
        assert [frame.first for frame in blocks] == np.cumsum([0, *(frame.rows for frame in blocks)])[:-1].tolist()


def test_rows_without_a_parent_are_left_out_and_counted() -> None:
    with Ordered(dataset([("a", 1, 1), ("nobody", 1, 1)], [])) as ordered:
        assert ordered.rows("v") == 1
        assert ordered.left_out == {"p": 0, "v": 1, "V": 0}


def test_a_person_table_without_rows_is_refused() -> None:
    empty = dataset_of(
        CATALOG, {"p": {"id": []}, "v": {"id": [], "n": [], "day": []}, "V": {"id": [], "n": [], "N": []}}
    )
    with pytest.raises(UserError, match="no row") as refused:
        Ordered(empty)
    assert refused.value.table == "p"


def test_what_was_written_aside_is_removed() -> None:
    with Ordered(dataset(SHUFFLED, [])) as ordered:
        folder = Path(ordered.scratch)
        assert folder.is_dir()
    assert not folder.exists()


def test_what_does_not_fit_in_the_memory_given_gets_more(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [f"{'a long key ' * 9}{i:06d}" for i in range(20_000)]
    rows = {"p": {"id": keys}, "v": {"id": keys[::-1], "n": [1] * 20_000, "day": [1] * 20_000}}
    source = dataset_of(CATALOG, rows | {"V": {"id": [], "n": [], "N": []}})
    monkeypatch.setattr("synth.engines.local.MEMORY", 12)

    with Ordered(source) as ordered:
        assert ordered.units["v"].tolist() == list(range(20_000))
