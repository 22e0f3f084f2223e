"""Moments that all fall on whole minutes, hours or days are drawn so, and times of a day are quantities."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.generators import fit
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY, drawn, persons_with

START = datetime(2021, 1, 1)
CHANCE = np.random.default_rng(3)


def moments(step: int, count: int = 300) -> list[Any]:
    return [START + timedelta(seconds=step * int(n)) for n in CHANCE.integers(0, 40_000_000 // step, count)]


def off(cells: list[Any], step: int) -> int:
    return sum(int((cell - START).total_seconds()) % step != 0 for cell in cells)


@pytest.mark.parametrize("step", [86_400, 900, 60])
@pytest.mark.parametrize("generator", ["trees", "independent"])
def test_moments_stay_on_their_grid(step: int, generator: str) -> None:
    real = persons_with(Column("at", "datetime", "date"), [*moments(step), None])
    cells = drawn(real, generator).read("p")["at"].drop_null().to_pylist()
    assert len(set(cells)) > 50 and off(cells, step) == 0


def test_moments_counted_from_others_and_from_the_row_before_stay_on_their_grid() -> None:
    stay = Table(
        "stay",
        (KEY, Column("entry", "datetime", "date", False), Column("exit", "datetime", "date")),
        foreign_keys=(ForeignKey(("id",), "p", ("id",)),),
        order_by=("entry",),
    )
    catalog = Catalog((Table("p", (KEY,), ("id",)), stay), Person("p", ("id",)))
    keys = [f"k{i}" for i in range(200)]
    entry = moments(60, 600)
    exits = [day + timedelta(minutes=int(n)) for day, n in zip(entry, CHANCE.integers(10, 9000, 600), strict=True)]
    rows = {"id": keys * 3, "entry": entry, "exit": exits}
    made = sampled(fit(dataset_of(catalog, {"p": {"id": keys}, "stay": rows}), "trees", 11), 200).read("stay")
    for name in ("entry", "exit"):
        assert off(made[name].drop_null().to_pylist(), 60) == 0


def test_moments_to_the_second_are_left_as_they_are_drawn() -> None:
    real = persons_with(Column("at", "datetime", "date"), [*moments(60, 300), START + timedelta(seconds=1)])
    assert off(drawn(real).read("p")["at"].to_pylist(), 60) > 0


@pytest.mark.parametrize("form", ["%H:%M", "%H:%M:%S"])
def test_times_of_a_day_are_drawn_near_those_that_were_there(form: str) -> None:
    times = [(START + timedelta(hours=8, minutes=5 * int(n))).strftime(form) for n in CHANCE.integers(0, 60, 400)]
    cells = drawn(persons_with(Column("at", "time", "date"), [*times, None])).read("p")["at"].drop_null().to_pylist()
    assert len(cells) > 150
    assert min(cells) >= "07:50:00" and max(cells) <= "13:05:00"
    assert {cell[5:] for cell in cells} == {":00"}


def test_late_times_stay_within_the_day() -> None:
    times = [f"23:{int(n):02d}" for n in CHANCE.integers(0, 60, 300)]
    cells = drawn(persons_with(Column("at", "time", "date"), times)).read("p")["at"].to_pylist()
    assert all("23:00:00" <= cell <= "23:59:00" for cell in cells)
