"""Look into datasets and model files, without the code that made them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from synth.core.dataset import Dataset
from synth.io.integrity import integrity_faults


def faults(dataset: Dataset) -> list[str]:
    """Every way in which a dataset breaks its catalog."""
    return [str(fault) for fault in integrity_faults(dataset)]


def values(dataset: Dataset, table: str, column: str) -> list[Any]:
    """The cells of one column, missing ones left out."""
    return [value for value in dataset.read(table, [column])[column].to_pylist() if value is not None]


def all_cells(dataset: Dataset) -> set[Any]:
    """Every distinct cell of every table."""
    tables = (dataset.read(name) for name in dataset.catalog.table_names)
    return {value for table in tables for column in table.columns for value in pc.unique(column).to_pylist()}


def model_text(path: Path) -> str:
    """Every entry of a model file as text, decoded as it comes, one after the other."""
    with zipfile.ZipFile(path) as archive:
        return "\n".join(name + "\n" + archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def model_numbers(path: Path) -> set[float]:
    """Every number in the arrays and the JSON documents of a model file."""
    found: set[float] = set()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith(".npy"):
                array = np.load(io.BytesIO(data), allow_pickle=False)
                found |= set(array.astype(np.float64).ravel().tolist())
            elif name.endswith(".json"):
                found |= set(_numbers(json.loads(data)))
    return found


def _numbers(document: Any) -> Iterator[float]:
    if isinstance(document, dict):
        for value in document.values():
            yield from _numbers(value)
    elif isinstance(document, list):
        for value in document:
            yield from _numbers(value)
    elif isinstance(document, int | float):
        yield float(document)
