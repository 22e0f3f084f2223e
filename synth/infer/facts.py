"""What DuckDB counts in the tables: distinct values, unique sets of columns, inclusions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from synth.core.catalog import Column, Table
from synth.core.dataset import Dataset, arrow_schema, arrow_type
from synth.io.keys import KeyStore, key_store

_LONG_TEXT = 40  # characters on average: not a key
_SENTENCE = 2  # spaces on average: words, not a key
_SAMPLE = 20_000


@dataclass(frozen=True)
class Fact:
    """One column: how many cells are filled, how many values they take; `dense` when integers nearly without gaps.

    `length` and `spaces` are what its texts have on average.
    """

    filled: int
    distinct: int
    dense: bool
    length: float
    spaces: float = 0.0

    @property
    def short(self) -> bool:
        """Whether its texts are short enough for a key, and no sentences."""
        return self.length <= _LONG_TEXT and self.spaces < _SENTENCE


@dataclass(frozen=True)
class Facts:
    """Counts over all tables of a dataset, some taken when asked for."""

    store: KeyStore
    rows: dict[str, int]
    columns: dict[tuple[str, str], Fact]

    def of(self, table: str, column: str) -> Fact:
        """The counts of one column."""
        return self.columns[table, column]

    def complete(self, table: str, column: str) -> bool:
        """Whether the column has a value in every row, and there is a row."""
        return 0 < self.rows[table] == self.of(table, column).filled

    def single_key(self, table: str, column: str) -> bool:
        """Whether the column tells the rows apart."""
        return self.complete(table, column) and self.of(table, column).distinct == self.rows[table]

    def unique(self, table: str, columns: Sequence[str]) -> bool:
        """Whether the columns together tell the rows apart; a sample answers first."""
        rows, possible = self.rows[table], 1
        for name in columns:
            possible *= self.of(table, name).distinct
        if possible < rows:
            return False
        names = ", ".join(self.store.names(table, columns))
        source = f"keys_{self.store.numbers[table]}"
        for part in (f"(SELECT * FROM {source} LIMIT {_SAMPLE})", source):
            query = f"SELECT 1 FROM {part} GROUP BY {names} HAVING count(*) > 1 LIMIT 1"
            if self.store.run(query):
                return False
        return True

    def included(self, table: str, columns: Sequence[str], target: str, target_columns: Sequence[str]) -> bool:
        """Whether every reference resolves, and none is filled in part."""
        partial, _ = self.store.partial(table, columns)
        return partial == 0 and self.store.orphans(table, columns, target, target_columns)[0] == 0


@contextmanager
def gathered(dataset: Dataset) -> Iterator[Facts]:
    """Read every table into DuckDB, which spills to disk, and count."""
    with key_store() as store:
        rows: dict[str, int] = {}
        columns: dict[tuple[str, str], Fact] = {}
        for table in dataset.catalog.tables:
            store.start(table.name, table.column_names, arrow_schema(table))
            count = 0
            for batch in dataset.scan(table.name):
                store.add(table.name, batch, count + 1)
                count += batch.num_rows
            rows[table.name] = count
            for position, column in enumerate(table.columns):
                columns[table.name, column.name] = _fact(store, table, column, position)
        yield Facts(store, rows, columns)


def _fact(store: KeyStore, table: Table, column: Column, position: int) -> Fact:
    name, source = f"c{position}", f"keys_{store.numbers[table.name]}"
    kind = arrow_type(column)
    extent = f"max({name})::HUGEINT - min({name})::HUGEINT + 1" if kind == pa.int64() else "NULL"
    text = kind == pa.string()
    length = f"avg(length({name}))" if text else "0"
    spaces = f"avg(length({name}) - length(replace({name}, ' ', '')))" if text else "0"
    query = f"SELECT count({name}), count(DISTINCT {name}), {extent}, {length}, {spaces} FROM {source}"
    filled, distinct, span, mean, between = store.run(query)[0]
    return Fact(filled, distinct, span is not None and distinct / span > 0.2, float(mean or 0), float(between or 0))
