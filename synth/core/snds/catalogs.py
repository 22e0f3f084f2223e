"""A catalog of SNDS tables for one year: the columns that existed, and the keys that hold between the tables taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.descriptor import column_from
from synth.core.errors import UserError
from synth.core.snds.names import resolve_name, table_name
from synth.core.snds.store import in_spans, snds_tables, spans, table_schema

PERSON = Person("IR_BEN_R", ("BEN_NIR_PSA", "BEN_RNG_GEM"))
FIRST_YEAR = 2006
_SCHEMA_KEYS = frozenset(
    "name title fields primaryKey foreignKeys uniqueKeys synth:orderBy synth:public synth:formerKeys".split()
)


def snds_catalog(tables: str | Iterable[str] = "core", year: int | None = 2022) -> Catalog:
    """The catalog of SNDS tables as delivered for `year`; every column of every year, under pattern names, when None.

    `tables` is "core", "all" (historical products apart), "historical", a product ("DCIR", "PMSI_MCO", "PMSI" for the
    four of them), or table names: one text with commas, or an iterable. Tables that did not exist in `year` are
    skipped, unless they were asked for by name. Foreign keys to tables that are not taken are left out.

    Foreign keys whose target is not a key of its table are listed in the table's `synth:logical`: BEN_NIR_PSA alone
    (the hospital tables know no rank, so twins of one sex share it) and BEN_IDT_ANO (one person may have several
    pseudonyms). Links that hold for most rows only are in `synth:references`; they are never enforced.

    Raises UserError for an unknown selection, a year before 2006, or a named table that `year` does not have.
    """
    if year is not None and year < FIRST_YEAR:
        raise UserError("the SNDS starts in 2006", remedy="choose a later year")
    names = _selected(tables, year)
    made = [_table(name, year, frozenset(names)) for name in names]
    return Catalog(
        tables=_with_logical_marks(made),
        person=PERSON if PERSON.table in names else None,
        name="snds" if year is None else f"snds-{year}",
        title="SNDS" if year is None else f"SNDS {year}",
        extra={} if year is None else {"synth:year": year},
    )


def snds_table(name: str, year: int | None = None) -> Table:
    """One table, called by its pattern or by its name in a year (`T_MCO22B`), without foreign keys to others."""
    pattern, told = resolve_name(name)
    return snds_catalog((pattern,), told if year is None else year).tables[0]


def _selected(tables: str | Iterable[str], year: int | None) -> tuple[str, ...]:
    asked = tuple(part.strip() for part in tables.split(",")) if isinstance(tables, str) else tuple(tables)
    names: dict[str, None] = {}
    for part in asked:
        group = _group(part)
        if group is None:
            names[_by_name(part, year)] = None
        else:
            names.update(dict.fromkeys(name for name in group if year is None or _exists(name, year)))
    if not names:
        raise UserError("no table of the SNDS is selected", remedy="run: synth schemas list")
    return tuple(names)


def _group(asked: str) -> tuple[str, ...] | None:
    """The tables of a named group, or None when `asked` is not one."""
    entries = snds_tables().values()
    word = asked.upper()
    if word == "CORE":
        return tuple(entry.name for entry in entries if entry.core)
    if word == "ALL":
        return tuple(entry.name for entry in entries if not entry.historical)
    if word == "HISTORICAL":
        return tuple(entry.name for entry in entries if entry.historical)
    found = tuple(entry.name for entry in entries if word in (entry.product, entry.product.split("_")[0]))
    return found or None


def _exists(name: str, year: int) -> bool:
    return snds_tables()[name].exists_in(year)


def _by_name(asked: str, year: int | None) -> str:
    pattern, told = resolve_name(asked)
    if told is not None and year is not None and told != year:
        raise UserError(f"its name tells another year than {year}", table=asked, remedy="choose one year")
    if year is not None and not _exists(pattern, year):
        raise UserError(f"the table does not exist in {year}", table=asked, remedy="run: synth schemas list")
    return pattern


def _table(name: str, year: int | None, taken: frozenset[str]) -> Table:
    schema = table_schema(name)
    keys = tuple(
        _foreign_key(key, year) for key in schema.get("foreignKeys", ()) if key["reference"]["resource"] in taken
    )
    columns = tuple(_column(field, name) for field in schema["fields"] if _present(field, year))
    present = frozenset(column.name for column in columns)
    return Table(
        name=table_name(name, year),
        columns=columns,
        primary_key=_primary_key(schema, present),
        foreign_keys=tuple(key for key in keys if present.issuperset(key.columns)),
        order_by=tuple(column for column in schema.get("synth:orderBy", ()) if column in present),
        public=bool(schema.get("synth:public", False)),
        title=schema.get("title"),
        extra=_extra(schema, name, year, present),
    )


def _extra(schema: Mapping[str, Any], name: str, year: int | None, present: frozenset[str]) -> dict[str, Any]:
    extra = {key: value for key, value in schema.items() if key not in _SCHEMA_KEYS}
    references = [link for link in extra.pop("synth:references", ()) if present.issuperset(link["fields"])]
    if references:
        extra["synth:references"] = references
    return extra | {"synth:pattern": name, "synth:product": snds_tables()[name].product}


def _present(field: Mapping[str, Any], year: int | None) -> bool:
    if year is None:
        return True
    return "synth:unlisted" not in field and in_spans(spans(field.get("synth:years")), year)


def _column(field: Mapping[str, Any], table: str) -> Column:
    years = spans(field.get("synth:years"))
    column = column_from(field, table)
    if not years:
        return column
    extra = dict(column.extra)
    if len(years) == 1:
        del extra["synth:years"]  # said by the two bounds
    return replace(column, valid_from=years[0][0], valid_to=years[-1][1], extra=extra)


def _primary_key(schema: Mapping[str, Any], present: frozenset[str]) -> tuple[str, ...]:
    for key in (schema.get("primaryKey", ()), *schema.get("synth:formerKeys", ())):
        if key and present.issuperset(key):
            return tuple(key)
    return ()


def _foreign_key(key: Mapping[str, Any], year: int | None) -> ForeignKey:
    target = key["reference"]
    return ForeignKey(tuple(key["fields"]), table_name(target["resource"], year), tuple(target["fields"]))


def _with_logical_marks(tables: list[Table]) -> tuple[Table, ...]:
    keys = {table.name: {table.primary_key, *table.unique_keys} for table in tables}
    marked = []
    for table in tables:
        logical = [list(key.columns) for key in table.foreign_keys if key.target_columns not in keys[key.target]]
        marked.append(replace(table, extra={**table.extra, "synth:logical": logical}) if logical else table)
    return tuple(marked)
