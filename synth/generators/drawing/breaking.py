"""Breaking: which rows of a table break its rules, those that the catalog declares and those found in training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.ruletext import Formula
from synth.core.tablerules import Allowed, Determines, TableRule, Total, Unique
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.balancing import overdrawn, overdrawn_beside
from synth.generators.drawing.drawn import Drawn
from synth.generators.drawing.settling import broken, can_be_asked
from synth.generators.drawing.taken import hashes_of
from synth.generators.drawing.uniqueness import repeats
from synth.generators.relations.orders import order_flags
from synth.generators.relations.relation import Order

Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]
Rule = TableRule | Order
OfSeveral = Unique | Determines | Total  # rules about several rows
Told = dict[tuple[str | None, ...], str | None]


def open_rules(plan: Blueprint, table: str) -> list[Rule]:
    """The rules of a table that are not kept by computing a column, those found in its rows among them."""
    declared = [each for each in plan.relations.formulas if each.table == table and each.declared]
    given_once = [each.target for each in declared]
    computed = {each.formula.text for each in declared if given_once.count(each.target) == 1}
    given = {each.target for each in plan.relations.dependencies if each.table == table}
    found: list[Rule] = []
    for rule in plan.forest.node(table).table.rules:
        kept = isinstance(rule, Formula) and rule.text in computed
        if not kept and not (isinstance(rule, Determines) and rule.column in given):
            found.append(rule)
    return [*found, *(order for order in plan.relations.orders if order.table == table)]


def is_ready(rule: Rule, drawn: Drawn, made: Mapping[str, Drawn]) -> bool:
    """Whether the rule's columns are filled by now, and it is not about rows below, which are not drawn yet."""
    if isinstance(rule, Order):
        owner = drawn if rule.above is None else made[rule.above]
        return rule.column in drawn.numbers and rule.other in owner.numbers
    if isinstance(rule, Formula):
        own = [name.column for name in rule.names() if name.table in (None, drawn.node.name)]
        return not rule.tables_below() and all(name in drawn.cells for name in own) and can_be_asked(drawn, made, rule)
    if isinstance(rule, Total) and rule.column not in drawn.numbers:
        return False
    return all(name in drawn.cells for name in rule.columns)


def gives_a_column(rule: Rule) -> bool:
    """Whether a rule says what a column is, which no drawing meets: a key that is that of another column."""
    return isinstance(rule, Formula) and rule.target is not None


def is_moving(rule: Rule) -> bool:
    """Whether a rule is kept by moving a quantity."""
    return isinstance(rule, Order) or (isinstance(rule, Formula) and not gives_a_column(rule))


def broken_rows(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rules: Sequence[Rule]) -> list[Flags]:
    """The rows that break each rule; formulas are asked all at once."""
    asked = iter(broken(plan, drawn, made, [rule for rule in rules if isinstance(rule, Formula)]))
    return [next(asked) if isinstance(rule, Formula) else breaking(drawn, made, rule) for rule in rules]


def breaking(drawn: Drawn, made: Mapping[str, Drawn], rule: Order | Allowed | OfSeveral) -> Flags:
    """The rows that break a rule that is no formula."""
    if isinstance(rule, Order):
        return order_flags(rule, drawn.numbers[rule.column], bound_of(drawn, made, rule))
    if isinstance(rule, Unique):
        return repeats(drawn, rule.columns)
    if isinstance(rule, Total):
        return overdrawn(drawn, rule)
    if isinstance(rule, Allowed):
        allowed = set(rule.combinations)
        return np.array([cells not in allowed for cells in combinations(drawn, rule.columns)], dtype=bool)
    return _contradicting(drawn, rule, {})


def bound_of(drawn: Drawn, made: Mapping[str, Drawn], rule: Order) -> NDArray[np.float64]:
    """What the column of an order may not pass, in each row."""
    return drawn.numbers[rule.other] if rule.above is None else made[rule.above].numbers[rule.other][drawn.parent]


def against_others(drawn: Drawn, rows: Codes, fresh: Drawn, rule: OfSeveral) -> Flags:
    """Which of the rows drawn to stand for `rows` break a rule about several rows, beside those that stay.

    Of rows that repeat one another the first one does not.
    """
    if isinstance(rule, Total):
        return overdrawn_beside(drawn, rows, fresh, rule)
    stay = np.ones(drawn.rows, dtype=bool)
    stay[rows] = False
    if isinstance(rule, Determines):
        told: Told = {}
        _tell(drawn.take(np.flatnonzero(stay)), rule, told)
        return _contradicting(fresh, rule, told)
    theirs, _ = hashes_of([drawn.cells[name] for name in rule.columns])
    mine, whole = hashes_of([fresh.cells[name] for name in rule.columns])
    again = np.ones(fresh.rows, dtype=bool)
    again[np.unique(mine, return_index=True)[1]] = False
    again |= np.isin(mine, theirs[stay])
    if rule.columns in drawn.taken:
        again |= drawn.taken[rule.columns].has(mine)
    return again & whole


def _contradicting(drawn: Drawn, rule: Determines, told: Told) -> Flags:
    """Rows that say otherwise than the first row of the same block with the same values, or than what is `told`."""
    said = zip(_tell(drawn, rule, told), _texts(drawn, rule.column), strict=True)
    return np.array([first != value for first, value in said], dtype=bool)


def first_told(drawn: Drawn, rule: Determines) -> list[str | None]:
    """For each row what the first row of the block with the same values says."""
    return _tell(drawn, rule, {})


def _tell(drawn: Drawn, rule: Determines, told: Told) -> list[str | None]:
    said = zip(combinations(drawn, rule.columns), _texts(drawn, rule.column), strict=True)
    return [told.setdefault(given, value) for given, value in said]


def combinations(drawn: Drawn, columns: tuple[str, ...]) -> list[tuple[str | None, ...]]:
    """What each row has in some columns, as texts."""
    return list(zip(*(_texts(drawn, name) for name in columns), strict=True))


def _texts(drawn: Drawn, column: str) -> list[str | None]:
    texts: list[str | None] = pc.cast(drawn.cells[column], pa.string()).to_pylist()
    return texts
