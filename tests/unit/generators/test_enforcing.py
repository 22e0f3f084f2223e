"""Rules that the catalog declares hold in what is drawn, and how they fared is told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from synth.core.catalog import Column
from synth.core.errors import UserError
from synth.core.seeds import rng
from synth.core.tablerules import rule_from
from synth.generators import fit, sample
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
