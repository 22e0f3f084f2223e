"""How the tables of a catalog hang together: order of making, the way from a row to its person."""

from __future__ import annotations

from dataclasses import dataclass

from synth.core.catalog import Catalog, ForeignKey, Table


def parents_first(catalog: Catalog) -> tuple[str, ...]:
    """Table names, each after every other table its foreign keys refer to; ties keep the catalog's order."""
    done: list[str] = []
    waiting = list(catalog.tables)
    while waiting:
        ready = [table for table in waiting if _targets(table) <= set(done)]
        done.extend(table.name for table in ready)
        waiting = [table for table in waiting if table not in ready]
    return tuple(done)


def _targets(table: Table) -> set[str]:
    return {key.target for key in table.foreign_keys} - {table.name}


@dataclass(frozen=True, slots=True)
class PersonPath:
    """The chain of foreign keys that leads from a table to the person table; empty for the person table itself."""

    table: str
    keys: tuple[ForeignKey, ...]

    @property
    def depth(self) -> int:
        """How many joins away the person is."""
        return len(self.keys)


def person_paths(catalog: Catalog) -> dict[str, PersonPath]:
    """For each table that belongs to persons, the way to them; tables without one (referentials) are absent.

    The first key of a path is the one that names the row's parent: the one declared (`Table.parent`), else, among keys
    over columns that are never missing, the one with the longest way to the person, since a row that names both its
    person and its visit belongs to the visit.
    """
    if catalog.person is None:
        return {}
    paths: dict[str, PersonPath] = {catalog.person.table: PersonPath(catalog.person.table, ())}
    for name in parents_first(catalog):
        if name not in paths:
            key = parent_key(catalog.table(name), paths)
            if key is not None:
                paths[name] = PersonPath(name, (key, *paths[key.target].keys))
    return paths


def parent_key(table: Table, paths: dict[str, PersonPath]) -> ForeignKey | None:
    """The foreign key to the row's parent among those whose target belongs to persons, or None."""
    leading = [key for key in table.foreign_keys if key.target in paths and key.target != table.name]
    declared = [key for key in leading if key.columns == table.parent]
    if declared:
        return declared[0]

    def rank(key: ForeignKey) -> tuple[bool, int]:
        filled = not any(table.column(name).nullable for name in key.columns)
        return (filled, paths[key.target].depth)

    return max(leading, key=rank, default=None)
