"""Relations between columns: what the catalog declares or the rows all show, kept exactly in what is drawn.

A column that others give is not drawn but computed: a total from its parts, a month from its date, a count from the
rows it counts. A relation is a rule of the same language as `synth:rules`, so that whoever reads the model reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from synth.core.ruletext import Formula, Name, parse_formula, quoted

Cell = tuple[str, str]  # a column of a table

# always: whatever the row, the column is computed; present: where the column and all it is made of are there;
# mostly: in a share of the rows that is learned like anything else
Mode = Literal["always", "present", "mostly"]


@dataclass(frozen=True, slots=True)
class Relation:
    """A column of `table` and the formula that gives it; `support` is how many units have it there and computed."""

    table: str
    formula: Formula
    mode: Mode
    declared: bool
    support: int

    @property
    def target(self) -> str:
        """The column that is computed."""
        return str(self.formula.target)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the same row that it reads."""
        read = [name.column for name in self.formula.names() if name.table is None]
        return tuple(name for name in dict.fromkeys(read) if name != self.target)

    @property
    def reads(self) -> tuple[Cell, ...]:
        """The columns that it reads, of any table."""
        own = Name(self.target)
        return tuple((name.table or self.table, name.column) for name in self.formula.names() if name != own)

    def document(self) -> dict[str, Any]:
        """The relation as plain JSON data."""
        head = {"table": self.table, "rule": self.formula.text, "mode": self.mode}
        return head | {"declared": self.declared, "support": self.support}


@dataclass(frozen=True, slots=True)
class Dependency:
    """Column `target` is given by column `source` for the values of it in `pairs`, each told by k units or more.

    Values are written as text; None stands for a missing cell.
    """

    table: str
    source: str
    target: str
    pairs: Mapping[str, str | None]
    support: int
    declared: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the same row that it reads."""
        return (self.source,)

    @property
    def name(self) -> str:
        """How the statistic of it is called."""
        return f"dependency/{self.table}/{self.target}/{self.source}"

    @property
    def reads(self) -> tuple[Cell, ...]:
        """The column that it reads."""
        return ((self.table, self.source),)


@dataclass(frozen=True, slots=True)
class Order:
    """Column `column` is never above (`sign` <=) or below (>=) column `other`, of the row itself or of its parent's in
    table `above`; `support` is how many units have both.
    """

    table: str
    column: str
    sign: Literal["<=", ">="]
    above: str | None
    other: str
    support: int

    @property
    def text(self) -> str:
        """The order as a rule is written."""
        other = quoted(self.other) if self.above is None else f"{quoted(self.above)}.{quoted(self.other)}"
        return f"{quoted(self.column)} {self.sign} {other}"

    def document(self) -> dict[str, Any]:
        """The order as plain JSON data."""
        told = {"table": self.table, "column": self.column, "sign": self.sign}
        return told | {"above": self.above, "other": self.other, "support": self.support}


@dataclass(frozen=True, slots=True)
class Presence:
    """Column `column` is missing in the rows in which column `other` is (`together`), or in exactly the other rows.

    `support` is how many units are on the side that has fewer.
    """

    table: str
    column: str
    other: str
    together: bool
    support: int

    @property
    def text(self) -> str:
        """What is so, in words."""
        return (
            f"{quoted(self.column)} is missing where {quoted(self.other)} is {'' if self.together else 'not'}".strip()
        )

    def document(self) -> dict[str, Any]:
        """The presence as plain JSON data."""
        told = {"table": self.table, "column": self.column, "other": self.other}
        return told | {"together": self.together, "support": self.support}


@dataclass(frozen=True)
class Relations:
    """All relations and dependencies, each after those that give what it reads, and the digits of number columns.

    `orders` are kept by drawing again what breaks them, `presences` by filling or emptying cells.
    """

    formulas: tuple[Relation, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    decimals: Mapping[tuple[str, str], int | None] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    presences: tuple[Presence, ...] = ()

    @cached_property
    def computed(self) -> frozenset[tuple[str, str]]:
        """Columns that are never drawn."""
        return frozenset((each.table, each.target) for each in self.formulas if each.mode == "always")

    def of(self, table: str) -> tuple[Relation | Dependency, ...]:
        """Those of one table, in the order in which they are computed."""
        return in_order([*(e for e in self.formulas if e.table == table), *self._given(table)])

    def _given(self, table: str) -> list[Dependency]:
        return [each for each in self.dependencies if each.table == table]

    def document(self) -> dict[str, Any]:
        """The plan's part about relations; dependencies are statistics of their own (see `relation_statistics`)."""
        digits = [[table, column, known] for (table, column), known in self.decimals.items()]
        formulas = [each.document() for each in self.formulas]
        orders, presences = ([each.document() for each in found] for found in (self.orders, self.presences))
        return {"formulas": formulas, "decimals": digits, "orders": orders, "presences": presences}


def relations_from(document: Mapping[str, Any], dependencies: Iterable[Mapping[str, Any]]) -> Relations:
    """The relations written by `Relations.document`, and the dependencies written as statistics."""
    return Relations(
        tuple(
            Relation(item["table"], parse_formula(item["rule"]), item["mode"], item["declared"], item["support"])
            for item in document.get("formulas", ())
        ),
        tuple(
            Dependency(item["table"], item["source"], item["target"], dict(item["pairs"]), item["support"])
            for item in dependencies
        ),
        {(table, column): known for table, column, known in document.get("decimals", ())},
        tuple(Order(**item) for item in document.get("orders", ())),
        tuple(Presence(**item) for item in document.get("presences", ())),
    )


def in_order(waiting: list[Relation | Dependency]) -> tuple[Relation | Dependency, ...]:
    """Each after those whose target it reads. What stands in a ring keeps its place."""
    placed: list[Relation | Dependency] = []
    while waiting:
        pending = {each.target for each in waiting}
        ready = [each for each in waiting if not set(each.sources) & (pending - {each.target})]
        placed += ready or waiting
        waiting = [each for each in waiting if ready and each not in ready]
    return tuple(placed)


def rings(given: Mapping[Cell, tuple[Cell, ...]], target: Cell, reads: Iterable[Cell]) -> bool:
    """Whether computing `target` from what is read makes a column rest on itself (`given`: what is read, by target)."""
    seen: set[Cell] = set()
    waiting = list(reads)
    while waiting:
        name = waiting.pop()
        if name == target:
            return True
        if name not in seen:
            seen.add(name)
            waiting += given.get(name, ())
    return False
