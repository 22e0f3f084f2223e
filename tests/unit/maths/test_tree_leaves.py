"""Leaves count codes over k units; what fewer share is counted at a node above, or not at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.maths.tree_leaves import Cells, Target, cumulated, filled, measure_cells

ALONE = np.array([-1])
TWO_LEAVES = np.array([-1, 0, 0])


def measured(rows: list[tuple[int, int, int]], target: Target, k: int, parents: np.ndarray = ALONE) -> Cells:
    """Cells of rows given as (node, code, unit), in order of unit."""
    node, codes, units = (np.array([row[i] for row in rows], dtype=np.int64) for i in (0, 1, 2))
    return measure_cells(node, codes, units, parents, target, k)


def listed(cells: Cells) -> list[tuple[int, ...]]:
    return sorted(zip(*(x.tolist() for x in (cells.node, cells.first, cells.last, cells.rows)), strict=True))


def test_codes_of_k_units_are_counted_each_by_itself() -> None:
    rows = [(0, code, unit) for unit in range(3) for code in (0, 1)]

    assert listed(measured(rows, Target(2, 2), 3)) == [(0, 0, 0, 3), (0, 1, 1, 3)]


def test_ordered_codes_of_fewer_units_are_counted_as_a_run() -> None:
    rows = [(0, 0, 0), (0, 1, 1), (0, 2, 2), (0, 5, 3), (0, 5, 4), (0, 5, 5)]

    assert listed(measured(rows, Target(6, 6), 3)) == [(0, 0, 2, 3), (0, 5, 5, 3)]


def test_a_code_without_order_of_fewer_units_is_pooled_with_the_neighbouring_leaf() -> None:
    rows = [(1 + unit % 2, 0, unit) for unit in range(8)] + [(1, 1, 8), (2, 1, 9), (2, 1, 10)]

    # code 1: one unit in leaf 1, two in leaf 2, so three at the root
    assert listed(measured(rows, Target(2, 0), 3, TWO_LEAVES)) == [(0, 1, 1, 3), (1, 0, 0, 4), (2, 0, 0, 4)]


def test_what_fewer_than_k_units_of_the_whole_tree_share_is_forgotten() -> None:
    rows = [(0, 0, unit) for unit in range(5)] + [(0, 1, 5), (0, 1, 6)]

    assert listed(measured(rows, Target(2, 0), 3)) == [(0, 0, 0, 5)]


def test_many_rows_of_one_unit_do_not_make_a_cell() -> None:
    rows = [(0, 0, unit) for unit in range(5)] + [(0, 1, 5)] * 1_000

    assert listed(measured(rows, Target(2, 0), 3)) == [(0, 0, 0, 5)]


ROWS = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 6), st.integers(0, 15)), min_size=1, max_size=80).map(
    lambda rows: sorted(rows, key=lambda row: row[2])
)


@given(ROWS, st.integers(0, 7), st.integers(1, 5))
def test_cells_are_disjoint_supported_and_count_rows_that_are_there(
    rows: list[tuple[int, int, int]], ordered: int, k: int
) -> None:
    cells = measured(rows, Target(7, ordered), k, TWO_LEAVES)
    counted = 0
    for node, first, last, count in listed(cells):
        inside = [row for row in rows if node in (0, row[0]) and first <= row[1] <= last]
        assert len({unit for _, _, unit in inside}) >= k
        assert count <= len(inside)
        counted += count
    assert counted <= len(rows)
    assert cells.support >= k or not len(cells.node)
    if k == 1:
        assert counted == len(rows)


@given(ROWS, st.integers(0, 7), st.integers(1, 5))
def test_shares_of_each_leaf_add_up_to_one_and_never_decrease(
    rows: list[tuple[int, int, int]], ordered: int, k: int
) -> None:
    cells = measured(rows, Target(7, ordered), k, TWO_LEAVES)
    shares = np.bincount([code for _, code, _ in rows], minlength=7) / len(rows)
    table = cumulated(filled(cells, TWO_LEAVES, [1, 2], shares))

    assert table[:, -1] == pytest.approx([1, 1])
    assert (np.diff(table, axis=1) >= -1e-12).all()


def test_shares_are_those_of_the_leaf_when_everything_is_counted() -> None:
    rows = [(1, 0, 0), (1, 0, 1), (1, 1, 2), (2, 1, 3)]
    cells = measured(rows, Target(2, 0), 1, TWO_LEAVES)
    table = cumulated(filled(cells, TWO_LEAVES, [1, 2], np.array([0.5, 0.5])))

    assert table.tolist() == [[pytest.approx(2 / 3), 1.0], [0.0, 1.0]]


def test_no_run_goes_over_a_heavy_code_nor_over_the_cut() -> None:
    rows = [(0, code, code) for code in range(6)]

    assert listed(measured(rows, Target(6, 6), 2)) == [(0, 0, 1, 2), (0, 2, 3, 2), (0, 4, 5, 2)]
    assert listed(measured(rows, Target(6, 6, (2,)), 2)) == [(0, 0, 1, 2), (0, 3, 5, 3)]
    assert listed(measured(rows, Target(6, 6, (), 3), 2)) == [(0, 0, 2, 3), (0, 3, 5, 3)]


def test_heavy_codes_at_the_ends_leave_the_stretch_between() -> None:
    assert Target(7, 6, (0, 5)).stretches == ((1, 5),)
    assert Target(7, 6, (0, 5)).alone.tolist() == [0, 5, 6]


def test_leaves_whose_rows_are_known_keep_the_overall_shares() -> None:
    rounded = Cells(np.array([1, 1, 2]), np.array([0, 1, 0]), np.array([0, 1, 0]), np.array([10, 20, 30]), 10)
    overall = np.array([0.6, 0.4])

    shares = cumulated(filled(rounded, TWO_LEAVES, [1, 2], overall, np.array([40, 20])))[:, 0]

    assert (shares * [40, 20]).sum() / 60 == pytest.approx(0.6, abs=0.02)


def test_codes_that_too_few_units_have_each_keep_the_share_they_have_together() -> None:
    # one code of 12 units, three of 8 each: none of these has a cell, but together they are two thirds of the rows
    rows = [(0, 0, unit) for unit in range(12)] + [(0, 1 + unit % 3, unit) for unit in range(12, 36)]
    cells = measured(rows, Target(4, 0), 11)
    assert listed(cells) == [(0, 0, 0, 12)]

    shares = np.array([1 / 3, 2 / 9, 2 / 9, 2 / 9])
    drawn = np.diff(cumulated(filled(cells, ALONE, [0], shares, np.array([36]))), prepend=0.0)
    assert drawn[0] == pytest.approx(shares, abs=0.01)


def test_a_leaf_of_which_little_is_told_is_not_all_of_what_is() -> None:
    """Of eleven codes one alone is told, at the node above three of four leaves: the others lack in these as well."""
    cells = Cells(np.array([1]), np.array([3]), np.array([3]), np.array([11]), 0)
    rows = np.array([30, 24, 24, 24])
    table = filled(cells, np.array([-1, 0, 0, 1, 1, 4, 4]), [2, 3, 5, 6], np.full(11, 1 / 11), rows)

    assert table[1:, 3] / table[1:].sum(axis=1) == pytest.approx([0.13, 0.13, 0.13], abs=0.05)
    assert (np.delete(table[1:], 3, axis=1) > 0).all()
