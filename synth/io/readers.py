"""How one table is read where it is, and a source made of one such reader a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from synth.core.catalog import Table

if TYPE_CHECKING:
    import pyarrow as pa


class Reader(Protocol):
    """One table in one place."""

    @property
    def path(self) -> Path:
        """The file the table is in."""
        ...

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows of the table, as `Source.scan`."""
        ...


@dataclass(frozen=True)
class Readers:
    """A source made of one reader a table."""

    by_table: dict[str, Reader]

    def scan(self, table: Table, columns: Sequence[str], chunk: int) -> Iterator[pa.RecordBatch]:
        """Rows of the table, from its own reader."""
        return self.by_table[table.name].scan(table, columns, max(1, chunk))
