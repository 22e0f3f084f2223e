"""The SNDS by heart: every product, every year, as catalogs (schemas under `schemas/snds/`)."""

from synth.core.snds.catalogs import snds_catalog, snds_table
from synth.core.snds.imported import imported_titles, with_imported_titles
from synth.core.snds.names import resolve_name, table_name
from synth.core.snds.store import TableEntry, snds_tables

__all__ = [
    "TableEntry",
    "imported_titles",
    "resolve_name",
    "snds_catalog",
    "snds_table",
    "snds_tables",
    "table_name",
    "with_imported_titles",
]
