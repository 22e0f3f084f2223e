"""Foreign keys: columns whose values are all found in a key, and whose name says that this is no accident.

Among small integers nearly everything is included in everything, so a reference between dense integers needs the name
of the key or of its table, or within a table that of what is above or before a row (`manager_id`); a column that any
table could have (`id`) also needs tables whose names are akin. Sparse identifiers included in a key are taken at their
word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from synth.core.catalog import Catalog, Column, ForeignKey, Table
from synth.core.dataset import arrow_type
from synth.infer.facts import Facts
from synth.infer.known import known_references, snds_names
from synth.infer.names import akin, folded, home_rank, is_generic, is_identifier, is_row_number, is_superior, speaks_of

_KNOWN = 9  # evidence of a reference that needs no guess
_MANY = 30  # distinct values whose inclusion in a sparse key is no accident


@dataclass(frozen=True)
class Candidate:
    """A reference that the names allow, and how strongly."""

    table: str
    key: ForeignKey
    evidence: int


def foreign_keys(catalog: Catalog, primary: dict[str, tuple[str, ...]], facts: Facts) -> dict[str, list[ForeignKey]]:
    """The foreign keys guessed for each table, without a cycle between tables; those that are known first."""
    known = [Candidate(table, key, _KNOWN) for table, key in known_references(catalog, facts)]
    candidates = [*known, *_composites(catalog, primary, facts), *_singles(catalog, primary, facts)]
    chosen: dict[str, list[ForeignKey]] = {table.name: [] for table in catalog.tables}
    names = snds_names(catalog)
    for candidate in sorted(candidates, key=lambda one: -one.evidence):
        if _of_other_years(names, candidate):
            continue
        held = chosen[candidate.table]
        taken = any(key.columns == candidate.key.columns for key in held)
        if taken or _reaches(chosen, candidate.key.target, candidate.table):
            continue
        key = candidate.key
        if facts.included(candidate.table, key.columns, key.target, key.target_columns):
            held.append(key)
    for table in catalog.tables:
        chosen[table.name].sort(key=lambda key: [table.column_names.index(name) for name in key.columns])
    return chosen


def _of_other_years(names: Mapping[str, tuple[str, int | None]], candidate: Candidate) -> bool:
    """Whether both tables are of the SNDS, of different years: numbers of stays begin anew each year."""
    one, other = (names.get(name, ("", None))[1] for name in (candidate.table, candidate.key.target))
    return one is not None and other is not None and one != other


def _reaches(chosen: dict[str, list[ForeignKey]], start: str, end: str) -> bool:
    """Whether following references from `start` leads to another table `end`; a table may refer to itself."""
    waiting, seen = [start], {start}
    while waiting:
        here = waiting.pop()
        for key in chosen[here]:
            if key.target == end and here != end:
                return True
            if key.target not in seen:
                seen.add(key.target)
                waiting.append(key.target)
    return False


def _singles(catalog: Catalog, primary: dict[str, tuple[str, ...]], facts: Facts) -> Iterator[Candidate]:
    targets = [
        (catalog.table(name), catalog.table(name).column(key[0])) for name, key in primary.items() if len(key) == 1
    ]
    homes = _homes(targets, facts)
    for table in catalog.tables:
        for column in table.columns:
            if facts.of(table.name, column.name).filled == 0 or is_row_number(column.name):
                continue
            for target, key in targets:
                evidence = _evidence(table, column, target, key, homes, facts)
                if evidence:
                    yield Candidate(table.name, ForeignKey((column.name,), target.name, (key.name,)), evidence)


def _homes(targets: list[tuple[Table, Column]], facts: Facts) -> dict[str, str]:
    """For each name of a key, the table where it is at home: others that have the same key refer to it."""
    best: dict[str, tuple[int, int, str]] = {}
    for table, key in targets:
        rank = (home_rank(table.name, key.name), facts.rows[table.name], table.name)
        held = best.get(folded(key.name))
        if held is None or rank[:2] > held[:2]:
            best[folded(key.name)] = rank
    return {name: rank[2] for name, rank in best.items()}


def _evidence(table: Table, column: Column, target: Table, key: Column, homes: dict[str, str], facts: Facts) -> int:
    """How strongly names and values suggest that `column` refers to `key`; 0 when they do not."""
    if arrow_type(column) != arrow_type(key) or column.type not in ("string", "integer"):
        return 0
    if is_row_number(key.name) or (table.name == target.name and column.name == key.name):
        return 0
    mine, theirs = folded(column.name), folded(key.name)
    generic = is_generic(key.name)
    if mine == theirs:
        if generic:
            related = akin(table.name, target.name) and _better_home(target, table, facts)
            return 2 if related else _by_values(table, column, target, key, facts)
        return 3 + home_rank(target.name, key.name) if homes[theirs] == target.name else 0
    if not generic and len(theirs) >= 4 and mine.endswith(theirs) and homes[theirs] == target.name:
        return 3
    if speaks_of(column.name, target.name) and (is_identifier(column.name) or key.type == "string"):
        return 3
    if table.name == target.name and is_superior(column.name):
        scattered = not facts.of(target.name, key.name).dense
        return 2 if is_identifier(column.name) or scattered else 0
    return _by_values(table, column, target, key, facts)


def _better_home(target: Table, table: Table, facts: Facts) -> bool:
    """Of two tables akin with one key name, whether `target` is the one referred to: it has more keys."""
    mine, theirs = facts.rows[table.name], facts.rows[target.name]
    if facts.single_key(table.name, table.columns[0].name):
        return (theirs, table.name) > (mine, target.name)
    return True


def _by_values(table: Table, column: Column, target: Table, key: Column, facts: Facts) -> int:
    """Identifiers, many and scattered, that are all found in a key of another table."""
    fact, other = facts.of(table.name, column.name), facts.of(target.name, key.name)
    scattered = not other.dense and not fact.dense and fact.short
    named = is_identifier(column.name) and is_identifier(key.name)
    return 1 if table.name != target.name and named and scattered and fact.distinct >= _MANY else 0


def _composites(catalog: Catalog, primary: dict[str, tuple[str, ...]], facts: Facts) -> Iterator[Candidate]:
    """References to a key of several columns, all of which the table has under the same names."""
    for target in catalog.tables:
        key = primary[target.name]
        if len(key) < 2:
            continue
        for table in catalog.tables:
            own = {folded(name): name for name in table.column_names}
            columns = tuple(own.get(folded(name), "") for name in key)
            if table.name == target.name or "" in columns:
                continue
            pairs = zip(columns, key, strict=True)
            alike = all(arrow_type(table.column(one)) == arrow_type(target.column(two)) for one, two in pairs)
            smaller = (facts.rows[table.name], target.name) <= (facts.rows[target.name], table.name)
            if alike and (smaller or set(primary[table.name]) != set(columns)):
                yield Candidate(table.name, ForeignKey(columns, target.name, key), 4)
