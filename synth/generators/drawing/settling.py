"""Settling: the columns that others give are computed, once the rows they are made of are drawn.

The same SQL that confirmed a relation on training rows computes it here, on one block of drawn rows held in DuckDB.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.values import measure, to_numbers
from synth.core.arrays import arrow_of, numpy_of, text_array
from synth.core.catalog import Column
from synth.core.dataset import arrow_type
from synth.core.ruletext import Formula, Name
from synth.engines.expressions import Question, link_to
from synth.engines.forest import Node
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.codes import levels_of
from synth.generators.drawing.drawn import Drawn
from synth.generators.relations.relation import Cell, Dependency, Relation


class _Drawing:
    """How drawn tables are called in SQL."""

    def name(self, node: Node) -> str:
        """A table, by what it is to the one that is settled."""
        return self.names[node.name]

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    @staticmethod
    def column(node: Node, name: str) -> str:
        """A column, by its place."""
        return f"c{node.table.column_names.index(name)}"


@cache
def _engine() -> Any:
    import duckdb

    return duckdb.connect(config={"threads": 1})


def settle(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], targets: Collection[str] | None = None) -> None:
    """Compute what relations give in the rows of a table, its parent's being settled in `made`: all, or some columns.

    What is counted or summed over rows below is computed where these rows are in `made`. Formulas that do not wait
    for one another are asked in one query.
    """
    waiting: list[Relation] = []
    for each in plan.relations.of(drawn.node.name):
        if targets is not None and each.target not in targets:
            continue
        if _waits(each, waiting):
            _compute_all(plan, drawn, made, waiting)
            waiting = []
        if each.target in drawn.fixed:
            put_cells(drawn, drawn.node.table.column(each.target), drawn.fixed[each.target])
        elif isinstance(each, Dependency):
            _look_up(plan, drawn, each)
        elif can_be_asked(drawn, made, each.formula):
            waiting.append(each)
        elif each.mode == "always" and each.target not in drawn.cells:
            column = drawn.node.table.column(each.target)
            drawn.cells[column.name] = pa.nulls(drawn.rows, arrow_type(column))
    _compute_all(plan, drawn, made, waiting)


def can_be_asked(drawn: Drawn, made: Mapping[str, Drawn], formula: Formula) -> bool:
    """Whether what a formula is about is there: the rows below, and those that keys lead to."""
    below = formula.tables_below()
    if any(name not in made for name in below):
        return False
    for table in _linked_tables(drawn, [formula], below):
        key = link_to(drawn.node, table)
        if key is None or not (table in made or table in drawn.linked) or not set(key.columns) <= set(drawn.cells):
            return False
    return True


def _linked_tables(drawn: Drawn, formulas: Iterable[Formula], below: Collection[str]) -> list[str]:
    """The tables that formulas name besides the rows' own, their parents' and those below."""
    own = {None, drawn.node.name, *below} | ({drawn.node.parent.target} if drawn.node.parent is not None else set())
    return list(dict.fromkeys(str(n.table) for each in formulas for n in each.names() if n.table not in own))


def settle_linked(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn]) -> None:
    """Once keys are filled: compute what is made of the rows that these lead to, and all that rests on it."""
    formulas = [each for each in plan.relations.formulas if each.table == drawn.node.name]
    moved = {(e.table, e.target) for e in formulas if _linked_tables(drawn, [e.formula], e.formula.tables_below())}
    if moved:
        settle(plan, drawn, made, {column for table, column in _resting(plan, moved) if table == drawn.node.name})


def _waits(each: Relation | Dependency, waiting: Sequence[Relation]) -> bool:
    """Whether a relation reads what others are about to give, or gives what they give or read."""
    given = {one.target for one in waiting}
    read = {name for one in waiting for name in one.sources}
    return each.target in given | read or bool(given & set(each.sources))


def settle_rows(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rows: NDArray[np.bool_]) -> None:
    """Compute what relations give in some rows of a table alone."""
    targets = {each.target for each in plan.relations.of(drawn.node.name)}
    places = np.flatnonzero(rows)
    if len(places) and targets:
        some = replace(drawn.take(places), numbered=places)
        settle(plan, some, made)
        drawn.put(places, some, np.arange(some.rows), targets)


def settle_upwards(plan: Blueprint, made: Mapping[str, Drawn]) -> None:
    """Once all tables of a block are drawn: what is counted or summed over rows below, and all that rests on it."""
    resting = _resting(plan, {(e.table, e.target) for e in plan.relations.formulas if e.formula.tables_below()})
    for drawn in (*reversed(list(made.values())), *made.values()):
        targets = {column for table, column in resting if table == drawn.node.name}
        if targets:
            settle(plan, drawn, made, targets)


def _resting(plan: Blueprint, moved: set[Cell]) -> set[Cell]:
    """Columns and all those that rest on them, of any table."""
    every: list[Relation | Dependency] = [*plan.relations.formulas, *plan.relations.dependencies]
    found, before = set(moved), -1
    while len(found) > before:
        before = len(found)
        found |= {(each.table, each.target) for each in every if found & set(each.reads)}
    return found


def _look_up(plan: Blueprint, drawn: Drawn, each: Dependency) -> None:
    """A column given by the code in another one, where it is a code that is known and no presence speaks against it."""
    source = drawn.cells[each.source].cast(pa.string())
    place = pc.index_in(source, text_array(list(each.pairs)))
    values = text_array(list(each.pairs.values())).take(place)
    column = drawn.node.table.column(each.target)
    known = place.is_valid() if column.nullable else pc.and_(place.is_valid(), values.is_valid())
    for one in plan.relations.presences:
        pair = {one.column, one.other} - {each.target}
        if one.table == each.table and len(pair) == 1 and pair <= set(drawn.cells):
            there = drawn.cells[pair.pop()].is_valid()
            known = pc.and_(known, pc.equal(values.is_valid(), there if one.together else pc.invert(there)))
    put_cells(drawn, column, pc.if_else(known, values.cast(arrow_type(column)), drawn.cells[each.target]))


def _compute_all(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], formulas: Sequence[Relation]) -> None:
    """Compute what formulas give that do not wait for one another."""
    if not formulas:
        return
    columns = [drawn.node.table.column(each.target) for each in formulas]
    if not drawn.rows:
        for each, column in zip(formulas, columns, strict=True):
            if each.mode == "always":
                put_cells(drawn, column, pa.nulls(0, arrow_type(column)))
        return
    values = _values(plan, drawn, made, formulas, columns)
    for each, column, (value, asked) in zip(formulas, columns, values, strict=True):
        _put_values(plan, drawn, each, column, value, asked)


def _put_values(
    plan: Blueprint, drawn: Drawn, each: Relation, column: Column, value: pa.Array, asked: pa.Array
) -> None:
    """Write what a formula gives into the rows in which it does."""
    old = drawn.cells.get(each.target)
    if old is None:
        old = pa.nulls(drawn.rows, arrow_type(column))
    if each.mode == "always":
        chosen = asked
    elif each.mode == "present":
        chosen = pc.and_(asked, pc.and_(value.is_valid(), old.is_valid()))
    else:
        same = levels_of(plan, drawn, f"echo {each.target}", "other") == "same"
        chosen = arrow_of(same)
        if not isinstance(each.formula.value, Name):
            chosen = pc.and_(chosen, value.is_valid())
    if not column.nullable:
        chosen = pc.and_(chosen, value.is_valid())
    put_cells(drawn, column, pc.if_else(chosen, value, old))


def put_cells(drawn: Drawn, column: Column, cells: pa.Array | pa.ChunkedArray) -> None:
    """Fill a column, and its numbers where it is a quantity."""
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    if not column.nullable and cells.null_count:
        cells = _filled(cells, column)
    drawn.cells[column.name] = cells
    if measure(column) == "number":
        drawn.numbers[column.name] = to_numbers(cells, column)


def _filled(cells: pa.Array, column: Column) -> pa.Array:
    """A required cell that cannot be computed takes what stands in the row before it that could."""
    known = cells.drop_null()
    if len(known):
        return pc.fill_null(pc.fill_null_forward(cells), known[0])
    return cells


def _values(
    plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], formulas: Sequence[Relation], columns: Sequence[Column]
) -> list[tuple[pa.Array, pa.Array]]:
    """The value of each formula in every row, as its column's type, and whether the row is one it is for."""
    with _asking(plan, drawn, made, [each.formula for each in formulas]) as question:
        shown = []
        for each, column in zip(formulas, columns, strict=True):
            value = _as_column(plan, drawn, column, question.value(each.formula.value).sql)
            shown += [value, question.condition(each.formula.when)]
        listed = ", ".join(f"{sql} as v{index}" for index, sql in enumerate(shown))
        found = _engine().sql(f"select {listed} from {question.source} order by a.row").to_arrow_table()
    cells = [column.combine_chunks() for column in found.columns]
    pairs = zip(cells[::2], cells[1::2], columns, strict=True)
    return [(value.cast(arrow_type(column)), asked) for value, asked, column in pairs]


def _as_column(plan: Blueprint, drawn: Drawn, column: Column, sql: str) -> str:
    kind = {"integer": "bigint", "year": "bigint", "number": "double", "boolean": "boolean", "date": "date"}
    wanted = kind.get(column.type, "timestamp" if column.type == "datetime" else "varchar")
    digits = plan.relations.decimals.get((drawn.node.name, column.name)) if column.type == "number" else None
    return f"try_cast({sql if digits is None else f'round({sql}, {digits})'} as {wanted})"


def value_of(
    plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], formula: Formula, column: Column, step: int = 0
) -> pa.Array:
    """The right side of a formula in every row of a table, `step` added, as cells of a column."""
    with _asking(plan, drawn, made, [formula]) as question:
        sql = question.value(formula.value).sql + (f" + {step}" if step else "")
        query = f"select {_as_column(plan, drawn, column, sql)} as v from {question.source} order by a.row"
        found = _engine().sql(query).to_arrow_table()
    return found["v"].combine_chunks().cast(arrow_type(column))


def broken(
    plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], rules: Sequence[Formula]
) -> list[NDArray[np.bool_]]:
    """For each rule the rows of a table that break it; where a cell it needs is missing, it is not broken."""
    if not rules:
        return []
    with _asking(plan, drawn, made, rules) as question:
        tests = [f"{question.condition(r.when)} and coalesce(not {question.holds(r.test)}, false)" for r in rules]
        listed = ", ".join(f"{test} as b{index}" for index, test in enumerate(tests))
        found = _engine().sql(f"select {listed} from {question.source} order by a.row").to_arrow_table()
    return [numpy_of(column, False) for column in found.columns]


@contextmanager
def _asking(
    plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], formulas: Sequence[Formula]
) -> Iterator[Question]:
    """Questions about drawn rows: the tables they are about stand in DuckDB meanwhile."""
    node, names = drawn.node, {drawn.node.name: "mine"}
    used: dict[str, pa.Table] = {"mine": _table(drawn)}
    if node.parent is not None:
        names[node.parent.target] = "above"
        used["above"] = _table(made[node.parent.target])
    below = dict.fromkeys(name for each in formulas for name in each.tables_below())
    for index, name in enumerate((*below, *_linked_tables(drawn, formulas, below))):
        names[name] = f"other{index}"
        other = made.get(name)
        target = plan.forest.node(name)
        used[names[name]] = _by_place(target, drawn.linked[name]) if other is None else _table(other)
    for name, table in used.items():
        _engine().register(name, table)
    try:
        yield Question(plan.forest, node, _Drawing(names), plan.relations.decimals)
    finally:
        for name in used:
            _engine().unregister(name)


def _by_place(node: Node, rows: pa.Table) -> pa.Table:
    """Rows of a table drawn before, with their number and columns called by their place."""
    places = [f"c{node.table.column_names.index(name)}" for name in rows.column_names]
    return rows.rename_columns(places).append_column("row", arrow_of(np.arange(rows.num_rows)))


def _table(drawn: Drawn) -> pa.Table:
    """The rows as a table with columns called by their place; those that are not filled yet are left out."""
    numbers = np.arange(drawn.rows) if drawn.numbered is None else drawn.numbered
    columns: dict[str, pa.Array] = {"row": arrow_of(numbers), "parent": arrow_of(drawn.parent)}
    for index, column in enumerate(drawn.node.table.columns):
        if column.name in drawn.cells:
            columns[f"c{index}"] = drawn.cells[column.name]
    return pa.table(columns)
