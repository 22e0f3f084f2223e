"""Rows that break rules are drawn again: on their own, whatever stands around them, and only while it may help."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.core.seeds import rng
from synth.core.tablerules import rule_from
from synth.generators import fit, sample
from synth.generators.drawing.drawn import Drawn
from synth.generators.drawing.redrawing import rows_alone
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.test_enforcing import MANY, bounds
from tests.unit.generators.test_relations import one_table

PERSONS, ROWS = 300, 8
START = date(2020, 1, 1)
CARE = (
    Column("id", "integer", "key", False),
    Column("day", "date", "date", False),
    Column("act", "string", "code", False),
    Column("doctor", "string", "code", False),
    Column("base", "integer", "number", False),
    Column("paid", "integer", "number", False),
)
RULES = ("paid <= base when act = 'cure'", "base < 9 when persons.sex = '1'")


@cache
def cared() -> Dataset:
    """Persons keep a doctor most of the time; what is paid is above the base in one cure of ten, against the rule."""
    stream = rng(3, "care")
    persons: dict[str, list[Any]] = {"id": list(range(PERSONS)), "sex": [str(1 + i % 2) for i in range(PERSONS)]}
    rows: dict[str, list[Any]] = {column.name: [] for column in CARE}
    for person in range(PERSONS):
        day, doctor = START + timedelta(days=int(stream.integers(1, 300)[0])), int(stream.integers(1, 60)[0])
        for _ in range(ROWS):
            stay, act, base, above = (float(stream.uniform(1)[0]) for _ in range(4))
            day += timedelta(days=1 + int(20 * stay))
            doctor = doctor if stay < 0.8 else int(60 * act)
            told: dict[str, Any] = {
                "act": "cure" if act < 0.3 else "visit",
                "base": int(10 * base),
                "doctor": f"d{doctor:02}",
            }
            told |= {"id": person, "day": day, "paid": int(10 * base) + (5 if above < 0.1 else -int(4 * above))}
            for name, value in told.items():
                rows[name].append(value)
    rules = tuple(rule_from(text, "care") for text in RULES)
    care = Table("care", CARE, (), (ForeignKey(("id",), "persons", ("id",)),), order_by=("day",), rules=rules)
    table = Table("persons", (CARE[0], Column("sex", "string", "code", False)), ("id",))
    return dataset_of(Catalog((table, care), Person("persons", ("id",))), {"persons": persons, "care": rows})


@cache
def learned() -> Model:
    """A model of the above."""
    return fit(cared())


def rows_of(fared: Any = None, workers: int = 1) -> list[dict[str, Any]]:
    """The rows of care that are drawn, with the sex of their person."""
    sexes: dict[Any, str] = {}
    found: list[dict[str, Any]] = []
    for name, batch in sample(learned(), 5_000, 2, workers, fared=fared):
        if name == "persons":
            sexes |= {row["id"]: row["sex"] for row in batch.to_pylist()}
        else:
            found += [row | {"sex": sexes[row["id"]]} for row in batch.to_pylist()]
    return found


def test_rows_that_follow_one_another_keep_rules_and_are_the_same_for_any_workers() -> None:
    fared: dict[str, dict[str, dict[str, int]]] = {}
    rows = rows_of(fared)

    assert all(row["paid"] <= row["base"] for row in rows if row["act"] == "cure")
    assert all(row["base"] < 9 for row in rows if row["sex"] == "1")
    assert all(counts["redrawn"] > 100 and not counts["unsatisfied"] for counts in fared["care"].values())
    assert rows_of(workers=2) == rows


def test_what_stands_around_a_row_stays_when_it_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of()
    monkeypatch.setattr("synth.generators.sampling.enforce", lambda *_: [])
    unruly = rows_of()

    assert len(rows) == len(unruly)
    assert [(row["id"], row["day"]) for row in rows] == [(row["id"], row["day"]) for row in unruly]
    moved = [i for i, (row, was) in enumerate(zip(rows, unruly, strict=True)) if row != was]
    assert all(
        unruly[i]["paid"] > unruly[i]["base"] or (unruly[i]["base"] >= 9 and rows[i]["sex"] == "1") for i in moved
    )
    kept, before = (_same_doctor(each) for each in (rows, unruly))
    assert kept == pytest.approx(before, abs=0.02) and kept > 0.7


def _same_doctor(rows: list[dict[str, Any]]) -> float:
    pairs = [(a, b) for a, b in itertools.pairwise(rows) if a["id"] == b["id"]]
    return float(np.mean([a["doctor"] == b["doctor"] for a, b in pairs]))


def test_a_rule_that_no_row_drawn_keeps_is_given_up_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def counted(*asked: Any) -> Drawn:
        fresh = rows_alone(*asked)
        drawn.append(fresh.rows)
        return fresh

    monkeypatch.setattr("synth.generators.drawing.enforcing.rows_alone", counted)
    model = fit(bounds((rule_from("high - low != 0 - low + high", "p"),)))
    fared: dict[str, dict[str, dict[str, int]]] = {}
    rows = [row for _, batch in sample(model, 4_000, 1, fared=fared) for row in batch.to_pylist()]

    assert len(rows) == 4_000
    assert drawn == [2 * 4_000]
    assert fared["p"]["high - low != 0 - low + high"]["unsatisfied"] == 4_000
    assert fared["p"]["high - low != 0 - low + high"]["mended"] == 0


def test_rules_that_contradict_one_another_end_in_bounded_time_and_the_rest_is_kept() -> None:
    model = fit(
        bounds((rule_from("high > low + 5", "p"), rule_from("high < low - 5", "p"), rule_from("low < 50", "p")))
    )
    fared: dict[str, dict[str, dict[str, int]]] = {}
    rows = [row for _, batch in sample(model, MANY, 1, fared=fared) for row in batch.to_pylist()]

    assert all(row["low"] < 50 for row in rows)
    assert sum(counts["unsatisfied"] for counts in fared["p"].values()) == MANY


def test_rows_for_which_no_drawing_helps_borrow_what_rows_like_them_have() -> None:
    """Whoever is of sex 1 has low values, so that no row drawn for sex 1 is above 50."""
    stream = rng(8, "apart")
    sexes = ["12"[i % 2] for i in range(MANY)]
    high = [(50 if sex == "2" else 0) + int(u) for sex, u in zip(sexes, stream.integers(MANY, 50), strict=True)]
    columns = (Column("sex", "string", "code", False), Column("high", "integer", "number", False))
    rule = rule_from("high != 0 + high when sex = '1' and high < 20", "p")
    model = fit(one_table(columns, {"sex": sexes, "high": high}, (rule,)))
    rows = sampled(model, 2_000).read("p").to_pylist()

    assert not any(row["sex"] == "1" and row["high"] < 20 for row in rows)


def test_what_is_counted_over_rows_below_stays_right_when_rows_above_are_mended() -> None:
    stream = rng(9, "below")
    persons = Table("p", (CARE[0], *(Column(n, "integer", "number") for n in ("n", "total", "paid"))), ("id",))
    child = Table("c", (CARE[0], Column("x", "integer", "number", False)), (), (ForeignKey(("id",), "p", ("id",)),))
    rows = [(i, int(x)) for i in range(PERSONS) for x in stream.integers(1 + i % 5, 30)]
    sums = [sum(x for i, x in rows if i == person) for person in range(PERSONS)]
    people = {"id": list(range(PERSONS)), "n": [1 + i % 5 for i in range(PERSONS)], "total": sums}
    people["paid"] = [max(total - int(u), 0) for total, u in zip(sums, stream.integers(PERSONS, 40), strict=True)]
    below = {"id": [i for i, _ in rows], "x": [x for _, x in rows]}
    made = sampled(fit(dataset_of(Catalog((persons, child), Person("p", ("id",))), {"p": people, "c": below})), 400)
    found: dict[Any, list[int]] = {}
    for row in made.read("c").to_pylist():
        found.setdefault(row["id"], []).append(row["x"])

    for row in made.read("p").to_pylist():
        values = found.get(row["id"], [])
        assert row["n"] == len(values)
        assert not values or (row["total"] == sum(values) and row["paid"] <= row["total"])


def test_what_is_taken_back_had_been_given_to_rows_alike() -> None:
    """One booking of five is cancelled later: the same day and act, the quantity below zero."""
    stream = rng(10, "cancelled")
    rows: list[tuple[int, date, str, int, int]] = []
    for person in range(PERSONS):
        for day, act, many, cancelled in zip(*(stream.uniform(6) for _ in range(4)), strict=True):
            row = (person, START + timedelta(days=int(400 * day)), f"a{int(9 * act)}", 1 + int(3 * many), 10)
            rows += [row, (*row[:3], -row[3], -10)] if cancelled < 0.2 else [row]
    names = ("id", "day", "act", "many", "paid")
    more = (Column("many", "integer", "number", False), Column("paid", "integer", "number", False))
    key = ForeignKey(("id",), "p", ("id",))
    rule = rule_from({"columns": ["id", "day", "act"], "sum": "many", "minimum": 0}, "c")
    tables = (
        Table("p", CARE[:1], ("id",)),
        Table("c", (*CARE[:3], *more), (), (key,), order_by=("day",), rules=(rule,)),
    )
    cells = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    model = fit(dataset_of(Catalog(tables, Person("p", ("id",))), {"p": {"id": list(range(PERSONS))}, "c": cells}))
    fared: dict[str, dict[str, dict[str, int]]] = {}
    sums: dict[Any, int] = {}
    drawn: list[int] = []
    for name, batch in sample(model, 1_000, 3, fared=fared):
        for row in batch.to_pylist() if name == "c" else ():
            drawn.append(row["many"])
            group = (row["id"], row["day"], row["act"])
            sums[group] = sums.get(group, 0) + row["many"]

    assert min(sums.values()) >= 0
    assert fared["c"]["sum of many by id, day, act"]["unsatisfied"] == 0
    assert float(np.mean(np.array(drawn) < 0)) == pytest.approx(0.2 / 1.2, abs=0.05)
