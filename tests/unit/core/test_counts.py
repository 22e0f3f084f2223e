"""Rounded counts: near the counts, and of no use to who subtracts them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.core.counts import at_least, base, rounded, rounded_alone

counts = st.integers(0, 500)
least = st.integers(2, 60)


def behind(told: int, of: int) -> set[int]:
    """All counts that are told as `told` in multiples of `of`."""
    return {count for count in range(max(told - of, 0), told + of + 1) if int(rounded_alone(count, of)) == told}


@given(counts, least)
def test_a_count_of_k_is_never_told_as_none(count: int, k: int) -> None:
    told = int(rounded(np.array([count, k]), k)[0])
    assert abs(told - count) <= base(k) // 2
    assert told > 0 or count < k


@given(counts, counts, least)
def test_no_difference_of_two_shows_a_group_below_k(part: int, rest: int, k: int) -> None:
    whole_told, part_told = (int(rounded(np.array([each, k]), k)[0]) for each in (part + rest, part))
    possible = {a - b for a in behind(whole_told, base(k)) for b in behind(part_told, base(k)) if a >= b}
    assert rest in possible
    assert not possible <= set(range(1, k))


@given(counts, counts, least)
def test_neither_does_a_known_total_less_the_only_count(count: int, rest: int, k: int) -> None:
    told = int(rounded(np.array([0, count, 0]), k)[1])
    possible = {count + rest - each for each in behind(told, k) if each <= count + rest}
    assert rest in possible
    assert not possible <= set(range(1, k))


def test_persons_are_told_as_multiples_of_k_that_they_reach() -> None:
    assert [at_least(persons, 11) for persons in (11, 21, 22, 120)] == [11, 11, 22, 110]
