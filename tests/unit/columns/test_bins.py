"""Bins keep what k persons share, and blur the rest without giving away a bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.columns.bins import EXACT_VALUES, Bins, group_runs, runs_of
from synth.columns.bins import bins_of as bins_of_groups
from synth.columns.codec import Codec, codec_from
from synth.columns.tally import CodeTally, MomentTally, ValueCounts
from synth.core.seeds import rng


def bins_of(numbers: list[float], units: list[int], k: int, decimals: int = 2) -> Bins:
    """Learn bins as a fit does, in one block."""
    values = ValueCounts()
    values.add(np.array(numbers))
    runs = runs_of(values.values, values.rows, k)
    tally = CodeTally(len(runs.lowest), k)
    codes = runs.encode(np.array(numbers))
    tally.add(codes, np.array(units), np.array(numbers))
    groups = group_runs(tally.run_tally(len(runs.lowest)), k, np.zeros(len(runs.lowest), dtype=bool))
    moments = MomentTally(groups)
    moments.add(groups.own[codes], np.array(units), np.array(numbers))
    return bins_of_groups(groups, *moments.moments(), decimals)


def spans(bins: Bins) -> list[tuple[float, float]]:
    return list(zip(bins.low.tolist(), bins.high.tolist(), strict=True))


def test_values_that_k_persons_share_are_kept_as_they_are() -> None:
    assert spans(bins_of([1.5] * 3 + [7.25] * 3, [0, 1, 2, 3, 4, 5], k=3)) == [(1.5, 1.5), (7.25, 7.25)]


def test_a_value_of_fewer_persons_is_absorbed() -> None:
    assert spans(bins_of([1.0] * 3 + [2.0] + [9.0] * 3, [0, 1, 2, 3, 4, 5, 6], k=3)) == [(1.0, 1.0), (9.0, 9.0)]


def test_rows_of_one_person_do_not_make_a_value_shared() -> None:
    assert spans(bins_of([1.0] * 3 + [5.0] * 100, [0, 1, 2] + [3] * 100, k=3)) == [(1.0, 1.0)]


def test_a_bin_over_several_values_has_their_mean_and_spread() -> None:
    # 100 values spread evenly from 0 to 99, every one of one person
    ((low, high),) = spans(bins_of([float(i) for i in range(100)], list(range(100)), k=100))

    assert low == pytest.approx(0, abs=1)
    assert high == pytest.approx(99, abs=1)


def test_an_outlier_does_not_weigh_on_its_bin() -> None:
    usual = spans(bins_of([float(i) for i in range(1000)] + [1000.0], list(range(1001)), k=11))
    odd = spans(bins_of([float(i) for i in range(1000)] + [1e9], list(range(1001)), k=11))

    assert odd == usual


def test_several_values_that_look_like_one_are_not_told_as_one() -> None:
    # 7 of 11 persons have 5: too few to tell that anybody has it
    (low, high), *others = spans(bins_of([0.0, 1.0] + [5.0] * 7 + [9.0, 10.0] + [100.0] * 20, list(range(31)), k=11))

    assert low < 5 < high
    assert others == [(100.0, 100.0)]


def test_two_neighbouring_values_that_the_same_persons_have_are_not_told_as_one() -> None:
    # 34 has 10 persons and 35 has 9 of them and another: k share the two, and the mean rounds to the first
    numbers = [30.0] * 20 + [34.0] * 10 + [35.0] * 9 + [35.0] + [60.0] * 20
    units = [*range(20), *range(20, 30), *range(20, 29), 30, *range(40, 60)]
    order = np.argsort(units, kind="stable")
    found = spans(bins_of(np.array(numbers)[order].tolist(), np.array(units)[order].tolist(), 11, 0))

    assert found[0] == (30.0, 30.0) and found[-1] == (60.0, 60.0)
    assert all(low < high for low, high in found[1:-1])


def test_large_numbers_that_many_share_are_kept_to_the_last_digit() -> None:
    far = 1e12 - 135_140  # where a sentinel date stands
    numbers, units = [far] * 3_000 + [1.5] * 500, list(range(3_500))

    assert spans(bins_of(numbers, units, k=11)) == [(1.5, 1.5), (far, far)]


def test_fewer_than_k_persons_are_no_bins_at_all() -> None:
    with pytest.raises(ValueError, match="fewer than k"):
        bins_of([1.0, 2.0], [0, 1], k=3)


def test_bins_do_not_straddle_the_sides_that_are_told_apart() -> None:
    tally = CodeTally(4, 2)
    numbers = np.array([1.0, 2.0, 100.0, 101.0])
    tally.add(np.arange(4), np.arange(4), numbers)
    groups = group_runs(tally.run_tally(4), 2, np.array([False, False, True, True]))
    bins = bins_of_groups(groups, np.array([1.5, 100.5]), np.array([0.5, 0.5]), 1)

    assert groups.target.tolist() == [0, 0, 1, 1]
    assert bins.high[0] < 10 < 90 < bins.low[1]


def test_a_bin_whose_inner_persons_agree_is_no_value_of_theirs() -> None:
    # the two outermost persons at each end are moved in; what is left agrees on 5, which 7 persons have
    numbers = [0.0, 1.0] + [5.0] * 7 + [9.0, 10.0] + [100.0] * 20
    (low, high), kept = spans(bins_of(numbers, list(range(len(numbers))), k=11))

    assert low < 5 < high
    assert kept == (100.0, 100.0)


def test_an_extreme_person_cannot_be_read_off_the_last_bin() -> None:
    numbers = [float(i) for i in range(1000)] + [1e9]
    low, high = spans(bins_of(numbers, list(range(1001)), k=11))[-1]

    assert 980 < low < high < 1010


def test_decoded_numbers_stay_in_their_bin_and_keep_their_decimals() -> None:
    bins = Bins(np.array([0.0, 5.5]), np.array([0.0, 7.5]), 1)
    codes = np.array([0, 1] * 500)
    numbers = bins.decode(codes, np.linspace(0, 1, 1000, endpoint=False))

    assert set(numbers[codes == 0]) == {0.0}
    assert numbers[codes == 1].min() == 5.5
    assert numbers[codes == 1].max() == 7.5
    assert np.array_equal(numbers, np.round(numbers, 1))


def test_the_ends_of_a_discrete_bin_weigh_as_much_as_its_inside() -> None:
    numbers = Bins(np.array([1.0]), np.array([4.0]), 0).decode(np.zeros(4000, int), np.linspace(0, 1, 4000, False))

    assert np.bincount(numbers.astype(int)) == pytest.approx([0, 1000, 1000, 1000, 1000], abs=1)


@given(
    st.lists(st.tuples(st.integers(-99, 99), st.integers(0, 30)), min_size=10, max_size=60),
    st.integers(2, 6),
)
def test_each_number_of_a_supported_bin_encodes_into_it(pairs: list[tuple[int, int]], k: int) -> None:
    pairs = sorted(pairs, key=lambda pair: pair[1])
    try:
        bins = bins_of([float(number) for number, _ in pairs], [unit for _, unit in pairs], k, decimals=0)
    except ValueError:
        assert len({unit for _, unit in pairs}) < k
        return
    codes = np.arange(len(bins))

    assert (bins.low <= bins.high).all()
    assert (np.diff(bins.low + bins.high) > 0).all()
    for uniform in (0.0, 0.5):
        assert np.abs(bins.encode(bins.decode(codes, np.full(len(codes), uniform))) - codes).max() <= 1
    assert bins.encode((bins.low + bins.high) / 2).tolist() == codes.tolist()


@given(st.integers(1, 2_000), st.integers(0, 9), st.integers(2, 20))
def test_runs_cut_the_whole_line_in_order(size: int, seed: int, k: int) -> None:
    numbers = rng(seed, "numbers").integers(size, 5_000) // 3
    values, rows = np.unique(numbers.astype(float), return_counts=True)
    runs = runs_of(values, rows, k)

    assert runs.lowest[0] == values[0]
    assert (np.diff(runs.lowest) > 0).all()
    assert (np.diff(runs.encode(values)) >= 0).all()
    assert len(runs.lowest) == len(values) or len(values) > EXACT_VALUES


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6, unique=True), st.booleans())
def test_a_codec_is_the_same_after_a_round_trip(edges: list[int], missing: bool) -> None:
    low = np.sort(np.array(edges)) / 8
    bins = Bins(low, low + 0.05, 3)
    codec = Codec(bins, missing, 2)
    again = codec_from(codec.document())
    codes = np.arange(codec.size)
    uniform = np.full(codec.size, 0.25)

    assert again.document() == codec.document()
    assert np.array_equal(again.numbers(codes, uniform), codec.numbers(codes, uniform), equal_nan=True)
    assert np.isnan(codec.numbers(codes, uniform)).tolist() == [False] * len(bins) + [True] * missing


def test_many_values_on_a_grid_keep_those_that_k_persons_share() -> None:
    # 300 prices that 4 persons each pay, and as many that one person alone pays
    shared = [float(i) for i in range(300) for _ in range(4)]
    numbers = shared + [i + 0.37 for i in range(300)]

    kept = [low for low, high in spans(bins_of(numbers, list(range(len(numbers))), k=3)) if low == high]

    assert kept == [float(i) for i in range(300)]


def test_values_that_hardly_repeat_are_told_by_intervals() -> None:
    numbers = [float(i) for i in range(2_000) for _ in range(3)]

    bins = spans(bins_of(numbers, list(range(len(numbers))), k=3))

    assert len(bins) < 200 and sum(low == high for low, high in bins) < 10
