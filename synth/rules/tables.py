"""SNDS-shaped tables opened for SQL: one DuckDB view a table, whatever the files, the years and the subset at hand.

Parquet files and DuckDB databases are read where they are; other formats are copied once to a database in a scratch
folder, so that memory does not grow with the number of rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.core.snds import resolve_name

FILE_YEAR = "FILE_YEAR"  # year in the name of the table a row comes from, 0 when the name has none
# how exports write dates, beside ISO 8601: by hand, by SAS, in one word; moments are taken for their day
_DATES = "['%d/%m/%Y', '%d%b%Y', '%Y%m%d', '%d/%m/%Y %H:%M:%S', '%d%b%Y:%H:%M:%S']"
MACROS = (
    "CREATE MACRO S(x) AS CAST(x AS VARCHAR)",
    "CREATE MACRO N(x) AS coalesce(TRY_CAST(x AS DOUBLE), TRY_CAST(replace(S(x), ',', '.') AS DOUBLE))",
    f"CREATE MACRO D(x) AS coalesce(TRY_CAST(x AS DATE), TRY_CAST(TRY_STRPTIME(S(x), {_DATES}) AS DATE))",
)
READERS = {".csv": "read_csv", ".parquet": "read_parquet"}
MEMORY = "2GB"


@dataclass(frozen=True, slots=True)
class Tables:
    """A connection and the columns of each table it knows, by pattern name (`T_MCOaaB` stands for every year).

    `stored` lists what was found: pattern, year (0 without one) and every column of each table of the SNDS.
    """

    connection: Any
    known: Mapping[str, frozenset[str]]
    stored: tuple[tuple[str, int, tuple[str, ...]], ...] = ()

    def has(self, needs: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether every table and column is there."""
        return all(set(names) <= self.known.get(table, frozenset()) for table, names in needs.items())

    def missing(self, needs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """What is not there: tables, or columns as TABLE.COLUMN."""
        gone = []
        for table, names in needs.items():
            if table not in self.known:
                gone.append(table)
            else:
                gone += [f"{table}.{name}" for name in names if name not in self.known[table]]
        return tuple(gone)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Every row that a query gives."""
        found: list[tuple[Any, ...]] = self.connection.execute(query).fetchall()
        return found


@dataclass(frozen=True, slots=True)
class _Part:
    """One stored table: its year, what to select from, and its columns: name in the view, name there."""

    year: int
    source: str
    columns: Mapping[str, str]


_Parts = dict[str, list[_Part]]
Wanted = Mapping[str, set[str]]
More = Callable[[str, tuple[str, ...]], set[str]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which columns to take, as `open_tables` says; `seen` collects the tables met."""

    wanted: Wanted
    more: More
    seen: list[tuple[str, int, tuple[str, ...]]] = field(default_factory=list)

    def take(self, pattern: str, year: int, columns: tuple[str, ...]) -> dict[str, str]:
        """Columns to take, by how they are spelled in the view: how they are spelled here."""
        self.seen.append((pattern, year, columns))
        here = {name.upper(): name for name in columns}
        asked = {name.upper(): name for name in (*self.more(pattern, columns), *self.wanted.get(pattern, ()))}
        return {name: here[upper] for upper, name in asked.items() if upper in here}


def nothing_more(_: str, __: tuple[str, ...]) -> set[str]:
    """No column beside those asked for by name."""
    return set()


@contextmanager
def open_tables(path: Path, wanted: Wanted, more: More = nothing_more) -> Iterator[Tables]:
    """The tables at `path` (a described base, or a folder of CSV and Parquet files named as the SNDS names them).

    `wanted` names the columns that are needed, by pattern name; tables and columns that are not there are left out.
    `more` says, for each table of the SNDS and the columns it has here, which others are needed. Views have the wanted
    columns in the spelling of `wanted` and `FILE_YEAR`. Raises UserError when no table is found.
    """
    import duckdb

    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        duckdb.connect(str(Path(scratch) / "tables.duckdb")) as connection,
    ):
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        for macro in MACROS:
            connection.execute(macro)
        described = path.is_file() or (path / "datapackage.json").is_file()
        ask = _Asked(wanted, more)
        parts = _from_dataset(connection, path, ask) if described else _from_files(connection, path, ask)
        known = _views(connection, parts)
        if not known:
            raise UserError("no SNDS table is found", file=path, remedy="give a folder of tables or a described base")
        yield Tables(connection, known, tuple(ask.seen))


def _views(connection: Any, parts: _Parts) -> dict[str, frozenset[str]]:
    """Make one view a pattern name, years stacked, of the columns that every year has."""
    known: dict[str, frozenset[str]] = {}
    for pattern, pieces in parts.items():
        shared = sorted(set.intersection(*(set(piece.columns) for piece in pieces)))
        if not shared:
            continue
        union = " UNION ALL ".join(
            "SELECT "
            + ", ".join(f'{_quoted(piece.columns[name])} AS "{name}"' for name in shared)
            + f", {piece.year} AS {FILE_YEAR} FROM {piece.source}"
            for piece in pieces
        )
        connection.execute(f'CREATE VIEW "{pattern}" AS {union}')
        known[pattern] = frozenset((*shared, FILE_YEAR))
    return known


def _from_dataset(connection: Any, path: Path, ask: _Asked) -> _Parts:
    from synth.io import open_dataset
    from synth.io.opening import file_of

    dataset = open_dataset(path)
    parts: _Parts = {}
    attached: dict[Path, str] = {}
    for table in dataset.catalog.tables:
        pattern, year = _pattern(table.name)
        names = ask.take(pattern, year, table.column_names) if pattern else {}
        if not names:
            continue
        file = Path(file_of(dataset, table.name))
        if file.suffix == ".parquet":
            source = _reader(file)
        elif file.suffix == ".duckdb":
            if file not in attached:
                attached[file] = f"base{len(attached)}"
                connection.execute(f"ATTACH {_text(file)} AS {attached[file]} (READ_ONLY)")
            source = f"{attached[file]}.{_quoted(table.name)}"
        else:
            source = _copy(connection, dataset, table.name, tuple(names.values()))
        parts.setdefault(pattern, []).append(_Part(year, source, names))
    return parts


def _copy(connection: Any, dataset: Any, table: str, names: tuple[str, ...]) -> str:
    import pyarrow as pa

    from synth.core.dataset import arrow_schema

    described = dataset.catalog.table(table)
    reader = pa.RecordBatchReader.from_batches(arrow_schema(described, names), dataset.scan(table, names))
    connection.register("reader", reader)
    source = _quoted(f"rows of {table}")
    connection.execute(f"CREATE TABLE {source} AS SELECT * FROM reader")
    connection.unregister("reader")
    return source


def _from_files(connection: Any, path: Path, ask: _Asked) -> _Parts:
    parts: _Parts = {}
    for file in sorted(path.rglob("*")) if path.is_dir() else []:
        if file.suffix not in READERS:
            continue
        pattern, year = _pattern(file.stem)
        if not pattern:
            continue
        source = _reader(file)
        columns = tuple(row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall())
        names = ask.take(pattern, year, columns)
        if names:
            parts.setdefault(pattern, []).append(_Part(year, source, names))
    return parts


def _reader(file: Path) -> str:
    options = ", all_varchar = true" if file.suffix == ".csv" else ""
    return f"{READERS[file.suffix]}({_text(file)}{options})"


def _pattern(name: str) -> tuple[str, int]:
    try:
        pattern, year = resolve_name(name)
    except UserError:
        return "", 0
    return pattern, year or 0


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
