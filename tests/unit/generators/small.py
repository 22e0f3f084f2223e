"""Tiny catalogs in one line: a person table with some columns, perhaps with rows below it."""

from __future__ import annotations

from typing import Any

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.generators import fit
from tests.unit.generators.clinic import dataset_of, sampled

KEY = Column("id", "string", "key", False)


def persons_with(column: Column, cells: list[Any], key: Column = KEY, keys: list[Any] | None = None) -> Dataset:
    """One person a cell."""
    catalog = Catalog((Table("p", (key, column), ("id",)),), Person("p", ("id",)))
    return dataset_of(catalog, {"p": {"id": keys or [f"k{i}" for i in range(len(cells))], column.name: cells}})


def children_of(persons: int, rows: list[tuple[int, Any]], column: Column) -> Dataset:
    """Persons, and rows below them given as (person, cell)."""
    child = Table("c", (KEY, column), foreign_keys=(ForeignKey(("id",), "p", ("id",)),))
    catalog = Catalog((Table("p", (KEY,), ("id",)), child), Person("p", ("id",)))
    below = {"id": [f"k{person}" for person, _ in rows], column.name: [cell for _, cell in rows]}
    return dataset_of(catalog, {"p": {"id": [f"k{i}" for i in range(persons)]}, "c": below})


def drawn(real: Dataset, name: str = "trees", k: int = 11, persons: int = 200) -> Dataset:
    """What a generator makes of it."""
    return sampled(fit(real, name, k), persons)
