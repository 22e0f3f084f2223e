"""The vectorised checks against the plain meaning of keys and constraints, on random and on awkward columns."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.build import build_package
from publish.checks.cells import Tally, rules_of
from publish.checks.keys import Keys
from publish.verify import verify
from synth.core.catalog import Catalog, Column, ForeignKey, Table
from synth.core.errors import UserError

from .conftest import METADATA

FORMATTED = {
    "email": (["a@b.fr", "é.x@b.fr", "a@b", "a b@c.fr", "a@-b.fr", "first.last+tag@sub.example.org", ""], 2),
    "uri": (
        ["https://example.org/a?b=c#d", "urn:isbn:1", "mailto:a@b.fr", "example.org", "http://a b", "ht:", "1:x"],
        3,
    ),
    "uuid": (["123E4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000", "{x}"], 1),
    "binary": (["", "YQ==", "YWI=", "YWJj", "YW", "Y===", "YQ==YQ=="], 4),
    "default": (["anything"], 1),
    "unheard of": (["anything"], 1),
}


@pytest.mark.parametrize("format", FORMATTED)
def test_texts_are_of_their_format_missing_ones_aside(format: str) -> None:
    texts, sound = FORMATTED[format]
    column = Column("x", "string", format=format)
    tally = Tally()
    for rule in rules_of(column, required=False):
        tally.add(rule.bad(pa.array([None, *texts], pa.string())), 1)

    assert tally.count == len(texts) - sound


cells = st.one_of(st.none(), st.sampled_from(["a", "b", "ab", "", "é"]))
numbers = st.one_of(st.none(), st.sampled_from([0, 1, -1, 2**62]))
rows_of_two = st.lists(st.tuples(cells, numbers), max_size=25)


def batches(rows: list[tuple[Any, Any]], size: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        left, right = [row[0] for row in part], [row[1] for row in part]
        yield pa.record_batch({"a": pa.array(left, pa.string()), "n": pa.array(right, pa.int64())})


def columns() -> tuple[Column, Column]:
    return Column("a"), Column("n", "integer")


@given(rows_of_two, rows_of_two, st.integers(1, 7))
def test_keys_are_what_sets_say(parents: list[Any], children: list[Any], size: int) -> None:
    catalog = Catalog(
        (
            Table("p", columns(), unique_keys=(("a", "n"),)),
            Table("c", columns(), foreign_keys=(ForeignKey(("a", "n"), "p", ("a", "n")),)),
        )
    )
    keys = Keys(catalog)
    for name, rows in (("p", parents), ("c", children)):
        for batch in batches(rows, size):
            keys.add(name, batch)

    found = {fault.check: fault for fault in keys.faults(frozenset())}

    whole = Counter(row for row in parents if None not in row)
    repeats = sum(count - 1 for count in whole.values())
    orphans = [
        place
        for place, row in enumerate(children, start=1)
        if (None in row and row != (None, None)) or (None not in row and row not in whole)
    ]
    assert (found["uniqueKey"].count if "uniqueKey" in found else 0) == repeats
    assert (found["foreignKey"].count if "foreignKey" in found else 0) == len(orphans)
    assert not orphans or found["foreignKey"].row == orphans[0]


@pytest.mark.parametrize(
    ("column", "values", "bad"),
    [
        (Column("x", "boolean", categories=("true",)), [True, False, None], {"enum": 1}),
        (Column("x", "number", categories=("1", "2.5")), [1.0, 2.5, 3.0], {"enum": 1}),
        (Column("x", "integer", categories=("one", "2")), [1, 2], {"enum": 1}),
        (Column("x", "date", categories=("2020-02-29",)), [date(2020, 2, 29), date(2020, 3, 1)], {"enum": 1}),
        (Column("x", "integer", maximum=1e30, minimum=-1), [-2, 2**62], {"minimum": 1}),
        (Column("x", "integer", minimum=1.5, maximum=2.5), [1, 2, 3], {"minimum": 1, "maximum": 1}),
        (Column("x", "integer", minimum=float(2**53)), [2**53 - 1, 2**53], {"minimum": 1}),
        (Column("x", "datetime", extra={"constraints": {"maximum": "2020-01-01T00:00:00"}}),
         [datetime(2020, 1, 1), datetime(2020, 1, 1, 0, 0, 1)], {"maximum": 1}),
        (Column("x", "number", extra={"constraints": {"exclusiveMinimum": 0}}), [0.0, 0.1], {"exclusiveMinimum": 1}),
        (Column("x", "date", extra={"constraints": {"minimum": "soon"}}), [date(2020, 1, 1)], {}),
        (Column("x", pattern="(?=a).b?"), ["a", "ab", "b", None], {"pattern": 1}),
        (Column("x", pattern="a|b"), ["a", "b", "ab", "xa"], {"pattern": 2}),
        (Column("x", maximum_length=1), ["é", "éé", None], {"maxLength": 1}),
        (Column("x", nullable=False), [None, "a", None], {"required": 2}),
    ],
    ids=lambda value: "",
)  # fmt: skip
def test_constraints(column: Column, values: list[Any], bad: dict[str, int]) -> None:
    from synth.core.dataset import arrow_type

    array = pa.array(values, arrow_type(column))
    found = {}
    for rule in rules_of(column, not column.nullable):
        tally = Tally()
        tally.add(rule.bad(array), 1)
        if tally.count:
            found[rule.check] = tally.count

    assert found == bad


def test_frictionless_places_what_it_finds_without_the_value(package_dir: Path, tmp_path: Path) -> None:
    package = tmp_path / "p"
    shutil.copytree(package_dir, package)
    path = package / "data/sejours_2.csv"
    path.write_text(path.read_text("utf-8").replace(",A01", ",SECRET1"), encoding="utf-8")

    found = [str(fault) for fault in verify(package, frictionless=True).faults if fault.check == "frictionless"]

    assert any("data/sejours_2.csv, table séjours 2, column code, row 1: constraint-error" in fault for fault in found)
    assert not any("SECRET" in fault for fault in found)
    assert verify(package_dir, frictionless=True).faults == ()


@pytest.mark.parametrize("inside", [".", "tables"])
def test_a_package_never_replaces_its_own_tables(tables_dir: Path, tmp_path: Path, inside: str) -> None:
    shutil.copytree(tables_dir, tmp_path / "work" / inside, dirs_exist_ok=True)

    with pytest.raises(UserError, match="would replace the tables"):
        build_package(tmp_path / "work" / inside, tmp_path / "work", metadata=METADATA, draft=True, force=True)
    assert (tmp_path / "work" / inside / "datapackage.json").is_file()
