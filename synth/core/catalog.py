"""Catalog: what the tables are, how they join, and who the person is.

A catalog says nothing about where the rows are (see `dataset`) and is written as a Data Package (see `descriptor`).
The words it is made of (`table`) are handed on from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from synth.core.catalog_checks import check_catalog
from synth.core.errors import UserError
from synth.core.table import (
    COLUMN_TYPES,
    ROLES,
    Column,
    ColumnType,
    ForeignKey,
    Marker,
    Person,
    Role,
    Table,
)
from synth.core.tablerules import outside

__all__ = [
    "COLUMN_TYPES",
    "ROLES",
    "Catalog",
    "Column",
    "ColumnType",
    "ForeignKey",
    "Marker",
    "Person",
    "Role",
    "Table",
]


@dataclass(frozen=True)
class Catalog:
    """Tables that belong together, and the person they are about.

    Raises UserError on a name given twice, a key over an unknown column or table, or a cycle of foreign keys.
    A table may refer to itself.
    """

    tables: tuple[Table, ...]
    person: Person | None = None
    name: str = "tables"
    title: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_catalog(self.tables, self.person)

    @cached_property
    def table_names(self) -> tuple[str, ...]:
        """Names of the tables, in order."""
        return tuple(table.name for table in self.tables)

    @cached_property
    def _by_name(self) -> dict[str, Table]:
        return {table.name: table for table in self.tables}

    def table(self, name: str) -> Table:
        """The table called `name`. Raises UserError when there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            raise UserError("no such table in the catalog", table=name, remedy="correct the name") from None

    def select(self, names: tuple[str, ...]) -> Catalog:
        """The catalog of these tables alone; foreign keys to, and rules over, tables left out are dropped."""
        kept = frozenset(names)
        tables = tuple(
            replace(
                table,
                foreign_keys=tuple(key for key in table.foreign_keys if key.target in kept),
                rules=tuple(rule for rule in table.rules if outside(rule) <= kept),
            )
            for table in (self.table(name) for name in names)
        )
        person = self.person if self.person is not None and self.person.table in kept else None
        return replace(self, tables=tables, person=person)
