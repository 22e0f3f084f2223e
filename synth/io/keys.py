"""Keys of all tables side by side in DuckDB, which spills to disk what memory cannot hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa


@dataclass
class KeyStore:
    """Key columns by table, each row with its number. Names never reach the SQL: columns are counted."""

    database: Any
    numbers: dict[str, int] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def start(self, table: str, columns: Sequence[str], schema: pa.Schema) -> None:
        """Make room for the key columns of a table."""
        number = self.numbers.setdefault(table, len(self.numbers))
        self.columns[table] = tuple(columns)
        empty = _counted(schema.empty_table().select(list(columns)), 1)
        self.database.register("incoming", empty)
        self.run(f"CREATE TABLE keys_{number} AS SELECT * FROM incoming")
        self.database.unregister("incoming")

    def add(self, table: str, batch: pa.RecordBatch, first_row: int) -> None:
        """Append the key columns of a batch whose first row number is `first_row`."""
        rows = pa.Table.from_batches([batch]).select(list(self.columns[table]))
        self.database.register("incoming", _counted(rows, first_row))
        self.run(f"INSERT INTO keys_{self.numbers[table]} SELECT * FROM incoming")
        self.database.unregister("incoming")

    def repeated(self, table: str, key: Sequence[str]) -> tuple[int, int]:
        """How many rows repeat the key of an earlier row, and the first that does; keys with a missing part do not."""
        names = self.names(table, key)
        listed, present = ", ".join(names), " AND ".join(f"{name} IS NOT NULL" for name in names)
        source = f"keys_{self.numbers[table]} WHERE {present}"
        again = f"SELECT {listed} FROM {source} GROUP BY {listed} HAVING count(*) > 1"
        if self._one(f"SELECT count(*) FROM ({again} LIMIT 1)")[0] == 0:
            return 0, 0
        ranked = f"SELECT r, row_number() OVER (PARTITION BY {listed} ORDER BY r) AS n FROM {source}"
        count, first = self._one(f"SELECT count(*), min(r) FROM ({ranked}) WHERE n > 1")
        return int(count), int(first)

    def partial(self, table: str, key: Sequence[str]) -> tuple[int, int]:
        """How many rows have some parts of a key and miss others, and the first that does."""
        if len(key) < 2:
            return 0, 0
        tests = [f"({name} IS NULL)::INT" for name in self.names(table, key)]
        missing = " + ".join(tests)
        where = f"({missing}) BETWEEN 1 AND {len(key) - 1}"
        count, first = self._one(f"SELECT count(*), min(r) FROM keys_{self.numbers[table]} WHERE {where}")
        return int(count), int(first or 0)

    def orphans(self, table: str, key: Sequence[str], target: str, target_key: Sequence[str]) -> tuple[int, int]:
        """How many rows name a row of `target` that is not there, and the first that does."""
        mine = [f"a.{name}" for name in self.names(table, key)]
        theirs = [f"b.{name}" for name in self.names(target, target_key)]
        equal = " AND ".join(f"{left} = {right}" for left, right in zip(mine, theirs, strict=True))
        present = " AND ".join(f"{name} IS NOT NULL" for name in mine)
        left = f"(SELECT * FROM keys_{self.numbers[table]} a WHERE {present}) a"
        joined = f"{left} ANTI JOIN keys_{self.numbers[target]} b ON {equal}"
        count, first = self._one(f"SELECT count(*), min(a.r) FROM {joined}")
        return int(count), int(first or 0)

    def names(self, table: str, key: Sequence[str]) -> list[str]:
        """What columns are called in the SQL."""
        held = self.columns[table]
        return [f"c{held.index(name)}" for name in key]

    def _one(self, query: str) -> Any:
        return self.run(query)[0]

    def run(self, query: str) -> list[Any]:
        """All rows of the answer to a query."""
        # fetched to the end, because DuckDB refuses other work while a result is open
        rows: list[Any] = self.database.execute(query).fetchall()
        return rows


def _counted(rows: pa.Table, first_row: int) -> pa.Table:
    numbers = pa.array(np.arange(first_row, first_row + rows.num_rows, dtype=np.int64))
    names = [f"c{number}" for number in range(rows.num_columns)]
    return rows.rename_columns(names).append_column("r", numbers)


@contextmanager
def key_store() -> Iterator[KeyStore]:
    """An empty store; what it spilled to disk is removed at the end."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="synth-keys-") as folder, duckdb.connect(":memory:") as database:
        spill = folder.replace("'", "''")
        database.execute(f"SET temp_directory = '{spill}'").fetchall()
        yield KeyStore(database)
