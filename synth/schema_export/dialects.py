"""SQL dialects: how each database names the types of our columns.

Types are those that keep every value: DuckDB documentation "Data Types", SQLite "Datatypes In SQLite", PostgreSQL
"Data Types", Oracle Database SQL Language Reference "Data Types".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from synth.core.catalog import Column

_ORACLE = re.compile(r"(VARCHAR2|CHAR|NUMBER)\((\d+)(?:,\s*(\d+))?\)$")
_INT4, _INT8 = 9, 18  # decimal digits that always fit a 4-byte and an 8-byte integer


@dataclass(frozen=True, slots=True)
class Dialect:
    """`type_of(column, key)` is the column's SQL type; key columns of one kind get one type, so that joins agree."""

    name: str
    type_of: Callable[[Column, bool], str]


def precision(column: Column) -> tuple[int | None, int | None]:
    """Digits in all and after the point, as far as they are declared."""
    oracle = _ORACLE.match(str(column.extra.get("synth:oracle", "")))
    if oracle and oracle[1] == "NUMBER" and (column.type != "number" or oracle[3]):  # some NUMBER(n) hold decimals
        return int(oracle[2]), int(oracle[3] or 0)
    if column.type == "integer" and column.maximum is not None and column.maximum >= 0:
        lowest = 0 if column.minimum is None else column.minimum
        return len(str(int(max(column.maximum, -lowest)))), 0
    return None, column.scale


def _duckdb(column: Column, key: bool) -> str:
    digits, scale = precision(column)
    if column.type == "integer":
        return "BIGINT" if key or digits is None or digits > _INT4 else "INTEGER"
    if column.type == "number":
        return "DOUBLE" if digits is None or digits > 38 else f"DECIMAL({digits},{scale or 0})"
    return _plain(column, "VARCHAR", {"year": "INTEGER", "datetime": "TIMESTAMP"})


def _sqlite(column: Column, key: bool) -> str:
    digits, scale = precision(column)
    if column.type == "number":
        return "REAL" if digits is None else f"DECIMAL({digits},{scale or 0})"
    names = {"integer": "INTEGER", "year": "INTEGER", "boolean": "INTEGER", "date": "TEXT", "time": "TEXT"}
    return names.get(column.type, "TEXT")


def _postgres(column: Column, key: bool) -> str:
    digits, scale = precision(column)
    if column.type == "integer":
        return "bigint" if key or digits is None or digits > _INT4 else "integer"
    if column.type == "number":
        return "double precision" if digits is None else f"numeric({digits},{scale or 0})"
    text = "text" if column.maximum_length is None else f"varchar({max(column.maximum_length, 1)})"
    return _plain(column, text, {"year": "integer", "datetime": "timestamp"}).replace("VARCHAR", "varchar")


def _oracle(column: Column, key: bool) -> str:
    digits, scale = precision(column)
    if column.type == "integer":
        return "NUMBER(38)" if digits is None else f"NUMBER({min(digits, 38)})"
    if column.type == "number":
        return "NUMBER" if digits is None else f"NUMBER({min(digits, 38)},{scale or 0})"
    length = column.maximum_length
    text = "CLOB" if length is not None and length > 4000 else f"VARCHAR2({max(length or 4000, 1)})"
    names = {
        "year": "NUMBER(4)",
        "boolean": "NUMBER(1)",
        "datetime": "TIMESTAMP",
        "date": "DATE",
        "time": "VARCHAR2(8)",
    }
    names["yearmonth"] = "VARCHAR2(7)"
    return names.get(column.type, text)


def _plain(column: Column, text: str, names: dict[str, str]) -> str:
    common = {"date": "DATE", "time": "TIME", "boolean": "BOOLEAN", "yearmonth": "VARCHAR(7)"}
    return (common | names).get(column.type, text)


DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect("duckdb", _duckdb),
        Dialect("sqlite", _sqlite),
        Dialect("postgres", _postgres),
        Dialect("oracle", _oracle),
    )
}
