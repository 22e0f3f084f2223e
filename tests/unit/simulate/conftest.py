"""One small simulated base, made once and read by every test of the simulator."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pytest

from synth.core.catalog import Catalog
from synth.core.dataset import arrow_schema
from synth.simulate import simulate_snds

YEARS = (2021, 2023)
PERSONS = 1000


class Base:
    """A catalog and its tables in memory, open to SQL."""

    def __init__(self, catalog: Catalog, tables: dict[str, pa.Table]) -> None:
        import duckdb

        self.catalog = catalog
        self.tables = tables
        self.connection = duckdb.connect(config={"threads": 1})
        for name, table in tables.items():
            self.connection.register(name, table)

    def sql(self, query: str) -> list[tuple]:
        """Rows of a DuckDB query over the tables."""
        return self.connection.execute(query).fetchall()

    def count(self, query: str) -> int:
        """The single number a query gives."""
        return int(self.sql(query)[0][0])


def make_base(persons: int = PERSONS, years: tuple[int, int] = YEARS, seed: int = 7, **options) -> Base:
    """A base in memory."""
    catalog, batches = simulate_snds(persons, years, seed, **options)
    parts: dict[str, list[pa.RecordBatch]] = defaultdict(list)
    for name, batch in batches:
        parts[name].append(batch)
    made = {t.name: pa.Table.from_batches(parts[t.name], arrow_schema(t)) for t in catalog.tables}
    return Base(catalog, made)


@pytest.fixture(scope="session")
def base() -> Base:
    """A block of persons and their children over three years."""
    return make_base()


@pytest.fixture(scope="session")
def base_with_pseudonyms() -> Base:
    """A year of a block, with pseudonyms shared by twins and second ones."""
    return make_base(1000, (2022, 2022), 5, tables="IR_BEN_R,ER_PRS_F,T_MCOaaC", several_pseudonyms=True)
