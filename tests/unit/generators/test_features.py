"""Quantities learned in place of dates: distances, gaps, spans, paces; sentinels stand apart and come back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.columns.bins import Bins
from synth.columns.codec import Codec
from synth.columns.levels import Levels
from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.model import Model
from synth.generators import fit
from synth.generators.features.calendar import distance, plausible, undistance
from synth.generators.laws.latents import GRID, constant_codes, latents_of
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY

DATE = Column("d", "date", "date")
SENTINELS = [(date(1600, 1, 1) - date(1970, 1, 1)).days, (date(9999, 12, 31) - date(1970, 1, 1)).days]
DAYS = st.one_of(st.integers(-62_000, 43_000), st.sampled_from(SENTINELS))


@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=20))
def test_values_come_back_from_their_distances_to_plausible_bases(pairs: list[tuple[int, int]]) -> None:
    values, bases = (np.array([pair[i] for pair in pairs], dtype=float) for i in (0, 1))

    assert undistance(distance(values, bases, DATE), bases).tolist() == values.tolist()


def test_what_is_no_plausible_date_is_no_distance() -> None:
    found = distance(np.array([10.0, SENTINELS[0], 10.0]), np.array([3.0, 3.0, SENTINELS[1]]), DATE)

    assert found[0] == 7
    assert (found[1:] > 1e11).all()
    assert plausible(np.array([0.0, *SENTINELS, np.nan]), DATE).tolist() == [True, False, False, False]
    assert plausible(np.array([1e300, -5.0]), Column("n", "integer", "number")).all()


def stays(rows: list[tuple[str, Any, Any]]) -> Model:
    """A model of persons born in the fifties and their stays, given as (person, start, end)."""
    keys = sorted({row[0] for row in rows})
    births = [date(1950, 1, 1) + timedelta(days=137 * i % 3650) for i in range(len(keys))]
    catalog = Catalog(
        (
            Table("p", (KEY, Column("birth", "date", "date", False)), ("id",)),
            Table(
                "stay",
                (KEY, Column("start", "date", "date"), Column("end", "date", "date")),
                foreign_keys=(ForeignKey(("id",), "p", ("id",)),),
                order_by=("start",),
            ),
        ),
        Person("p", ("id",)),
    )
    cells = {name: [row[i] for row in rows] for i, name in enumerate(("id", "start", "end"))}
    return fit(dataset_of(catalog, {"p": {"id": keys, "birth": births}, "stay": cells}), "trees", 5)


def test_an_end_is_counted_from_its_start_and_stays_after_it() -> None:
    rows = [
        (
            f"k{i:02d}",
            date(2020, 1, 1) + timedelta(days=17 * i + 40 * j),
            date(2020, 1, 3) + timedelta(days=17 * i + 40 * j + i % 4),
        )
        for i in range(60)
        for j in range(1 + i % 4)
    ]
    model = stays(rows)
    made = sampled(model, 300).read("stay").to_pylist()
    bases = {feature["name"]: feature.get("base") for feature in model.plan["features"]["stay"]}

    assert bases["end"] == [0, "start"]
    assert {(row["end"] - row["start"]).days for row in made} <= {2, 3, 4, 5}
    assert min(row["start"] for row in made).year == 2020


@pytest.mark.parametrize("lost", [None, date(1600, 1, 1)], ids=["missing", "sentinel"])
def test_events_without_a_date_stay_without_one(lost: date | None) -> None:
    rows = [
        (f"k{i:02d}", lost if (i + j) % 4 == 0 else date(2020, 1, 1) + timedelta(days=9 * j), date(2021, 1, 1))
        for i in range(60)
        for j in range(4)
    ]
    made = sampled(stays(rows), 300).read("stay")["start"].to_pylist()

    assert made.count(lost) / len(made) == pytest.approx(0.25, abs=0.08)
    assert {day.year for day in made if day not in (None, lost)} == {2020}


def codec(size: int, missing: bool = False, ordered: bool = True) -> Codec:
    low = np.arange(float(size))
    levels = Levels(tuple(f"l{i}" for i in range(size)), (1,) * size, False)
    return Codec(Bins(low, low, 0) if ordered else levels, missing, 11)


def test_a_variable_that_can_be_missing_is_two_latents() -> None:
    both, value = latents_of(
        [codec(3, missing=True), codec(2)], [np.array([0.3, 0.2, 0.1, 0.4]), np.array([0.5, 0.5])]
    )[:2]

    assert both.presence and not value.presence
    assert both.defined().all()
    assert value.defined().tolist() == [True, True, True, False]
    assert both.shares.tolist() == pytest.approx([0.6, 0.4])
    assert value.shares.tolist() == pytest.approx([0.5, 1 / 3, 1 / 6])


def test_scores_are_whole_multiples_of_the_grid_and_follow_the_rank() -> None:
    (latent,) = latents_of([codec(4)], [np.array([0.1, 0.2, 0.3, 0.4])])
    turned = latent.ranked(np.array([3, 2, 1, 0]))

    assert latent.scores().tolist() == np.rint(latent.scores()).tolist()
    assert abs(latent.scores() / GRID).max() < 3
    assert (np.diff(latent.scores()) > 0).all()
    assert (np.diff(turned.scores()) < 0).all()


def test_constants_have_no_latent_and_take_their_only_code() -> None:
    shares = [np.array([1.0]), np.array([0.0, 1.0])]

    assert latents_of([codec(1), codec(1, missing=True)], shares) == []
    assert constant_codes([codec(1), codec(1, missing=True)], shares).tolist() == [0, 1]


def test_levels_have_an_order_to_be_found_only_from_three_on() -> None:
    nominal = [latents_of([codec(size, ordered=False)], [np.full(size, 1 / size)])[0].nominal for size in (2, 3)]
    assert nominal == [False, True]
