"""Mending: what is still broken once rows were drawn again is put right, rule by rule.

The left side of an inequality is moved to the right one, a cell that must be missing is emptied, a combination that is
not allowed becomes one that is, a row that contradicts an earlier one says what that one does, a row that repeats a
unique combination is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.levels import Levels
from synth.columns.values import from_numbers
from synth.core.arrays import arrow_of
from synth.core.dataset import arrow_type
from synth.core.ruletext import Formula, Name
from synth.core.seeds import rng
from synth.core.tablerules import Allowed, Total, Unique
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.breaking import (
    Flags,
    Rule,
    bound_of,
    breaking,
    broken_rows,
    combinations,
    first_told,
    gives_a_column,
)
from synth.generators.drawing.drawn import Drawn
from synth.generators.drawing.settling import put_cells, settle_rows, value_of
from synth.generators.relations.relation import Order

_SQUEEZED = 3  # rounds of moving the bounds of a quantity that cannot meet all of them
_ROUNDS = 2  # what is mended for a rule may break one before it


def mend(
    plan: Blueprint,
    drawn: Drawn,
    made: Mapping[str, Drawn],
    rules: Sequence[Rule],
    found: Sequence[Flags],
    where: tuple[int, int],
) -> tuple[list[int], list[int]]:
    """Mend the rows that break rules still, those `found` to do so at first.

    Returns for each rule how many rows were mended, none where it says what a column is, and how many break it yet.
    """
    most = [0] * len(rules)
    for _ in range(_ROUNDS):
        touched = np.zeros(drawn.rows, dtype=bool)
        for index in np.flatnonzero([flags.any() for flags in found]).tolist():
            rule = rules[index]
            (rows,) = broken_rows(plan, drawn, made, [rule])
            if rows.any():
                touched |= rows
                kept = _mend(plan, drawn, made, rule, rows, where)
                most[index] = max(most[index], 0 if gives_a_column(rule) else int(rows.sum()))
                touched = touched[kept]
        settle_rows(plan, drawn, made, touched)
        found = broken_rows(plan, drawn, made, rules)
        if not any(flags.any() for flags in found):
            return most, [0] * len(rules)
    _squeeze(plan, drawn, made, [rule for rule in rules if isinstance(rule, Order)])
    left = [int(rows.sum()) for rows in broken_rows(plan, drawn, made, rules)]
    return [max(0, one - other) for one, other in zip(most, left, strict=True)], left


def _mend(
    plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rule: Rule, rows: Flags, where: tuple[int, int]
) -> Flags:
    """Mend the rows that break a rule; tells which rows are still there."""
    kept = np.ones(drawn.rows, dtype=bool)
    if isinstance(rule, Unique):
        kept = ~rows | bool(drawn.fixed)  # persons who are given stay, all of them
        drawn.keep(kept)
    elif isinstance(rule, Allowed):
        seed, block = where
        _allow(drawn, rule, rows, rng(seed, drawn.node.name, "allowed", block).uniform(int(rows.sum())))
    elif isinstance(rule, Formula):
        _move(plan, drawn, made, rule, rows)
        _let_go(plan, drawn, rule.test.left.column if isinstance(rule.test.left, Name) else "", rows)
    elif isinstance(rule, Order):
        _move_to_bound(drawn, rule, rows, bound_of(drawn, made, rule))
        _let_go(plan, drawn, rule.column, rows)
    elif isinstance(rule, Total):
        column = drawn.node.table.column(rule.column)
        put_cells(drawn, column, pc.if_else(arrow_of(rows), pc.abs(drawn.cells[rule.column]), drawn.cells[rule.column]))
    elif rule.column not in drawn.fixed:
        column = drawn.node.table.column(rule.column)
        put_cells(drawn, column, pa.array(first_told(drawn, rule), type=pa.string()).cast(arrow_type(column)))
    return kept


def _squeeze(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], orders: Sequence[Order]) -> None:
    """Where what a quantity may not be below is above what it may not be above: move these bounds instead of it."""
    for _ in range(_SQUEEZED):
        found = [(order, rows) for order in orders if (rows := breaking(drawn, made, order)).any()]
        if not found:
            return
        touched = np.zeros(drawn.rows, dtype=bool)
        for order, rows in found:
            touched |= rows
            if order.above is not None or order.other in drawn.fixed:
                _move_to_bound(drawn, order, rows, bound_of(drawn, made, order))
                continue
            sign: Literal["<=", ">="] = "<=" if order.sign == ">=" else ">="
            turned = replace(order, column=order.other, other=order.column, sign=sign)
            rows = breaking(drawn, made, turned)
            touched |= rows
            _move_to_bound(drawn, turned, rows, bound_of(drawn, made, turned))
            _let_go(plan, drawn, turned.column, rows)
        settle_rows(plan, drawn, made, touched)


def _allow(drawn: Drawn, rule: Allowed, rows: Flags, uniform: NDArray[np.float64]) -> None:
    """Give rows a combination that rows of the block have and is allowed, as often as they have it; else any."""
    cells = combinations(drawn, rule.columns)
    allowed = set(rule.combinations)
    seen = [one for one, bad in zip(cells, rows.tolist(), strict=True) if not bad and one in allowed]
    source = seen or list(rule.combinations)
    chosen = [source[int(u * len(source))] for u in uniform.tolist()]
    for place, name in enumerate(rule.columns):
        if name not in drawn.fixed:
            column = drawn.node.table.column(name)
            new = np.full(drawn.rows, None, dtype=object)
            new[rows] = [one[place] for one in chosen]
            typed = pa.array(new, type=pa.string()).cast(arrow_type(column))
            put_cells(drawn, column, pc.if_else(arrow_of(rows), typed, drawn.cells[name]))


def _move(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rule: Formula, rows: Flags) -> None:
    """Move the left side of a comparison to the right one, a step beyond where they may not be equal.

    A cell that must be missing is emptied, where it may be.
    """
    left = rule.test.left
    if not isinstance(left, Name) or left.table is not None or left.column in drawn.fixed:
        return
    column = drawn.node.table.column(left.column)
    if rule.test.sign == "missing" and column.nullable:
        put_cells(drawn, column, pc.if_else(arrow_of(rows), None, drawn.cells[column.name]))
    if rule.test.sign not in ("=", "<", ">", "<=", ">="):
        return
    if rule.test.sign in ("<", ">") and column.type not in ("integer", "year", "date"):
        return
    step = {"<": -1, ">": 1}.get(rule.test.sign, 0)
    value = value_of(plan, drawn, made, rule, column, step)
    put_cells(drawn, column, pc.if_else(pc.and_(arrow_of(rows), value.is_valid()), value, drawn.cells[left.column]))


def _let_go(plan: Blueprint, drawn: Drawn, column: str, rows: Flags) -> None:
    """Mark rows whose column was moved as ones in which what mostly gives it does not."""
    name = (drawn.node.name, f"echo {column}")
    kept = plan.codecs[name].kept if name in plan.codecs else None
    others = [place for place, level in enumerate(kept.values) if level != "same"] if isinstance(kept, Levels) else []
    if others:
        drawn.codes[rows, plan.layout.index(*name)] = others[0]


def _move_to_bound(drawn: Drawn, rule: Order, rows: Flags, bound: NDArray[np.float64]) -> None:
    """Move the column of an order to what it may not pass, to the nearest value it can have on the right side."""
    if rule.column in drawn.fixed:
        return
    column = drawn.node.table.column(rule.column)
    step = 10.0 ** -(column.scale or 0)
    exact = column.type in ("date", "datetime") or (column.type == "number" and column.scale is None)
    whole = np.floor(bound / step + 1e-9) if rule.sign == "<=" else np.ceil(bound / step - 1e-9)
    # a hundredth times a whole number is not always the number written so
    numbers = np.where(rows, bound if exact else np.round(whole * step, column.scale or 0), drawn.numbers[rule.column])
    drawn.numbers[rule.column] = numbers
    drawn.cells[rule.column] = from_numbers(numbers, column)
