"""Rules between columns written as text: `end >= start`, `paid = round(base * rate / 100, 2) when kind = 'A'`.

    rule       = test [ "when" test { "and" test } ]
    test       = comparison | expression "is" ("missing" | "present") | expression "in" "(" literal { "," literal } ")"
    comparison = expression ("=" | "!=" | "<" | "<=" | ">" | ">=") expression
    expression = sums, differences, products and quotients of columns, numbers, 'texts' and functions, in parentheses
    literal    = number, 'text', true or false

A column is written by its name, in double quotes where it is not a plain word; `table.column` is the column of the row
that the table's reference names. Functions: see `FUNCTIONS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from synth.core.errors import UserError

# name: what it gives, for messages and documentation; the numbers of arguments are checked here
FUNCTIONS: dict[str, tuple[int, str]] = {
    "round": (2, "a number rounded to so many digits after the point, halves away from zero"),
    "abs": (1, "a number without its sign"),
    "year": (1, "the year of a date, a whole number"),
    "month": (1, "the month of a date, 1 to 12"),
    "format": (2, "a date as text, %Y %m %d standing for year, month, day"),
    "date": (2, "the date in a text written so"),
    "month_start": (1, "the first day of a date's month"),
    "next_month": (1, "the first day of the month after a date's"),
    "left": (2, "the first so many characters of a code"),
    "count": (1, "how many rows of a table belong to the row"),
    "sum": (2, "the sum, over the rows of a table that belong to the row, of an expression; missing without rows"),
}
_HELP = "write for example: end >= start; names that are no plain words stand in double quotes, texts in single ones"
OPERATORS = ("=", "!=", "<=", ">=", "<", ">")
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")*")"""
    r"""|(?P<word>[^\W\d]\w*)|(?P<sign><=|>=|!=|[=<>+\-*/(),.]))"""
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text between single quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A column of the row, or of the row that a reference to `table` names."""

    column: str
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function of `FUNCTIONS`; `table` is the table of `count` and `sum`."""

    function: str
    arguments: tuple[Expression, ...]
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions joined by + - * or /."""

    sign: str
    left: Expression
    right: Expression


Expression = Number | Text | Name | Call | Binary


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison (`right` is one expression), `in` (`right` lists literals), `missing` or `present` (no `right`)."""

    sign: str
    left: Expression
    right: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """A test that rows keep, all of them or those that meet every test of `when`."""

    text: str
    test: Test
    when: tuple[Test, ...] = ()

    @property
    def target(self) -> str | None:
        """The column that the rule gives the value of: the left side of an equality, where it is a plain column."""
        left = self.test.left
        return left.column if self.test.sign == "=" and isinstance(left, Name) and left.table is None else None

    @property
    def value(self) -> Expression:
        """The right side of a comparison."""
        return self.test.right[0]

    def names(self) -> tuple[Name, ...]:
        """Every column it reads, those of `sum` under their table."""
        tests = (self.test, *self.when)
        return tuple(name for test in tests for side in (test.left, *test.right) for name in names_in(side))

    def tables_below(self) -> tuple[str, ...]:
        """The tables whose rows it counts or sums."""
        tests = (self.test, *self.when)
        return tuple(table for test in tests for side in (test.left, *test.right) for table in _below(side))


def names_in(expression: Expression, table: str | None = None) -> Iterator[Name]:
    """The columns of an expression; those summed are given the table of the sum."""
    if isinstance(expression, Name):
        yield Name(expression.column, expression.table or table)
    elif isinstance(expression, Binary):
        yield from names_in(expression.left, table)
        yield from names_in(expression.right, table)
    elif isinstance(expression, Call):
        for argument in expression.arguments:
            yield from names_in(argument, expression.table or table)


def _below(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Binary):
        yield from _below(expression.left)
        yield from _below(expression.right)
    elif isinstance(expression, Call):
        if expression.table is not None:
            yield expression.table
        for argument in expression.arguments:
            yield from _below(argument)


def quoted(name: str) -> str:
    """A name as a rule writes it."""
    plain = re.fullmatch(r"[^\W\d]\w*", name) is not None and name not in ("when", "and", "in", "is")
    return name if plain else '"' + name.replace('"', '""') + '"'


def parse_formula(text: str) -> Formula:
    """A rule from its text. Raises UserError where it cannot be read, naming the place."""
    reader = _Reader(text)
    test = reader.test()
    when = []
    if reader.word("when"):
        when.append(reader.test())
        while reader.word("and"):
            when.append(reader.test())
    reader.end()
    return Formula(text, test, tuple(when))


class _Reader:
    """Reads a rule from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                place += len(text[place:]) - len(text[place:].lstrip())
                raise UserError(f"the rule cannot be read from character {place + 1} on", remedy=_HELP)
            self.tokens.append((str(found.lastgroup), found[0].strip()))
            place = found.end()
        self.at = 0

    def _next(self, kind: str, value: str | None = None) -> str | None:
        if self.at < len(self.tokens):
            found, text = self.tokens[self.at]
            if found == kind and value in (None, text):
                self.at += 1
                return text
        return None

    def _sign(self, *values: str) -> str | None:
        return next((value for value in values if self._next("sign", value)), None)

    def _need(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._error(f"`{sign}` is missing")

    def _error(self, problem: str) -> UserError:
        return UserError(f"the rule cannot be read at its word {self.at + 1}: {problem}", remedy=_HELP)

    def word(self, value: str) -> bool:
        """Whether the next word is `value`; it is passed over then."""
        return self._next("word", value) is not None

    def end(self) -> None:
        """Nothing may follow."""
        if self.at < len(self.tokens):
            raise self._error("nothing was expected here")

    def test(self) -> Test:
        """One test."""
        left = self.expression()
        if self.word("is"):
            for sign in ("missing", "present"):
                if self.word(sign):
                    return Test(sign, left)
            raise self._error("`missing` or `present` was expected")
        if self.word("in"):
            self._need("(")
            values = [self.factor()]
            while self._sign(","):
                values.append(self.factor())
            self._need(")")
            return Test("in", left, tuple(values))
        compared = self._sign(*OPERATORS)
        if compared is None:
            raise self._error("a comparison was expected")
        return Test(compared, left, (self.expression(),))

    def expression(self) -> Expression:
        """A sum or a difference."""
        found = self._product()
        while sign := self._sign("+", "-"):
            found = Binary(sign, found, self._product())
        return found

    def _product(self) -> Expression:
        found = self.factor()
        while sign := self._sign("*", "/"):
            found = Binary(sign, found, self.factor())
        return found

    def factor(self) -> Expression:
        """A number, a text, a column, a function or what stands in parentheses."""
        if self._sign("-"):
            return Binary("-", Number("0"), self.factor())
        if self._sign("("):
            inside = self.expression()
            self._need(")")
            return inside
        if (number := self._next("number")) is not None:
            return Number(number)
        if (text := self._next("text")) is not None:
            return Text(text[1:-1].replace("''", "'"))
        name = self._name()
        if name is None:
            raise self._error("a column, a number or a function was expected")
        if name in FUNCTIONS and self._sign("("):
            return self._call(name)
        if name in ("true", "false"):
            return Text(name)
        if self._sign("."):
            column = self._name()
            if column is None:
                raise self._error("a column was expected")
            return Name(column, name)
        return Name(name)

    def _name(self) -> str | None:
        quote = self._next("quoted")
        return quote[1:-1].replace('""', '"') if quote is not None else self._next("word")

    def _call(self, function: str) -> Call:
        table = None
        arguments: list[Expression] = []
        if function in ("count", "sum"):
            table = self._name()
            if table is None:
                raise self._error("the name of a table was expected")
        else:
            arguments.append(self.expression())
        while self._sign(","):
            arguments.append(self.expression())
        self._need(")")
        if len(arguments) + (table is not None) != FUNCTIONS[function][0]:
            raise self._error(f"`{function}` takes {FUNCTIONS[function][0]} arguments")
        return Call(function, tuple(arguments), table)
