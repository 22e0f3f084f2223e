"""Joins by key against a dictionary, and which columns are identifiers."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from synth.metrics.evidence.keys import distinct_rows, identifiers, match_rows, renamed
from tests.controls.people import CATALOG

CELLS = st.lists(st.tuples(st.sampled_from(["a", "b", "", None]), st.sampled_from([0, -1, 2**62, None])), max_size=12)


def arrays(rows: list[tuple]) -> list[pa.Array]:
    return [pa.array([row[0] for row in rows], pa.string()), pa.array([row[1] for row in rows], pa.int64())]


@given(CELLS, CELLS)
def test_composite_keys_match_as_tuples_do(children: list[tuple], parents: list[tuple]) -> None:
    first: dict[tuple, int] = {}
    for place, key in enumerate(parents):
        first.setdefault(key, place)
    found, whole = match_rows(arrays(children), arrays(parents))
    assert whole.tolist() == [None not in key for key in children]
    assert found.tolist() == [first.get(key, -1) if None not in key else -1 for key in children]


@given(CELLS)
def test_distinct_rows_are_numbered_by_first_appearance(rows: list[tuple]) -> None:
    order = {key: place for place, key in enumerate(dict.fromkeys(rows))}
    found, count = distinct_rows(arrays(rows))
    assert found.tolist() == [order[key] for key in rows]
    assert count == len(order)


def test_many_wide_columns_do_not_overflow() -> None:
    wide = [pa.array([str(place * step) for place in range(300)]) for step in range(1, 12)]
    found, _ = match_rows(wide, [column.take(pa.array(range(299, -1, -1))) for column in wide])
    assert found.tolist() == list(range(299, -1, -1))


def test_keys_to_persons_are_never_features_and_new_names_are_told() -> None:
    assert identifiers(CATALOG, CATALOG.table("visit")) == (frozenset({"id"}), frozenset())
    values = pa.array(["1", "2", "3", "SYN1", "SYN2"])
    assert renamed(values, pa.array([False, False, False, True, True]).to_numpy(zero_copy_only=False))
    assert not renamed(pa.array(["1", "2", "1"]), pa.array([False, False, True]).to_numpy(zero_copy_only=False))
