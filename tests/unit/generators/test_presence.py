"""Columns that are missing in the same rows, or one exactly where the other is there, stay so in what is drawn."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import pytest

from synth.core.catalog import Column
from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.core.seeds import rng
from synth.generators import fit
from synth.generators.recount import recount
from tests.unit.generators.clinic import sampled
from tests.unit.generators.test_relations import one_table

PERSONS = 900
COLUMNS = (
    Column("years", "integer", "number"),
    Column("days", "integer", "number"),
    Column("reason for leaving", "string", "code"),
    Column("leaving", "date", "date"),
    Column("weight", "number", "number"),
    Column("group", "string", "code", False),
)


def cells() -> dict[str, list[Any]]:
    """Newborns have an age in days, others in years; who left has a reason and a day; some have no weight."""
    stream = rng(3, "presence")
    newborn, left = (stream.uniform(PERSONS) < share for share in (0.2, 0.4))
    days, codes, weights = (stream.integers(PERSONS, high).tolist() for high in (360, 5, 80))
    start = datetime.date(2020, 1, 1)
    return {
        "years": [None if young else 1 + day % 90 for young, day in zip(newborn, days, strict=True)],
        "days": [day if young else None for young, day in zip(newborn, days, strict=True)],
        "reason for leaving": [f"R{code}" if gone else None for gone, code in zip(left, codes, strict=True)],
        "leaving": [start + datetime.timedelta(day) if gone else None for gone, day in zip(left, days, strict=True)],
        "weight": [None if code == 0 else 40.0 + weight for code, weight in zip(codes, weights, strict=True)],
        "group": [f"G{code}" for code in codes],
    }


def real(changed: dict[str, list[Any]] | None = None) -> Dataset:
    return one_table(COLUMNS, cells() | (changed or {}))


@cache
def learned(name: str) -> Model:
    return fit(real(), name)


def told(model: Model) -> set[str]:
    return {item.data["rule"] for item in model.statistics if item.kind == "presence"}


def test_what_is_missing_alike_or_the_other_way_round_is_found() -> None:
    assert told(learned("trees")) == {
        "days is missing where years is not",
        'leaving is missing where "reason for leaving" is',
    }


@pytest.mark.parametrize("name", ["trees", "independent"])
def test_it_is_so_in_every_row_that_is_drawn(name: str) -> None:
    rows = sampled(learned(name), 1_000).read("p").to_pylist()

    assert all((row["days"] is None) != (row["years"] is None) for row in rows)
    assert all((row["leaving"] is None) == (row["reason for leaving"] is None) for row in rows)
    assert sum(row["days"] is not None for row in rows) == pytest.approx(200, abs=50)


def test_one_row_is_enough_to_refute_it() -> None:
    days = cells()["days"]
    days[days.index(None)] = 7

    assert told(fit(real({"days": days}))) == {'leaving is missing where "reason for leaving" is'}


def test_what_fewer_than_k_persons_show_is_not_told() -> None:
    few = [day if place < 5 else None for place, day in enumerate(range(PERSONS))]
    model = fit(real({"years": few, "days": [None if day is not None else 3 for day in few]}))

    assert "days is missing where years is not" not in told(model)


def test_it_is_found_again_when_the_model_is_recounted() -> None:
    assert list(recount(real(), learned("trees")))


def test_no_code_that_gives_a_cell_makes_it_otherwise() -> None:
    rows = cells()
    groups = ["new" if years is None and place % 3 else "old" if years is not None and place % 2 else "any"
              for place, years in enumerate(rows["years"])]  # fmt: skip
    model = fit(real({"group": groups}), "independent")
    made = sampled(model, 1_000).read("p").to_pylist()

    assert any(item.kind == "dependency" and "group" in item.columns for item in model.statistics)
    assert all((row["days"] is None) != (row["years"] is None) for row in made)
