"""Rules between columns are read from the catalog, checked against it, and written back as they were."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.core.catalog import Catalog
from synth.core.descriptor import catalog_from
from synth.core.descriptor_writer import descriptor_of
from synth.core.errors import UserError
from synth.core.ruletext import Name, parse_formula, quoted
from synth.core.tablerules import title_of


def described(rules: Any) -> Catalog:
    fields: list[Any] = [{"name": name} for name in ("id", "start", "end", "n° de l'acte")]
    fields += [{"name": "n", "type": "integer"}, {"name": "sure", "type": "boolean"}, {"name": "day", "type": "date"}]
    key = {"fields": ["id"], "reference": {"resource": "p", "fields": ["id"]}}
    below = {"fields": [{"name": "id"}, {"name": "x", "type": "number"}], "foreignKeys": [key]}
    above = {"fields": fields, "primaryKey": "id", "synth:rules": rules}
    return catalog_from({"resources": [{"name": "p", "schema": above}, {"name": "c", "schema": below}]})


RULES = [
    "end >= start",
    "\"n° de l'acte\" = left(start, 2) when end is present and start in ('a', 'l''eau')",
    "start = sum(c, x * 2) + count(c)",
    {"columns": ["start", "end"], "allowed": [["1", None], ["2", "true"]]},
    {"columns": ["start", "end"], "unique": True},
    {"columns": ["start"], "determines": "end"},
    {"columns": ["start", "day"], "sum": "n", "minimum": 0},
    {"columns": ["n", "sure", "day"], "allowed": [["1", "true", "2020-02-29"], [None, None, None]]},
    "end is missing when start in ('a', 'b')",
]


def test_rules_are_written_as_they_were_read() -> None:
    catalog = described(RULES)

    written = descriptor_of(catalog)["resources"][0]["schema"]["synth:rules"]
    assert written == RULES
    assert catalog_from(descriptor_of(catalog)).table("p").rules == catalog.table("p").rules


def test_a_rule_is_called_by_its_columns_and_never_by_values() -> None:
    titles = [title_of(rule) for rule in described(RULES[3:7]).table("p").rules]

    assert titles == ["allowed: start, end", "unique: start, end", "start determines end", "sum of n by start, day"]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("end >=", "word 3"),
        ("end & start", "character 5"),
        ("end", "comparison"),
        ("end is", "missing"),
        ("end >= start start", "nothing"),
        ("end = round(start)", "2 arguments"),
        ("end >= stop", "does not have"),
        ("end >= q.start", "not in the catalog"),
        ("end >= c.x", "no key ties"),
        ("end = count(q)", "not in the catalog"),
        (7, "neither"),
        ({"columns": []}, "neither"),
        ({"columns": ["end"], "unique": False}, "neither"),
        ({"columns": ["end", "start"], "allowed": [["1"]]}, "not one value"),
        ({"columns": ["stop"], "unique": True}, "does not have"),
        ({"columns": ["n"], "sum": "start", "minimum": 0}, "no numbers"),
        ({"columns": ["start"], "sum": "n", "minimum": "0"}, "neither"),
        ({"columns": ["n"], "allowed": [["many"]]}, "type integer cannot hold"),
        ({"columns": ["sure"], "allowed": [["yes"]]}, "type boolean cannot hold"),
        ({"columns": ["day"], "allowed": [["2020-02-30"]]}, "type date cannot hold"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_table(rule: Any, problem: str) -> None:
    with pytest.raises(UserError, match=problem) as refused:
        described([rule])
    assert refused.value.table == "p"


def test_rules_must_be_a_list() -> None:
    with pytest.raises(UserError, match="not a list"):
        described("end >= start")


def test_rules_over_tables_left_out_are_left_out_too() -> None:
    assert len(described(RULES).select(("p",)).table("p").rules) == len(RULES) - 1


@given(st.text(min_size=1, max_size=12).filter(lambda name: name.strip() == name))
def test_any_name_can_be_written_in_a_rule(name: str) -> None:
    formula = parse_formula(f"{quoted(name)} = 1")

    assert formula.test.left == Name(name)
    assert formula.target == name
