"""A glimpse of a table: some of its rows, and its parent's, in which relations are suspected before all confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.values import measure
from synth.core.arrays import numpy_of
from synth.core.catalog import Column
from synth.core.ruletext import Expression, parse_formula, quoted
from synth.engines.expressions import Decimals, Question, as_number, as_text
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.generators.features.textdates import NUMBERED, text_dates
from synth.generators.relations.reading import Reading, read_all

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
ROWS = 2_000
_NUMBERS = ("integer", "number", "year")


@dataclass(frozen=True, slots=True)
class Seen:
    """One column in the rows looked at: how a rule writes it, and its cells as text codes (-1: missing).

    `date` is how a rule writes it as a date, where it is one; `numbers` its cells as numbers, where it has some. `own`
    columns are the row's, `linked` ones those of a row that a key besides the parent's leads to. `coded` are those of
    whole numbers that are codes: a rate of few values, the items of a score; they give quantities, none gives them.
    """

    column: Column
    text: str
    codes: Codes
    numbers: Floats | None
    date: str | None
    own: bool
    linked: bool = False
    coded: Floats | None = None


@dataclass(frozen=True)
class Glimpse:
    """Columns of a table and of the tables its keys lead to in some rows, evenly spread; `step` rows stand for one."""

    ordered: Ordered
    node: Node
    seen: tuple[Seen, ...]
    step: int
    decimals: Decimals
    vocabulary: dict[str, int]

    def codes_of(self, expressions: list[str]) -> list[Codes]:
        """The values of expressions of the rule language, as text codes."""
        return [to_codes(cells, self.vocabulary) for cells in self._fetch(expressions, False)]

    def numbers_of(self, expressions: list[str]) -> list[Floats]:
        """The values of expressions of the rule language, as numbers."""
        return [to_floats(cells) for cells in self._fetch(expressions, True)]

    def _fetch(self, expressions: list[str], numbers: bool) -> list[pa.Array]:
        return fetch(self.ordered, self.node, expressions, self.decimals, self.step, numbers)

    def words(self) -> list[str]:
        """The texts that codes stand for."""
        return list(self.vocabulary)


def to_codes(cells: pa.Array, vocabulary: dict[str, int]) -> Codes:
    """Texts as their places in a vocabulary that grows; a missing cell is -1."""
    coded = cells.dictionary_encode()
    texts = coded.dictionary.to_pylist()
    new = [text for text in texts if text not in vocabulary]
    vocabulary.update(zip(new, range(len(vocabulary), len(vocabulary) + len(new)), strict=True))
    places = [*map(vocabulary.__getitem__, texts)]
    codes: Codes = np.array([*places, -1], dtype=np.int64)[numpy_of(coded.indices, len(places))]
    return codes


def to_floats(cells: pa.Array) -> Floats:
    """Numbers, NaN where missing."""
    return numpy_of(cells, np.nan)


def glimpse(
    ordered: Ordered, node: Node, own: list[Column], others: list[tuple[Node, list[Column]]], decimals: Decimals
) -> Glimpse:
    """Look at columns of a table, and at those of other tables: its parent's, and those that single keys lead to."""
    step = max(1, ordered.rows(node.name) // ROWS)
    vocabulary: dict[str, int] = {}
    seen = _seen(ordered, node, node, own, decimals, step, vocabulary)
    for other, columns in others:
        seen += _seen(ordered, node, other, columns, decimals, step, vocabulary)
    return Glimpse(ordered, node, tuple(seen), step, decimals, vocabulary)


def _seen(
    ordered: Ordered,
    node: Node,
    owner: Node,
    columns: list[Column],
    decimals: Decimals,
    step: int,
    vocabulary: dict[str, int],
) -> list[Seen]:
    prefix = "" if owner is node else quoted(owner.name) + "."
    written = [prefix + quoted(column.name) for column in columns]
    forms = text_dates(ordered, owner, columns)
    counted = [column.type in _NUMBERS and (measure(column) == "number" or _coded(column)) for column in columns]
    listed = [text for text, yes in zip(written, counted, strict=True) if yes]
    numbers = dict(zip(listed, fetch(ordered, node, listed, decimals, step, True), strict=True))
    linked = owner is not node and (node.parent is None or owner.name != node.parent.target)
    found = []
    for column, text, cells in zip(columns, written, fetch(ordered, node, written, decimals, step, False), strict=True):
        date = text if column.type in ("date", "datetime") else None
        if column.name in forms and forms[column.name] not in ("%Y", *NUMBERED):
            date = f"date({text}, '{forms[column.name]}')"
        values = to_floats(numbers[text]) if text in numbers else None
        numbers_of, coded = (None, values) if _coded(column) else (values, None)
        found.append(Seen(column, text, to_codes(cells, vocabulary), numbers_of, date, owner is node, linked, coded))
    return found


def _coded(column: Column) -> bool:
    """Whether a column holds whole numbers that are codes."""
    return column.type == "integer" and column.role == "code" and not column.categories


def fetch(
    ordered: Ordered, node: Node, expressions: list[str], decimals: Decimals, step: int, numbers: bool
) -> list[pa.Array]:
    """Values of expressions as texts or as numbers, in every `step`-th row."""
    parsed = [parse_formula(f"{text} = 0").test.left for text in expressions]
    found = read_all(Reading(ordered, node, decimals, step), parsed, numbers)
    asked = [expression for expression, cells in zip(parsed, found, strict=True) if cells is None]
    answers = _asked(ordered, node, asked, decimals, step, numbers)
    return [answers.pop(0) if cells is None else cells for cells in found]


def _asked(
    ordered: Ordered, node: Node, expressions: list[Expression], decimals: Decimals, step: int, numbers: bool
) -> list[pa.Array]:
    """Values of expressions as the database gives them."""
    if not expressions:
        return []
    question = Question(ordered.forest, node, ordered, decimals)
    values = [question.value(expression) for expression in expressions]
    shown = [f"({as_number(value).sql})::double" if numbers else as_text(value) for value in values]
    listed = ", ".join(f"{value} as v{index}" for index, value in enumerate(shown))
    query = f"select {listed} from {question.source} where a.row % {step} = 0 order by a.row"
    table = ordered.sql.sql(query).to_arrow_table()
    return [column.combine_chunks() for column in table.columns]


def digits_of(ordered: Ordered) -> Mapping[tuple[str, str], int | None]:
    """Digits after the point of every column of numbers: those declared, or the fewest that lose nothing, up to 4."""
    found: dict[tuple[str, str], int | None] = {}
    for node in ordered.forest.nodes:
        columns = [c for c in node.table.columns if c.type == "number"]
        open_ = [c for c in columns if c.scale is None]
        found |= {(node.name, c.name): c.scale for c in columns if c.scale is not None}
        if open_ and ordered.rows(node.name):
            first = ordered.frame(node, 0, min(ROWS, ordered.rows(node.name)), [c.name for c in open_]).columns
            tried = {c.name: _digits(numpy_of(first[c.name], np.nan)) for c in open_}
            fitting = _fewest(ordered, node, tried)
            found |= {(node.name, c.name): fitting.get(c.name) for c in open_}
    return found


def _fewest(ordered: Ordered, node: Node, tried: Mapping[str, range]) -> dict[str, int]:
    """The fewest of the digits tried that all numbers of each column have, with few enough digits before the point."""
    found: dict[str, int] = {}
    if ordered.holds(node):
        whole = ordered.frame(node, 0, ordered.rows(node.name), list(tried)).columns
        for name, digits in tried.items():
            numbers = numpy_of(whole[name].drop_null())
            found |= next(({name: d} for d in digits if _has_digits(numbers, d)), {})
        return found
    pairs = [(name, d) for name, digits in tried.items() for d in digits]
    terms = [(ordered.column(node, name), 10**d) for name, d in pairs]
    tests = ", ".join(
        f"coalesce(bool_and(abs({n} * {p} - round({n} * {p})) <= 1e-6 and abs({n}) < 1e12), false)" for n, p in terms
    )
    exact = ordered.one(f"select {tests} from {ordered.name(node)}") if terms else ()
    return {name: d for (name, d), yes in reversed([*zip(pairs, exact, strict=True)]) if yes}


def _has_digits(numbers: Floats, digits: int) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = numbers * 10**digits
        exact = np.abs(scaled - np.rint(scaled)) <= 1e-6
    return len(numbers) > 0 and bool(exact.all() and (np.abs(numbers) < 1e12).all())


def _digits(numbers: Floats) -> range:
    """Digits after the point, up to 4, of which the fewest may do for these numbers."""
    known = numbers[~np.isnan(numbers)]
    with np.errstate(over="ignore", invalid="ignore"):
        fitting = [bool((np.abs(known * 10**d - np.rint(known * 10**d)) <= 1e-6).all()) for d in range(5)]
    return range(fitting.index(True), 5) if True in fitting else range(0)
