"""Persons whom the tables name and no table lists: several of the persons guessed are then of one.

Tables of visits that all name the patient, without a table of patients: taken for persons, visits would be what is
counted, and fewer than k persons would be told.
"""

from __future__ import annotations

from dataclasses import replace

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.descriptor import DISTINCT_OF
from synth.core.joins import person_paths
from synth.infer.facts import Fact, Facts
from synth.infer.known import snds_names
from synth.infer.names import is_identifier, is_person, is_row_number, stem

_MANY = 3  # tables that all have an identifier, whatever its name


def coarser_person(
    catalog: Catalog, person: Person | None, facts: Facts, notes: list[str]
) -> tuple[Catalog, Person | None, Facts]:
    """The catalog, the person and the facts, with a table of the persons whom the guessed ones belong to, if any.

    The table is the distinct values of a column of the table guessed; where a table names others, or rows name none,
    there is no person and a note says what to do.
    """
    if person is None or person.table in snds_names(catalog):
        return catalog, person, facts
    home = catalog.table(person.table)
    name = _coarser(catalog, home, person, facts)
    if name is None:
        return catalog, person, facts
    holders = _holders(catalog, home.column(name))
    loose = [table.name for table in holders if not facts.included(table.name, (name,), home.name, (name,))]
    if loose or not facts.complete(home.name, name):
        where = ", ".join(loose) or home.name
        notes.append(
            f"{home.name} has several rows of the same {name}, which is then the person, and {where} has others or "
            "none: make a table with one row each and name it in `synth:person`"
        )
        return catalog, None, facts
    table = _persons(catalog, home, name)
    notes.append(
        f"{home.name} has several rows of the same {name}, which is taken for the person: {table.name} is a table of "
        f"its values (`{DISTINCT_OF}`)"
    )
    key = ForeignKey((name,), table.name, (name,))
    referring = {each.name for each in holders}
    others = tuple(_referring(each, key, facts) if each.name in referring else each for each in catalog.tables)
    count = facts.of(home.name, name)
    known = replace(
        facts,
        rows={**facts.rows, table.name: count.distinct},
        columns={**facts.columns, (table.name, name): replace(count, filled=count.distinct)},
    )
    return replace(catalog, tables=(table, *others)), Person(table.name, (name,), guessed=True), known


def _coarser(catalog: Catalog, home: Table, person: Person, facts: Facts) -> str | None:
    """The column that most tables have, whose values each have one or more of the guessed persons."""
    if is_person(home.name) or any(map(is_person, person.key)):
        return None
    below = person_paths(replace(catalog, person=person))
    referring = {column for key in home.foreign_keys for column in key.columns}
    found = []
    for position, column in enumerate(home.columns):
        name, fact = column.name, facts.of(home.name, column.name)
        if name in person.key or name in referring or not is_identifier(name) or is_row_number(name):
            continue
        tables = {table.name for table in _holders(catalog, column)}
        everywhere = len(below) >= _MANY and set(below) <= tables
        if _repeats(column, fact) and (is_person(name) or everywhere) and _agrees(catalog, home, name, facts):
            found.append((is_person(name), len(tables), fact.distinct, -position, name))
    return max(found)[-1] if found else None


def _repeats(column: Column, fact: Fact) -> bool:
    return column.type in ("string", "integer") and 1 < fact.distinct < fact.filled and fact.short


def _holders(catalog: Catalog, column: Column) -> list[Table]:
    """The tables with a column of this name and type."""
    return [
        table for table in catalog.tables if table.has(column.name) and table.column(column.name).type == column.type
    ]


def _agrees(catalog: Catalog, home: Table, name: str, facts: Facts) -> bool:
    """Whether the rows that refer to a guessed person, and name the column too, name the one that has it."""
    for table in _holders(catalog, home.column(name)):
        for key in table.foreign_keys:
            if key.target != home.name or table.name == home.name or not _filled(table, (*key.columns, name), facts):
                continue
            if not facts.included(table.name, (*key.columns, name), home.name, (*key.target_columns, name)):
                return False
    return True


def _filled(table: Table, names: tuple[str, ...], facts: Facts) -> bool:
    return all(facts.complete(table.name, name) for name in names)


def _persons(catalog: Catalog, home: Table, name: str) -> Table:
    """The table of the values of one column of `home`, read from its file."""
    called = stem(name) or "person"
    while any(called.casefold() == table.name.casefold() for table in catalog.tables):
        called += "_"
    column = Column(name, home.column(name).type, "key", nullable=False, extra=home.column(name).extra)
    extra = {"fieldsMatch": "subset", DISTINCT_OF: home.name}
    missing = {key: value for key, value in home.extra.items() if key == "missingValues"}
    return Table(
        called, (column,), primary_key=(name,), path=home.path, resource=home.resource, extra={**missing, **extra}
    )


def _referring(table: Table, key: ForeignKey, facts: Facts) -> Table:
    """The table with a reference to its persons."""
    name = key.columns[0]
    columns = tuple(
        replace(column, nullable=not facts.complete(table.name, name)) if column.name == name else column
        for column in table.columns
    )
    held = tuple(each for each in table.foreign_keys if each.columns != key.columns)
    return replace(table, columns=columns, foreign_keys=(key, *held))
