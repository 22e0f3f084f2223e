"""The catalog of a simulated base: tables of the years asked for, hospital tables once a year under their yearly
names.
"""

from __future__ import annotations

from dataclasses import replace

from synth.core.catalog import Catalog, Marker, Table
from synth.core.errors import UserError
from synth.core.snds import resolve_name, snds_catalog, snds_tables
from synth.simulate.emit.registry import GROUPS, SIMULATED
from synth.simulate.identifiers import PSEUDONYM_MARK

FIRST_YEAR, LAST_YEAR = 2015, 2024
SHAPE_ONLY = "synth:shapeOnly"  # property of the resource of a table that is not simulated
SHAPE_ONLY_TEXT = (
    "Shape only: rows drawn from the schema and its code lists. Columns, types and keys are those of the SNDS and "
    "foreign keys lead to existing rows, but nothing follows from the persons simulated: use it to test loading, "
    "never to count."
)
_MARKED = frozenset(("BEN_NIR_PSA", "BEN_IDT_ANO"))  # pseudonyms of persons, in every table that has them


def simulated_catalog(tables: str | tuple[str, ...], years: tuple[int, int]) -> Catalog:
    """Tables asked for (`core`, `pmsi`, `all`, or pattern names) over `years`, those that the simulator makes.

    Columns are those of the last year for tables kept over time, and of each year for hospital tables.
    Raises UserError for years out of 2015-2024, a table that is not simulated, or one of a year that is not asked for.
    """
    catalog = _catalog(selected(tables), years)
    for name in _asked(tables):
        year = None if name in GROUPS else resolve_name(name)[1]
        if year is not None and not years[0] <= year <= years[1]:
            raise UserError("is of a year that is not simulated here", table=name, remedy="name it, or --years, anew")
    return catalog


def _asked(tables: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for part in tables.split(",")) if isinstance(tables, str) else tuple(tables)


def whole_catalog(years: tuple[int, int]) -> Catalog:
    """Every table of the SNDS that existed in `years` (historical products apart), simulated ones first.

    Those that the simulator does not make are marked: `synth:shapeOnly` in their resource, and a description.
    """
    rest = tuple(name for name, entry in snds_tables().items() if not entry.historical and name not in SIMULATED)
    catalog = _catalog((*SIMULATED, *rest), years)
    marked = (table if resolve_name(table.name)[0] in SIMULATED else _shape_only(table) for table in catalog.tables)
    return replace(catalog, tables=tuple(marked))


def _shape_only(table: Table) -> Table:
    return replace(table, description=SHAPE_ONLY_TEXT, resource={**table.resource, SHAPE_ONLY: True})


def _catalog(patterns: tuple[str, ...], years: tuple[int, int]) -> Catalog:
    first, last = years
    if not FIRST_YEAR <= first <= last <= LAST_YEAR:
        raise UserError("years cannot be simulated", remedy=f"ask for a range within {FIRST_YEAR}-{LAST_YEAR}")
    described: dict[str, Table] = {}
    for year in range(first, last + 1):
        for table in snds_catalog(_of_year(patterns, year), year).tables:
            described[table.name] = _marked(table)
    person = snds_catalog(_of_year(patterns, last), last).person
    return Catalog(
        tables=tuple(described.values()),
        person=person,
        name=f"snds-{first}-{last}",
        title=f"Synthetic SNDS {first}-{last}",
        extra={"synth:years": f"{first}-{last}"},
    )


def _marked(table: Table) -> Table:
    """The table with what tells an invented pseudonym from a real one said of its columns."""
    mark = Marker(prefix=PSEUDONYM_MARK)
    columns = (replace(column, marker=mark) if column.name in _MARKED else column for column in table.columns)
    return replace(table, columns=tuple(columns))


def _of_year(patterns: tuple[str, ...], year: int) -> tuple[str, ...]:
    """The tables that existed in a year; all of them when none did, for the catalog to say so."""
    tables = snds_tables()
    return tuple(name for name in patterns if tables[name].exists_in(year)) or patterns


def selected(tables: str | tuple[str, ...]) -> tuple[str, ...]:
    """Pattern names of the tables asked for (names of tables and of groups may be mixed), persons first.

    Groups are `core`, `pmsi` (every hospital table that is simulated) and `all`. Raises UserError for a table that is
    not simulated.
    """
    names: set[str] = set()
    for part in _asked(tables):
        names |= set(GROUPS[part]) if part in GROUPS else {resolve_name(part)[0]}
    for name in sorted(names - set(SIMULATED)):
        raise UserError("not simulated", table=name, remedy=f"choose among {', '.join((*GROUPS, *SIMULATED))}")
    return tuple(name for name in SIMULATED if name in names)
