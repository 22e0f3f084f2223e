"""DuckDB types of columns: those of the portal (Oracle) where the catalog knows them and every value fits them.

The catalog keeps the declared Oracle type of an SNDS column in `synth:oracle`. NUMBER(p) and NUMBER(p,s) become
INTEGER, BIGINT or DECIMAL(p,s), VARCHAR2(n) becomes VARCHAR(n). Values that would not survive (more digits than
declared, as tables that were not made by the portal may hold) keep the wide type.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Column, Table

_ORACLE = re.compile(r"(VARCHAR2|CHAR|NUMBER)\((\d+)(?:,\s*(\d+))?\)$")
_WIDE = {
    "integer": "BIGINT",
    "year": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
_INTEGER_DIGITS = 9  # that always fit four bytes
_EXACT_DIGITS = 15  # that a double tells apart


def wide_type(column: Column) -> str:
    """The DuckDB type that holds any value of the column's type."""
    return _WIDE.get(column.type, "VARCHAR")


def portal_type(column: Column) -> str | None:
    """The DuckDB type nearest to what the catalog says the portal declares; None where it says nothing narrower."""
    found = _ORACLE.match(str(column.extra.get("synth:oracle", "")))
    if found is None:
        return None
    kind, digits, scale = found[1], int(found[2]), int(found[3] or 0)
    if kind != "NUMBER":
        return f"VARCHAR({digits})" if wide_type(column) == "VARCHAR" and digits else None
    if column.type == "integer" and digits <= _INTEGER_DIGITS and not found[3]:
        return "INTEGER"
    if column.type == "number" and found[3] and scale < digits <= _EXACT_DIGITS:
        return f"DECIMAL({digits},{scale})"
    return None


class FittingTypes:
    """The types of one table's columns, narrow as long as the rows seen fit them."""

    def __init__(self, table: Table) -> None:
        self._types = {column.name: wide_type(column) for column in table.columns}
        keys = table.key_columns  # both ends of a key have one type
        self._narrow = {
            column.name: kind
            for column in table.columns
            if (kind := portal_type(column)) and (column.name not in keys or kind.startswith("VARCHAR"))
        }

    def see(self, batch: pa.RecordBatch) -> None:
        """Widen the types that some value of these rows does not fit."""
        for name, kind in list(self._narrow.items()):
            if not kind.startswith("VARCHAR") and not _fits(batch.column(name), kind):
                del self._narrow[name]

    def types(self) -> dict[str, str]:
        """DuckDB types by column."""
        return self._types | self._narrow


def _fits(cells: pa.Array, kind: str) -> bool:
    if cells.null_count == len(cells):
        return True
    extremes = pc.min_max(cells).as_py()
    largest = max(abs(extremes["min"]), abs(extremes["max"]))
    if kind == "INTEGER":
        return bool(largest < 10**_INTEGER_DIGITS)
    digits, scale = (int(part) for part in kind[len("DECIMAL(") : -1].split(","))
    if largest >= 10 ** (digits - scale):
        return False
    values = pc.drop_null(cells).to_numpy(zero_copy_only=False)
    return bool(np.array_equal(np.round(values * 10**scale) / 10**scale, values))
