"""What makes the rules of a table coherent: columns and tables that are there, and keys that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from synth.core.errors import UserError
from synth.core.ruletext import Formula
from synth.core.table import Table
from synth.core.tablerules import Allowed, Determines, Total


def check_rules(table: Table, by_name: Mapping[str, Table]) -> None:
    """Raise UserError where a rule names a column or a table that is not there, or that no key leads to."""
    for rule in table.rules:
        if isinstance(rule, Formula):
            _check_formula(table, rule, by_name)
        else:
            named = (*rule.columns, rule.column) if isinstance(rule, Determines | Total) else rule.columns
            for name in named:
                _require_column(table, name, table)
            if isinstance(rule, Allowed):
                _check_values(table, rule)
            if isinstance(rule, Total) and table.column(rule.column).type not in ("integer", "number"):
                raise UserError(
                    "a rule sums a column that holds no numbers",
                    table=table.name,
                    column=rule.column,
                    remedy="sum a column of type integer or number",
                )


def _check_values(table: Table, rule: Allowed) -> None:
    """Every value that a rule allows must be one that its column can hold."""
    for place, name in enumerate(rule.columns):
        read = _READ.get(table.column(name).type)
        for one in rule.combinations:
            try:
                if read is not None and one[place] is not None:
                    read(str(one[place]))
            except ValueError:
                raise UserError(
                    f"a rule allows a value that a column of type {table.column(name).type} cannot hold",
                    table=table.name,
                    column=name,
                    remedy="write values as the column holds them, null where it is missing",
                ) from None


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"


_READ: Mapping[str, Callable[[str], object]] = {
    "integer": int,
    "year": int,
    "number": float,
    "boolean": _boolean,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def _check_formula(table: Table, rule: Formula, by_name: Mapping[str, Table]) -> None:
    below = set(rule.tables_below())
    above = {key.target for key in table.foreign_keys} - {table.name}
    for name in (*below, *(name.table for name in rule.names() if name.table is not None and name.table not in below)):
        if name not in by_name:
            raise UserError("a rule names a table that is not in the catalog", table=table.name, remedy="correct it")
        leads = any(key.target == table.name for key in by_name[name].foreign_keys) if name in below else name in above
        if not leads:
            raise UserError(
                f"a rule names table {name}, which no key ties to this one",
                table=table.name,
                remedy="name the table that the row refers to, or count and sum one whose rows refer to it",
            )
    for each in rule.names():
        _require_column(table if each.table is None else by_name[each.table], each.column, table)


def _require_column(owner: Table, column: str, table: Table) -> None:
    if not owner.has(column):
        raise UserError(
            "a rule names a column that the table does not have",
            table=owner.name,
            column=column,
            remedy=f"correct `synth:rules` of {table.name}",
        )
