"""CREATE TABLE statements for a catalog: parents first, with primary, unique and foreign keys."""

from __future__ import annotations

from collections.abc import Iterator

from synth.core.catalog import Catalog, Column, ForeignKey, Table
from synth.core.joins import parents_first
from synth.schema_export.dialects import DIALECTS, Dialect
from synth.schema_export.titles import title_of


def sql_ddl(catalog: Catalog, dialect: str, lang: str = "fr") -> str:
    """The statements that make the tables of `catalog` in one of `DIALECTS`.

    A foreign key to columns that are no declared key of their table cannot be enforced by a database: it is written as
    a comment, with the reason. Names are delimited identifiers, so their case and spelling are kept.
    """
    chosen = DIALECTS[dialect]
    head = f"-- {_line(catalog.title or catalog.name)}: {len(catalog.tables)} tables for {dialect}\n"
    statements = (_create(catalog, catalog.table(name), chosen, lang) for name in parents_first(catalog))
    return "\n".join((head, *statements))


def declared_keys(table: Table) -> tuple[tuple[str, ...], ...]:
    """The primary key, then each unique key that is not the primary key."""
    singles = ((column.name,) for column in table.columns if column.unique)
    once: dict[frozenset[str], tuple[str, ...]] = {}
    for key in (table.primary_key, *table.unique_keys, *singles):
        if key:
            once.setdefault(frozenset(key), key)
    return tuple(once.values())


def obstacle(catalog: Catalog, table: Table, key: ForeignKey, dialect: str) -> str | None:
    """Why a database could not enforce this foreign key, or None when it can."""
    target = catalog.table(key.target)
    if frozenset(key.target_columns) not in {frozenset(declared) for declared in declared_keys(target)}:
        return f"those columns are not a declared key of {key.target}"
    chosen = DIALECTS[dialect]
    for own, other in zip(key.columns, key.target_columns, strict=True):
        types = (_family(_type(chosen, table, own)), _family(_type(chosen, target, other)))
        if types[0] != types[1]:
            return f"{own} and {other} differ in type"
    return None


def _create(catalog: Catalog, table: Table, dialect: Dialect, lang: str) -> str:
    items = [*_columns(table, dialect, lang), *_keys(table)]
    notes = []
    for key in table.foreign_keys:
        why = obstacle(catalog, table, key, dialect.name)
        if why is None:
            items.append((_foreign_key(catalog, key), ""))
        else:
            notes.append(
                f"  -- not enforced: ({_names(key.columns)}) refers to {quote(key.target)}"
                f" ({_names(key.target_columns)}): {_line(why)}"
            )
    notes += _references(table)
    lines = [
        f"  {text}{',' if at < len(items) - 1 else ''}{f' -- {comment}' if comment else ''}"
        for at, (text, comment) in enumerate(items)
    ]
    title = title_of(table, lang)
    head = f"-- {_line(title)}\n" if title else ""
    return head + "\n".join((f"CREATE TABLE {quote(table.name)} (", *lines, *notes, ");")) + "\n"


def _columns(table: Table, dialect: Dialect, lang: str) -> Iterator[tuple[str, str]]:
    for column in table.columns:
        required = not column.nullable or column.name in table.primary_key
        text = f"{quote(column.name)} {_type(dialect, table, column.name)}{' NOT NULL' if required else ''}"
        yield text, _line(title_of(column, lang))


def _type(dialect: Dialect, table: Table, name: str) -> str:
    column: Column = table.column(name)
    return dialect.type_of(column, name in table.key_columns or column.role == "key")


def _keys(table: Table) -> Iterator[tuple[str, str]]:
    for key in declared_keys(table):
        word = "PRIMARY KEY" if key == table.primary_key else "UNIQUE"
        yield f"{word} ({_names(key)})", ""


def _foreign_key(catalog: Catalog, key: ForeignKey) -> str:
    """The clause, its columns in the order of the key they refer to, as some databases demand."""
    declared = next(k for k in declared_keys(catalog.table(key.target)) if set(k) == set(key.target_columns))
    own = dict(zip(key.target_columns, key.columns, strict=True))
    mine = tuple(own[name] for name in declared)
    return f"FOREIGN KEY ({_names(mine)}) REFERENCES {quote(key.target)} ({_names(declared)})"


def _references(table: Table) -> list[str]:
    """Links that hold for most rows only, as the schema tells them."""
    return [
        f"  -- mostly: ({_names(tuple(link['fields']))}) refers to {quote(str(link['reference']['resource']))}"
        f" ({_names(tuple(link['reference']['fields']))}): {_line(str(link.get('why', '')))}"
        for link in table.extra.get("synth:references", ())
    ]


def _family(sql_type: str) -> str:
    """The type without its size, decimals apart: what must be equal on both sides of a foreign key."""
    name = sql_type.partition("(")[0].upper()
    return (
        sql_type.upper() if name in ("DECIMAL", "NUMERIC") else {"TEXT": "VARCHAR", "INTEGER": "BIGINT"}.get(name, name)
    )


def quote(name: str) -> str:
    """A name as a delimited identifier."""
    return '"' + name.replace('"', '""') + '"'


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(quote(name) for name in names)


def _line(text: str) -> str:
    return " ".join(text.split())
