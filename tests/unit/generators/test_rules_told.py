"""What a new user is told of rules: that training rows break them, that they compare nothing, that two contradict."""

from __future__ import annotations

from typing import Any

import pytest

from synth.core.catalog import Column
from synth.core.tablerules import rule_from
from synth.generators import announce, fit, sample
from tests.unit.generators.test_enforcing import MANY, bounds, pairs
from tests.unit.generators.test_relations import one_table

Fared = dict[str, dict[str, dict[str, int]]]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("high >= 0", None),
        ("high >= low", "some training rows break it"),
        ("high > 1000", "no training row keeps it"),
        ("high = low + 1", "some training rows break it"),
        ("high >= 'many'", "cannot be compared"),
        ({"columns": ["high"], "unique": True}, "some training rows break it"),
        ({"columns": ["high"], "determines": "low"}, "some training rows break it"),
        ({"columns": ["high"], "allowed": [[number] for number in range(120)]}, None),
        ({"columns": ["high"], "allowed": [[1], [2]]}, "some training rows break it"),
        ({"columns": ["high"], "allowed": [[-1]]}, "no training row keeps it"),
    ],
)
def test_fit_tells_of_rules_that_training_rows_break(
    rule: Any, problem: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(bounds((rule_from(rule, "p"),)))

    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if problem is None or problem not in line or "table p, rule " not in line] == []
    assert len(lines) == (problem is not None)


def drawn(real: Any, persons: int = 300) -> tuple[list[dict[str, Any]], Fared]:
    """Rows of the only table, and how rules fared."""
    fared: Fared = {}
    rows = [row for _, batch in sample(fit(real), persons, 1, fared=fared) for row in batch.to_pylist()]
    return rows, fared


def test_cells_are_missing_where_a_rule_says_so() -> None:
    cells: dict[str, list[Any]] = {
        "smoker": [i % 3 == 0 for i in range(MANY)],
        "began": [None if i % 2 else 15 + i % 20 for i in range(MANY)],
    }
    columns = (Column("smoker", "boolean", "code", False), Column("began", "integer", "number"))
    rules = ("began is missing when smoker = false", "began is present when smoker = true")
    rows, fared = drawn(one_table(columns, cells, tuple(rule_from(rule, "p") for rule in rules)))

    assert all((row["began"] is not None) == row["smoker"] for row in rows)
    assert all(counts["unsatisfied"] == 0 for counts in fared["p"].values())


def test_values_are_among_those_listed_where_a_rule_says_so() -> None:
    rows, fared = drawn(pairs((rule_from("sex in ('2', '3') when pregnant = true", "p"),)))

    assert {(row["sex"], row["pregnant"]) for row in rows} == {("1", False), ("2", False), ("2", True)}
    assert fared["p"]["sex in ('2', '3') when pregnant = true"]["redrawn"] > 0


def test_two_formulas_that_contradict_each_other_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    rows, fared = drawn(bounds((rule_from("high = 2 * low + 1", "p"), rule_from("high = 2 * low + 2", "p"))))
    capsys.readouterr()
    announce(fared)

    assert sum(counts["unsatisfied"] for counts in fared["p"].values()) == len(rows)
    assert "300 rows break it still" in capsys.readouterr().err


def test_rows_that_repeat_what_must_be_unique_are_told_to_be_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    rows, fared = drawn(bounds((rule_from({"columns": ["low"], "unique": True}, "p"),)))
    capsys.readouterr()
    announce(fared)

    assert len({row["low"] for row in rows}) == len(rows) <= 100
    assert f"{300 - len(rows)} dropped" in capsys.readouterr().err
