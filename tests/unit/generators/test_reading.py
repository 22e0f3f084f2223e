"""Expressions read in memory give what the database gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.engines.local import Ordered
from synth.generators.relations.codes_told import told_by
from synth.generators.relations.glimpse import digits_of, fetch
from tests.unit.generators.clinic import dataset_of

CATALOG = Catalog(
    (
        Table("p", (Column("id", "integer", "key", False), Column("born", "date"), Column("n", "integer")), ("id",)),
        Table(
            "v",
            (
                Column("id", "integer", "key", False),
                Column("day", "date"),
                Column("at", "datetime"),
                Column("written", "string"),
                Column("flag", "boolean"),
                Column("paid", "number"),
                Column("rate", "number"),
                Column("big", "integer"),
            ),
            foreign_keys=(ForeignKey(("id",), "p", ("id",)),),
        ),
    ),
    Person("p", ("id",)),
)
DECIMALS = {("v", "paid"): 2, ("v", "rate"): None}
ABOVE = ("n", "born", "count(v)", "sum(v, big)", "sum(v, paid)", "sum(v, paid * rate)", "n * 2", "year(born)")
NUMBERS = ("paid", "rate", "day", "at", "day - p.born", "p.n", "month(day)", "next_month(p.born)", "paid + rate")
TEXTS = (
    "paid", "big", "p.n", "written", "flag", "day", "p.born", "date(written, '%Y%m%d')", "month_start(day)",
    "next_month(day)", "year(day)", "format(day, '%Y%m')", "format(p.born, '%d%m%Y')", "left(written, 2)",
)  # fmt: skip
DAYS = st.sampled_from((None, date(1600, 1, 1), date(1969, 12, 31), date(2020, 2, 29), date(2021, 12, 5)))
AMOUNTS = st.sampled_from((None, 0.0, -0.1, 12.35, 1e15, 3.0))
VISIT = st.tuples(
    st.integers(0, 4),
    DAYS,
    st.sampled_from((None, datetime(2020, 2, 29, 12, 30, 1, 5), datetime(1800, 1, 1))),
    st.sampled_from((None, "20200229", "19990101")),
    st.sampled_from((None, True, False)),
    AMOUNTS,
    AMOUNTS,
    st.sampled_from((None, 0, -7, 2**60 - 1, 2**60)),
)


def tables(persons: list[Any], visits: list[Any]) -> dict[str, dict[str, list[Any]]]:
    """The rows by column."""
    return {
        name: {column: [row[i] for row in some] for i, column in enumerate(CATALOG.table(name).column_names)}
        for name, some in (("p", persons), ("v", visits))
    }


def found(persons: list[Any], visits: list[Any], room: int) -> list[pa.Array]:
    """Every expression, in every second row."""
    rows = tables(persons, visits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("synth.engines.local.HELD", room)
        with Ordered(dataset_of(CATALOG, rows)) as ordered:
            asked = (("p", ABOVE, True), ("v", NUMBERS, True), ("v", TEXTS, False))
            return [
                cells
                for table, texts, numbers in asked
                for cells in fetch(ordered, ordered.forest.node(table), list(texts), DECIMALS, 2, numbers)
            ]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(DAYS, st.integers(-3, 10**6)), min_size=5, max_size=5), st.lists(VISIT, max_size=9))
def test_rows_in_memory_give_what_the_database_gives(persons: list[Any], visits: list[Any]) -> None:
    numbered = [(number, *person) for number, person in enumerate(persons)]
    for text, read, told in zip(
        (*ABOVE, *NUMBERS, *TEXTS), found(numbered, visits, 2**27), found(numbered, visits, -1), strict=True
    ):
        assert [None if x is None else pytest.approx(x) for x in told.to_pylist()] == read.to_pylist(), text


@settings(max_examples=15, deadline=None)
@given(st.lists(VISIT, min_size=1, max_size=12), st.sampled_from(("written", "flag", "big", "paid")))
def test_codes_tell_the_same_in_memory_and_in_the_database(visits: list[Any], source: str) -> None:
    rows, told = tables([(number, None, 0) for number in range(5)], visits), []
    for room in (2**27, -1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("synth.engines.local.HELD", room)
            with Ordered(dataset_of(CATALOG, rows)) as ordered:
                others = ["day", "rate", "flag", "written", "big"]
                codes = told_by(ordered, ordered.forest.node("v"), source, others)
                told.append((codes, digits_of(ordered)))
    assert told[0] == told[1]
