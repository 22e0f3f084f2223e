"""Faults are told with table, column, first row and count, and nothing else is."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.errors import UserError
from synth.io import memory_dataset
from synth.io.integrity import integrity_faults, require_integrity

PERSON = Table("p", (Column("id", "integer"), Column("x", "string")), primary_key=("id",))
VISIT = Table(
    "v",
    (Column("id", "integer"), Column("n", "integer"), Column("mother", "integer")),
    primary_key=("id", "n"),
    foreign_keys=(ForeignKey(("id",), "p", ("id",)), ForeignKey(("mother",), "p", ("id",))),
)
ACT = Table(
    "a",
    (Column("id", "integer"), Column("n", "integer"), Column("code", "string")),
    foreign_keys=(ForeignKey(("id", "n"), "v", ("id", "n")),),
)
CATALOG = Catalog((PERSON, VISIT, ACT), Person("p", ("id",)))
GOOD: dict[str, dict[str, list[Any]]] = {
    "p": {"id": [1, 2, 3], "x": ["a", None, ""]},
    "v": {"id": [1, 1, 2], "n": [1, 2, 1], "mother": [None, 3, 3]},
    "a": {"id": [1, None, 2], "n": [2, None, 1], "code": ["c", "c", None]},
}


def _faults(catalog: Catalog = CATALOG, **changed: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    tables = {}
    for table in catalog.tables:
        cells = {**GOOD[table.name], **changed.get(table.name, {})}
        tables[table.name] = pa.table({name: pa.array(values) for name, values in cells.items()})
    faults = list(integrity_faults(memory_dataset(catalog, tables)))
    return [(fault.table, fault.column, fault.row, fault.problem) for fault in faults]


def _only(found: list[tuple[Any, ...]], table: str, column: str | None, row: int | None, words: str) -> None:
    assert [fault[:3] for fault in found] == [(table, column, row)]
    assert words in found[0][3]


def test_good_tables_have_no_fault() -> None:
    assert _faults() == []


def test_a_repeated_primary_key_is_placed_at_the_second() -> None:
    _only(_faults(v={"id": [1, 2, 1], "n": [1, 1, 1]}, a={"n": [1, None, 1]}), "v", "id, n", 3, "1 row")


def test_a_missing_primary_key() -> None:
    found = _faults(v={"n": [1, 2, None], "id": [1, 1, 2]}, a={"id": [1, None, 1], "n": [2, None, 1]})
    _only(found, "v", "n", 3, "missing")


def test_an_orphan() -> None:
    _only(_faults(a={"id": [1, None, 9]}), "a", "id, n", 3, "not there (1 row)")
    _only(_faults(v={"mother": [8, 9, 3]}), "v", "mother", 1, "2 rows")


def test_a_reference_missing_in_part() -> None:
    _only(_faults(a={"id": [1, 1, 2]}), "a", "id, n", 2, "only some parts")


def test_a_person_table_without_rows() -> None:
    empty: dict[str, list[Any]] = {"id": [], "x": []}
    gone: dict[str, list[Any]] = {"id": [], "n": [], "mother": [], "code": []}
    found = _faults(p=empty, v={k: [] for k in GOOD["v"]}, a={k: gone[k] for k in GOOD["a"]})
    _only(found, "p", None, None, "no rows")


def test_another_table_without_rows_is_only_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert _faults(a={"id": [], "n": [], "code": []}) == []
    assert "table a" in capsys.readouterr().err


def test_references_between_types_are_not_compared() -> None:
    other = replace(VISIT, columns=(*VISIT.columns[:2], Column("mother", "string")))
    catalog = Catalog((PERSON, other, ACT), CATALOG.person)
    _only(_faults(catalog, v={"mother": ["1", "2", None]}), "v", "mother", None, "types")


@pytest.mark.parametrize(
    ("column", "cells", "row", "words"),
    [
        (Column("x", "string", nullable=False), ["a", None, None], 2, "2 rows"),
        (Column("x", "string", minimum_length=2), ["aa", None, ""], 3, "shorter"),
        (Column("x", "string", maximum_length=1), ["é", None, "éé"], 3, "longer"),
        (Column("x", "string", pattern="[0-9]{2}"), ["01", None, "012"], 3, "pattern"),
        (Column("x", "string", pattern="a|b"), ["a", "b", "bc"], 3, "pattern"),
        (Column("x", "string", pattern="(?!a).*"), ["b", None, "a"], 3, "pattern"),
        (Column("x", "string", categories=("1", "2")), ["1", None, "01"], 3, "closed list"),
        (Column("x", "integer", categories=("1", "2")), [1, None, 3], 3, "closed list"),
        (Column("x", "number", minimum=0.5), [0.5, None, 0.25], 3, "minimum"),
        (Column("x", "integer", maximum=10), [10, 11, None], 2, "maximum"),
        (Column("x", "boolean", categories=("true",)), [True, None, False], 3, "closed list"),
        (Column("x", "string", unique=True), ["a", "b", "a"], 3, "unique"),
    ],
)
def test_constraints(column: Column, cells: list[Any], row: int, words: str) -> None:
    catalog = Catalog((replace(PERSON, columns=(PERSON.columns[0], column)),), CATALOG.person)
    _only(_faults(catalog, p={"x": cells}), "p", "x", row, words)


def test_a_cell_that_cannot_be_read_is_a_fault_and_the_rest_is_checked() -> None:
    found = _faults(p={"id": ["1", "2", "x"]}, a={"id": [1, 7, 2]})
    assert [fault[:3] for fault in found] == [("p", "id", 3), ("a", "id, n", 2)]


def test_require_integrity_raises_the_first() -> None:
    tables = {name: pa.table({k: pa.array(v) for k, v in GOOD[name].items()}) for name in GOOD}
    dataset = memory_dataset(CATALOG, {**tables, "a": pa.table({"id": [5], "n": [5], "code": ["c"]})})
    with pytest.raises(UserError, match="not there"):
        require_integrity(dataset)


def test_it_is_fast() -> None:
    rows = 200_000
    numbers = pa.array(range(rows))
    person = pa.table({"id": numbers, "x": pa.array(["abc"] * rows)})
    visit = pa.table({"id": numbers, "n": numbers, "mother": numbers})
    catalog = Catalog((PERSON, VISIT), CATALOG.person)
    begun = time.process_time()
    assert list(integrity_faults(memory_dataset(catalog, {"p": person, "v": visit}))) == []
    assert 5 * rows / (time.process_time() - begun) > 300_000, "cells a second; a million on an idle machine"


def test_a_bound_beyond_64_bits_bounds_nothing() -> None:
    catalog = Catalog((Table("t", (Column("n", "integer", minimum=-(10**22), maximum=10**22),)),))
    assert list(integrity_faults(memory_dataset(catalog, {"t": pa.table({"n": [2**63 - 1, -(2**63)]})}))) == []


def test_bounds_between_whole_numbers() -> None:
    catalog = Catalog((Table("t", (Column("n", "integer", minimum=0.5, maximum=2.5),)),))
    faults = list(integrity_faults(memory_dataset(catalog, {"t": pa.table({"n": [1, 2, 0, 3, 2**62]})})))
    assert [(fault.row, "(1 row)" in fault.problem) for fault in faults] == [(3, True), (4, False)]
