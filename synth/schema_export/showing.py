"""One table for a reader: its columns, keys, code lists and years, within the width of the terminal."""

from __future__ import annotations

from synth.core.catalog import Column, Table
from synth.core.snds.store import spans
from synth.schema_export.dialects import precision
from synth.schema_export.listing import years_text
from synth.schema_export.terminal import text_table
from synth.schema_export.titles import title_of

_HEADERS = ("column", "type", "size", "key", "code list", "years", "title")


def table_text(table: Table, lang: str, width: int) -> str:
    """The table as text. Key marks: P primary, U unique, F foreign; ! may not be missing."""
    title = title_of(table, lang)
    head = f"{table.name}{f': {title}' if title else ''} ({len(table.columns)} columns)\n\n"
    rows = [_row(table, column, lang) for column in table.columns]
    kept = [at for at, header in enumerate(_HEADERS) if at < 4 or any(row[at] for row in rows)]
    body = text_table([_HEADERS[at] for at in kept], [[row[at] for at in kept] for row in rows], width)
    return head + body + _notes(table)


def _row(table: Table, column: Column, lang: str) -> tuple[str, ...]:
    return (
        column.name,
        column.type,
        _size(column),
        _marks(table, column),
        column.nomenclature or (", ".join(column.categories) if len(column.categories) <= 8 else "listed"),
        _years(column),
        title_of(column, lang),
    )


def _size(column: Column) -> str:
    if column.maximum_length is not None:
        return str(column.maximum_length)
    digits, scale = precision(column)
    if digits is None:
        return ""
    return f"{digits},{scale}" if scale else str(digits)


def _marks(table: Table, column: Column) -> str:
    foreign = any(column.name in key.columns for key in table.foreign_keys)
    unique = column.unique or any(column.name in key for key in table.unique_keys)
    required = not column.nullable or column.name in table.primary_key
    marks = (("P", column.name in table.primary_key), ("U", unique), ("F", foreign), ("!", required))
    return "".join(mark for mark, holds in marks if holds)


def _years(column: Column) -> str:
    listed = column.extra.get("synth:years")
    if listed:
        return years_text(spans(str(listed)))
    if column.valid_from is None and column.valid_to is None:
        return ""
    first, last = column.valid_from or "", column.valid_to or ""
    return str(first) if first == last else f"{first}-{last}"


def _notes(table: Table) -> str:
    notes = [f"P primary key: {', '.join(table.primary_key)}"] if table.primary_key else ["no primary key"]
    notes += [f"U unique: {', '.join(key)}" for key in table.unique_keys]
    notes += [
        f"F {', '.join(key.columns)} -> {key.target} ({', '.join(key.target_columns)})" for key in table.foreign_keys
    ]
    notes += [
        f"mostly {', '.join(link['fields'])} -> {link['reference']['resource']}: {link.get('why', '')}"
        for link in table.extra.get("synth:references", ())
    ]
    return "\n" + "\n".join(notes) + "\n"
