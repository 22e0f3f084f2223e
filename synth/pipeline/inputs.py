"""The tables a recipe reads: opened, and summed up by the bytes of their files so that a change is noticed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from synth.core.descriptor import read_catalog
from synth.core.errors import UserError
from synth.pipeline.recipe import Input
from synth.pipeline.records import file_digest, folder_digests

if TYPE_CHECKING:
    from synth.core.dataset import Dataset

DESCRIPTOR = "datapackage.json"


def open_input(given: Input) -> Dataset:
    """The dataset at `given.data`, described by `given.catalog` or by the descriptor beside it."""
    from synth.io import open_dataset

    if given.data is None:
        raise UserError("the recipe reads no tables", remedy="give input.data")
    return open_dataset(given.data, given.catalog)


def input_digests(given: Input) -> dict[str, str]:
    """The digest of each file the input is made of, by a name that does not depend on where it stands.

    Raises UserError when the data or the catalog is absent.
    """
    data = given.data
    if data is None or not data.exists():
        raise UserError("no such file or folder", file=data, remedy="correct input.data")
    catalog = given.catalog or _beside(data)
    if not catalog.is_file():
        raise UserError("no catalog describes the tables", file=data, remedy=f"run: synth schemas infer {data}")
    found = {DESCRIPTOR: file_digest(catalog)}
    if data.is_file():
        return found | {"data": file_digest(data)}
    paths = [table.path for table in read_catalog(catalog).tables]
    if None in paths:
        return found | folder_digests(data)
    return found | {str(path): file_digest(data / str(path)) for path in paths if (data / str(path)).is_file()}


def _beside(data: Path) -> Path:
    if data.is_dir():
        return data / DESCRIPTOR
    named = data.parent / f"{data.stem}.{DESCRIPTOR}"
    return named if named.is_file() else data.parent / DESCRIPTOR
