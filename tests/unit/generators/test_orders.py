"""Quantities of which one is never above the other stay so in what is drawn, though nobody declared it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.core.seeds import rng
from synth.core.tablerules import rule_from
from synth.generators import fit, sample
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY
from tests.unit.generators.test_relations import one_table

PERSONS = 1_000
Cells = dict[str, list[Any]]


def whole(name: str, high: int) -> list[int]:
    return [int(value) for value in rng(7, name).integers(PERSONS, high)]


def cells() -> Cells:
    low = whole("low", 100)
    fee = [value / 100 for value in whole("fee", 9_000)]
    day = [date(2015, 1, 1) + timedelta(value) for value in whole("day", 2_000)]
    moment = [datetime(2020, 1, 1) + timedelta(minutes=value) for value in whole("moment", 90_000)]
    return {
        "low": low,
        "high": [a + b for a, b in zip(low, whole("more", 60), strict=True)],
        "fee": fee,
        "part": [round(a * b / 100, 2) if b % 4 else None for a, b in zip(fee, whole("part", 101), strict=True)],
        "day": day,
        "until": [a + timedelta(b) if b % 5 else None for a, b in zip(day, whole("until", 400), strict=True)],
        "moment": moment,
        "end": [a + timedelta(minutes=b) for a, b in zip(moment, whole("end", 9_000), strict=True)],
        "apart": [value + 1_000 for value in whole("apart", 50)],
    }


TYPES: dict[str, tuple[Any, Any]] = {"day": ("date", "date"), "moment": ("datetime", "date")}
COLUMNS = tuple(
    Column(name, *TYPES.get({"until": "day", "end": "moment"}.get(name, name), ("number", "number")))
    for name in cells()
)


def real(changed: Cells | None = None) -> Dataset:
    """Persons, and rows below them whose value is no lower than theirs."""
    rows = cells() | (changed or {})
    keys = [f"k{i}" for i in range(PERSONS)]
    below = Table("c", (KEY, Column("x", "integer", "number")), foreign_keys=(ForeignKey(("id",), "p", ("id",)),))
    x = [a + 1 + b for a, b in zip(rows["high"] * 2, whole("x", 30) * 2, strict=True)]
    catalog = Catalog((Table("p", (KEY, *COLUMNS), ("id",)), below), Person("p", ("id",)))
    return dataset_of(catalog, {"p": {"id": keys, **rows}, "c": {"id": keys * 2, "x": x}})


@cache
def fitted(name: str) -> Model:
    return fit(real(), name)


def orders(model: Model) -> set[str]:
    return {item.data["rule"] for item in model.statistics if item.kind == "order"}


def test_orders_are_found_the_closest_only_and_not_between_ranges_that_are_apart() -> None:
    assert orders(fitted("trees")) == {
        "high >= low",
        "part <= fee",
        "until >= day",
        "end >= moment",
        "x >= p.high",
    }


@pytest.mark.parametrize("name", ["trees", "gaussian-copula", "independent"])
def test_orders_are_kept_by_every_row_that_is_drawn(name: str) -> None:
    made = sampled(fitted(name), 2_000)
    persons = {row["id"]: row for row in made.read("p").to_pylist()}
    pairs = (("low", "high"), ("part", "fee"), ("day", "until"), ("moment", "end"))

    for low, high in pairs:
        both = [row for row in persons.values() if row[low] is not None and row[high] is not None]
        assert len(both) > 1_000
        assert [row for row in both if row[low] > row[high]] == [], (low, high)
        assert sum(row[low] == row[high] for row in both) < 0.1 * len(both), (low, high)
    assert [row for row in made.read("c").to_pylist() if row["x"] < persons[row["id"]]["high"]] == []


def test_one_row_is_enough_to_refute_an_order() -> None:
    high = cells()["high"]
    high[17] = -5

    assert "high >= low" not in orders(fit(real({"high": high})))


def test_a_bound_in_cents_is_met_to_the_last_bit() -> None:
    low = [value / 100 for value in whole("cents", 9_000)]
    columns = tuple(Column(name, "number", "number", False, scale=2) for name in ("low", "high"))
    high = [round(a + b / 100, 2) for a, b in zip(low, whole("above", 6), strict=True)]
    fared: dict[str, dict[str, dict[str, int]]] = {}
    model = fit(one_table(columns, {"low": low, "high": high}))
    rows = [row for _, batch in sample(model, 2_000, 1, fared=fared) for row in batch.to_pylist()]

    assert orders(model) == {"high >= low"}
    assert sum(row["high"] == row["low"] for row in rows) > 10  # moved there
    assert all(row["high"] >= row["low"] for row in rows)
    assert not fared


def test_what_rows_below_add_up_to_breaks_no_rule_of_the_row_above() -> None:
    total, paid = (Column(name, "number", "number", scale=2) for name in ("total", "paid"))
    visit = Table("visit", (KEY, total, paid), ("id",), rules=(rule_from("paid >= total", "visit"),))
    line = Table("line", (KEY, Column("fee", "number", "number", False, scale=2)),
                 foreign_keys=(ForeignKey(("id",), "visit", ("id",)),))  # fmt: skip
    drawn = [whole(f"fee {place}", 9_000) for place in range(3)]
    fees = [[drawn[place][i] / 100 for place in range(1 + i % 3)] for i in range(PERSONS)]
    keys = [f"k{i}" for i in range(PERSONS)]
    pairs = [(key, fee) for key, each in zip(keys, fees, strict=True) for fee in each]
    below = {"id": [key for key, _ in pairs], "fee": [fee for _, fee in pairs]}
    sums = [round(sum(each), 2) for each in fees]
    above = {"id": keys, "total": sums, "paid": [a + b for a, b in zip(sums, whole("more", 40), strict=True)]}
    model = fit(dataset_of(Catalog((visit, line), Person("visit", ("id",))), {"visit": above, "line": below}))

    made = sampled(model, 500).read("visit").to_pylist()
    assert any(item.kind == "relation" and "sum(line, fee)" in item.data["rule"] for item in model.statistics)
    assert all(row["paid"] >= row["total"] for row in made)


def test_bounds_that_have_crossed_are_moved_where_nothing_fits_between() -> None:
    first, last = whole("first", 500), whole("last", 500)
    first, last = ([min(a, b) for a, b in zip(first, last, strict=True)],
                   [max(a, b) for a, b in zip(first, last, strict=True)])  # fmt: skip
    middle = [a + (b - a) * c // 10 for a, b, c in zip(first, last, whole("middle", 11), strict=True)]
    columns = tuple(Column(name, "integer", "number", False) for name in ("first", "last", "middle"))
    fared: dict[str, dict[str, dict[str, int]]] = {}
    model = fit(one_table(columns, {"first": first, "last": last, "middle": middle}), "independent")
    rows = [row for _, batch in sample(model, 2_000, 1, fared=fared) for row in batch.to_pylist()]

    assert orders(model) == {"middle >= first", "middle <= last"}
    assert all(row["first"] <= row["middle"] <= row["last"] for row in rows)
    assert not fared
