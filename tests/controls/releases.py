"""Releases made from real tables of any catalog: copies in disguise, leaks of some persons, and harmless ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Catalog, Column
from synth.core.dataset import Dataset
from synth.io import memory_dataset
from synth.metrics.evidence import build_evidence

Tables = Mapping[str, pa.Table]
Edit = Callable[[Column, pa.ChunkedArray], pa.ChunkedArray]


@dataclass(frozen=True)
class People:
    """Some persons: their rows of every table. `owner[table]` numbers the person of each row, as in `persons`."""

    catalog: Catalog
    tables: Tables
    owner: Mapping[str, np.ndarray]
    persons: int

    def dataset(self) -> Dataset:
        return memory_dataset(self.catalog, dict(self.tables))

    def take(self, chosen: np.ndarray) -> People:
        """Only these persons."""
        place = np.full(self.persons + 1, -1)
        place[chosen] = np.arange(len(chosen))
        tables, owner = {}, {}
        for name, rows in self.tables.items():
            kept = place[self.owner[name]] >= 0 if name in self.owner else np.ones(len(rows), dtype=bool)
            tables[name] = rows.filter(pa.array(kept))
            if name in self.owner:
                owner[name] = place[self.owner[name][kept]]
        return People(self.catalog, tables, owner, len(chosen))

    def join(self, other: People) -> People:
        """Both; tables of nobody are taken once."""
        tables = {
            name: pa.concat_tables([rows, other.tables[name]]) if name in self.owner else rows
            for name, rows in self.tables.items()
        }
        owner = {name: np.concatenate([of, other.owner[name] + self.persons]) for name, of in self.owner.items()}
        return People(self.catalog, tables, owner, self.persons + other.persons)

    def edit(self, change: Edit) -> People:
        """The same persons with every column of the persons' tables changed."""
        tables = dict(self.tables)
        for name in self.owner:
            table = self.catalog.table(name)
            changed = [change(table.column(column), self.tables[name][column]) for column in table.column_names]
            tables[name] = pa.table(dict(zip(table.column_names, changed, strict=True)))
        return People(self.catalog, tables, self.owner, self.persons)


def people_of(dataset: Dataset) -> People:
    """All persons of a dataset."""
    evidence = build_evidence(dataset, None, dataset)
    owner = {
        name: evidence.train.tables[name].person.astype(np.int64)
        for name, layout in evidence.layouts.items()
        if layout.of_persons
    }
    tables = {table.name: dataset.read(table.name) for table in dataset.catalog.tables}
    return People(dataset.catalog, tables, owner, evidence.train.persons)


def parts(whole: People, *sizes: int, seed: int = 4) -> list[People]:
    """Disjoint sets of persons drawn at random."""
    order = np.random.default_rng(seed).permutation(whole.persons)
    ends = np.cumsum((0, *sizes))
    return [whole.take(np.sort(order[low:high])) for low, high in pairwise(ends)]


def renamed(people: People, mark: str = "S") -> People:
    """The same persons under other identifiers: texts with a mark, integers moved far away."""
    keys = {name: _identifiers(people.catalog, name) for name in people.owner}

    def change(table: str, column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
        if column.name not in keys[table]:
            return values
        if pa.types.is_string(values.type):
            return pc.binary_join_element_wise(pa.scalar(mark), values, "")
        return pc.add(values, 1_000_000_000) if pa.types.is_integer(values.type) else values

    tables = dict(people.tables)
    for name in people.owner:
        described = people.catalog.table(name)
        tables[name] = pa.table(
            {c: change(name, described.column(c), people.tables[name][c]) for c in described.column_names}
        )
    return People(people.catalog, tables, people.owner, people.persons)


def _identifiers(catalog: Catalog, name: str) -> set[str]:
    """Key columns that are made up, not data: those of role `key`."""
    return {column.name for column in catalog.table(name).columns if column.role == "key"}


def jittered(people: People, share: float = 0.03, seed: int = 1) -> People:
    """Copies whose numbers move by a small share of their spread and dates by a few days."""
    stream = np.random.default_rng(seed)

    def change(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
        if column.role == "key" or not (_is_number(values.type) or pa.types.is_date(values.type)):
            return values
        if column.role == "code" or not values.null_count < len(values):
            return values
        if pa.types.is_date(values.type):
            days = np.asarray(values.cast(pa.int32()).fill_null(0)) + stream.integers(-3, 4, len(values))
            return _again(days.astype(np.int32), values)
        numbers = np.asarray(values.cast(pa.float64()).fill_null(0))
        moved = numbers + share * np.nanstd(numbers) * stream.normal(size=len(numbers))
        return _again(np.round(moved) if pa.types.is_integer(values.type) else np.round(moved, 4), values)

    return people.edit(change)


def permuted(people: People, seed: int = 2) -> People:
    """Copies whose codes are renamed one for one, in every column that holds codes."""
    stream = np.random.default_rng(seed)

    def change(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
        if column.role != "code" or not pa.types.is_string(values.type):
            return values
        coded = values.combine_chunks().dictionary_encode() if values.num_chunks else values
        levels = np.array(coded.dictionary.to_pylist(), dtype=object)
        other = pa.array(levels[stream.permutation(len(levels))].tolist(), pa.string())
        return pa.chunked_array([other.take(coded.indices)])

    return people.edit(change)


def independent(people: People, seed: int = 3) -> People:
    """Every column drawn alone among the rows of its table: margins kept, relations lost."""
    stream = np.random.default_rng(seed)
    joins = {name: people.catalog.table(name).key_columns for name in people.owner}
    tables = dict(people.tables)
    for name in people.owner:
        rows = people.tables[name]
        tables[name] = pa.table(
            {
                column: rows[column] if column in joins[name] else _smoothed(rows[column], stream)
                for column in rows.column_names
            }
        )
    return People(people.catalog, tables, people.owner, people.persons)


def _smoothed(values: pa.ChunkedArray, stream: np.random.Generator) -> pa.ChunkedArray:
    drawn = values.take(pa.array(stream.integers(0, max(len(values), 1), len(values))))
    if not _is_number(values.type) or len(values.unique()) <= 20:
        return drawn
    known = np.asarray(values.drop_null().cast(pa.float64()))
    grid = np.quantile(known, np.linspace(0, 1, 51))
    smooth = np.interp(stream.random(len(values)), np.linspace(0, 1, 51), grid)
    return _again(np.round(smooth) if pa.types.is_integer(values.type) else np.round(smooth, 2), drawn)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _again(numbers: np.ndarray, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers in the type of `values`, missing where those are."""
    missing = np.asarray(values.is_null())
    whole = pa.array(numbers, mask=missing) if pa.types.is_floating(values.type) else None
    if whole is None:
        whole = pa.array(numbers.astype(np.int64), mask=missing)
        whole = whole.cast(pa.int32()).cast(values.type) if pa.types.is_date(values.type) else whole.cast(values.type)
    return pa.chunked_array([whole.cast(values.type)])
