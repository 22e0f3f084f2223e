"""What numba compiles and what numpy does instead give the same bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.core.seeds import rng
from synth.maths import kernels
from synth.maths.kernels import Walk, edges_of, invert_by_numpy, leaves_by_numpy, walk_of


def walk(seed: int, depth: int = 4, variables: int = 3, codes: int = 5) -> Walk:
    """A tree whose nodes are split at random."""
    stream = rng(seed, "walk")
    splits, left, waiting, nodes = [], [], [(0, 0)], 1
    for node, level in waiting:
        if level < depth and stream.uniform(1)[0] < 0.7:
            splits.append((node, int(stream.integers(1, variables)[0]), nodes))
            left.append(stream.uniform(codes) < 0.5)
            waiting += [(nodes, level + 1), (nodes + 1, level + 1)]
            nodes += 2
    inner = np.zeros(nodes, dtype=bool)
    inner[[node for node, _, _ in splits]] = True
    table = np.array(splits, dtype=np.int64).reshape(-1, 3)
    return walk_of(
        table, np.array(left, dtype=bool).reshape(len(splits), codes if splits else 0), np.cumsum(~inner) - 1
    )


def step_by_step(tree: Walk, row: list[int]) -> int:
    node = 0
    while int(tree.below[node]) != node:
        node = int(tree.below[node] + tree.right[tree.start[node] + row[tree.variable[node]]])
    return int(tree.leaf[node])


@given(st.integers(0, 300))
def test_every_row_ends_in_the_leaf_to_which_the_splits_send_it(seed: int) -> None:
    tree = walk(seed)
    # what a leaf would ask about may have more codes than there are flags
    known = rng(seed, "rows").integers(60, 5).reshape(20, 3)

    assert leaves_by_numpy(tree, known).tolist() == [step_by_step(tree, row) for row in known.tolist()]


def shares(seed: int, leaves: int, codes: int) -> np.ndarray:
    table = np.cumsum(
        np.where(rng(seed, "zeros").uniform(leaves * codes) < 0.3, 0.0, 1.0).reshape(leaves, codes), axis=1
    )
    table[table[:, -1] == 0] = np.arange(1, codes + 1)
    return table / table[:, -1:]


@given(st.integers(0, 300), st.integers(1, 9), st.integers(1, 9))
def test_a_code_is_the_first_whose_cumulated_share_is_above(seed: int, leaves: int, codes: int) -> None:
    edges = edges_of(shares(seed, leaves, codes))
    leaf, uniform = rng(seed, "leaf").integers(50, leaves), rng(seed, "uniform").uniform(50)
    expected = [
        min(int((edges[a] <= a + u).sum()), codes - 1) for a, u in zip(leaf.tolist(), uniform.tolist(), strict=True)
    ]

    assert invert_by_numpy(edges, leaf, uniform).tolist() == expected


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 300))
def test_compiled_kernels_agree_with_numpy_to_the_last_bit(seed: int) -> None:
    pytest.importorskip("numba")
    fast = kernels.compiled()
    assert fast is not None
    tree, known = walk(seed), rng(seed, "rows").integers(300, 5).reshape(100, 3)
    edges = edges_of(shares(seed, 7, 6))
    leaf, uniform = rng(seed, "leaf").integers(100, 7), np.append(rng(seed, "uniform").uniform(99), 1 - 2.0**-53)

    found = fast.leaves(tree.variable, tree.below, tree.start, tree.right, tree.leaf, known)
    assert np.array_equal(found, leaves_by_numpy(tree, known))
    assert np.array_equal(fast.invert(edges, leaf, uniform), invert_by_numpy(edges, leaf, uniform))


def test_without_numba_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    kernels.compiled.cache_clear()
    try:
        assert kernels.compiled() is None
    finally:
        kernels.compiled.cache_clear()
