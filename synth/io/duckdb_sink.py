"""A DuckDB file with typed tables and, where the rows allow, their primary and foreign keys.

DuckDB checks keys row by row, parents first, so rows wait in Parquet files aside until every table is complete. It
holds the index of a key in memory, so tables of millions of rows get none: their keys are in the catalog alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth.core.catalog import Catalog, ForeignKey, Table
from synth.core.errors import UserError
from synth.core.joins import parents_first
from synth.core.progress import say
from synth.io.parquet_sink import ParquetSink
from synth.io.quoting import quoted
from synth.io.sql_types import FittingTypes

Keys = tuple[tuple[str, ...], tuple[ForeignKey, ...]]  # the primary key and the foreign keys to declare

_MOST_KEYED = 1_000_000  # rows of a table whose keys are declared
_MEMORY = "2GB"  # DuckDB would take most of the machine's


class DuckdbSink:
    """All tables of a catalog in one DuckDB file."""

    def __init__(self, catalog: Catalog, path: Path) -> None:
        self._catalog = catalog
        self._path = path
        self._aside = Path(tempfile.mkdtemp(prefix=".rows.", dir=path.parent))
        self._files = {
            table.name: ParquetSink(table, self._aside / f"{number}.parquet")
            for number, table in enumerate(catalog.tables)
        }
        self._types = {table.name: FittingTypes(table) for table in catalog.tables}
        self._rows = dict.fromkeys(catalog.table_names, 0)

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Hold rows aside."""
        self._types[table.name].see(batch)
        self._rows[table.name] += batch.num_rows
        self._files[table.name].write(batch)

    def close(self) -> None:
        """Make the tables, parents first."""
        import duckdb

        for sink in self._files.values():
            sink.close()
        keyed: dict[str, set[tuple[str, ...]]] = {}
        try:
            with duckdb.connect(str(self._path), config={"memory_limit": _MEMORY}) as database:
                for name in parents_first(self._catalog):
                    keyed[name] = self._load(database, self._catalog.table(name), keyed)
        except duckdb.Error:
            raise UserError("cannot be written", file=self._path, remedy="check the disk and its permissions") from None
        finally:
            shutil.rmtree(self._aside, ignore_errors=True)

    def _load(self, database: Any, table: Table, keyed: dict[str, set[tuple[str, ...]]]) -> set[tuple[str, ...]]:
        """Fill one table; the keys it came to declare."""
        import duckdb

        rows = self._aside / f"{self._catalog.table_names.index(table.name)}.parquet"
        source = str(rows).replace("'", "''")
        foreign = tuple(key for key in table.foreign_keys if key.target_columns in keyed.get(key.target, set()))
        tried: list[Keys] = [((), ())]
        if self._rows[table.name] > _MOST_KEYED:
            say(f"{self._path.name}: table {table.name}: keys not declared, since it is large: see the catalog")
        else:
            tried.insert(0, (table.primary_key, foreign))
        for declared in tried:
            try:
                database.execute(create_table(table, self._types[table.name].types(), *declared)).fetchall()
                database.execute(f"INSERT INTO {quoted(table.name)} SELECT * FROM read_parquet('{source}')").fetchall()
            except duckdb.ConstraintException:
                database.execute(f"DROP TABLE {quoted(table.name)}").fetchall()
                say(f"{self._path.name}: table {table.name}: keys not declared, since some rows break them")
            else:
                return {declared[0]} if declared[0] else set()
        return set()

    def abandon(self) -> None:
        """Forget the rows."""
        for sink in self._files.values():
            sink.abandon()
        shutil.rmtree(self._aside, ignore_errors=True)


def create_table(
    table: Table, types: Mapping[str, str], primary_key: tuple[str, ...], foreign_keys: tuple[ForeignKey, ...]
) -> str:
    """The SQL that makes an empty table of these types and keys. Keys of a table to itself are left out."""
    parts = [f"{quoted(name)} {types[name]}" for name in table.column_names]
    if primary_key:
        parts.append(f"PRIMARY KEY ({_listed(primary_key)})")
    for key in foreign_keys:
        if key.target != table.name:
            reference = f"{quoted(key.target)} ({_listed(key.target_columns)})"
            parts.append(f"FOREIGN KEY ({_listed(key.columns)}) REFERENCES {reference}")
    return f"CREATE TABLE {quoted(table.name)} ({', '.join(parts)})"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)
