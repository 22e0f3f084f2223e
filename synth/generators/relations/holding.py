"""Holding: whether the rules that the catalog declares hold in the training rows, said before anything is learned."""

from __future__ import annotations

from collections.abc import Sequence

from synth.core.progress import say
from synth.core.ruletext import Formula
from synth.core.tablerules import Allowed, Determines, TableRule, Total, title_of
from synth.engines.expressions import Decimals, Question
from synth.engines.forest import Node
from synth.engines.local import Ordered

_NONE = "no training row keeps it; correct it, or expect what is drawn to be moved, exchanged or dropped until it does"
_SOME = "some training rows break it"
_SILENT = "what it compares cannot be compared in any training row; see the types of its columns"


def tell_broken(ordered: Ordered, node: Node, decimals: Decimals) -> None:
    """Say which declared rules training rows break, and which say nothing, one line a rule and never a value."""
    rules = node.table.rules
    formulas = [rule for rule in rules if isinstance(rule, Formula)]
    told = dict(zip(map(title_of, formulas), _formulas(ordered, node, formulas, decimals), strict=True))
    for rule in rules:
        found = told.get(title_of(rule)) if isinstance(rule, Formula) else _rows(ordered, node, rule)
        if found is not None:
            say(f"table {node.name}, rule {title_of(rule)}: {found}")


def _formulas(ordered: Ordered, node: Node, rules: Sequence[Formula], decimals: Decimals) -> list[str | None]:
    if not rules:
        return []
    import duckdb

    try:
        return _asked(ordered, node, rules, decimals)
    except duckdb.Error:  # an amount beyond all bounds: ask one by one, and leave that one out
        return [_asked_alone(ordered, node, rule, decimals) for rule in rules]


def _asked_alone(ordered: Ordered, node: Node, rule: Formula, decimals: Decimals) -> str | None:
    import duckdb

    try:
        return _asked(ordered, node, [rule], decimals)[0]
    except duckdb.Error:
        return None


def _asked(ordered: Ordered, node: Node, rules: Sequence[Formula], decimals: Decimals) -> list[str | None]:
    question = Question(ordered.forest, node, ordered, decimals)
    terms = []
    for rule in rules:
        asked = question.condition(rule.when)
        holds = question.agrees(rule) if rule.test.sign == "=" else question.holds(rule.test)
        own = [f"a.{ordered.column(node, n.column)} is not null" for n in rule.names() if n.table in (None, node.name)]
        there = " and ".join(["true", *own])
        terms += [
            f"count(*) filter (where {asked} and {holds})",
            f"count(*) filter (where {asked} and not {holds})",
            f"coalesce(bool_and({holds} is null) filter (where {there}), false)",
        ]
    found = ordered.one(f"select {', '.join(terms)} from {question.source}")
    return [_said(rule, *found[3 * index : 3 * index + 3]) for index, rule in enumerate(rules)]


def _said(rule: Formula, kept: int, broken: int, silent: bool) -> str | None:
    if silent and not any(name.table for name in rule.names()):
        return _SILENT
    return None if not broken else _SOME if kept else _NONE


def _rows(ordered: Ordered, node: Node, rule: TableRule) -> str | None:
    """What is to be said of a rule that is no formula."""
    columns = [ordered.column(node, name) for name in _columns(rule)]
    table = ordered.name(node)
    if isinstance(rule, Allowed):
        kept = " or ".join(
            " and ".join(
                f"{name} is not distinct from {_literal(cell)}" for name, cell in zip(columns, one, strict=True)
            )
            for one in rule.combinations
        )
        good, rows = ordered.one(f"select count(*) filter (where {kept}), count(*) from {table}")
        return None if good == rows else _SOME if good else _NONE
    there = " and ".join(f"{name} is not null" for name in columns)
    listed = ", ".join(columns)
    again = "count(*) > 1"
    if isinstance(rule, Total):
        again = f"sum({ordered.column(node, rule.column)}) < {rule.minimum}"
    if isinstance(rule, Determines):
        theirs = ordered.column(node, rule.column)
        again = f"count(distinct {theirs}) + (count(*) > count({theirs}))::int > 1"
    query = f"select 1 from {table} where {there} group by {listed} having {again} limit 1"
    return _SOME if ordered.one(query) else None


def _columns(rule: TableRule) -> tuple[str, ...]:
    return rule.columns if not isinstance(rule, Formula) else ()


def _literal(cell: str | None) -> str:
    return "null" if cell is None else "'" + cell.replace("'", "''") + "'"
