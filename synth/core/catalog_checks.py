"""What makes a catalog coherent: names once, keys over columns that exist, no cycle between tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from synth.core.errors import UserError
from synth.core.table import ForeignKey, Person, Table
from synth.core.tablerule_checks import check_rules


def check_catalog(tables: tuple[Table, ...], person: Person | None) -> None:
    """Raise UserError at the first incoherence found."""
    _once((table.name for table in tables), "table")
    by_name = {table.name: table for table in tables}
    for table in tables:
        _check_table(table, by_name)
        check_rules(table, by_name)
    if person is not None:
        _check_person(person, by_name)
    _check_cycles(tables)


def _once(names: Iterable[str], kind: str, table: str | None = None) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        where = {"table": twice[0]} if kind == "table" else {"table": table, "column": twice[0]}
        raise UserError(f"the {kind} is declared twice", remedy="give each its own name", **where)


def _check_table(table: Table, by_name: dict[str, Table]) -> None:
    _once(table.column_names, "column", table.name)
    if not table.columns:
        raise UserError("the table has no column", table=table.name, remedy="declare its fields")
    named = (("primary key", table.primary_key), ("order", table.order_by), ("parent", table.parent or ()))
    for role, names in named + tuple(("unique key", key) for key in table.unique_keys):
        _columns_exist(table, names, role)
    for key in table.foreign_keys:
        _check_foreign_key(table, key, by_name)
    if table.parent is not None and table.parent not in {key.columns for key in table.foreign_keys}:
        raise UserError("the parent is not one of the foreign keys", table=table.name, remedy="correct `synth:parent`")


def _columns_exist(table: Table, names: tuple[str, ...], role: str) -> None:
    for name in names:
        if not table.has(name):
            raise UserError(
                f"the {role} names a column that the table does not have",
                table=table.name,
                column=name,
                remedy="correct the name or declare the column",
            )


def _check_foreign_key(table: Table, key: ForeignKey, by_name: dict[str, Table]) -> None:
    _columns_exist(table, key.columns, "foreign key")
    target = by_name.get(key.target)
    if target is None:
        raise UserError(
            f"a foreign key refers to table {key.target}, which is not in the catalog",
            table=table.name,
            remedy="add that table or remove the key",
        )
    _columns_exist(target, key.target_columns, "target of a foreign key")
    if len(key.columns) != len(key.target_columns) or not key.columns:
        raise UserError(
            f"a foreign key to {key.target} pairs unequal numbers of columns",
            table=table.name,
            remedy="name as many columns on both sides",
        )


def _check_person(person: Person, by_name: dict[str, Table]) -> None:
    if person.table not in by_name:
        raise UserError("the person table is not in the catalog", table=person.table, remedy="correct `synth:person`")
    if not person.key:
        raise UserError("the person has no key", table=person.table, remedy="name the key in `synth:person`")
    _columns_exist(by_name[person.table], person.key, "person key")


def _check_cycles(tables: tuple[Table, ...]) -> None:
    waiting = {table.name: {key.target for key in table.foreign_keys} - {table.name} for table in tables}
    while waiting:
        free = {name for name, targets in waiting.items() if not targets & waiting.keys()}
        if not free:
            ring = " -> ".join(_ring(waiting))
            raise UserError(f"foreign keys form a cycle: {ring}", remedy="remove one of these keys from the catalog")
        for name in free:
            del waiting[name]


def _ring(waiting: dict[str, set[str]]) -> list[str]:
    path = [min(waiting)]
    while True:
        following = min(waiting[path[-1]] & waiting.keys())
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)
