"""Every row of every table against the descriptor, in one streaming pass that also digests the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from publish.checks.cells import Rule, Tally, rules_of
from publish.checks.keys import Keys
from publish.fault import Fault, fault_of
from publish.package import Package
from synth.core.catalog import Catalog, Table
from synth.core.dataset import Dataset, Source
from synth.core.errors import UserError
from synth.core.jsontext import digest
from synth.core.progress import bar


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading every table: the faults, and the logical digest (None when a table could not be read)."""

    faults: tuple[Fault, ...]
    digest: str | None


@dataclass(frozen=True)
class Watched:
    """A source that shows every batch to `watcher` on its way."""

    source: Source
    watcher: TableWatch

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """The rows of the source, watched."""
        for batch in self.source.scan(table, columns, chunk):
            self.watcher.add(batch)
            yield batch


class TableWatch:
    """Checks the cells of one table as its batches pass, and hands its keys to `keys`."""

    def __init__(self, table: Table, keys: Keys) -> None:
        self.table = table
        self.keys = keys
        self.rows = 0
        self.rules: list[tuple[str, Rule, Tally]] = [
            (column.name, rule, Tally())
            for column in table.columns
            for rule in rules_of(column, not column.nullable or column.name in table.primary_key)
        ]
        self.report = bar(f"verify {table.name}")

    def add(self, batch: pa.RecordBatch) -> None:
        """Check the next rows."""
        for name, rule, tally in self.rules:
            tally.add(rule.bad(batch.column(name)), self.rows + 1)
        self.keys.add(self.table.name, batch)
        self.rows += batch.num_rows
        self.report(self.rows)

    def faults(self) -> Iterator[Fault]:
        """One fault for each rule that a cell broke."""
        self.report(-1)
        for name, rule, tally in self.rules:
            fault = tally.fault(rule.check, rule.problem, str(self.table.path), self.table.name, name)
            if fault is not None:
                yield fault


def read_tables(package: Package) -> Reading:
    """Read every table once in CSV and once in Parquet: faults of cells and keys, and whether both forms agree."""
    from synth.io import dataset_digests, open_dataset

    catalog = package.catalog
    try:
        dataset = open_dataset(package.root, catalog)
    except UserError as error:
        return Reading((fault_of("type", error, package.inside(error.file)),), None)
    keys = Keys(catalog)
    faults: list[Fault] = []
    digests: dict[str, str] = {}
    for table in catalog.tables:
        watch = TableWatch(table, keys)
        one = Dataset(_alone(catalog, table), Watched(dataset.source, watch), dataset.origin)
        try:
            digests |= dataset_digests(one)
        except UserError as error:
            faults.append(fault_of("type", error, table.path))
        faults += watch.faults()
    faults += keys.faults(frozenset(catalog.table_names) - digests.keys())
    faults += _other_form(package, digests)
    return Reading(tuple(faults), digest(digests) if len(digests) == len(catalog.tables) else None)


def _alone(catalog: Catalog, table: Table) -> Catalog:
    return catalog.select((table.name,))


def _other_form(package: Package, digests: dict[str, str]) -> Iterator[Fault]:
    """Faults of Parquet files whose rows are not those of the CSV, value for value."""
    from synth.io import dataset_digests, open_dataset

    catalog = package.parquet_catalog
    for table in catalog.tables:
        try:
            found = dataset_digests(open_dataset(package.root, _alone(catalog, table)))
        except UserError as error:
            yield fault_of("type", error, table.path)
            continue
        if table.name in digests and found[table.name] != digests[table.name]:
            yield Fault("forms", "holds other rows than the CSV", file=table.path, table=table.name)
