"""Release: everything that is known about one package, frozen, before a single artifact is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from publish.metadata import Metadata
from publish.profiles import ColumnProfile
from synth.core.catalog import Catalog, Table
from synth.core.score import Scores
from synth.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class DataFile:
    """One form of one table inside the package. `path` is relative, with forward slashes; `sha256` is hexadecimal."""

    table: str
    form: str
    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What was counted while a table was written. `head` holds its first rows as text (None: missing)."""

    name: str
    rows: int
    files: tuple[DataFile, ...]
    head: tuple[tuple[str | None, ...], ...]
    profiles: tuple[ColumnProfile, ...] = ()

    def profile(self, column: str) -> ColumnProfile | None:
        """What a column looks like; None for an empty table."""
        return next((item for item in self.profiles if item.name == column), None)

    def file(self, form: str) -> DataFile:
        """The file of this form; the forms are `csv` and `parquet`."""
        return next(item for item in self.files if item.form == form)


@dataclass(frozen=True)
class Release:
    """Catalog, the publisher's metadata, what was measured and judged, and the data files.

    `draft` lists why the package is a draft; empty when a passing verdict covers exactly these tables. `digest` is the
    logical digest of the tables, the one verdicts speak of; `created` comes from SOURCE_DATE_EPOCH; `extra` are the
    paths of files that were handed over with the tables, such as a report; `provenance` is what is known of how the
    tables came about, by name (seed, digest of the configuration).
    """

    catalog: Catalog
    metadata: Metadata
    tables: tuple[TableFacts, ...]
    digest: str
    created: datetime
    software: str
    scores: Scores | None = None
    verdict: Verdict | None = None
    draft: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def name(self) -> str:
        """Short name of the package: the publisher's, else the catalog's."""
        return self.metadata.name or self.catalog.name

    @cached_property
    def facts(self) -> dict[str, TableFacts]:
        """Facts of each table, by name."""
        return {facts.name: facts for facts in self.tables}

    @cached_property
    def described(self) -> tuple[tuple[Table, TableFacts], ...]:
        """Each table of the catalog with its facts, in the catalog's order."""
        return tuple((table, self.facts[table.name]) for table in self.catalog.tables)

    @property
    def rows(self) -> int:
        """Rows in all tables."""
        return sum(facts.rows for facts in self.tables)

    @property
    def persons(self) -> int | None:
        """Rows of the person table, or None when no person unit is declared."""
        return None if self.catalog.person is None else self.facts[self.catalog.person.table].rows

    @property
    def identifier(self) -> str:
        """The first identifier the publisher gave, else name and version."""
        return self.metadata.identifiers[0] if self.metadata.identifiers else f"{self.name}-{self.metadata.version}"
