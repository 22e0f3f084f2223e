"""Dates moved to later centuries, as in tables made public, are dates, and count from one another as others do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.engines.local import Ordered
from synth.generators import fit
from synth.generators.features.calendar import MOVED_UNTIL, UNTIL, survey_until
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY, persons_with

BIRTH = Column("birth", "date", "date", False)


def admissions() -> Dataset:
    """Persons of another century each, admitted once at some hour; two cultures soon after, told by their day."""
    keys = [f"k{i:03d}" for i in range(200)]
    times = [datetime(2101 + i % 97, 1 + i % 12, 2 + i % 27, i % 24, 7 * i % 60) for i in range(len(keys))]
    stay = Table(
        "stay", (KEY, Column("entry", "datetime", "date", False)), ("id",), (ForeignKey(("id",), "p", ("id",)),)
    )
    culture = Table(
        "culture",
        (KEY, Column("day", "date", "date", False)),
        foreign_keys=(ForeignKey(("id",), "stay", ("id",)),),
        order_by=("day",),
    )
    catalog = Catalog((Table("p", (KEY,), ("id",)), stay, culture), Person("p", ("id",)))
    days = [
        (key, (time + timedelta(days=i % 3 + j)).date())
        for i, (key, time) in enumerate(zip(keys, times, strict=True))
        for j in (0, 2)
    ]
    rows: dict[str, dict[str, list[Any]]] = {
        "p": {"id": keys},
        "stay": {"id": keys, "entry": times},
        "culture": {"id": [key for key, _ in days], "day": [each for _, each in days]},
    }
    return dataset_of(catalog, rows)


def until(cells: Sequence[date | None]) -> int:
    with Ordered(persons_with(BIRTH, list(cells))) as ordered:
        return survey_until(ordered, 11)


def test_dates_that_are_mostly_of_later_centuries_are_dates() -> None:
    moved = [date(2100, 3, 1) + timedelta(days=301 * i) for i in range(60)]
    today = [date(1950, 3, 1) + timedelta(days=301 * i) for i in range(60)]

    assert until(moved) == MOVED_UNTIL
    assert until(today) == UNTIL
    assert until([*today, *moved[:30]]) == UNTIL
    assert until([date(2099, 12, 31)] * 60) == UNTIL
    assert until([date(2100, 6, 1)] * 60) == UNTIL
    assert until([None] * 60) == UNTIL


def test_a_day_is_counted_from_the_hour_of_a_moment_even_when_centuries_apart() -> None:
    real = admissions()
    model = fit(real, "trees", 11)
    made = sampled(model, 300)
    entry = dict(zip(made.read("stay")["id"].to_pylist(), made.read("stay")["entry"].to_pylist(), strict=True))
    gaps = {(row["day"] - entry[row["id"]].date()).days for row in made.read("culture").to_pylist()}

    assert next(f for f in model.plan["features"]["culture"] if f["kind"] == "first")["base"] == [1, "entry"]
    assert gaps <= set(range(5))
    assert len({time.year for time in entry.values()}) > 50
