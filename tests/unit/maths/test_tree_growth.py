"""Trees are grown from contingency tables; on small arrays, a search through every cut says the same."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.engines.unit_blocks import distinct_pairs, distinct_units, most_rows, some_units
from synth.maths import tree_growth
from synth.maths.tree_cuts import Limits
from synth.maths.tree_growth import Coarse, Growth, coarsen, grow

Codes = NDArray[np.int64]


def coarse(codes: Codes, size: int, ordered: bool = True) -> Coarse:
    return coarsen(codes, np.bincount(codes, minlength=size), ordered, size)


def likelihood(codes: Codes) -> float:
    counts = np.unique(codes, return_counts=True)[1]
    return float((counts * np.log(counts / len(codes))).sum()) if len(codes) else 0.0


def best_cut(predictors: list[Codes], target: Codes, limits: Limits) -> tuple[float, int]:
    """By trying every threshold of every ordered predictor: the gain beyond the penalty, and the predictor."""
    found = (0.0, -1)
    freedom = len(np.unique(target)) - 1
    for index, x in enumerate(predictors):
        for threshold in range(int(x.max())):
            left = x <= threshold
            if min(left.sum(), (~left).sum()) < limits.rows:
                continue
            gain = 2 * (likelihood(target[left]) + likelihood(target[~left]) - likelihood(target))
            if gain - limits.penalty * freedom > found[0] + 1e-5:
                found = (gain - limits.penalty * freedom, index)
    return found


@given(st.integers(0, 500))
def test_the_first_cut_is_the_best_of_all(seed: int) -> None:
    stream = rng(seed, "growth")
    a, b = stream.integers(60, 4), stream.integers(60, 3)
    target = np.where(stream.uniform(60) < 0.5, a // 2, stream.integers(60, 3))
    limits = Limits(depth=1, rows=4, units=1, penalty=1.0)
    growth = grow([coarse(a, 4), coarse(b, 3)], coarse(target, 3), np.arange(60), limits)
    gain, predictor = best_cut([a, b], target, limits)

    assert len(growth.splits) == (gain > 0)
    if growth.splits:
        left = growth.splits[0].left[[a, b][growth.splits[0].predictor]]
        made = 2 * (likelihood(target[left]) + likelihood(target[~left]) - likelihood(target))
        assert made - limits.penalty * (len(np.unique(target)) - 1) >= gain - 1e-4
        assert growth.splits[0].predictor == predictor or abs(made - gain) < 10


def grown(seed: int, units: Codes, limits: Limits) -> tuple[Growth, list[Codes], Codes]:
    stream = rng(seed, "whole tree")
    rows = len(units)
    predictors = [stream.integers(rows, size) for size in (5, 2, 3)]
    target = (predictors[0] + predictors[1] * stream.integers(rows, 2)) % 4
    growth = grow([coarse(p, 5, ordered=i != 2) for i, p in enumerate(predictors)], coarse(target, 4), units, limits)
    return growth, predictors, target


@given(st.integers(0, 200), st.integers(1, 12))
def test_every_node_has_enough_rows_and_enough_units(seed: int, enough: int) -> None:
    units = np.sort(rng(seed, "units").integers(300, 60))
    limits = Limits(depth=4, rows=9, units=enough, penalty=0.1)
    growth, _, _ = grown(seed, units, limits)
    ends = np.unique(growth.node_of_row)

    assert growth.nodes == 1 + 2 * len(growth.splits)
    for node in ends.tolist() if growth.splits else []:
        mine = growth.node_of_row == node
        assert mine.sum() >= limits.rows
        assert len(np.unique(units[mine])) >= limits.units


@given(st.integers(0, 200))
def test_each_row_ends_where_the_splits_send_it(seed: int) -> None:
    growth, predictors, _ = grown(seed, np.arange(200), Limits(depth=5, rows=5, units=1, penalty=0.1))
    splits = {split.node: split for split in growth.splits}

    for row in range(200):
        node = 0
        while node in splits:
            split = splits[node]
            node = split.below + (not split.left[predictors[split.predictor][row]])
        assert node == growth.node_of_row[row]


def test_grown_on_some_units_all_rows_end_where_the_splits_send_them(monkeypatch: pytest.MonkeyPatch) -> None:
    units = np.sort(rng(3, "units").integers(4_000, 900))
    limits = Limits(depth=4, rows=9, units=5, penalty=1.0)
    monkeypatch.setattr(tree_growth, "GROWN_ON", 1_000)
    monkeypatch.setattr(tree_growth, "WALKED", 700)
    growth, predictors, _ = grown(3, units, limits)
    splits = {split.node: split for split in growth.splits}

    assert splits
    for row in range(0, 4_000, 7):
        node = 0
        while node in splits:
            split = splits[node]
            node = split.below + (not split.left[predictors[split.predictor][row]])
        assert node == growth.node_of_row[row]
    for node in np.unique(growth.node_of_row).tolist():
        assert len(np.unique(units[growth.node_of_row == node])) >= limits.units


@given(st.lists(st.integers(0, 50), min_size=1, max_size=200).map(sorted), st.integers(1, 250))
def test_some_units_are_all_rows_of_each(rows: list[int], most: int) -> None:
    units = np.array(rows)
    found = some_units(units, most)

    assert most_rows(units) == max(rows.count(unit) for unit in rows)
    assert (found is None) == (len(rows) <= most)
    if found is not None:
        assert found.tolist() == np.flatnonzero(np.isin(units, units[found])).tolist()


def test_some_units_are_about_so_many() -> None:
    found = some_units(np.arange(100_000), 10_000)

    assert found is not None and abs(len(found) - 10_000) < 500


def test_nothing_is_cut_where_nothing_is_learned() -> None:
    noise = np.tile([0, 1], 100)
    limits = Limits(depth=5, rows=5, units=1, penalty=1.0)

    assert grow([coarse(np.repeat([0, 1], 100), 2)], coarse(noise, 2), np.arange(200), limits).splits == ()
    assert grow([], coarse(noise, 2), np.arange(200), limits).nodes == 1


def test_what_shifts_a_quantity_as_a_whole_is_seen_in_runs_of_its_codes() -> None:
    even, rising = np.full(32, 10), 6 + np.arange(32) // 4
    target = np.concatenate([np.repeat(np.arange(32), rows) for rows in (even, rising)])
    x = np.repeat([0, 1], [even.sum(), rising.sum()])
    units, strict = np.arange(len(x)), Limits(1, 20, 2, 1.0)

    assert grow([coarse(x, 2)], coarse(target, 32), units, strict).splits == ()
    assert len(grow([coarse(x, 2)], coarse(target, 32), units, replace(strict, of_runs=1.0)).splits) == 1
    assert grow([coarse(x, 2)], coarse(target, 32, ordered=False), units, replace(strict, of_runs=1.0)).splits == ()


def test_rows_of_one_unit_make_no_node_of_their_own() -> None:
    x = np.repeat([0, 1], 100)
    units = np.concatenate([np.arange(100), np.full(100, 100)])

    assert grow([coarse(x, 2)], coarse(x, 2), units, Limits(3, 5, 2, 1.0)).splits == ()
    assert len(grow([coarse(x, 2)], coarse(x, 2), np.arange(200), Limits(3, 5, 2, 1.0)).splits) == 1


def test_codes_without_order_can_be_cut_anywhere() -> None:
    x = np.tile(np.arange(6), 50)
    target = np.isin(x, [0, 3, 5]).astype(np.int64)
    growth = grow([coarse(x, 6, ordered=False)], coarse(target, 2), np.arange(300), Limits(1, 5, 1, 1.0))

    assert set(np.flatnonzero(growth.splits[0].left).tolist()) in ({0, 3, 5}, {1, 2, 4})


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=60).map(sorted))
def test_distinct_units_of_each_cell(rows: list[tuple[int, int]]) -> None:
    units, cells = (np.array([row[i] for row in rows], dtype=np.int64) for i in (0, 1))
    expected = [len({unit for unit, other in rows if other == cell}) for cell in range(5)]

    assert distinct_units(cells, units, 5).tolist() == expected
    pairs = distinct_pairs(cells + 70_000, units)
    assert list(zip(*(each.tolist() for each in pairs), strict=True)) == sorted(
        {(cell + 70_000, unit) for unit, cell in rows}
    )


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.booleans(), st.integers(2, 8))
def test_coarse_groups_are_few_and_keep_the_order(weights: list[int], ordered: bool, groups: int) -> None:
    counts = np.array(weights)
    codes = np.repeat(np.arange(len(counts)), counts)
    found = coarsen(codes, counts, ordered, groups)

    assert found.count <= groups
    assert found.groups_of(slice(None)).tolist() == found.of_code[codes].tolist()
    assert set(found.of_code.tolist()) <= set(range(found.count))
    if ordered:
        assert all(low <= high for low, high in itertools.pairwise(found.of_code.tolist()))


def test_the_commonest_codes_without_order_stay_apart() -> None:
    found = coarsen(np.arange(5), np.array([1, 50, 2, 40, 3]), False, 3)

    assert found.of_code.tolist() == [2, 0, 2, 1, 2]
