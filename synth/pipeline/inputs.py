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


def open_input(given: Input, *, tell: bool = False) -> Dataset:
    """The dataset at `given.data`, described by `given.catalog` or by the descriptor beside it.

    `tell` says on stderr what was taken as missing on the recipe's word.
    """
    from synth.io import open_dataset

    if given.data is None:
        raise UserError("the recipe reads no tables", remedy="give input.data")
    dataset = open_dataset(given.data, given.catalog)
    if given.unresolved != "empty":
        return dataset
    from synth.pipeline.unresolved import without_unresolved

    return without_unresolved(dataset, tell=tell)


def input_digests(given: Input) -> dict[str, str]:
    """The digest of the catalog and of each file behind its tables, by names that do not depend on where they stand.

    Raises UserError when the data or the catalog is absent.
    """
    from synth.io import open_dataset
    from synth.io.opening import table_file

    if given.data is None:
        raise UserError("the recipe reads no tables", remedy="give input.data")
    catalog = open_dataset(given.data, given.catalog).catalog
    found = {"catalog": digest(descriptor_of(catalog)), "unresolved": given.unresolved}
    if given.data.is_dir():
        return found | {table.name: file_digest(table_file(given.data, table)) for table in catalog.tables}
    return found | {"data": file_digest(given.data)}
