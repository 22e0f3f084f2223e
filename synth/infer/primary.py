"""Primary keys: the smallest set of columns, three at most, that tells rows apart and is named like a key."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from synth.core.catalog import Catalog, Column, Table
from synth.infer.facts import Facts
from synth.infer.names import folded, home_rank, is_amount, is_code, is_identifier, is_row_number, is_sequence

_MOST_COLUMNS = 3
_TRIED = 10
_ENOUGH = 3
_FEW_ROWS = 5  # below, any two columns may be unique by chance
_MANY_ROWS = 20  # from here on, a first column that is unique is a key whatever its name


def primary_keys(catalog: Catalog, facts: Facts) -> dict[str, tuple[str, ...]]:
    """The primary key guessed for each table; () where nothing is convincing."""
    holders: dict[str, int] = {}
    for table in catalog.tables:
        for name in {folded(name) for name in table.column_names}:
            holders[name] = holders.get(name, 0) + 1
    singles = {table.name: _single(table, facts, holders) for table in catalog.tables}
    known = {folded(key[0]) for key in singles.values() if key}
    shared = {name for name, count in holders.items() if count > 1}
    return {table.name: singles[table.name] or _composite(table, facts, known, shared) for table in catalog.tables}


def _single(table: Table, facts: Facts, holders: dict[str, int]) -> tuple[str, ...]:
    """One column, the more its name is that of a key of this table or is met in other tables, the better."""

    def score(position: int, column: Column) -> int:
        name = column.name
        if is_row_number(name):
            return _ENOUGH
        points = (0, 1, 6, 8)[home_rank(table.name, name)]
        points += 4 * is_identifier(name) + 2 * is_code(name)
        points += (_ENOUGH if facts.rows[table.name] >= _MANY_ROWS else 1) * (position == 0)
        return points + min(3, holders[folded(name)] - 1) * is_identifier(name)

    ranked = [
        (score(position, column), -position, column.name)
        for position, column in enumerate(table.columns)
        if column.type in ("string", "integer")
        and facts.single_key(table.name, column.name)
        and facts.of(table.name, column.name).short
    ]
    best = max(ranked, default=(0, 0, ""))
    least = _ENOUGH if facts.rows[table.name] > 2 else 5  # with two rows nearly anything is unique
    return (best[2],) if best[0] >= least else ()


def _composite(table: Table, facts: Facts, known: Collection[str], shared: Collection[str]) -> tuple[str, ...]:
    """Two or three columns, one an identifier at least; keys of other tables, identifiers, numbers of order first.

    What other tables have as well comes before a date that happens to tell rows apart: they refer to the rows by it.
    """

    def cost(column: Column) -> float:
        if folded(column.name) in known:
            return 0
        if is_identifier(column.name):
            return 0.5
        if is_sequence(column.name):
            return 1
        if column.type in ("string", "integer") and folded(column.name) in shared and not is_amount(column.name):
            return 1.5
        return 2 if column.type in ("date", "datetime", "year", "yearmonth") else 3 if is_code(column.name) else 5

    if facts.rows[table.name] < _FEW_ROWS:
        return ()
    able = [
        column
        for column in table.columns
        if column.type not in ("number", "boolean", "any", "time")
        and not is_row_number(column.name)
        and facts.complete(table.name, column.name)
        and facts.of(table.name, column.name).distinct > 1
        and facts.of(table.name, column.name).short
    ]
    tried = sorted(able, key=cost)[:_TRIED]
    costs = {column.name: cost(column) for column in tried}
    for size in range(2, _MOST_COLUMNS + 1):
        sets = [names for names in combinations(costs, size) if min(costs[name] for name in names) < 1]
        for names in sorted(sets, key=lambda names: sum(costs[name] for name in names)):
            if facts.unique(table.name, names):
                return tuple(name for name in table.column_names if name in names)
    return ()
