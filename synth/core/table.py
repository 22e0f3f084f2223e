"""Column, Table, Person: one table, its keys and rules, and whose rows they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from synth.core.errors import UserError
from synth.core.tablerules import TableRule

ColumnType = Literal["string", "integer", "number", "boolean", "date", "datetime", "time", "year", "yearmonth", "any"]
Role = Literal["key", "code", "number", "date", "text"]
COLUMN_TYPES: tuple[str, ...] = get_args(ColumnType)
ROLES: tuple[str, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Marker:
    """How a synthetic key is told from a real one: a text prefix, or the integers from `start` on, by `step`."""

    prefix: str | None = None
    start: int | None = None
    step: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `valid_from` and `valid_to` are the first and last years it exists (None: no bound known).

    `maximum_length` counts characters, `scale` digits after the decimal point; `categories` is the closed list of
    values written as text, public knowledge; `nomenclature` names a code list under `schemas/nomenclatures/`.
    """

    name: str
    type: ColumnType = "string"
    role: Role = "text"
    nullable: bool = True
    categories: tuple[str, ...] = ()
    nomenclature: str | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    format: str | None = None
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    minimum_length: int | None = None
    maximum_length: int | None = None
    pattern: str | None = None
    scale: int | None = None
    marker: Marker | None = None
    title: str | None = None
    description: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of the table that holds it, in order, equal `target_columns` of one row of table `target`."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table. `order_by` names the columns that put a parent's rows in order of time.

    `parent` picks the foreign key (by its columns) that ties a row to its person when several could; `public` marks a
    referential that anyone may see, carried over as it is instead of being learned. `rules` is what every row keeps
    (see `tablerules`), drawn rows too. `extra` holds the other properties
    of the schema (`missingValues` among them), `resource` those of the resource around it (`dialect`, `encoding` ...).
    """

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    order_by: tuple[str, ...] = ()
    parent: tuple[str, ...] | None = None
    public: bool = False
    rules: tuple[TableRule, ...] = ()
    path: str | None = None
    title: str | None = None
    description: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    resource: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """The column called `name`. Raises UserError when there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            raise UserError("no such column", table=self.name, column=name, remedy="correct the name") from None

    def has(self, name: str) -> bool:
        """Whether a column is called `name`."""
        return name in self._by_name

    @cached_property
    def key_columns(self) -> frozenset[str]:
        """Columns that belong to the primary key, a unique key or a foreign key."""
        foreign = {name for key in self.foreign_keys for name in key.columns}
        unique = {name for key in self.unique_keys for name in key}
        return frozenset(self.primary_key) | foreign | unique


@dataclass(frozen=True, slots=True)
class Person:
    """The unit of learning, of privacy and of evaluation: one row of `table`, told apart by `key`."""

    table: str
    key: tuple[str, ...]
    guessed: bool = False
