"""One small simulated base, made once and read by every test of the simulator."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pytest

from synth.core.catalog import Catalog
from synth.core.dataset import arrow_schema
from synth.simulate import simulate_snds

YEARS = (2021, 2023)
PERSONS = 2000


class Base:
    """A catalog and its tables in memory, with the yearly hospital tables also stacked under their pattern name."""

    def __init__(self, catalog: Catalog, tables: dict[str, pa.Table]) -> None:
        self.catalog = catalog
        self.tables = tables

    def sql(self, query: str) -> list[tuple]:
        """Rows of a DuckDB query over the tables."""
        import duckdb

        with duckdb.connect() as connection:
            for name, table in self.tables.items():
                connection.register(name, table)
            return connection.execute(query).fetchall()

    def count(self, query: str) -> int:
        """The single number a query gives."""
        return int(self.sql(query)[0][0])


def make_base(persons: int = PERSONS, years: tuple[int, int] = YEARS, seed: int = 7, tables: str = "core") -> Base:
    """A base in memory."""
    catalog, batches = simulate_snds(persons, years, seed, tables)
    parts: dict[str, list[pa.RecordBatch]] = defaultdict(list)
    for name, batch in batches:
        parts[name].append(batch)
    made = {t.name: pa.Table.from_batches(parts[t.name], arrow_schema(t)) for t in catalog.tables}
    return Base(catalog, made)


@pytest.fixture(scope="session")
def base() -> Base:
    """2 000 persons over three years."""
    return make_base()
