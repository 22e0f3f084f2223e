"""A release against the one before it: versions that tell what changed, differences that point at nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from publish.build import build_package
from publish.checks.persons import differing
from publish.verify import verify_package
from synth.core.catalog import Catalog, Column

from .conftest import CATALOG, METADATA, sample_tables, write_folder


def release(folder: Path, version: str, catalog: Catalog = CATALOG, tables: dict[str, Any] | None = None) -> Path:
    """A draft of these tables under this version."""
    source = write_folder(folder / f"t{version}", catalog, tables or sample_tables())
    return build_package(source, folder / version, metadata={**METADATA, "version": version}, draft=True)


def faults(new: Path, old: Path) -> list[str]:
    return [str(fault) for fault in verify_package(new, old)]


def ranked(shift: int, rows: int = 40) -> dict[str, Any]:
    """The sample with the first `rows` ranks of actes shifted."""
    tables = sample_tables()
    ranks = [rank + (shift if rank < rows else 0) for rank in range(40)]
    return {**tables, "actes": tables["actes"].set_column(2, "rang", pa.array(ranks, pa.int64()))}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1.2.3."""
    return release(tmp_path_factory.mktemp("first"), "1.2.3")


@pytest.mark.parametrize("version", ["1.2.4", "1.3.0", "2.0.0"])
def test_the_same_rows_may_take_any_later_version(first: Path, tmp_path: Path, version: str) -> None:
    assert faults(release(tmp_path, version), first) == []


def test_a_release_follows_itself(first: Path) -> None:
    assert faults(first, first) == []


@pytest.mark.parametrize("version", ["1.2.2", "1.2.3"])
def test_a_version_may_not_go_back_or_stay(first: Path, tmp_path: Path, version: str) -> None:
    found = faults(release(tmp_path, version, tables=ranked(100)), first)

    assert any("does not follow" in fault for fault in found)


@pytest.mark.parametrize(("version", "sound"), [("1.2.4", False), ("1.3.0", False), ("2.0.0", True)])
def test_changed_rows_need_a_major_version(first: Path, tmp_path: Path, version: str, sound: bool) -> None:
    found = faults(release(tmp_path, version, tables=ranked(100)), first)

    assert (found == []) is sound
    assert sound or "rows of actes changed, which needs a MAJOR version" in found[0]


@pytest.mark.parametrize(("version", "sound"), [("1.2.4", False), ("1.3.0", True)])
def test_an_added_column_needs_a_minor_version(first: Path, tmp_path: Path, version: str, sound: bool) -> None:
    empty = CATALOG.tables[3]
    wider = replace(CATALOG, tables=(*CATALOG.tables[:3], replace(empty, columns=(*empty.columns, Column("y")))))
    tables = {**sample_tables(), "vide": pa.table({"x": pa.array([], pa.int64()), "y": pa.array([], pa.string())})}

    assert (faults(release(tmp_path, version, wider, tables), first) == []) is sound


@pytest.mark.parametrize(("version", "sound"), [("1.3.0", False), ("2.0.0", True)])
def test_a_table_that_went_away_needs_a_major_version(first: Path, tmp_path: Path, version: str, sound: bool) -> None:
    fewer = CATALOG.select(("patients", "séjours 2", "actes"))

    assert (faults(release(tmp_path, version, fewer), first) == []) is sound


def test_a_handful_of_changed_rows_is_pointed_at(first: Path, tmp_path: Path) -> None:
    found = faults(release(tmp_path, "2.0.0", tables=ranked(100, rows=3)), first)

    assert len(found) == 1 and "[differencing]" in found[0] and "table actes" in found[0]


def test_every_earlier_release_is_compared(first: Path, tmp_path: Path) -> None:
    second = release(tmp_path, "2.0.0", tables=ranked(100))
    third = release(tmp_path, "3.0.0", tables=ranked(0, rows=3))

    assert faults(third, second) == []
    found = [str(fault) for fault in verify_package(third, second, first)]
    assert found == []
    back = release(tmp_path, "3.0.1", tables=ranked(100, rows=3))
    assert any("[differencing]" in str(fault) for fault in verify_package(back, second, first))


def test_another_name_is_another_data_set(first: Path, tables_dir: Path, tmp_path: Path) -> None:
    other = {**METADATA, "version": "1.2.4", "name": "other"}
    package = build_package(tables_dir, tmp_path / "p", metadata=other, draft=True)

    assert any("`name` differs" in fault for fault in faults(package, first))


def test_differences_count_repeated_rows() -> None:
    def words(*values: int) -> Any:
        return np.array(values, np.uint64)

    nobody = (None, None)
    assert differing((words(1, 1, 2), words(1, 2)), nobody) == (1, 1)
    assert differing((words(1, 2), words(3, 4, 5)), nobody) == (3, 3)
    assert differing((words(), words()), nobody) == (0, 0)


def test_differences_count_each_person_once() -> None:
    def words(*values: int) -> Any:
        return np.array(values, np.uint64)

    rows, owners = (words(1, 2, 3, 4), words(1)), (words(7, 7, 7, 8), words(7))
    assert differing(rows, owners) == (3, 2)
    assert differing((rows[1], rows[0]), (owners[1], owners[0])) == (3, 2)


def test_many_rows_of_few_persons_are_pointed_at(first: Path, tmp_path: Path) -> None:
    """Acts name their person through the stay: 20 changed rows of 10 persons are still a handful."""
    found = faults(release(tmp_path, "2.0.0", tables=ranked(100, rows=20)), first)

    assert len(found) == 1 and "[differencing]" in found[0] and "fewer than 11 persons" in found[0]


def test_persons_are_found_along_keys_that_are_not_the_person_s(tmp_path: Path) -> None:
    """Rows lead to their stay, the stay to its person, whose key is another column than the one stays refer to."""
    from publish.checks.persons import rows_and_owners
    from publish.package import open_package
    from synth.core.catalog import ForeignKey, Person, Table

    number, name = Column("no", "integer", "key", nullable=False), Column("id", "string", "key", nullable=False)
    stay = Column("stay", "integer", "key", nullable=False)
    catalog = Catalog(
        (
            Table("acts", (stay, Column("x", "integer")), foreign_keys=(ForeignKey(("stay",), "stays", ("stay",)),)),
            Table("stays", (stay, number), ("stay",), (ForeignKey(("no",), "people", ("no",)),)),
            Table("people", (name, number), ("no",), unique_keys=(("id",),)),
        ),
        Person("people", ("id",)),
        name="x",
    )
    tables = {
        "people": pa.table({"id": ["a", "b"], "no": [1, 2]}),
        "stays": pa.table({"stay": [10, 11, 12], "no": [2, 1, 2]}),
        "acts": pa.table({"stay": [12, 11, 10, 10], "x": [0, 0, 0, 0]}),
    }
    with open_package(release(tmp_path, "1.0.0", catalog, tables)) as package:
        _, people = rows_and_owners(package, "people", ["id"])
        _, acts = rows_and_owners(package, "acts", ["x"])
    assert people is not None and acts is not None
    assert acts.tolist() == [people[1], people[0], people[1], people[1]]
