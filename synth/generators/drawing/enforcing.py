"""Enforcing: rules that no column follows from, declared or found, are kept by drawing rows that break them anew.

Rows that break a rule are drawn again, a bounded number of times (in an ordered table, all the rows of their parent,
for they follow one another). What is still broken then is mended: the left side of an inequality is moved to the right
one, a combination that is not allowed becomes one that is, a row that contradicts an earlier one says what that one
does, a row that repeats a unique combination is dropped. What was drawn again and what stayed broken is counted. Unique
combinations are so over the whole table; rows that contradict one another are looked for in a block of persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.levels import Levels
from synth.columns.values import from_numbers
from synth.core.dataset import arrow_type
from synth.core.progress import say
from synth.core.ruletext import Formula, Name
from synth.core.seeds import derive, rng
from synth.core.tablerules import Allowed, Determines, TableRule, Unique, title_of
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.codes import draw_parts
from synth.generators.drawing.decoding import decode
from synth.generators.drawing.drawn import Drawn, Kept, no_codes
from synth.generators.drawing.settling import broken, put_cells, settle, value_of
from synth.generators.drawing.turns import in_turn
from synth.generators.drawing.uniqueness import repeats
from synth.generators.relations.orders import order_flags
from synth.generators.relations.relation import Order

Flags = NDArray[np.bool_]
Rule = TableRule | Order
TRIES = 20
TRIES_TOGETHER = 5  # where all the rows of a parent are drawn again, and another of them may break a rule then
_SQUEEZED = 3  # rounds of moving the bounds of a quantity that cannot meet all of them
TRIES_FOUND = 2  # for what was found and not declared: moving a few to the bound costs less than it gains


def open_rules(plan: Blueprint, table: str) -> list[Rule]:
    """The rules of a table that are not kept by computing a column, those found in its rows among them."""
    computed = {each.formula.text for each in plan.relations.formulas if each.table == table and each.declared}
    given = {each.target for each in plan.relations.dependencies if each.table == table}
    found: list[Rule] = []
    for rule in plan.forest.node(table).table.rules:
        kept = isinstance(rule, Formula) and rule.text in computed
        if not kept and not (isinstance(rule, Determines) and rule.column in given):
            found.append(rule)
    return [*found, *(order for order in plan.relations.orders if order.table == table)]


def enforce(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], seed: int, block: int) -> list[Kept]:
    """Make the rows of a table keep its rules; tells how each declared one fared, and those found that are broken."""
    rules = [rule for rule in open_rules(plan, drawn.node.name) if _ready(rule, drawn, made)]
    if not rules or not drawn.rows:
        return []
    redrawn = [0] * len(rules)
    together = in_turn(plan, drawn.node.name)
    tries = TRIES_TOGETHER if together else TRIES
    for attempt in range(tries if not drawn.fixed else 0):
        rows = np.zeros(drawn.rows, dtype=bool)
        for index, found in enumerate(_broken(plan, drawn, made, rules)):
            if _drawn_again(rules[index], attempt, together) and not _gives_a_column(rules[index]):
                redrawn[index] += int(found.sum())
                rows |= found
        if not rows.any():
            break
        _redraw(plan, drawn, made, rows, derive(seed, "again", drawn.node.name, attempt), block)
    return _mended(plan, drawn, made, rules, redrawn, (seed, block))


def enforce_upwards(plan: Blueprint, made: Mapping[str, Drawn], seed: int, block: int) -> None:
    """Once what is counted or summed over rows below is computed: mend what that broke in the rows above."""
    moved = {each.table for each in plan.relations.formulas if each.formula.tables_below()}
    for name, drawn in made.items():
        if name not in moved or drawn.fixed:
            continue
        rules = [rule for rule in open_rules(plan, name) if _moves(rule) and _ready(rule, drawn, made)]
        broken_now = [rule for rule, rows in zip(rules, _broken(plan, drawn, made, rules), strict=True) if rows.any()]
        if broken_now:
            drawn.kept += _mended(plan, drawn, made, broken_now, [0] * len(broken_now), (seed, block))
    for drawn in made.values():
        if any(each.unsatisfied for each in drawn.kept):
            _tell_again(plan, drawn, made)


def _tell_again(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn]) -> None:
    """Count again the rows that break rules, which may have come right by what was computed since."""
    rules = {_title(rule): rule for rule in open_rules(plan, drawn.node.name) if _ready(rule, drawn, made)}
    found = _broken(plan, drawn, made, list(rules.values()))
    left = {title: int(rows.sum()) for title, rows in zip(rules, found, strict=True)}
    told = [replace(each, unsatisfied=left.pop(each.rule, 0)) for each in drawn.kept]
    declared = {title for title, rule in rules.items() if not isinstance(rule, Order)}
    drawn.kept = [each for each in told if each.unsatisfied or each.rule in declared]


def _title(rule: Rule) -> str:
    return rule.text if isinstance(rule, Order) else title_of(rule)


def _moves(rule: Rule) -> bool:
    """Whether a rule is kept by moving a quantity."""
    return isinstance(rule, Order) or (isinstance(rule, Formula) and not _gives_a_column(rule))


def _mended(
    plan: Blueprint,
    drawn: Drawn,
    made: Mapping[str, Drawn],
    rules: Sequence[Rule],
    redrawn: Sequence[int],
    where: tuple[int, int],
) -> list[Kept]:
    """Mend the rows that break rules still; tells how each declared rule fared, and those found that are broken."""
    mended = [0] * len(rules)
    for _ in range(2):  # what is mended for a rule may break one before it
        for index, rows in enumerate(_broken(plan, drawn, made, rules)):
            if rows.any():
                mended[index] += _mend(plan, drawn, made, rules[index], *where)
        settle(plan, drawn, made)
    _squeeze(plan, drawn, made, [rule for rule in rules if isinstance(rule, Order)])
    left = [int(rows.sum()) for rows in _broken(plan, drawn, made, rules)]
    counted = zip(rules, redrawn, mended, left, strict=True)
    return [
        Kept(drawn.node.name, _title(rule), *counts)
        for rule, *counts in counted
        if counts[-1] or not isinstance(rule, Order)
    ]


def _squeeze(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], orders: Sequence[Order]) -> None:
    """Where what a quantity may not be below is above what it may not be above: move these bounds instead of it."""
    for _ in range(_SQUEEZED):
        found = [(order, rows) for order in orders if (rows := _breaking(drawn, made, order)).any()]
        if not found:
            return
        for order, rows in found:
            if order.above is not None or order.other in drawn.fixed:
                _move_to_bound(drawn, order, rows, _bound(drawn, made, order))
                continue
            sign: Literal["<=", ">="] = "<=" if order.sign == ">=" else ">="
            turned = replace(order, column=order.other, other=order.column, sign=sign)
            rows = _breaking(drawn, made, turned)
            _move_to_bound(drawn, turned, rows, _bound(drawn, made, turned))
            _let_go(plan, drawn, turned.column, rows)
        settle(plan, drawn, made)


def _drawn_again(rule: Rule, attempt: int, together: bool) -> bool:
    """Whether rows that break a rule are drawn once more for it. What was found is mended after a few attempts."""
    return not isinstance(rule, Order) or (attempt < TRIES_FOUND and not together)


def _gives_a_column(rule: Rule) -> bool:
    """Whether a rule says what a column is, which no drawing meets: a key that is that of another column."""
    return isinstance(rule, Formula) and rule.target is not None


def _ready(rule: Rule, drawn: Drawn, made: Mapping[str, Drawn]) -> bool:
    """Whether the rule's columns are filled by now, and it is not about rows below, which are not drawn yet."""
    if isinstance(rule, Order):
        owner = drawn if rule.above is None else made[rule.above]
        return rule.column in drawn.numbers and rule.other in owner.numbers
    if isinstance(rule, Formula):
        own = [name.column for name in rule.names() if name.table in (None, drawn.node.name)]
        return not rule.tables_below() and all(name in drawn.cells for name in own)
    return all(name in drawn.cells for name in rule.columns)


def _broken(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rules: Sequence[Rule]) -> list[Flags]:
    """The rows that break each rule; formulas are asked all at once."""
    asked = iter(broken(plan, drawn, made, [rule for rule in rules if isinstance(rule, Formula)]))
    return [next(asked) if isinstance(rule, Formula) else _breaking(drawn, made, rule) for rule in rules]


def _breaking(drawn: Drawn, made: Mapping[str, Drawn], rule: Order | Unique | Allowed | Determines) -> Flags:
    if isinstance(rule, Order):
        return order_flags(rule, drawn.numbers[rule.column], _bound(drawn, made, rule))
    if isinstance(rule, Unique):
        return repeats(drawn, rule.columns)
    if isinstance(rule, Allowed):
        allowed = set(rule.combinations)
        return np.array([cells not in allowed for cells in zip(*_texts(drawn, rule.columns), strict=True)])
    return _contradicting(drawn, rule)


def _bound(drawn: Drawn, made: Mapping[str, Drawn], rule: Order) -> NDArray[np.float64]:
    """What the column of an order may not pass, in each row."""
    return drawn.numbers[rule.other] if rule.above is None else made[rule.above].numbers[rule.other][drawn.parent]


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
    """Draw rows again with another seed; in a table drawn in turn, all the rows of the parents concerned."""
    if in_turn(plan, drawn.node.name):
        rows = np.isin(drawn.parent, drawn.parent[rows])
    fresh = Drawn(drawn.node, drawn.parent[rows], drawn.unit[rows], no_codes(int(rows.sum()), drawn.codes.shape[1]))
    draw_parts(plan, fresh, made, seed, block)
    decode(plan, fresh, made, seed, block)
    settle(plan, fresh, made)
    mask = pa.array(rows)
    drawn.codes[rows] = fresh.codes
    for name, numbers in fresh.numbers.items():
        drawn.numbers[name] = drawn.numbers[name].copy()
        drawn.numbers[name][rows] = numbers
    for name, cells in fresh.cells.items():
        drawn.cells[name] = pc.replace_with_mask(drawn.cells[name], mask, cells)


def _mend(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rule: Rule, seed: int, block: int) -> int:
    """Mend the rows that break a rule still; how many there were, those apart of which it says what a column is."""
    (rows,) = _broken(plan, drawn, made, [rule])
    count = int(rows.sum())
    if not count:
        return 0
    if isinstance(rule, Unique):
        drawn.keep(~rows | bool(drawn.fixed))  # persons who are given stay, all of them
    elif isinstance(rule, Allowed):
        _allow(drawn, rule, rows, rng(seed, drawn.node.name, "allowed", block).uniform(count))
    elif isinstance(rule, Formula):
        _move(plan, drawn, made, rule, rows)
        _let_go(plan, drawn, rule.test.left.column if isinstance(rule.test.left, Name) else "", rows)
    elif isinstance(rule, Order):
        _move_to_bound(drawn, rule, rows, _bound(drawn, made, rule))
        _let_go(plan, drawn, rule.column, rows)
    elif rule.column not in drawn.fixed:
        column = drawn.node.table.column(rule.column)
        put_cells(drawn, column, pa.array(_first_told(drawn, rule), type=pa.string()).cast(arrow_type(column)))
    return 0 if _gives_a_column(rule) else count


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


def add_up(kept: Iterable[Kept], total: dict[str, dict[str, dict[str, int]]]) -> None:
    """Add what was counted in a block to the counts of each rule, by table and rule."""
    for each in kept:
        counts = total.setdefault(each.table, {}).setdefault(each.rule, {"redrawn": 0, "mended": 0, "unsatisfied": 0})
        counts["redrawn"] += each.redrawn
        counts["mended"] += each.mended
        counts["unsatisfied"] += each.unsatisfied


def announce(total: Mapping[str, Mapping[str, Mapping[str, int]]]) -> None:
    """Say how the rules fared where rows had to be mended or break one still; of the others in one line a table."""
    for table, rules in total.items():
        for rule, counts in rules.items():
            if counts["mended"] or counts["unsatisfied"]:
                say(
                    f"table {table}, rule {rule}: {counts['redrawn']} rows drawn again, {counts['mended']} mended, "
                    f"{counts['unsatisfied']} not satisfied"
                )
        again = [counts["redrawn"] for counts in rules.values() if counts["redrawn"]]
        if again:
            say(f"table {table}: {sum(again)} rows drawn again to keep {len(again)} of its rules")
