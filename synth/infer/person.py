"""Who the tables are about, and what puts their rows in order: guesses, marked as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from synth.core.catalog import Catalog, Column, Person, Table
from synth.core.descriptor import ROW_NUMBER
from synth.core.joins import PersonPath, person_paths
from synth.infer.facts import Facts
from synth.infer.known import snds_names
from synth.infer.names import is_identifier, is_person, is_sequence, time_rank

EACH_ROW = (
    "nothing names the persons, so each row is taken for one, by its number: if several rows are of one person, make a "
    "table with one row each and name it in `synth:person`"
)
_LEAST = 2  # a table among several that nothing refers to and no name speaks for is no guess


def guess_person(catalog: Catalog) -> Person | None:
    """The table with a key that most looks like one of persons: by its name, its key's name and what depends on it."""
    ranked = [(_score(catalog, table), -position, table) for position, table in enumerate(catalog.tables)]
    able = [item for item in ranked if item[2].primary_key and not _dated(item[2])]
    if not able:
        return None
    score, _, best = max(able, key=lambda item: item[:2])
    if score < _LEAST and len(catalog.tables) > 1:
        return None
    return Person(best.name, best.primary_key, guessed=True)


def _dated(table: Table) -> bool:
    """Whether the key has a date in it: a row is then a person in a year, not a person."""
    return any(table.column(name).type in ("date", "datetime", "year", "yearmonth") for name in table.primary_key)


def _score(catalog: Catalog, table: Table) -> int:
    below = 0
    if table.primary_key:
        own = Catalog(catalog.tables, Person(table.name, table.primary_key), catalog.name)
        below = len(person_paths(own)) - 1
    named = is_person(table.name) + (len(table.primary_key) == 1 and is_person(table.primary_key[0]))
    return 2 * below + 6 * named + (len(table.primary_key) == 1)


def rows_are_persons(catalog: Catalog, facts: Facts) -> bool:
    """Whether each row may be taken for a person: one table, no key, and nothing named like an identifier."""
    if len(catalog.tables) != 1:
        return False
    table = catalog.tables[0]
    named = any(is_identifier(name) or is_person(name) for name in table.column_names)
    return facts.rows[table.name] > 0 and not table.primary_key and not named


def numbered(catalog: Catalog) -> Catalog:
    """The catalog of one table with a column in front that numbers its rows, which are the persons."""
    table = catalog.tables[0]
    name = "row"
    while table.has(name):
        name += "_"
    number = Column(name, "integer", "key", nullable=False, extra={ROW_NUMBER: True})
    table = replace(table, columns=(number, *table.columns), primary_key=(name,))
    return replace(catalog, tables=(table,), person=Person(table.name, (name,), guessed=True))


def doubts(catalog: Catalog, facts: Facts) -> list[str]:
    """What a reader should know about the person guessed, in plain words; names only, never a value."""
    person = catalog.person
    shared = _shared_without_table(catalog)
    if person is None:
        said = [f"{name} is in {count} tables and no table has one row for each" for name, count in shared]
        return [*said, "no table looks like one row a person: make one and name it in `synth:person`"]
    said = []
    table = catalog.table(person.table)
    others = [
        name
        for name in table.column_names
        if name not in person.key
        and is_identifier(name)
        and is_person(name)
        and facts.of(table.name, name).distinct < facts.rows[table.name]
    ]
    if others and table.name not in snds_names(catalog):
        said.append(
            f"{table.name} has several rows of the same {others[0]}: if that is the person, make a table with one row "
            "each and name it in `synth:person`"
        )
    apart = [other.name for other in catalog.tables if other.name not in person_paths(catalog)]
    if apart:
        said.append(f"lead to no person: {', '.join(apart)}; mark those that anyone may see with `synth:public`")
    return said


def _shared_without_table(catalog: Catalog) -> list[tuple[str, int]]:
    """Identifiers met in most tables that are the key of none, with the number of tables that have them."""
    keys = {table.primary_key[0] for table in catalog.tables if len(table.primary_key) == 1}
    counts = Counter(name for table in catalog.tables for name in table.column_names if is_identifier(name))
    most = len(catalog.tables) / 2
    return [(name, count) for name, count in counts.most_common() if count > most and count > 1 and name not in keys]


def guess_order(table: Table, paths: Mapping[str, PersonPath], facts: Facts) -> tuple[str, ...]:
    """The column that orders a person's rows in time: a date that starts something, else a number of order.

    Of dates that are as good by their names, one that no row lacks.
    """
    if table.name not in paths or not paths[table.name].keys:
        return ()
    keys = {name for key in table.foreign_keys for name in key.columns}
    dates = [column for column in table.columns if column.type in ("datetime", "date") and column.name not in keys]
    ranked = sorted(dates, key=lambda column: (-time_rank(column.name), not facts.complete(table.name, column.name)))
    if ranked and time_rank(ranked[0].name):
        return (ranked[0].name,)
    numbers = [
        column.name
        for column in table.columns
        if column.type in ("integer", "year") and column.name not in keys and is_sequence(column.name)
    ]
    return tuple(numbers[:1])
