"""Counts over blocks add up to counts over the whole, as long as no person straddles two blocks."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.columns.bins import Groups
from synth.columns.tally import CodeTally, MomentTally, TextTally, ValueCounts, counted

ROWS = st.lists(st.tuples(st.integers(0, 20), st.integers(-1, 5)), max_size=80).map(sorted)  # (unit, code), by unit


def split_by_unit(rows: list[tuple[int, int]], cuts: list[int]) -> list[list[tuple[int, int]]]:
    """Blocks of whole units: a new block starts at each unit of `cuts`."""
    edges = [-1, *sorted(cuts), 99]
    return [[row for row in rows if low < row[0] <= high] for low, high in itertools.pairwise(edges)]


def tallied(blocks: list[list[tuple[int, int]]], k: int) -> CodeTally:
    tally = CodeTally(6, k)
    for block in blocks:
        units, codes = (np.array([row[i] for row in block], dtype=np.int64) for i in (0, 1))
        tally.add(codes, units, codes / 7)
    return tally


@given(ROWS, st.lists(st.integers(0, 20), max_size=4), st.integers(1, 6))
def test_a_tally_over_blocks_is_the_tally_of_the_whole(rows: list[tuple[int, int]], cuts: list[int], k: int) -> None:
    whole, parts = tallied([rows], k), tallied(split_by_unit(rows, cuts), k)

    assert parts.rows.tolist() == whole.rows.tolist()
    assert parts.persons.tolist() == whole.persons.tolist()
    assert parts.lowest.tolist() == whole.lowest.tolist()
    assert parts.highest.tolist() == whole.highest.tolist()
    for code in range(6):
        if whole.persons[code] < k:
            assert parts.members(code) == whole.members(code)


@given(ROWS, st.integers(1, 6))
def test_a_tally_counts_rows_and_distinct_persons(rows: list[tuple[int, int]], k: int) -> None:
    tally = tallied([rows], k)

    for code in range(6):
        holders = [unit for unit, other in rows if other == code]
        assert tally.rows[code] == len(holders)
        assert tally.persons[code] == len(set(holders))
        if len(set(holders)) < k:
            assert tally.members(code) == set(holders)


def test_moments_count_one_mean_value_a_person() -> None:
    one = np.zeros(1)
    no = np.zeros(1, bool)
    groups = Groups(np.zeros(1, int), np.zeros(1, int), one, one + 99, no, no, no, no)
    moments = MomentTally(groups)
    moments.add(np.zeros(5, int), np.array([7, 7, 7, 7, 9]), np.array([1.0, 1.0, 3.0, 3.0, 10.0]))

    assert [float(figure[0]) for figure in moments.moments()] == [6.0, 4.0]


@given(st.lists(st.lists(st.sampled_from([np.nan, -0.0, 0.0, 1.5, 2.5, -7.0]), max_size=20), max_size=6))
def test_values_over_blocks_are_those_of_the_whole(blocks: list[list[float]]) -> None:
    parts, whole = ValueCounts(), ValueCounts()
    for block in blocks:
        parts.add(np.array(block, dtype=float))
    whole.add(np.array([number for block in blocks for number in block], dtype=float))

    assert parts.values.tolist() == whole.values.tolist()
    assert parts.rows.tolist() == whole.rows.tolist()


def test_texts_of_two_blocks_add_up() -> None:
    tally = TextTally()
    tally.add(np.array([0, 1, 0, -1]), ["x", "y"], np.array([1, 1, 1, 2]))
    tally.add(np.array([0]), ["x"], np.array([3]))

    assert tally.rows == {"x": 3, "y": 1}
    assert tally.persons == {"x": 2, "y": 1}
    assert tally.missing == 1


NUMBERS = st.lists(
    st.sampled_from([0.0, -0.0, 1.0, 2.0, 7.0, 0.25, 1.1, 1e17, -3.0, 2.0**53]) | st.floats(-1e300, 1e300), max_size=60
)


@given(NUMBERS)
def test_numbers_on_a_grid_and_others_are_counted_alike(numbers: list[float]) -> None:
    values, rows = counted(np.array(numbers, dtype=float))
    expected, count = np.unique(np.array(numbers, dtype=float) + 0.0, return_counts=True)

    assert values.tolist() == expected.tolist()
    assert not np.signbit(values[values == 0]).any()
    assert rows.tolist() == count.tolist()


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.5, 3.0, 9.0]), min_size=1, max_size=60), st.integers(2, 6))
def test_persons_with_a_row_each_are_told_by_the_rows_of_values(numbers: list[float], k: int) -> None:
    values, rows = counted(np.array(numbers))
    run_of_value = (values > 1).astype(np.int64) + (values > 2.75)
    by_value, by_row = CodeTally(4, k), CodeTally(4, k)
    by_value.add_alone(run_of_value, values, rows)
    run = run_of_value[np.searchsorted(values, numbers)]
    by_row.add(run, np.arange(len(numbers)), np.array(numbers))

    for name in ("rows", "persons", "lowest", "highest"):
        assert getattr(by_value, name).tolist() == getattr(by_row, name).tolist()
    assert [len(by_value.members(code)) for code in range(4)] == [len(by_row.members(code)) for code in range(4)]
    two = np.array([0.0, 2.0])
    no = np.zeros(2, bool)
    groups = Groups(np.zeros(4, int), np.array([0, 0, 1, 1]), two, two + 1.0, no, no, no, no)
    some, all_ = MomentTally(groups), MomentTally(groups)
    some.add_alone(groups.own[run_of_value], values, rows)
    all_.add(groups.own[run], np.arange(len(numbers)), np.array(numbers))
    assert np.allclose(some.moments(), all_.moments())
