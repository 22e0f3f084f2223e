"""The tables of a package, each in two forms, written in one streaming pass and hashed.

Both are as `synth.io` writes them: CSV (or `.csv.gz`) in UTF-8 with commas and ISO dates, Parquet compressed with zstd,
and with a footer that says that the rows are synthetic.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from publish.profiles import PROFILE_ROWS, profiles
from publish.release import DataFile, TableFacts
from synth.core.catalog import Catalog, Table
from synth.core.dataset import Dataset
from synth.core.progress import bar

HEAD_ROWS = 10
_BLOCK = 1 << 20


def slugs(names: Iterable[str]) -> dict[str, str]:
    """Each name in portable characters (ASCII letters, digits, `_`, `-`), distinct even where case is ignored."""
    found: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_") or "unnamed"
        choice, number = slug, 1
        while choice.lower() in used:
            number += 1
            choice = f"{slug}-{number}"
        used.add(choice.lower())
        found[name] = choice
    return found


def published_catalog(catalog: Catalog, compress: bool = False) -> Catalog:
    """The catalog as published: paths of our CSV files, without the dialects and formats of the source's own files."""
    from synth.io.layout import Format, written_catalog

    kind: Format = "csv.gz" if compress else "csv"
    paths = {name: f"data/{stem}.{kind}" for name, stem in slugs(catalog.table_names).items()}
    return written_catalog(catalog, kind, paths, None)


def write_tables(dataset: Dataset, catalog: Catalog, package: Path, mark: Mapping[str, Any]) -> tuple[TableFacts, ...]:
    """Write every table of `dataset` where its published `catalog` says, in every form.

    `mark` goes into the footer of the Parquet files.
    """
    (package / "data").mkdir()
    return tuple(_write(dataset, table, package, mark) for table in catalog.tables)


def _write(dataset: Dataset, table: Table, package: Path, mark: Mapping[str, Any]) -> TableFacts:
    from synth.io.csv_sink import CsvSink
    from synth.io.parquet_sink import ParquetSink

    described = package / str(table.path)
    stem = described.name.split(".")[0]  # slugs hold no dot
    paths = {"csv": described, "parquet": described.with_name(f"{stem}.parquet")}
    rows = 0
    head: list[tuple[str | None, ...]] = []
    seen: list[pa.RecordBatch] = []
    report = bar(f"write {table.name}")
    with closing(CsvSink(table, paths["csv"])) as csv, closing(ParquetSink(table, paths["parquet"], mark)) as parquet:
        for batch in dataset.scan(table.name):
            csv.write(batch)
            parquet.write(batch)
            if len(head) < HEAD_ROWS:
                head += _texts(batch.slice(0, HEAD_ROWS - len(head)))
            if rows < PROFILE_ROWS:
                seen.append(batch.slice(0, PROFILE_ROWS - rows))
            rows += batch.num_rows
            report(rows)
    report(-1)
    files = tuple(
        DataFile(table.name, form, path.relative_to(package).as_posix(), path.stat().st_size, sha256(path))
        for form, path in paths.items()
    )
    return TableFacts(table.name, rows, files, tuple(head), profiles(table, seen))


def _texts(batch: pa.RecordBatch) -> Iterator[tuple[str | None, ...]]:
    columns = [[_text(value) for value in column.to_pylist()] for column in batch.columns]
    yield from zip(*columns, strict=True)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in blocks."""
    summed = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            summed.update(block)
    return summed.hexdigest()


def checksums(package: Path, paths: Iterable[str]) -> str:
    """The text of a SHA256SUMS file (as `sha256sum` writes it) over these relative paths, sorted."""
    return "".join(f"{sha256(package / path)}  {path}\n" for path in sorted(paths))
