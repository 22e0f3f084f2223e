"""Rows that follow one another end within the time that the tables cover."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow.compute as pc
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.generators import fit
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY

YEAR = date(2023, 1, 1)


def visits() -> Dataset:
    chance = np.random.default_rng(4)
    keys = [f"k{person}" for person in range(300) for _ in range(chance.poisson(2.5))]
    days = sorted(zip(keys, chance.integers(0, 365, len(keys)).tolist(), strict=True))
    columns, above = (KEY, Column("day", "date", "date", False)), (ForeignKey(("id",), "p", ("id",)),)
    visit = Table("v", columns, foreign_keys=above, order_by=("day",))
    catalog = Catalog((Table("p", (KEY,), ("id",)), visit), Person("p", ("id",)))
    told = {"id": [key for key, _ in days], "day": [YEAR + timedelta(days=day) for _, day in days]}
    return dataset_of(catalog, {"p": {"id": [f"k{i}" for i in range(300)]}, "v": told})


@pytest.mark.parametrize("generator", ["trees", "independent"])
def test_hardly_any_row_is_after_the_last_day(generator: str) -> None:
    made = sampled(fit(visits(), generator, 11), 900).read("v")
    days = pc.subtract(made["day"].cast("int32"), (YEAR - date(1970, 1, 1)).days).to_numpy()
    assert days.min() >= -3 and days.max() <= 370
    assert np.mean(days >= 365) < 0.01
    assert np.bincount(np.clip(days, 0, 366)).max() < 0.03 * len(days)  # nor do they pile up anywhere
