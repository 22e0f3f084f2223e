"""Asked for any number of persons, whole families are taken until there are as many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.simulate import simulate_snds
from synth.simulate.persons import whole_families


@st.composite
def families(draw):
    heads = draw(st.lists(st.booleans(), min_size=1, max_size=60))
    insured = [i for i, head in enumerate(heads) if head] or [0]
    of = [i if head or not i else draw(st.sampled_from(insured)) for i, head in enumerate(heads)]
    holder = np.array(of)
    holder[insured] = insured
    return holder


@given(families(), st.integers(0, 60))
def test_no_family_is_split_and_as_many_are_taken_as_fit(holder, wanted):
    wanted = min(wanted, len(holder))
    taken = whole_families(holder, wanted)
    assert (taken == taken[holder]).all()
    largest = np.bincount(holder).max()
    assert abs(taken.sum() - wanted) < largest


@given(st.integers(1, 40), st.data())
def test_persons_alone_fill_what_is_left(others, data):
    holder = np.concatenate([np.zeros(5, dtype=int), np.arange(5, 5 + others)])
    wanted = data.draw(st.integers(0, len(holder)))
    count = whole_families(holder, wanted).sum()
    assert count == wanted or others < 5


@pytest.mark.parametrize("persons", [1, 2, 60, 499, 501, 998, 999, 1001])
def test_as_many_persons_as_asked_for_are_alive_at_the_start(persons):
    _, batches = simulate_snds(persons, (2022, 2022), 11, ("IR_BEN_R",))
    years = [int(row["BEN_NAI_ANN"]) for _, batch in batches for row in batch.select(["BEN_NAI_ANN"]).to_pylist()]
    assert sum(year < 2022 for year in years) == persons
