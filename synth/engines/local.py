"""Rows put in the order of their units, on one machine: in memory while they are few, on disk by DuckDB otherwise.

Every table is rewritten sorted by (unit, parent row, its own order), and gains three numbers: `row`, its place in that
order; `unit`, the place of its root row; `parent`, the place of its parent's row. DuckDB, which answers questions in
SQL about all of them, is started when the first one is asked: it takes as long as a small table. Inside it tables and
columns are called by position, because names that differ only in case are the same to it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.arrays import arrow_of, numpy_of
from synth.core.catalog import ForeignKey
from synth.core.dataset import CHUNK_ROWS, Dataset, arrow_schema
from synth.core.errors import UserError
from synth.engines.arranging import first_matches, in_order
from synth.engines.forest import Forest, Node, plant
from synth.engines.unit_blocks import unit_blocks

Rows = NDArray[np.int64]
MEMORY = 256  # MB that DuckDB may hold; it spills to disk beyond, and is given more where that does not do
MOST_MEMORY = 8 * 1024
IDLE = "48MB"
HELD = 2**27  # bytes of the tables that are kept in memory


@dataclass(frozen=True)
class Frame:
    """Consecutive rows of one table, in order: their columns, and for each row its unit and its parent's row.

    `first` is the number of the first row; `unit` and `parent` count over the whole table (`parent` is -1 in a root).
    """

    node: Node
    first: int
    columns: pa.Table
    unit: Rows
    parent: Rows

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.unit)

    @cached_property
    def starts(self) -> NDArray[np.bool_]:
        """Whether a row is the first of its parent."""
        if not self.rows:
            return np.zeros(0, dtype=bool)
        return np.concatenate([[True], self.parent[1:] != self.parent[:-1]])


class Ordered:
    """Tables in the order of their units; a context manager that removes what it wrote."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.forest: Forest = plant(dataset.catalog)
        self._folder = tempfile.TemporaryDirectory(prefix="synth-")
        self._spill = Path(self._folder.name)
        self._megabytes = MEMORY
        self._names: dict[str, str] = {}
        self._started = False
        self._held: dict[str, pa.Table] = {}
        self._filled: dict[str, dict[str, int]] = {}
        self._room = HELD
        self._number = {node.name: index for index, node in enumerate(self.forest.nodes)}
        self.units: dict[str, Rows] = {}
        self.parents: dict[str, Rows] = {}
        self.left_out: dict[str, int] = {}
        self.marks: dict[tuple[str, str], NDArray[np.bool_]] = {}
        self.forms: dict[tuple[str, str], str | None] = {}  # how dates are written in columns of texts, once found out
        for node in self.forest.nodes:
            self._order(node)

    def __enter__(self) -> Ordered:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._started:
            self.sql.close()
        self._folder.cleanup()

    @cached_property
    def sql(self) -> Any:
        """DuckDB, which sees every table: what is asked of the rows in SQL is asked here."""
        import duckdb

        settings: dict[str, Any] = {"memory_limit": f"{MEMORY}MB", "temp_directory": str(self._spill / "spill")}
        connection = duckdb.connect(config=settings)
        self._started = True
        for name, held in self._held.items():
            self._lend(connection, name, held)
        return connection

    @property
    def scratch(self) -> Path:
        """A folder for files that may go when this is closed."""
        return self._spill

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """While nothing is asked of tables on disk, what DuckDB holds of them in memory is given back."""
        idle = "disk." in "".join(self._names.values())
        if idle:
            self.sql.execute(f"set memory_limit = '{IDLE}'")
            pa.default_memory_pool().release_unused()
        try:
            yield
        finally:
            if idle:
                self.sql.execute(f"set memory_limit = '{self._megabytes}MB'")

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return len(self.units[table])

    def holds(self, node: Node) -> bool:
        """Whether all rows of a table are in memory."""
        return node.name in self._held

    def filled(self, node: Node) -> Mapping[str, int]:
        """How many cells of each column of a table are there."""
        if node.name not in self._filled:
            names, held = node.table.column_names, self._held.get(node.name)
            if held is not None:
                counts = [len(column) - column.null_count for column in held.columns]
            else:
                counted = ", ".join(f"count({self.column(node, name)})" for name in names)
                counts = list(self.one(f"select {counted} from {self.name(node)}"))
            self._filled[node.name] = dict(zip(names, counts, strict=True))
        return self._filled[node.name]

    def distinct(self, node: Node, names: Sequence[str]) -> list[int]:
        """How many distinct values some columns of a table have, what is missing apart."""
        held = self._held.get(node.name)
        if held is not None:
            return [len(held[name].unique().drop_null()) for name in names]
        listed = ", ".join(f"count(distinct {self.column(node, name)})" for name in names)
        return list(self.one(f"select {listed} from {self.name(node)}")) if names else []

    def name(self, node: Node) -> str:
        """What the ordered table is called in SQL."""
        return self._names[node.name]

    @staticmethod
    def column(node: Node, name: str) -> str:
        """What a column is called in SQL."""
        return f"c{node.table.column_names.index(name)}"

    def frame(self, node: Node, first: int, last: int, columns: Sequence[str] | None = None) -> Frame:
        """Rows first..last-1 of a table."""
        names = node.table.column_names if columns is None else tuple(columns)
        whole = self._held.get(node.name)
        found = (
            self._fetch(node, names, first, last) if whole is None else whole.select(names).slice(first, last - first)
        )
        return Frame(node, first, found, self.units[node.name][first:last], self.parents[node.name][first:last])

    def frames(self, node: Node, columns: Sequence[str]) -> Iterator[Frame]:
        """All rows of a table, some at a time, each unit's together: for what adds up."""
        for block in unit_blocks(self.units[node.name]):
            yield self.frame(node, block.start, block.stop, columns)

    def _fetch(self, node: Node, names: Sequence[str], first: int, last: int) -> pa.Table:
        listed = ", ".join(self.column(node, name) for name in names) or "row"
        found = self.sql.sql(
            f"select {listed} from {self.name(node)} where row >= {first} and row < {last} order by row"
        ).to_arrow_table()
        return found.rename_columns(list(names)).cast(arrow_schema(node.table, names)) if names else found

    def blocks(self, root: str, units: int) -> Iterator[dict[str, Frame]]:
        """The frames of each `units` consecutive units of a tree, all its tables together."""
        nodes = self.forest.tree(root)
        total = self.rows(root)
        for start in range(0, total, units):
            bounds = (start, min(start + units, total))
            yield {node.name: self.frame(node, *self._span(node, bounds)) for node in nodes}

    def _span(self, node: Node, units: tuple[int, int]) -> tuple[int, int]:
        first, last = np.searchsorted(self.units[node.name], units).tolist()
        return first, last

    def targets(self, node: Node, key: ForeignKey) -> Rows:
        """For each row in order, the row that `key` refers to in its target table; -1 where it refers to none."""
        target = self.forest.node(key.target)
        if {node.name, key.target} <= set(self._held):
            mine, theirs = self._held[node.name], self._held[key.target]
            return first_matches([mine[name] for name in key.columns], [theirs[name] for name in key.target_columns])
        matched = " and ".join(
            f"a.{self.column(node, mine)} = b.{self.column(target, theirs)}"
            for mine, theirs in zip(key.columns, key.target_columns, strict=True)
        )
        query = (
            f"select coalesce(min(b.row), -1) as target from {self.name(node)} a left join {self.name(target)} b "
            f"on {matched} group by a.row order by a.row"
        )
        return self._numbers(query)

    def mark(self, name: tuple[str, str], query: str) -> None:
        """Keep what a query tells of every row of a table, 0 or 1, in their order."""
        self.marks[name] = self._numbers(query).astype(bool)

    def one(self, query: str) -> tuple[Any, ...]:
        """The only row of a query. Fetched with its end: DuckDB 2 refuses other work while a result is unfinished."""
        rows: list[tuple[Any, ...]] = self._run(query).fetchall()
        return rows[0] if rows else ()

    def _run(self, query: str) -> Any:
        """The result of a query; joins on long keys cannot always spill, and get twice the memory until they do."""
        import duckdb

        while True:
            try:
                return self.sql.execute(query)
            except duckdb.OutOfMemoryException:
                if self._megabytes >= MOST_MEMORY:
                    raise
            self._megabytes *= 2
            self.sql.execute(f"set memory_limit = '{self._megabytes}MB'")

    def _numbers(self, query: str) -> Rows:
        return np.asarray(self._run(query).fetchnumpy().popitem()[1]).astype(np.int64)

    def _order(self, node: Node) -> None:
        refused: list[UserError] = []
        batches = self._numbered(node, refused)
        few: list[pa.RecordBatch] = []
        size = 0
        while size <= self._room and (batch := next(batches, None)) is not None:
            few.append(batch)
            size += batch.nbytes
        beside = node.parent is None or node.parent.target in self._held
        place = "" if size <= self._room and beside else self._on_disk()
        self._names[node.name] = f"{place}s{self._number[node.name]}"
        if not place:
            self._room -= size
            self._hold(node, few)
        else:
            self._store(node, place, chain(_given_up(few), batches))
        if refused:
            raise refused[0]
        self.left_out[node.name] = self._read - self.rows(node.name)
        if not self._read and node.parent is None and not node.table.public:
            raise UserError("the table has no row", table=node.name, remedy="give a table with rows to learn from")

    def _hold(self, node: Node, few: list[pa.RecordBatch]) -> None:
        """Keep a table in memory, in order; the rows of a root are in the order in which they came."""
        schema = arrow_schema(node.table)
        batches = [pa.RecordBatch.from_arrays(batch.columns[1:], schema=schema) for batch in few]
        held = pa.Table.from_batches(batches, schema).combine_chunks()
        if node.parent is None:
            self.units[node.name] = np.arange(self._read)
            self.parents[node.name] = np.broadcast_to(np.int64(-1), self._read)
        else:
            target = self.forest.node(node.parent.target)
            theirs = self.frame(target, 0, self.rows(target.name), node.parent.target_columns).columns
            found = first_matches([held[name] for name in node.parent.columns], theirs.columns)
            order = in_order(found, [held[name] for name in node.table.order_by])
            if len(order) < len(found) or bool((np.diff(order) < 0).any()):
                held = held.take(arrow_of(order)).combine_chunks()
            self.parents[node.name] = found[order]
            self.units[node.name] = self.units[target.name][found[order]]
        self._held[node.name] = held
        if self._started:
            self._lend(self.sql, node.name, held)

    def _store(self, node: Node, place: str, rows: Iterator[pa.RecordBatch]) -> None:
        """Put a table on disk, in order."""
        if node.parent is not None:
            self._load(node, f"{place}raw", "src", rows)
            self._sort(node, node.parent, f"{place}raw")
            return
        self._load(node, self.name(node), "src as row, src as unit, -1 as parent", rows)
        self.units[node.name] = np.arange(self._read)
        self.parents[node.name] = np.broadcast_to(np.int64(-1), self._read)

    def _on_disk(self) -> str:
        """Where tables go that are not held in memory."""
        path = self._spill / "rows.duckdb"
        if not path.exists():
            self.sql.execute(f"attach '{path}' as disk")
        return "disk."

    def _lend(self, connection: Any, name: str, held: pa.Table) -> None:
        """Let DuckDB read a table's rows where they are held."""
        numbers = {
            "row": arrow_of(np.arange(held.num_rows)),
            "unit": arrow_of(self.units[name]),
            "parent": arrow_of(self.parents[name]),
        }
        columns = {f"c{index}": column for index, column in enumerate(held.columns)}
        connection.register(self._names[name], pa.table(numbers | columns))

    def _sort(self, node: Node, key: ForeignKey, raw: str) -> None:
        own = ", ".join(f"a.c{index}" for index in range(len(node.table.columns)))
        order = "".join(f"a.{self.column(node, name)} nulls last, " for name in node.table.order_by)
        name = self.name(node)
        self._run(
            f"create table {name} as select row_number() over (order by p.row, {order}a.src) - 1 as row, p.unit, "
            f"p.row as parent, {own} from {raw} a join ({self._parents(node, key)}) p on {self._matching(key, node)} "
            "order by row"
        )
        self.sql.execute(f"drop table {raw}")
        rows = self.one(f"select count(*) from {name}")[0]
        unit, parent = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64)
        for batch in self.sql.sql(f"select row, unit, parent from {name}").to_arrow_reader(CHUNK_ROWS):
            at, unit_of, parent_of = (numpy_of(column) for column in batch.columns)
            unit[at], parent[at] = unit_of, parent_of
        self.units[node.name], self.parents[node.name] = unit, parent

    def _numbered(self, node: Node, refused: list[UserError]) -> Iterator[pa.RecordBatch]:
        """The rows of a table with their number, columns called by their place."""
        names = ["src", *(f"c{index}" for index in range(len(node.table.columns)))]
        self._read = 0
        try:
            for batch in self.dataset.scan(node.name, None, CHUNK_ROWS):
                source = arrow_of(np.arange(self._read, self._read + batch.num_rows))
                self._read += batch.num_rows
                yield pa.RecordBatch.from_arrays([source, *batch.columns], names=names)
        except UserError as error:  # DuckDB would wrap it in an error of its own
            refused.append(error)

    def _load(self, node: Node, name: str, lead: str, batches: Iterator[pa.RecordBatch]) -> None:
        schema = arrow_schema(node.table)
        renamed = pa.schema([pa.field("src", pa.int64())] + [pa.field(f"c{i}", f.type) for i, f in enumerate(schema)])
        self.sql.register("incoming", pa.RecordBatchReader.from_batches(renamed, batches))
        try:
            self.sql.execute(f"create table {name} as select {lead}, * exclude (src) from incoming")
        finally:
            self.sql.unregister("incoming")

    def _parents(self, node: Node, key: ForeignKey) -> str:
        target = self.forest.node(key.target)
        names = [self.column(target, name) for name in key.target_columns]
        listed = ", ".join(f"{name} as k{index}" for index, name in enumerate(names))
        # a target that is not unique (twins share a pseudonym) gives the first of its rows
        return (
            f"select {listed}, min(row) as row, min(unit) as unit from {self.name(target)} group by {', '.join(names)}"
        )

    def _matching(self, key: ForeignKey, node: Node) -> str:
        pairs = (f"a.{self.column(node, name)} = p.k{index}" for index, name in enumerate(key.columns))
        return " and ".join(pairs)


def _given_up(batches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches one after the other, none held any longer."""
    while batches:
        yield batches.pop(0)
