"""Enforcing: rules of the catalog that no column follows from are kept by drawing rows that break them anew.

Rows that break a rule are drawn again, a bounded number of times (in an ordered table, all the rows of their parent,
for they follow one another). What is still broken then is mended: the left side of an inequality is moved to the right
one, a combination that is not allowed becomes one that is, a row that contradicts an earlier one says what that one
does, a row that repeats a unique combination is dropped. What was drawn again and what stayed broken is counted. Unique
combinations are so over the whole table; rows that contradict one another are looked for in a block of persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.dataset import arrow_type
from synth.core.progress import say
from synth.core.ruletext import Formula, Name
from synth.core.seeds import derive, rng
from synth.core.tablerules import Allowed, Determines, TableRule, Unique, title_of
from synth.generators.blueprint import Blueprint
from synth.generators.coding.layout import is_ordered
from synth.generators.drawing.codes import draw_parts
from synth.generators.drawing.decoding import decode
from synth.generators.drawing.drawn import Drawn, Kept
from synth.generators.drawing.settling import broken, put_cells, settle, value_of
from synth.generators.drawing.uniqueness import repeats

Flags = NDArray[np.bool_]
TRIES = 20


def open_rules(plan: Blueprint, table: str) -> list[TableRule]:
    """The rules of a table that are not kept by computing a column."""
    computed = {each.formula.text for each in plan.relations.formulas if each.table == table and each.declared}
    given = {each.target for each in plan.relations.dependencies if each.table == table}
    found = []
    for rule in plan.forest.node(table).table.rules:
        kept = isinstance(rule, Formula) and rule.text in computed
        if not kept and not (isinstance(rule, Determines) and rule.column in given):
            found.append(rule)
    return found


def enforce(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], seed: int, block: int) -> list[Kept]:
    """Make the rows of a table keep its rules; tells how each fared."""
    rules = [rule for rule in open_rules(plan, drawn.node.name) if _ready(rule, drawn)]
    if not rules or not drawn.rows:
        return []
    redrawn = [0] * len(rules)
    for attempt in range(TRIES if not drawn.fixed else 0):
        flags = [_broken(plan, drawn, made, rule) for rule in rules]
        for index, rows in enumerate(flags):
            redrawn[index] += int(rows.sum())
        rows = np.logical_or.reduce(flags)
        if not rows.any():
            break
        _redraw(plan, drawn, made, rows, derive(seed, "again", drawn.node.name, attempt), block)
    mended = [_mend(plan, drawn, made, rule, seed, block) for rule in rules]
    settle(plan, drawn, made)
    left = [int(_broken(plan, drawn, made, rule).sum()) for rule in rules]
    name = drawn.node.name
    return [Kept(name, title_of(rule), *counts) for rule, *counts in zip(rules, redrawn, mended, left, strict=True)]


def _ready(rule: TableRule, drawn: Drawn) -> bool:
    """Whether the rule's columns are filled by now, and it is not about rows below, which are not drawn yet."""
    if isinstance(rule, Formula):
        own = [name.column for name in rule.names() if name.table in (None, drawn.node.name)]
        return not rule.tables_below() and all(name in drawn.cells for name in own)
    return all(name in drawn.cells for name in rule.columns)


def _broken(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rule: TableRule) -> Flags:
    if isinstance(rule, Formula):
        return broken(plan, drawn, made, rule)
    if isinstance(rule, Unique):
        return repeats(drawn, rule.columns)
    if isinstance(rule, Allowed):
        allowed = set(rule.combinations)
        return np.array([cells not in allowed for cells in zip(*_texts(drawn, rule.columns), strict=True)])
    return _contradicting(drawn, rule)


def _contradicting(drawn: Drawn, rule: Determines) -> Flags:
    """Rows that say otherwise than the first row of the same block with the same values."""
    told = zip(_first_told(drawn, rule), _texts(drawn, (rule.column,))[0], strict=True)
    return np.array([first != value for first, value in told])


def _first_told(drawn: Drawn, rule: Determines) -> list[str | None]:
    """For each row what the first row of the block with the same values says."""
    first: dict[tuple[str | None, ...], str | None] = {}
    columns = _texts(drawn, rule.columns)
    told = zip(zip(*columns, strict=True), _texts(drawn, (rule.column,))[0], strict=True)
    return [first.setdefault(given, value) for given, value in told]


def _texts(drawn: Drawn, columns: tuple[str, ...]) -> list[list[str | None]]:
    return [pc.cast(drawn.cells[name], pa.string()).to_pylist() for name in columns]


def _redraw(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rows: Flags, seed: int, block: int) -> None:
    """Draw rows again with another seed; in an ordered table, all the rows of the parents concerned."""
    fresh = Drawn(drawn.node, drawn.parent, drawn.unit, np.zeros_like(drawn.codes))
    draw_parts(plan, fresh, made, seed, block)
    decode(plan, fresh, made, seed, block)
    settle(plan, fresh, made)
    if is_ordered(plan.layout.features[drawn.node.name]):
        rows = np.isin(drawn.parent, drawn.parent[rows])
    mask = pa.array(rows)
    drawn.codes = np.where(rows[:, None], fresh.codes, drawn.codes)
    for name, numbers in fresh.numbers.items():
        drawn.numbers[name] = np.where(rows, numbers, drawn.numbers[name])
    for name, cells in fresh.cells.items():
        drawn.cells[name] = pc.if_else(mask, cells, drawn.cells[name])


def _mend(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rule: TableRule, seed: int, block: int) -> int:
    """Mend the rows that break a rule still; how many there were."""
    rows = _broken(plan, drawn, made, rule)
    count = int(rows.sum())
    if not count:
        return 0
    if isinstance(rule, Unique):
        drawn.keep(~rows)
    elif isinstance(rule, Allowed):
        _allow(drawn, rule, rows, rng(seed, drawn.node.name, "allowed", block).uniform(count))
    elif isinstance(rule, Formula):
        _move(plan, drawn, made, rule, rows)
    elif rule.column not in drawn.fixed:
        column = drawn.node.table.column(rule.column)
        put_cells(drawn, column, pa.array(_first_told(drawn, rule), type=pa.string()).cast(arrow_type(column)))
    return count


def _allow(drawn: Drawn, rule: Allowed, rows: Flags, uniform: NDArray[np.float64]) -> None:
    """Give rows a combination that rows of the block have and is allowed, as often as they have it; else any."""
    cells = list(zip(*_texts(drawn, rule.columns), strict=True))
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
            put_cells(drawn, column, pc.if_else(pa.array(rows), typed, drawn.cells[name]))


def _move(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rule: Formula, rows: Flags) -> None:
    """Move the left side of a comparison to the right one, a step beyond where they may not be equal."""
    left = rule.test.left
    if not isinstance(left, Name) or left.table is not None or left.column in drawn.fixed or rule.test.sign == "!=":
        return
    column = drawn.node.table.column(left.column)
    if rule.test.sign in ("<", ">") and column.type not in ("integer", "year", "date"):
        return
    step = {"<": -1, ">": 1}.get(rule.test.sign, 0)
    value = value_of(plan, drawn, made, rule.value, column, step)
    put_cells(drawn, column, pc.if_else(pc.and_(pa.array(rows), value.is_valid()), value, drawn.cells[left.column]))


def add_up(kept: Iterable[Kept], total: dict[str, dict[str, dict[str, int]]]) -> None:
    """Add what was counted in a block to the counts of each rule, by table and rule."""
    for each in kept:
        counts = total.setdefault(each.table, {}).setdefault(each.rule, {"redrawn": 0, "mended": 0, "unsatisfied": 0})
        counts["redrawn"] += each.redrawn
        counts["mended"] += each.mended
        counts["unsatisfied"] += each.unsatisfied


def announce(total: Mapping[str, Mapping[str, Mapping[str, int]]]) -> None:
    """Say how the rules fared, where rows had to be drawn again or break one still."""
    for table, rules in total.items():
        for rule, counts in rules.items():
            if any(counts.values()):
                say(
                    f"table {table}, rule {rule}: {counts['redrawn']} rows drawn again, {counts['mended']} mended, "
                    f"{counts['unsatisfied']} not satisfied"
                )
