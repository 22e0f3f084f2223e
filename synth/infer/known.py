"""Keys of the SNDS's own tables, known by their names: NIR_ANO_17 is BEN_NIR_PSA, which no name tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from synth.core.catalog import Catalog, ForeignKey, Table
from synth.core.dataset import arrow_type
from synth.core.errors import UserError
from synth.core.snds import resolve_name, snds_catalog
from synth.infer.facts import Facts

LOGICAL = "synth:logical"  # references to columns that are no whole key


@cache
def _described(patterns: tuple[str, ...]) -> Catalog:
    return snds_catalog(patterns, None)


def snds_names(catalog: Catalog) -> dict[str, tuple[str, int | None]]:
    """For each table that the SNDS has, its pattern name and the year its name tells."""
    found = {}
    for name in catalog.table_names:
        try:
            found[name] = resolve_name(name)
        except UserError:
            continue
    return found


def known_primary_keys(catalog: Catalog, facts: Facts) -> dict[str, tuple[str, ...]]:
    """Primary keys of SNDS tables, where their columns are here and tell rows apart."""
    names = snds_names(catalog)
    found = {}
    for name, schema in _schemas(names).items():
        key, table = schema.primary_key, catalog.table(name)
        there = bool(key) and all(table.has(column) and facts.complete(name, column) for column in key)
        if there and facts.unique(name, key):
            found[name] = key
    return found


def known_references(catalog: Catalog, facts: Facts) -> Iterator[tuple[str, ForeignKey]]:
    """References between SNDS tables (those of a year to that year's), where every one resolves."""
    names = snds_names(catalog)
    for name, schema in _schemas(names).items():
        for key in schema.foreign_keys:
            target = _target(names, key.target, names[name][1])
            if target is None or not _fits(catalog.table(name), catalog.table(target), key):
                continue
            if facts.included(name, key.columns, target, key.target_columns):
                yield name, replace(key, target=target)


def with_known(table: Table, names: Mapping[str, tuple[str, int | None]]) -> Table:
    """The table with what its schema says beside keys: its order, and references to columns that are no whole key."""
    schema = _schemas(names).get(table.name)
    if schema is None:
        return table
    held = {key.columns for key in table.foreign_keys}
    logical = [list(each) for each in schema.extra.get(LOGICAL, ()) if tuple(each) in held]
    extra = {**table.extra, LOGICAL: logical} if logical else table.extra
    ordered = schema.order_by if all(map(table.has, schema.order_by)) else ()
    return replace(table, extra=extra, order_by=ordered)


def _schemas(names: Mapping[str, tuple[str, int | None]]) -> dict[str, Table]:
    if not names:
        return {}
    known = _described(tuple(sorted({pattern for pattern, _ in names.values()})))
    return {name: known.table(pattern) for name, (pattern, _) in names.items()}


def _target(names: Mapping[str, tuple[str, int | None]], pattern: str, year: int | None) -> str | None:
    found = [name for name, told in names.items() if told == (pattern, year)]
    found += [name for name, told in names.items() if told == (pattern, None)]
    return found[0] if found else None


def _fits(table: Table, target: Table, key: ForeignKey) -> bool:
    pairs = zip(key.columns, key.target_columns, strict=True)
    return all(
        table.has(mine) and target.has(theirs) and arrow_type(table.column(mine)) == arrow_type(target.column(theirs))
        for mine, theirs in pairs
    )
