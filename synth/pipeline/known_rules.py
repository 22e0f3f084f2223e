"""What rows of SNDS tables must keep, as `synth check` asks, for tables whose catalog does not say so itself.

An extract of the SNDS comes with names and types at best. Its tables are known by their names, so that a generator
keeps the rules that can be told of one row and its parent's, written in `schemas/rules/snds.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from synth.core.catalog import Catalog, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.jsontext import read_json
from synth.core.progress import say
from synth.core.resources import schemas_root
from synth.core.ruletext import Formula, Name, parse_formula
from synth.core.snds import resolve_name, snds_catalog
from synth.core.tablerule_checks import check_rules
from synth.core.tablerules import TableRule, Total, rule_from


def with_known_rules(dataset: Dataset) -> Dataset:
    """The dataset with the rules of SNDS tables in its catalog, where a table has none and the columns they name.

    Says on stderr how many there are.
    """
    catalog = known_rules(dataset.catalog)
    pairs = zip(catalog.tables, dataset.catalog.tables, strict=True)
    added = sum(len(known.rules) - len(table.rules) for known, table in pairs)
    if added:
        say(f"{added} rules of the SNDS are learned with its tables (schemas/rules/snds.json)")
    return replace(dataset, catalog=catalog)


def with_rules_of(dataset: Dataset, catalog: Catalog) -> Dataset:
    """The dataset with the rules that a catalog has of its tables: those a model was learned with."""
    rules = {table.name: table.rules for table in catalog.tables}
    tables = tuple(replace(table, rules=rules.get(table.name, table.rules)) for table in dataset.catalog.tables)
    return replace(dataset, catalog=replace(dataset.catalog, tables=tables))


def known_rules(catalog: Catalog) -> Catalog:
    """The catalog, its SNDS tables with the rules that are known of them."""
    listed = read_json(schemas_root() / "rules" / "snds.json")["tables"]
    by_name = {table.name: table for table in catalog.tables}
    tables = []
    for table in catalog.tables:
        found = () if table.rules else tuple(_fitting(table, by_name, listed))
        tables.append(replace(table, rules=found) if found else table)
    return replace(catalog, tables=tuple(tables))


def _fitting(
    table: Table, by_name: Mapping[str, Table], listed: Mapping[str, list[dict[str, Any]]]
) -> Iterator[TableRule]:
    """The rules of a table whose columns are there, in it and in the table above it, of the types of the SNDS."""
    try:
        pattern, year = resolve_name(table.name)
    except UserError:  # not a table of the SNDS
        return
    for item in listed.get(pattern, ()):
        rule = _of_year(item["rule"], table.name, year)
        try:
            check_rules(replace(table, rules=(rule,)), by_name)
        except UserError:
            continue
        if all(_as_known(by_name[name.table or table.name], name.column) for name in _names(rule)):
            yield rule


def _of_year(item: Any, table: str, year: int | None) -> TableRule:
    """A rule, about the tables of a year where its names leave it open."""
    if isinstance(item, str) and year is not None:
        return parse_formula(re.sub(r"\b(T_[A-Z]+|20)aa", rf"\g<1>{year % 100:02d}", item))
    return rule_from(item, table)


def _names(rule: TableRule) -> tuple[Name, ...]:
    """The columns that a rule is about."""
    if isinstance(rule, Formula):
        return rule.names()
    return tuple(map(Name, (*rule.columns, rule.column) if isinstance(rule, Total) else rule.columns))


def _as_known(table: Table, column: str) -> bool:
    pattern, _ = resolve_name(table.name)
    known = snds_catalog((pattern,), None).table(pattern)
    return known.has(column) and known.column(column).type == table.column(column).type
