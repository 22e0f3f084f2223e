"""Rules as SQL: one translation for confirming them on training rows, computing with them and checking what is drawn.

Amounts are compared and multiplied as decimals, exactly, with as many digits after the point as the column has; only
numbers of which no fixed number of digits is known are compared as floating-point numbers, to nine digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from synth.core.catalog import Column, ForeignKey
from synth.core.errors import UserError
from synth.core.ruletext import Binary, Call, Expression, Formula, Name, Number, Test, Text
from synth.engines.forest import Forest, Node

Kind = Literal["decimal", "double", "date", "datetime", "text"]
Decimals = Mapping[tuple[str, str], int | None]


class Naming(Protocol):
    """How tables and columns are called in SQL: `Ordered` is one."""

    def name(self, node: Node) -> str:
        """The table, which has `row` and `parent` besides its columns."""
        ...

    def column(self, node: Node, name: str) -> str:
        """A column."""
        ...


@dataclass(frozen=True, slots=True)
class Value:
    """An expression in SQL and what it gives."""

    sql: str
    kind: Kind
    literal: bool = False


@dataclass
class Question:
    """Expressions over the rows `a` of one table, of its parent `p`, of those it refers to, and of the tables below it.

    `decimals` tells digits after the point of columns of numbers, by (table, column). Raises UserError where an
    expression cannot be translated.
    """

    forest: Forest
    node: Node
    naming: Naming
    decimals: Decimals
    joins: list[str] = field(default_factory=list)
    linked: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """What stands behind FROM."""
        found = f"{self.naming.name(self.node)} a"
        if self.node.parent is not None:
            above = self.forest.node(self.node.parent.target)
            found += f" left join {self.naming.name(above)} p on a.parent = p.row"
        return " ".join([found, *self.joins])

    def value(self, expression: Expression, row: str = "a", owner: Node | None = None) -> Value:
        """An expression over rows called `row` of table `owner` (the question's own, when None)."""
        owner = owner or self.node
        if isinstance(expression, Number):
            scale = len(expression.text.partition(".")[2])
            return Value(f"{expression.text}::decimal(18,{scale})", "decimal", True)
        if isinstance(expression, Text):
            return Value("'" + expression.value.replace("'", "''") + "'", "text", True)
        if isinstance(expression, Name):
            return self._column(expression, row, owner)
        if isinstance(expression, Binary):
            return self._binary(expression, self.value(expression.left, row, owner), row, owner)
        return self._call(expression, row, owner)

    def holds(self, test: Test) -> str:
        """Whether a test holds, as SQL that is NULL where a cell it needs is missing."""
        left = self.value(test.left)
        if test.sign in ("missing", "present"):
            return f"({left.sql} is {'' if test.sign == 'missing' else 'not '}null)"
        if test.sign == "in":
            return "(" + " or ".join(compared("=", left, self.value(one)) for one in test.right) + ")"
        return compared(test.sign, left, self.value(test.right[0]))

    def agrees(self, formula: Formula) -> str:
        """Whether the two sides of an equality agree; a rounded side may have been rounded either way at a half."""
        left, right = formula.test.left, formula.value
        if not isinstance(right, Call) or right.function != "round" or not isinstance(right.arguments[1], Number):
            return self.holds(formula.test)
        target, exact = as_number(self.value(left)), as_number(self.value(right.arguments[0]))
        digits = int(right.arguments[1].text)
        half = f"0.{'0' * digits}5"
        if target.kind == exact.kind == "decimal":
            return f"(abs({target.sql} - {exact.sql}) <= {half})"
        return f"(abs(({target.sql})::double - ({exact.sql})::double) <= {half} * (1 + 1e-9))"

    def condition(self, tests: Iterable[Test]) -> str:
        """Whether all tests hold; a test of a missing cell does not."""
        return " and ".join(["true", *(f"coalesce({self.holds(test)}, false)" for test in tests)])

    def _column(self, name: Name, row: str, owner: Node) -> Value:
        if name.table not in (None, owner.name):
            if row != "a":
                raise UserError(
                    f"a rule sums over table {owner.name} what stands in table {name.table}",
                    table=self.node.name,
                    remedy="sum what stands in the rows below alone",
                )
            row, owner = self._row_of(str(name.table)), self.forest.node(str(name.table))
        column = owner.table.column(name.column)
        sql = f"{row}.{self.naming.column(owner, name.column)}"
        return cell_value(sql, column, self.decimals.get((owner.name, name.column)))

    def _row_of(self, table: str) -> str:
        """What the row is called that the table's rows belong to, or refer to by their only key to it."""
        if self.node.parent is not None and table == self.node.parent.target:
            return "p"
        if table not in self.linked:
            key = link_to(self.node, table)
            if key is None:
                raise UserError(
                    f"a rule names table {table}, to which not one key leads, but none or several",
                    table=self.node.name,
                    remedy="name a table that one key of this one leads to",
                )
            self.linked[table] = f"l{len(self.linked)}"
            self.joins.append(self._join(key, self.linked[table]))
        return self.linked[table]

    def _join(self, key: ForeignKey, alias: str) -> str:
        """The rows that a key leads to; of several the first."""
        target = self.forest.node(key.target)
        theirs = [self.naming.column(target, name) for name in key.target_columns]
        rows = self.naming.name(target)
        if set(key.target_columns) not in [
            set(names) for names in (target.table.primary_key, *target.table.unique_keys)
        ]:
            listed = ", ".join(theirs)
            rows = f"(select * from {rows} qualify row_number() over (partition by {listed} order by row) = 1)"
        mine = [self.naming.column(self.node, name) for name in key.columns]
        matched = " and ".join(f"a.{own} = {alias}.{other}" for own, other in zip(mine, theirs, strict=True))
        return f"left join {rows} {alias} on {matched}"

    def _binary(self, expression: Binary, left: Value, row: str, owner: Node) -> Value:
        right = self.value(expression.right, row, owner)
        if expression.sign == "-" and left.kind == right.kind == "date":
            return Value(f"({left.sql} - {right.sql})::decimal(18,0)", "decimal")
        if left.kind == "datetime" and right.kind in ("date", "datetime") and expression.sign == "-":
            return Value(f"((epoch({left.sql}) - epoch({right.sql})) / 86400)", "double")
        if left.kind == "date" and right.kind == "decimal" and expression.sign in "+-":
            return Value(f"({left.sql} {expression.sign} ({right.sql})::integer)", "date")
        left, right = as_number(left), as_number(right)
        if expression.sign == "/":
            return self._quotient(left, right, expression.right)
        kind: Kind = "decimal" if left.kind == right.kind == "decimal" else "double"
        return Value(f"({left.sql} {expression.sign} {right.sql})", kind)

    @staticmethod
    def _quotient(left: Value, right: Value, divisor: Expression) -> Value:
        text = divisor.text if isinstance(divisor, Number) else ""
        if left.kind == "decimal" and text.startswith("1") and not text[1:].strip("0"):
            places = len(text) - 1  # a power of ten: exact
            small = "0." + "0" * (places - 1) + "1" if places else "1"
            return Value(f"({left.sql} * {small}::decimal(18,{places}))", "decimal")
        return Value(f"(({left.sql})::double / nullif(({right.sql})::double, 0))", "double")

    def _call(self, call: Call, row: str, owner: Node) -> Value:
        if call.table is not None:
            return self._aggregate(call)
        first = self.value(call.arguments[0], row, owner)
        second = call.arguments[1] if len(call.arguments) > 1 else None
        if call.function == "round":
            number = as_number(first)
            digits = int(second.text) if isinstance(second, Number) else 0
            # quotients come near a half from either side: a nudge far below a digit, away from zero
            nudged = number.sql if number.kind == "decimal" else f"({number.sql} * (1 + 1e-12))"
            rounded = f"round({nudged}, {digits})"
            return Value(
                rounded if number.kind == "decimal" else f"try_cast({rounded} as decimal(18,{digits}))", "decimal"
            )
        if call.function == "abs":
            number = as_number(first)
            return Value(f"abs({number.sql})", number.kind)
        if call.function == "left":
            digits = int(second.text) if isinstance(second, Number) else 0
            return Value(f"left({as_text(first)}, {digits})", "text")
        form = second.value.replace("'", "''") if isinstance(second, Text) else "%Y-%m-%d"
        if call.function == "date":
            return Value(f"(try_strptime({as_text(first)}, '{form}')::date)", "date")
        return _dated(call.function, as_date(first), form)

    def _aggregate(self, call: Call) -> Value:
        below = self.forest.node(str(call.table))
        if below.parent is None or below.parent.target != self.node.name:
            raise UserError(
                f"a rule counts or sums table {call.table}, whose rows do not belong to this one's",
                table=self.node.name,
                remedy="name a table whose parent this is",
            )
        name = f"g{len(self.joins)}"
        inner = "count(*)"
        kind: Kind = "decimal"
        if call.function == "sum":
            value = as_number(self.value(call.arguments[0], "b", below))
            inner, kind = f"sum({value.sql})", value.kind
        self.joins.append(
            f"left join (select b.parent, {inner} as v from {self.naming.name(below)} b group by b.parent) {name} "
            f"on {name}.parent = a.row"
        )
        counted = f"coalesce({name}.v, 0)::decimal(18,0)"
        return Value(counted if call.function == "count" else f"{name}.v", kind)


def link_to(node: Node, table: str) -> ForeignKey | None:
    """The key by which the rows of a table refer to those of another, where there is one only."""
    found = [key for key in node.links if key.target == table and table != node.name]
    return found[0] if len(found) == 1 else None


def cell_value(sql: str, column: Column, decimals: int | None) -> Value:
    """A column's cells as they enter rules."""
    if column.type in ("integer", "year"):
        return Value(f"try_cast({sql} as decimal(18,0))", "decimal")
    if column.type == "number":
        known = column.scale if decimals is None else decimals
        if known is None:
            return Value(sql, "double")
        return Value(f"try_cast({sql} as decimal(18,{known}))", "decimal")
    if column.type in ("date", "datetime"):
        return Value(sql, column.type)
    return Value(f"{sql}::varchar" if column.type == "boolean" else sql, "text")


def _dated(function: str, value: str, form: str) -> Value:
    if function in ("year", "month"):
        return Value(f"{function}({value})::decimal(18,0)", "decimal")
    if function == "format":
        return Value(f"strftime({value}, '{form}')", "text")
    later = " + interval 1 month" if function == "next_month" else ""
    return Value(f"((date_trunc('month', {value}){later})::date)", "date")


def as_number(value: Value) -> Value:
    """A value as a number."""
    if value.kind == "text":
        return Value(f"try_cast({value.sql} as double)", "double")
    if value.kind in ("date", "datetime"):
        return Value(f"(epoch({value.sql}) / 86400)", "double")
    return value


def as_text(value: Value) -> str:
    """A value as text; decimals without digits after the point are written without one."""
    return value.sql if value.kind == "text" else f"({value.sql})::varchar"


def as_date(value: Value) -> str:
    """A value as a date."""
    return value.sql if value.kind in ("date", "datetime") else f"try_cast({as_text(value)} as date)"


def compared(sign: str, left: Value, right: Value) -> str:
    """A comparison in SQL, NULL where either side is missing."""
    operator = {"!=": "<>"}.get(sign, sign)
    if {left.kind, right.kind} <= {"date", "datetime"} or left.kind == right.kind in ("decimal", "text"):
        return f"({left.sql} {operator} {right.sql})"
    if "date" in (left.kind, right.kind) or "datetime" in (left.kind, right.kind):
        return f"({as_date(left)} {operator} {as_date(right)})"
    a, b = (f"({as_number(side).sql})::double" for side in (left, right))
    near = f"(abs({a} - {b}) <= 1e-9 * greatest(1, abs({a}), abs({b})))"
    return (
        {"=": near, "!=": f"(not {near})"}.get(sign, f"({a} {operator} {b})")
        if sign in ("=", "!=", "<", ">")
        else (f"({a} {operator} {b} or {near})")
    )
