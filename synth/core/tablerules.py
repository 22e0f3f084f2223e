"""What a catalog says of the rows of one table, in `synth:rules` on its schema: formulas, combinations, dependencies.

"synth:rules": [
  "end >= start",
  "paid = round(base * rate / 100, 2)",
  "began is missing when smoker = 'no'",
  {"columns": ["sex", "pregnant"], "allowed": [[1, false], [2, false], [2, true]]},
  {"columns": ["ward", "bed", "day"], "unique": true},
  {"columns": ["commune"], "determines": "departement"},
  {"columns": ["person", "day", "act"], "sum": "quantity", "minimum": 0}
]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synth.core.errors import UserError
from synth.core.ruletext import Formula, parse_formula

_HELP = (
    'write a text such as "end >= start", or an object with "columns" and "allowed", "unique", "determines" or "sum"'
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The only combinations these columns may have: values as text, None for a missing cell."""

    columns: tuple[str, ...]
    combinations: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Unique:
    """No two rows have the same values in these columns; a combination with a missing cell is nobody's."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Determines:
    """Rows alike in `columns` are alike in `column`: a commune has one departement, a code one label."""

    columns: tuple[str, ...]
    column: str


@dataclass(frozen=True, slots=True)
class Total:
    """Rows alike in `columns` have at least `minimum` of `column` in all: what is cancelled had been booked."""

    columns: tuple[str, ...]
    column: str
    minimum: float


TableRule = Formula | Allowed | Unique | Determines | Total


def rule_from(item: Any, table: str, number: int | None = None) -> TableRule:
    """One rule from a descriptor, the `number`-th one of its list. Raises UserError when it is none."""
    try:
        return parse_formula(item) if isinstance(item, str) else _combination(item)
    except UserError as error:
        place = "" if number is None else f", rule {number}"
        raise UserError(f"`synth:rules`{place}: {error.problem}", table=table, remedy=error.remedy) from None


def _combination(item: Any) -> TableRule:
    if not isinstance(item, Mapping) or not isinstance(item.get("columns"), list) or not item["columns"]:
        raise UserError("a rule is neither a text nor an object with columns", remedy=_HELP)
    columns = tuple(str(name) for name in item["columns"])
    kinds = set(item) - {"columns"}
    if kinds == {"unique"} and item["unique"] is True:
        return Unique(columns)
    if kinds == {"determines"} and isinstance(item["determines"], str):
        return Determines(columns, item["determines"])
    if kinds == {"sum", "minimum"} and isinstance(item["sum"], str) and type(item["minimum"]) in (int, float):
        return Total(columns, item["sum"], float(item["minimum"]))
    listed = item.get("allowed")
    if kinds == {"allowed"} and isinstance(listed, list) and listed:
        if all(isinstance(one, list) and len(one) == len(columns) for one in listed):
            return Allowed(columns, tuple(tuple(_as_text(cell) for cell in one) for one in listed))
        raise UserError("a combination has not one value for each column", remedy=_HELP)
    raise UserError("a rule says neither what is allowed, unique, determined nor summed", remedy=_HELP)


def _as_text(cell: Any) -> str | None:
    """A value as cells are written: booleans in small letters, whole numbers without a point."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def document_of(rule: TableRule) -> Any:
    """The rule as a descriptor writes it; `rule_from` gives it back."""
    if isinstance(rule, Formula):
        return rule.text
    head: dict[str, Any] = {"columns": list(rule.columns)}
    if isinstance(rule, Unique):
        return head | {"unique": True}
    if isinstance(rule, Determines):
        return head | {"determines": rule.column}
    if isinstance(rule, Total):
        whole = rule.minimum.is_integer()
        return head | {"sum": rule.column, "minimum": int(rule.minimum) if whole else rule.minimum}
    return head | {"allowed": [list(one) for one in rule.combinations]}


def title_of(rule: TableRule) -> str:
    """How messages and receipts call the rule: by its columns, never by values."""
    if isinstance(rule, Formula):
        return rule.text
    listed = ", ".join(rule.columns)
    if isinstance(rule, Determines):
        return f"{listed} determines {rule.column}"
    if isinstance(rule, Total):
        return f"sum of {rule.column} by {listed}"
    return f"unique: {listed}" if isinstance(rule, Unique) else f"allowed: {listed}"


def outside(rule: TableRule) -> frozenset[str]:
    """The other tables that a rule names."""
    if not isinstance(rule, Formula):
        return frozenset()
    return frozenset(name.table for name in rule.names() if name.table is not None) | frozenset(rule.tables_below())
