"""The tables a recipe reads: opened, and summed up by the bytes of their files so that a change is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synth.core.descriptor_writer import descriptor_of
from synth.core.errors import UserError
from synth.core.jsontext import digest
from synth.pipeline.recipe import Input
from synth.pipeline.records import file_digest

if TYPE_CHECKING:
    from synth.core.dataset import Dataset


def open_input(given: Input) -> Dataset:
    """The dataset at `given.data`, described by `given.catalog` or by the descriptor beside it."""
    from synth.io import open_dataset

    if given.data is None:
        raise UserError("the recipe reads no tables", remedy="give input.data")
    return open_dataset(given.data, given.catalog)


def input_digests(given: Input) -> dict[str, str]:
    """The digest of the catalog and of each file behind its tables, by names that do not depend on where they stand.

    Raises UserError when the data or the catalog is absent.
    """
    from synth.io.opening import table_file

    catalog = open_input(given).catalog
    found = {"catalog": digest(descriptor_of(catalog))}
    data = given.data
    if data is not None and data.is_dir():
        return found | {table.name: file_digest(table_file(data, table)) for table in catalog.tables}
    return found if data is None else found | {"data": file_digest(data)}
