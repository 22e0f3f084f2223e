"""What numba compiles and what numpy does instead give the same bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.core.seeds import rng
from synth.maths import kernels
from synth.maths.kernels import Lots, Walk, draw, draw_by_numpy, leaves_by_numpy, standing_by_numpy, walk_of
from synth.maths.ranks_within import number_ranks, steps_of

SIZES = np.array([5, 2, 3])


def walk(seed: int, depth: int = 4) -> Walk:
    """A tree whose nodes are split at random."""
    stream = rng(seed, "walk")
    splits, left, waiting, nodes = [], [], [(0, 0)], 1
    for node, level in waiting:
        if level < depth and stream.uniform(1)[0] < 0.7:
            splits.append((node, int(stream.integers(1, len(SIZES))[0]), nodes))
            left.append(stream.uniform(int(SIZES.max())) < 0.5)
            waiting += [(nodes, level + 1), (nodes + 1, level + 1)]
            nodes += 2
    inner = np.zeros(nodes, dtype=bool)
    inner[[node for node, _, _ in splits]] = True
    table = np.array(splits, dtype=np.int64).reshape(-1, 3)
    flags = np.array(left, dtype=bool).reshape(len(splits), SIZES.max() if splits else 0)
    return walk_of(table, flags, np.cumsum(~inner) - 1, SIZES)


def columns(seed: int, rows: int) -> np.ndarray:
    """Codes of each variable, and one variable more that is 0."""
    known = [rng(seed, "rows", size).integers(rows, size) for size in SIZES.tolist()]
    return np.stack([*known, np.zeros(rows, dtype=np.int64)])


def step_by_step(tree: Walk, row: list[int]) -> int:
    before, state = -1, 0
    while state != before:
        before, state = state, int(tree.onward[state + row[tree.asked[state]]])
    return int(tree.leaf[state])


@given(st.integers(0, 300))
def test_every_row_ends_in_the_leaf_to_which_the_splits_send_it(seed: int) -> None:
    tree, known = walk(seed), columns(seed, 20)

    assert leaves_by_numpy(tree, known).tolist() == [step_by_step(tree, row) for row in known.T.tolist()]


def shares(seed: int, leaves: int, codes: int) -> np.ndarray:
    table = np.cumsum(
        np.where(rng(seed, "zeros").uniform(leaves * codes) < 0.3, 0.0, 1.0).reshape(leaves, codes), axis=1
    )
    table[table[:, -1] == 0] = np.arange(1, codes + 1)
    found: np.ndarray = table / table[:, -1:]
    return found


@given(st.integers(0, 300), st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_a_code_is_the_first_whose_cumulated_share_is_above(seed: int, leaves: int, codes: int, guided: bool) -> None:
    table = shares(seed, leaves, codes)
    leaf, ticks = rng(seed, "leaf").integers(50, leaves), rng(seed, "ticks").ticks(50)
    expected = [int((table[a] <= t / 2**53).sum()) for a, t in zip(leaf.tolist(), ticks.tolist(), strict=True)]

    assert draw_by_numpy(Lots(table), leaf, ticks, guided).tolist() == expected


def test_codes_are_drawn_by_their_shares() -> None:
    lots = Lots(np.array([[0.25, 0.25, 1.0], [0.0, 0.5, 1.0]]))
    ticks = (np.linspace(0, 1, 400, endpoint=False) * 2**53).astype(np.int64)

    assert np.bincount(draw(lots, np.zeros(400, int), ticks), minlength=3).tolist() == [100, 0, 300]
    assert np.bincount(draw(lots, np.ones(400, int), ticks), minlength=3).tolist() == [0, 200, 200]


def test_no_code_is_drawn_that_has_no_share() -> None:
    lots = Lots(np.array([[0.0, 0.25, 0.25, 1.0, 1.0]] * 3))
    ticks = np.array([0, 2**51, 2**53 - 1])

    assert draw_by_numpy(lots, np.arange(3), ticks, False).tolist() == [1, 3, 3]
    assert draw_by_numpy(lots, np.arange(3), ticks, True).tolist() == [1, 3, 3]


def test_without_shares_the_last_code_is_drawn() -> None:
    ticks = np.array([0, 2**53 - 1])

    for guided in (False, True):
        assert draw_by_numpy(Lots(np.zeros((1, 3))), np.zeros(2, int), ticks, guided).tolist() == [2, 2]
        assert draw_by_numpy(Lots(np.full((2, 3), np.nan)), np.arange(2), ticks, guided).tolist() == [2, 2]


def test_so_many_leaves_that_lots_are_coarser() -> None:
    lots = Lots(np.tile([0.5, 1.0], (5_000, 1)))
    leaf, ticks = np.array([4_999, 4_999, 0]), np.array([2**52 - 1, 2**52, 2**53 - 1])

    assert lots.bits < 53
    assert draw_by_numpy(lots, leaf, ticks, True).tolist() == [0, 1, 1]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 300))
def test_compiled_kernels_agree_with_numpy_to_the_last_bit(seed: int) -> None:
    pytest.importorskip("numba")
    fast = kernels.compiled()
    assert fast is not None
    tree, known, lots = walk(seed), columns(seed, 100), Lots(shares(seed, 7, 6))
    leaf, ticks = rng(seed, "leaf").integers(100, 7), np.append(rng(seed, "ticks").ticks(99), 2**53 - 1)

    found = fast.leaves(tree.asked, tree.onward, tree.leaf, tree.depth, known)
    assert np.array_equal(found, leaves_by_numpy(tree, known))
    codes = fast.draw(lots.ends, *lots.guide, 6, lots.bits, leaf, ticks)
    assert np.array_equal(codes, draw_by_numpy(lots, leaf, ticks, False))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 300), st.integers(1, 300), st.integers(1, 9))
def test_compiled_ranks_agree_with_numpy_to_the_last_bit(seed: int, rows: int, leaves: int) -> None:
    pytest.importorskip("numba")
    fast = kernels.compiled()
    assert fast is not None
    leaf, words = rng(seed, "leaf").integers(rows, leaves), rng(seed, "words").raw(2 * rows).view(np.int64)
    codes, noise = columns(seed, rows)[:3], rng(seed, "noise").uniform(4096)
    known, scales = [4, 2, 3], [0.5, -1.0, 2.0]
    place, groups = rng(seed, "place").uniform(rows), int(leaf.max()) + 1

    told = standing_by_numpy(words.reshape(2, rows), list(codes), known, scales, noise, leaf)
    compiled = fast.standing(words.reshape(2, rows), codes, np.array(known), np.array(scales), noise, leaf, groups)
    assert np.array_equal(told, compiled)
    steps, of_row, _ = steps_of(leaf, told)
    assert np.array_equal(number_ranks(leaf, told, place), fast.ranked(leaf, steps, of_row, place, groups))


def test_the_environment_says_whether_to_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_KERNELS", "numpy")
    kernels.compiled.cache_clear()
    try:
        assert kernels.compiled() is None
    finally:
        kernels.compiled.cache_clear()


def test_without_numba_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    kernels.compiled.cache_clear()
    try:
        assert kernels.compiled() is None
    finally:
        kernels.compiled.cache_clear()
