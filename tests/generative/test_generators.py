"""Whatever the catalog and its rows, what is learned can be drawn again with keys that hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.seeds import Stream, rng
from synth.generators import fit
from tests.unit.generators.clinic import Rows, dataset_of, sampled
from tests.unit.generators.reading import faults

_NAMES = ("case.id", "n° séjour", "l'acte", "DATE_DEB", "date_deb", "x")
_MAKERS: dict[str, Callable[[int], Any]] = {
    "string": lambda i: ("a", "01", "l'eau", "é", "")[i % 5] if i % 7 else f"rare{i}",
    "integer": lambda i: (0, -3, 10**15 + 1, 7, 2**60)[i % 5] if i % 3 else i - 500,
    "number": lambda i: (0.0, -1.5, 1e9, 0.1)[i % 4] if i % 3 else i / 7,
    "boolean": lambda i: i % 3 == 0,
    "date": lambda i: (date(1600, 1, 1), date(2020, 2, 29))[i % 2] if i % 5 == 0 else date(2000, 1, 1) + timedelta(i),
    "datetime": lambda i: datetime(1999, 12, 31, 23, 59, 59) + timedelta(seconds=i * 977, microseconds=i % 3),
    "time": lambda i: f"{i % 24:02d}:30:00",
    "year": lambda i: 1900 + i % 120,
    "yearmonth": lambda i: f"{1950 + i % 70}-{1 + i % 12:02d}",
    "any": lambda i: ("1", "x", "NA")[i % 3],
}


@st.composite
def columns(draw: st.DrawFn, name: str) -> Column:
    kind = draw(st.sampled_from(sorted(_MAKERS)))
    role = draw(st.sampled_from(["code", "number", "date", "text"]))
    return Column(name, kind, role, draw(st.booleans()))


@st.composite
def tables(draw: st.DrawFn, above: list[Table]) -> Table:
    """A table with one to three key columns of its own, below some of the tables above, perhaps below itself."""
    name = f"t{len(above)}"
    own = {each: draw(columns(each)) for each in draw(st.lists(st.sampled_from(_NAMES), max_size=4, unique=True))}
    order = draw(st.sampled_from([(), *[(each,) for each in own]]))
    keys, primary = [], []
    for number, parent in enumerate(draw(st.lists(st.sampled_from(above), max_size=2)) if above else []):
        # the first parent's key may be part of the own key; a second one has columns of its own, perhaps missing
        inherits = number == 0 and draw(st.booleans())
        nullable = not inherits and draw(st.booleans())
        names = tuple(f"{parent.name} {each} {number}" for each in parent.primary_key)
        for mine, theirs in zip(names, parent.primary_key, strict=True):
            own[mine] = Column(mine, parent.column(theirs).type, "key", nullable)
        keys.append(ForeignKey(names, parent.name, parent.primary_key))
        primary += names if inherits else []
    # a date tells rows apart too, but is no identifier that could be made anew
    kinds = ("string", "integer") if not primary else ("string", "integer", "date")
    own[f"{name} key"] = Column(f"{name} key", draw(st.sampled_from(kinds)), "key", False)
    primary.append(f"{name} key")
    if draw(st.integers(0, 3)) == 0:
        names = tuple(f"up {each}" for each in primary)
        for mine, theirs in zip(names, primary, strict=True):
            own[mine] = Column(mine, own[theirs].type, "key", True)
        keys.append(ForeignKey(names, name, tuple(primary)))
    return Table(name, tuple(own.values()), tuple(primary), tuple(keys), order_by=order)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """One to five tables, any of which may be the persons."""
    found: list[Table] = []
    for _ in range(draw(st.integers(1, 5))):
        found.append(draw(tables(found)))
    person = draw(st.sampled_from(found))
    return Catalog(tuple(found), Person(person.name, person.primary_key))


def rows_of(catalog: Catalog, persons: int, seed: int) -> Dataset:
    """Rows for every table: as many as there are persons, or a few more or less, with references at random."""
    made: dict[str, Rows] = {}
    for table in catalog.tables:
        stream = rng(seed, table.name)
        count = persons if catalog.person is not None and table.name == catalog.person.table else _some(stream, persons)
        made[table.name] = _rows(table, made, stream, count)
    return dataset_of(catalog, made)


def _some(stream: Stream, persons: int) -> int:
    return int(stream.integers(1, 3 * persons)[0]) if stream.uniform(1)[0] > 0.2 else 2


def _rows(table: Table, made: dict[str, Rows], stream: Stream, count: int) -> Rows:
    rows: Rows = {}
    own_key = f"{table.name} key"
    numbered = {"string": lambda i: f"{table.name}/{i}", "integer": lambda i: i + 1, "date": _MAKERS["date"]}
    rows[own_key] = [numbered[table.column(own_key).type](5 * i + 1) for i in range(count)]
    for key in table.foreign_keys:
        target = rows if key.target == table.name else made[key.target]
        places = stream.integers(count, len(target[key.target_columns[0]])).tolist()
        lost = stream.uniform(count) < (0.3 if table.column(key.columns[0]).nullable else 0.0)
        for mine, theirs in zip(key.columns, key.target_columns, strict=True):
            rows[mine] = [None if gone else target[theirs][at] for at, gone in zip(places, lost, strict=True)]
    for column in table.columns:
        if column.name not in rows:
            lost = stream.uniform(count) < (0.2 if column.nullable else 0.0)
            cells = [_MAKERS[column.type](int(i)) for i in stream.integers(count, 1000)]
            rows[column.name] = [None if gone else cell for cell, gone in zip(cells, lost, strict=True)]
    return rows


@pytest.mark.parametrize("name", ["independent", "trees"])
@settings(max_examples=25)
@given(catalog=catalogs(), persons=st.integers(30, 60), seed=st.integers(0, 9))
def test_random_tables_are_learned_and_drawn_with_intact_keys(
    name: str, catalog: Catalog, persons: int, seed: int
) -> None:
    real = rows_of(catalog, persons, seed)
    assert faults(real) == []
    try:
        made = sampled(fit(real, name, 5), 37, seed)
    except UserError:
        return

    assert faults(made) == []
    assert made.read(catalog.person.table if catalog.person else "").num_rows == 37
