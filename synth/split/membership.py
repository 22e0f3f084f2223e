"""Which person each row belongs to, and so which part it goes to.

The person of a row is found by joining its foreign keys up to the person table, in DuckDB, which spills to disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.catalog import Catalog, ForeignKey, Table
from synth.core.dataset import Dataset, arrow_schema
from synth.core.errors import UserError
from synth.core.joins import PersonPath, parents_first, person_paths
from synth.io.keys import KeyStore, key_store
from synth.io.opening import file_of


@dataclass(frozen=True)
class Cut:
    """Rows (counted from 0, in order) whose reference by `key` leads to a person of another part."""

    key: ForeignKey
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class Membership:
    """The part of every person (in the order of the person table) and, through the store, of every row."""

    dataset: Dataset
    store: KeyStore
    paths: dict[str, PersonPath]
    person_parts: NDArray[np.int8]

    def row_parts(self, table: Table) -> NDArray[np.int8]:
        """The part of each row of a table that leads to persons, in stored order."""
        number = self.store.numbers[table.name]
        query = f"SELECT p.part FROM owners_{number} o JOIN parts p ON o.person = p.r ORDER BY o.r"
        column = self.store.database.execute(query).fetchnumpy()["part"]
        return np.asarray(column, np.int8)

    def cuts(self, table: Table) -> list[Cut]:
        """References of a table's rows to persons of other parts. Raises UserError when one cannot be emptied."""
        found = []
        for key in _person_keys(table, self.paths):
            query = f"""SELECT l.r - 1 AS r FROM {_links(self.store, table, key)} l
                JOIN parts a ON l.mine = a.r JOIN parts b ON l.theirs = b.r WHERE a.part <> b.part ORDER BY 1"""
            rows = np.asarray(self.store.database.execute(query).fetchnumpy()["r"], np.int64)
            if len(rows):
                self._require_emptiable(table, key, int(rows[0]) + 1)
                found.append(Cut(key, rows))
        return found

    def _require_emptiable(self, table: Table, key: ForeignKey, row: int) -> None:
        others = {name for other in table.foreign_keys if other != key for name in other.columns}
        bound = others | set(table.primary_key)
        if any(name in bound or not table.column(name).nullable for name in key.columns):
            raise UserError(
                f"refers to a person of another part through {key.target} and cannot be emptied",
                file=file_of(self.dataset, table.name),
                table=table.name,
                column=", ".join(key.columns),
                row=row,
                remedy="split with --together, or let the column be missing",
            )


@contextmanager
def memberships(
    dataset: Dataset, seed: int, shares: Sequence[float], *, together: bool = False
) -> Iterator[Membership]:
    """Find the person of every row and the part of every person. Raises UserError for a row that leads to none."""
    catalog = dataset.catalog
    paths = person_paths(catalog)
    with key_store() as store:
        tickets: list[NDArray[np.uint64]] = []
        for name in parents_first(catalog):
            if name in paths:
                _read_keys(dataset, catalog.table(name), paths, store, tickets, seed)
                _find_owners(dataset, catalog.table(name), paths, store)
        drawn = np.concatenate([np.empty((0, 2), np.uint64), *tickets])
        if together:
            drawn = _shared_tickets(catalog, paths, store, drawn)
        parts = _parts(drawn, shares)
        numbers = np.arange(1, len(parts) + 1, dtype=np.int64)
        store.database.register("incoming", pa.table({"r": numbers, "part": parts}))
        store.run("CREATE TABLE parts AS SELECT * FROM incoming")
        store.database.unregister("incoming")
        yield Membership(dataset, store, paths, parts)


def tickets_of(keys: Sequence[pa.Array], seed: int) -> NDArray[np.uint64]:
    """Two 64-bit hashes a person, from the key alone: the first draws the part, the second ranks linked persons."""
    texts = [pc.cast(part, pa.string()).to_pylist() for part in keys]
    secret = str(seed).encode()[: hashlib.blake2b.MAX_KEY_SIZE]
    hashed = bytearray()
    for row in zip(*texts, strict=True):
        payload = "".join(f"{len(text)}:{text}" for text in row).encode()
        hashed += hashlib.blake2b(payload, key=secret, digest_size=16, person=b"synth split").digest()
    return np.frombuffer(bytes(hashed), "<u8").reshape(-1, 2)


def _parts(tickets: NDArray[np.uint64], shares: Sequence[float]) -> NDArray[np.int8]:
    uniform = (tickets[:, 0] >> np.uint64(11)).astype(np.float64) * 2.0**-53
    bounds = np.cumsum(shares)[:-1]
    return np.searchsorted(bounds, uniform, side="right").astype(np.int8)


def _person_keys(table: Table, paths: dict[str, PersonPath]) -> list[ForeignKey]:
    """Foreign keys of a table to tables that belong to persons, the one of its parent first."""
    main = paths[table.name].keys[:1] if table.name in paths else ()
    return [*main, *(key for key in table.foreign_keys if key.target in paths and key not in main)]


def _read_keys(
    dataset: Dataset,
    table: Table,
    paths: dict[str, PersonPath],
    store: KeyStore,
    tickets: list[NDArray[np.uint64]],
    seed: int,
) -> None:
    person = dataset.catalog.person
    wanted = {name for key in _person_keys(table, paths) for name in key.columns}
    for other in dataset.catalog.tables:
        wanted |= {name for key in other.foreign_keys if key.target == table.name for name in key.target_columns}
    own = person.key if person is not None and person.table == table.name else ()
    names = tuple(name for name in table.column_names if name in wanted or name in own)
    store.start(table.name, names, arrow_schema(table))
    first = 1
    for batch in dataset.scan(table.name, names):
        store.add(table.name, batch, first)
        first += batch.num_rows
        if own:
            tickets.append(tickets_of([batch.column(name) for name in own], seed))


def _owned(store: KeyStore, key: ForeignKey, catalog: Catalog, file: str) -> str:
    """SQL: the rows of the key's target as (k0, k1, ..., person), once each key."""
    target = catalog.table(key.target)
    number = store.numbers[key.target]
    columns = store.names(key.target, key.target_columns)
    listed = ", ".join(f"k.{name} AS k{position}" for position, name in enumerate(columns))
    plain = f"(SELECT {listed}, o.person FROM keys_{number} k JOIN owners_{number} o ON k.r = o.r)"
    unique = {target.primary_key, *target.unique_keys, *((c.name,) for c in target.columns if c.unique)}
    if key.target_columns in unique:
        return plain
    names = ", ".join(f"k{position}" for position in range(len(columns)))
    grouped = f"(SELECT {names}, min(person) AS person, max(person) AS other FROM {plain} GROUP BY {names})"
    present = " AND ".join(f"k{position} IS NOT NULL" for position in range(len(columns)))
    if store.run(f"SELECT count(*) FROM {grouped} WHERE person <> other AND {present}")[0][0]:
        raise UserError(
            "rows of several persons have the same key, which another table refers to",
            file=file,
            table=key.target,
            column=", ".join(key.target_columns),
            remedy="refer to columns that tell persons apart",
        )
    return grouped


def _find_owners(dataset: Dataset, table: Table, paths: dict[str, PersonPath], store: KeyStore) -> None:
    """Make `owners_N` (r, person): for each row the row number of its person."""
    number = store.numbers[table.name]
    file = file_of(dataset, table.name)
    if not paths[table.name].keys:
        store.run(f"CREATE TABLE owners_{number} AS SELECT r, r AS person FROM keys_{number}")
        return
    keys = [key for key in _person_keys(table, paths) if key.target != table.name]
    joins = []
    for position, key in enumerate(keys):
        pairs = [f"c.{name} = t{position}.k{part}" for part, name in enumerate(store.names(table.name, key.columns))]
        owned = _owned(store, key, dataset.catalog, file_of(dataset, key.target))
        joins.append(f"LEFT JOIN {owned} t{position} ON {' AND '.join(pairs)}")
    person = f"coalesce({', '.join(f't{position}.person' for position in range(len(keys)))})"
    store.run(f"CREATE TABLE owners_{number} AS SELECT c.r, {person} AS person FROM keys_{number} c {' '.join(joins)}")
    lost, row = store.run(f"SELECT count(*), min(r) FROM owners_{number} WHERE person IS NULL")[0]
    if lost:
        raise UserError(
            f"the row leads to no person (so do {lost - 1} others)" if lost > 1 else "the row leads to no person",
            file=file,
            table=table.name,
            column=", ".join(keys[0].columns),
            row=int(row),
            remedy="complete the key, or remove the row",
        )


def _links(store: KeyStore, table: Table, key: ForeignKey) -> str:
    """SQL: rows of a table with the person they belong to (mine) and the person that `key` leads to (theirs)."""
    number, target = store.numbers[table.name], store.numbers[key.target]
    mine = store.names(table.name, key.columns)
    theirs = store.names(key.target, key.target_columns)
    equal = " AND ".join(f"c.{left} = k.{right}" for left, right in zip(mine, theirs, strict=True))
    return f"""(SELECT c.r, a.person AS mine, b.person AS theirs FROM keys_{number} c
        JOIN owners_{number} a ON c.r = a.r JOIN keys_{target} k ON {equal} JOIN owners_{target} b ON k.r = b.r)"""


def _shared_tickets(
    catalog: Catalog, paths: dict[str, PersonPath], store: KeyStore, tickets: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Tickets where persons linked by any reference hold that of the one among them whose second hash is smallest."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = [np.empty((0, 2), np.int64)]
    for table in catalog.tables:
        for key in _person_keys(table, paths):
            query = f"SELECT DISTINCT mine, theirs FROM {_links(store, table, key)} WHERE mine <> theirs"
            found = store.database.execute(query).fetchnumpy()
            ends.append(np.column_stack([found["mine"], found["theirs"]]).astype(np.int64).reshape(-1, 2))
    edges = np.concatenate(ends) - 1
    count = len(tickets)
    graph = coo_array((np.ones(len(edges), np.int8), (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, group = connected_components(graph, directed=False)
    order = np.lexsort((tickets[:, 1], group))
    _, starts = np.unique(group[order], return_index=True)
    shared: NDArray[np.uint64] = tickets[order[starts]][group]
    return shared
