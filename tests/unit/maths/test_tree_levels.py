"""Runs of nodes between root and leaves, and leaves filled as these tell."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.maths.tree_leaves import Cells, Target, filled, measure_cells
from synth.maths.tree_levels import measure_runs, refined

# the root has nodes 1 and 2; node 1 has the leaves 3 and 4, node 2 is a leaf
PARENTS = np.array([-1, 0, 0, 1, 1])
LEAVES = [2, 3, 4]
UNCUT = np.array([-1, 0, 0])


def cells_of(rows: list[tuple[int, int, int, int]]) -> Cells:
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Cells(table[:, 0], table[:, 1], table[:, 2], table[:, 3], 0)


@given(
    st.lists(st.tuples(st.sampled_from(LEAVES), st.integers(0, 9)), max_size=80),
    st.integers(2, 12),
    st.sampled_from([Target(10, 10), Target(10, 9), Target(10, 9, (2, 5)), Target(10, 9, (3,), 6), Target(10, 0)]),
)
def test_runs_of_a_node_are_those_of_a_leaf_with_its_rows(rows: list[tuple[int, int]], k: int, target: Target) -> None:
    node, codes = np.array([row[0] for row in rows], dtype=np.int64), np.array([row[1] for row in rows], dtype=np.int64)
    runs = measure_runs(node, codes, PARENTS, target, k)
    merged = measure_cells(np.where(node == 2, 2, 1), codes, np.arange(len(rows)), UNCUT, target, k)
    ordered = (merged.node == 1) & ~np.isin(merged.first, target.alone)
    expected = sorted(zip(merged.first[ordered], merged.last[ordered], merged.rows[ordered], strict=True))
    assert list(zip(runs.first, runs.last, runs.rows, strict=True)) == expected
    assert set(runs.node.tolist()) <= {1}
    assert (runs.rows >= k).all()


def test_leaves_are_filled_as_the_node_above_tells() -> None:
    # leaves 3 and 4 know one run each, over all codes; the node above knows that its rows are at the ends
    cells = cells_of([(2, 0, 3, 20), (3, 0, 3, 20), (4, 0, 3, 20)])
    runs = cells_of([(1, 0, 0, 20), (1, 3, 3, 20)])
    shares = np.array([0.35, 0.15, 0.15, 0.35])
    table = filled(cells, PARENTS, LEAVES, shares, np.array([20, 20, 20]))
    told = refined(table, PARENTS, LEAVES, cells, runs, shares)
    # what the runs of node 1 hold leaves nothing between them but for what the overall shares ask
    assert told[1:, [0, 3]].sum() > table[1:, [0, 3]].sum() + 4
    assert np.allclose(told.sum(axis=0), shares * 60)


def test_leaves_stay_as_they_are_where_the_node_above_tells_nothing_else() -> None:
    cells = cells_of([(2, 0, 1, 20), (3, 0, 0, 20), (4, 1, 1, 20)])
    shares = np.array([0.5, 0.5])
    table = filled(cells, PARENTS, LEAVES, shares, np.array([20, 20, 20]))
    assert np.allclose(refined(table, PARENTS, LEAVES, cells, cells_of([(1, 0, 1, 40)]), shares), table)
