"""The same seed gives the same rows, whatever the number of persons or the order of blocks."""

from __future__ import annotations

import pytest

from synth.core.errors import UserError
from synth.simulate import simulate_snds
from synth.simulate.catalog import simulated_catalog
from synth.simulate.conditions import Window
from synth.simulate.run import Request, make_block

TABLES = ("IR_BEN_R", "IR_IMB_R", "ER_PHA_F", "T_MCOaaB", "T_MCOaaC", "KI_CCI_R")
YEARS = (2022, 2022)


def test_a_block_does_not_depend_on_what_is_made_before_it():
    catalog = simulated_catalog(TABLES, YEARS)
    alone = list(make_block(Request(catalog, 2000, Window(*YEARS), 3), 1).batches)
    _, batches = simulate_snds(2000, YEARS, 3, TABLES)
    both = list(batches)
    assert [name for name, _ in both[-len(alone) :]] == [name for name, _ in alone]
    assert all(one[1].equals(other[1]) for one, other in zip(both[-len(alone) :], alone, strict=True))


def test_a_block_is_the_same_among_two_thousand_persons_and_a_million():
    catalog = simulated_catalog(TABLES, YEARS)
    few, many = (make_block(Request(catalog, persons, Window(*YEARS), 3), 1) for persons in (2000, 1_000_000))
    assert few.batches == many.batches
    assert (few.professionals == many.professionals).all()


def test_workers_change_nothing():
    one, two = (list(simulate_snds(2100, YEARS, 3, (*TABLES, "DA_PRA_R"), workers=workers)[1]) for workers in (1, 2))
    assert [name for name, _ in one] == [name for name, _ in two]
    assert all(mine.equals(theirs) for (_, mine), (_, theirs) in zip(one, two, strict=True))
    assert {name for name, _ in one} > {"ER_PHA_F", "DA_PRA_R"}


def test_asking_for_fewer_persons_gives_the_first_of_more():
    _, few = simulate_snds(40, YEARS, 3, ("IR_BEN_R",))
    _, more = simulate_snds(1000, YEARS, 3, ("IR_BEN_R",))
    some = {row["BEN_NIR_PSA"] for _, batch in few for row in batch.to_pylist()}
    every = {row["BEN_NIR_PSA"] for _, batch in more for row in batch.to_pylist()}
    assert some
    assert some <= every


def test_another_seed_gives_other_persons():
    one, other = (next(iter(simulate_snds(50, YEARS, seed, ("IR_BEN_R",))[1]))[1] for seed in (1, 2))
    assert not one.equals(other)


def test_no_worker_is_refused():
    with pytest.raises(UserError, match="workers"):
        simulate_snds(10, YEARS, 1, TABLES, workers=0)


@pytest.mark.parametrize(
    ("persons", "years", "tables"), [(0, YEARS, "core"), (10, (2010, 2012), "core"), (10, YEARS, ("NS_PRS_F",))]
)
def test_what_cannot_be_simulated_is_refused(persons, years, tables):
    with pytest.raises(UserError):
        simulate_snds(persons, years, 1, tables)
