"""Opening tables where they are: a folder with a catalog, or a database file with a catalog beside it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from synth.core.catalog import Catalog, Table
from synth.core.dataset import Dataset
from synth.core.descriptor import read_catalog
from synth.core.errors import UserError
from synth.io.distinct_rows import DistinctRows, source_of
from synth.io.readers import Reader, Readers
from synth.io.row_numbers import NumberedRows, row_number_column, stored_part

CATALOG_FILE = "datapackage.json"
# what a table's file may end with, and the format it is then read as
SUFFIXES = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".duckdb": "duckdb",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
}
_DATABASES = frozenset(("duckdb", "sqlite"))
_INFER = "run: synth schemas infer"


def open_dataset(path: Path | str, catalog: Catalog | Path | str | None = None) -> Dataset:
    """The tables at `path`: a folder that holds `datapackage.json`, or a DuckDB or SQLite file.

    The catalog is the one given (or read from the file given), else `datapackage.json` in the folder; for a database
    file `FILE.datapackage.json` beside it (`base.duckdb.datapackage.json`; `base.datapackage.json` as older versions
    wrote it), else `datapackage.json` in its folder. Every file must be there and have the
    columns of the catalog; cells are checked only when they are read. Raises UserError otherwise.
    """
    path = _local(path)
    if not path.exists():
        raise UserError("not found", file=path, remedy="check the path")
    described = catalog if isinstance(catalog, Catalog) else read_catalog(_catalog_path(path, catalog))
    alone = path.is_file() and format_of(path.name) in ("csv", "parquet")
    if alone and len(described.tables) > 1:
        raise UserError("is one table, and the catalog describes several", file=path, remedy=f"give {path.parent}")
    listings: dict[Path, dict[str, list[str]]] = {}  # of the databases opened so far
    readers = {table.name: _reader(path, table, described, listings) for table in described.tables}
    return Dataset(described, Readers(readers), str(path))


def file_of(dataset: Dataset, table: str) -> str:
    """The file a table is read from, or what the dataset is called when it is not in files."""
    source = dataset.source
    return str(source.by_table[table].path) if isinstance(source, Readers) else dataset.origin


def _local(path: Path | str) -> Path:
    """A path, also when it is written as a database URL of a local file (`sqlite:///tables.db`)."""
    if isinstance(path, str):
        for scheme in ("sqlite:///", "duckdb:///"):
            path = path.removeprefix(scheme)
    return Path(path)


def _catalog_path(path: Path, given: Path | str | None) -> Path:
    if given is not None:
        return Path(given) / CATALOG_FILE if Path(given).is_dir() else Path(given)
    if path.is_dir():
        candidates = [path / CATALOG_FILE]
    elif path.name == CATALOG_FILE:
        candidates = [path]
    else:
        candidates = [
            path.with_name(name) for name in (side_catalog(path), f"{path.stem}.{CATALOG_FILE}", CATALOG_FILE)
        ]
    found = next((candidate for candidate in candidates if candidate.is_file()), None)
    if found is None:
        where = path if path.is_dir() else path.parent
        raise UserError(f"there is no {candidates[0].name}", file=where, remedy=f"{_INFER} {path}")
    return found


def side_catalog(path: Path) -> str:
    """What the catalog beside a database file is called: its whole name first, as `a.duckdb` and `a.sqlite` are two."""
    return f"{path.name}.{CATALOG_FILE}"


def format_of(name: str) -> str | None:
    """The format a file name announces, or None."""
    lowered = name.lower()
    return next((kind for suffix, kind in SUFFIXES.items() if lowered.endswith(suffix)), None)


def table_file(folder: Path, table: Table) -> Path:
    """The file of a table: the `path` of its resource, else its name with a suffix we read.

    Raises UserError when the path leaves the folder, or there is no such file.
    """
    if table.path is not None:
        relative = PurePosixPath(table.path)
        if relative.is_absolute() or ".." in relative.parts or "://" in table.path:
            raise UserError("the path leaves the folder", table=table.name, remedy="write a path inside the folder")
        return _file(folder / relative, table)
    for suffix in SUFFIXES:
        candidate = folder / f"{table.name}{suffix}"
        if candidate.exists():
            return _file(candidate, table)
    return _file(folder / f"{table.name}.parquet", table)


def _file(path: Path, table: Table) -> Path:
    if path.is_dir():
        raise UserError("is a folder, not a file", file=path, table=table.name, remedy="give the path of one file")
    if not path.exists():
        raise UserError(
            "file not found", file=path, table=table.name, remedy="correct `path` in the catalog or bring the file"
        )
    return path


def _reader(path: Path, table: Table, catalog: Catalog, listings: dict[Path, dict[str, list[str]]]) -> Reader:
    source = source_of(table, catalog)
    if source is not None:
        return DistinctRows(_reader(path, source, catalog, listings), source)
    numbered = row_number_column(table)
    stored = _stored_reader(path, stored_part(table), listings)
    return stored if numbered is None else NumberedRows(stored, numbered)


def _stored_reader(path: Path, table: Table, listings: dict[Path, dict[str, list[str]]]) -> Reader:
    if path.is_dir() or path.name == CATALOG_FILE:
        path = table_file(path if path.is_dir() else path.parent, table)
    kind = str(table.resource.get("format", "")).lower()
    announced = format_of(path.name)
    chosen = announced or (kind if kind in SUFFIXES.values() else "csv" if kind == "tsv" else None)
    if announced == "sqlite" and kind == "duckdb":
        chosen = "duckdb"
    if chosen in _DATABASES:
        from synth.io.databases import columns_by_table, open_database_table

        if path not in listings:
            listings[path] = columns_by_table(path)
        return open_database_table(path, table, listings[path])
    return _open_file(path, table, chosen)


def _open_file(path: Path, table: Table, chosen: str | None) -> Reader:
    if chosen == "parquet":
        from synth.io.parquet_source import open_parquet_file

        return open_parquet_file(path, table)
    if chosen == "csv":
        from synth.io.csv_source import open_csv_file

        return open_csv_file(path, table)
    raise UserError(
        "the file is of no format we read",
        file=path,
        table=table.name,
        remedy="use .csv, .csv.gz, .parquet, .duckdb or .sqlite",
    )
