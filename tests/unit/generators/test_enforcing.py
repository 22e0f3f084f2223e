"""Rules that the catalog declares hold in what is drawn, and how they fared is told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from synth.core.catalog import Column
from synth.core.errors import UserError
from synth.core.seeds import rng
from synth.core.tablerules import rule_from
from synth.generators import Choice, fit, sample
from synth.generators.drawing.taken import Taken, hashes_of
from tests.unit.generators.clinic import sampled
from tests.unit.generators.test_relations import one_table

MANY = 400
NUMBERS = tuple(Column(name, "integer", "number", False) for name in ("low", "high"))


def bounds(rules: tuple[Any, ...]) -> Any:
    stream = rng(1, "bounds")
    low = stream.integers(MANY, 100).tolist()
    return one_table(NUMBERS, {"low": low, "high": stream.integers(MANY, 120).tolist()}, rules)


def test_an_inequality_that_training_rows_break_is_kept_and_told() -> None:
    fared: dict[str, dict[str, dict[str, int]]] = {}
    model = fit(bounds((rule_from("high >= low", "p"),)))
    rows = [row for _, batch in sample(model, 500, 1, fared=fared) for row in batch.to_pylist()]

    assert all(row["high"] >= row["low"] for row in rows)
    assert fared["p"]["high >= low"]["redrawn"] > 100
    assert fared["p"]["high >= low"]["unsatisfied"] == 0


def test_a_rule_may_hold_for_some_rows_only() -> None:
    made = sampled(fit(bounds((rule_from("high > low + 5 when low < 50", "p"),))), 500).read("p").to_pylist()

    assert all(row["high"] > row["low"] + 5 for row in made if row["low"] < 50)
    assert any(row["high"] <= row["low"] for row in made)


def test_a_rule_that_gives_a_column_is_computed_whatever_the_rows() -> None:
    made = sampled(fit(bounds((rule_from("high = 2 * low + 1", "p"),))), 500).read("p").to_pylist()

    assert all(row["high"] == 2 * row["low"] + 1 for row in made)


def test_a_rule_wins_over_what_mostly_gives_its_column() -> None:
    stream = rng(6, "paid")
    base = (stream.integers(MANY, 9_000) - 500).tolist()
    paid = [b + 7 * (i % 20 == 0) for i, b in enumerate(base)]
    columns = tuple(Column(name, "integer", "number", False) for name in ("base", "paid"))
    model = fit(one_table(columns, {"base": base, "paid": paid}, (rule_from("paid >= 0", "p"),)))
    rows = sampled(model, 500).read("p").to_pylist()

    assert [item.data["mode"] for item in model.statistics if item.kind == "relation"] == ["mostly"]
    assert all(row["paid"] >= 0 for row in rows)
    assert sum(row["paid"] == row["base"] for row in rows) > 400


SEX = (Column("sex", "string", "code", False), Column("pregnant", "boolean", "code", False))


def pairs(rules: tuple[Any, ...], columns: tuple[Column, ...] = SEX) -> Any:
    cells = {"sex": ["12"[i % 2] for i in range(MANY)], "pregnant": [i % 3 == 0 for i in range(MANY)]}
    return one_table(columns, cells, rules)


def test_combinations_are_those_allowed() -> None:
    rule = rule_from({"columns": ["sex", "pregnant"], "allowed": [["1", False], ["2", False], ["2", True]]}, "p")
    made = sampled(fit(pairs((rule,))), 500).read("p").to_pylist()

    found = {(row["sex"], row["pregnant"]) for row in made}
    assert found == {("1", False), ("2", False), ("2", True)}


def test_combinations_that_must_be_unique_are() -> None:
    stream = rng(4, "unique")
    days = [date(2020, 1, 1) + timedelta(days=int(d)) for d in stream.integers(MANY, 200)]
    columns = (Column("ward", "string", "code", False), Column("day", "date", "date", False))
    rule = rule_from({"columns": ["ward", "day"], "unique": True}, "p")
    real = one_table(columns, {"ward": [f"w{i}" for i in stream.integers(MANY, 5)], "day": days}, (rule,))
    made = sampled(fit(real), 300).read("p").to_pylist()

    assert len(made) > 290
    assert len({(row["ward"], row["day"]) for row in made}) == len(made)


def crowded(rule: Any) -> Any:
    """Combinations of nine wards and 3 000 days, fewer than twice as many as are drawn below."""
    stream = rng(4, "crowded")
    columns = (Column("ward", "string", "code", False), Column("day", "date", "date", False))
    days = [date(2020, 1, 1) + timedelta(days=int(d)) for d in stream.integers(2 * MANY, 3_000)]
    return one_table(columns, {"ward": [f"w{i}" for i in stream.integers(2 * MANY, 9)], "day": days}, (rule,))


def test_they_are_unique_over_all_blocks_of_persons_whatever_the_workers() -> None:
    model = fit(crowded(rule_from({"columns": ["ward", "day"], "unique": True}, "p")))
    found = []
    for workers in (1, 2):
        fared: dict[str, dict[str, dict[str, int]]] = {}
        rows = [row for _, batch in sample(model, 13_000, 1, workers, fared=fared) for row in batch.to_pylist()]
        found.append((rows, fared))
    (rows, fared), again = found

    assert again == (rows, fared)
    assert len({(row["ward"], row["day"]) for row in rows}) == len(rows) > 12_950
    assert fared["p"]["unique: ward, day"]["redrawn"] > 3_000
    assert fared["p"]["unique: ward, day"]["unsatisfied"] == 0


def test_they_are_unique_among_persons_who_are_chosen() -> None:
    model = fit(crowded(rule_from({"columns": ["ward", "day"], "unique": True}, "p")))
    chosen = Choice("ward in ('w1', 'w2')")
    rows = [row for _, batch in sample(model, 2_000, 1, choice=chosen) for row in batch.to_pylist()]

    assert len({(row["ward"], row["day"]) for row in rows}) == len(rows) == 2_000


def test_what_was_taken_is_never_forgotten_and_little_else_is_refused() -> None:
    taken = Taken(5_000)
    mine, others = (hashes_of([pa.array(range(start, start + 5_000))])[0] for start in (0, 5_000))
    taken.add(mine)

    assert taken.has(mine).all()
    assert taken.has(others).mean() < 0.002


def test_combinations_are_told_apart_by_the_order_of_their_columns() -> None:
    hashes, whole = hashes_of([pa.array(["a", "b", None]), pa.array(["b", "a", "a"])])

    assert len(set(hashes.tolist())) == 3
    assert whole.tolist() == [True, True, False]


def test_rows_alike_in_several_columns_tell_the_same_of_another() -> None:
    stream = rng(5, "several")
    columns = tuple(Column(name, "string", "code", False) for name in ("a", "b", "c"))
    cells = {name: [f"{name}{i}" for i in stream.integers(MANY, 3)] for name in "abc"}
    made = sampled(fit(one_table(columns, cells, (rule_from({"columns": ["a", "b"], "determines": "c"}, "p"),))), 500)
    rows = made.read("p").to_pylist()

    assert len({(row["a"], row["b"], row["c"]) for row in rows}) == len({(row["a"], row["b"]) for row in rows}) == 9


def test_a_declared_dependency_is_kept_as_far_as_k_persons_tell_it() -> None:
    columns = (Column("town", "string", "code", False), Column("region", "string", "code", False))
    towns = [f"t{i % 6}" for i in range(MANY)]
    rule = rule_from({"columns": ["town"], "determines": "region"}, "p")
    real = one_table(columns, {"town": towns, "region": [f"r{int(t[1]) // 2}" for t in towns]}, (rule,))
    made = sampled(fit(real), 400).read("p").to_pylist()

    assert {(row["town"], row["region"]) for row in made} == {(f"t{i}", f"r{i // 2}") for i in range(6)}


def test_rules_that_give_columns_in_a_ring_are_refused() -> None:
    with pytest.raises(UserError, match="ring"):
        fit(bounds((rule_from("high = low + 1", "p"), rule_from("low = high - 1", "p"))))
