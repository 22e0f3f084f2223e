"""Tables in and out: CSV, CSV.gz, Parquet, DuckDB and SQLite files, streamed as Arrow record batches."""

from __future__ import annotations

from synth.io.digest import dataset_digest, dataset_digests
from synth.io.layout import FORMATS
from synth.io.memory import memory_dataset
from synth.io.opening import open_dataset
from synth.io.writing import Writer, dataset_writer

__all__ = [
    "FORMATS",
    "Writer",
    "dataset_digest",
    "dataset_digests",
    "dataset_writer",
    "memory_dataset",
    "open_dataset",
]
