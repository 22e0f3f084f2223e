"""What changed between two catalogs: tables and columns that came, went or are described otherwise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from synth.core.catalog import Catalog, Column, Table

_COMPARED = (
    "type",
    "nullable",
    "maximum_length",
    "minimum",
    "maximum",
    "scale",
    "pattern",
    "categories",
    "nomenclature",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One property of one column: what it was and what it is."""

    column: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TableDifference:
    """How one table changed."""

    table: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]
    key_before: tuple[str, ...]
    key_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogDifference:
    """How a catalog changed; `same` counts the tables that did not."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    tables: tuple[TableDifference, ...]
    same: int

    def as_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self)


def compare(before: Catalog, after: Catalog) -> CatalogDifference:
    """The differences from one catalog to another; tables whose names tell a year are matched by their pattern."""
    old, new = ({_pattern(table): table for table in catalog.tables} for catalog in (before, after))
    found = [_table(old[name], new[name], name) for name in new if name in old]
    changed = tuple(
        item for item in found if item.added or item.removed or item.changed or item.key_before != item.key_after
    )
    return CatalogDifference(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        tables=changed,
        same=len(found) - len(changed),
    )


def _pattern(table: Table) -> str:
    return str(table.extra.get("synth:pattern", table.name))


def _table(old: Table, new: Table, name: str) -> TableDifference:
    both = [column for column in new.column_names if old.has(column)]
    changes = tuple(change for column in both for change in _changes(old.column(column), new.column(column)))
    return TableDifference(
        table=name,
        added=tuple(column for column in new.column_names if not old.has(column)),
        removed=tuple(column for column in old.column_names if not new.has(column)),
        changed=changes,
        key_before=old.primary_key,
        key_after=new.primary_key,
    )


def _changes(old: Column, new: Column) -> list[Change]:
    pairs = ((what, getattr(old, what), getattr(new, what)) for what in _COMPARED)
    return [Change(new.name, what, _text(one), _text(two)) for what, one, two in pairs if one != two]


def _text(value: Any) -> str:
    return "none" if value in (None, ()) else ", ".join(value) if isinstance(value, tuple) else str(value)


def difference_text(difference: CatalogDifference) -> str:
    """Lines for a person: + came, - went, ~ changed."""
    lines = [f"+ {name} (table)" for name in difference.added] + [f"- {name} (table)" for name in difference.removed]
    for table in difference.tables:
        lines.append(table.table)
        lines += [f"  + {name}" for name in table.added] + [f"  - {name}" for name in table.removed]
        lines += [f"  ~ {item.column} {item.what}: {item.before} -> {item.after}" for item in table.changed]
        if table.key_before != table.key_after:
            lines.append(f"  ~ primary key: {_text(table.key_before)} -> {_text(table.key_after)}")
    return "\n".join([*lines, f"{difference.same} tables the same"]) + "\n"
