"""The tables of the SNDS, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synth.core.errors import UserError
from synth.core.snds.store import Spans, in_spans, snds_tables, spans, table_schema
from synth.schema_export.terminal import text_table


def listed_tables(product: str | None = None, year: int | None = None, lang: str = "fr") -> list[dict[str, Any]]:
    """Name, product, years, number of columns (that year's, or all) and title of each table, core tables first.

    Raises UserError for a product there is none of.
    """
    entries = list(snds_tables().values())
    if product is not None:
        entries = [entry for entry in entries if product.upper() in (entry.product, entry.product.split("_")[0])]
        if not entries:
            known = ", ".join(dict.fromkeys(entry.product for entry in snds_tables().values()))
            raise UserError("no such product", remedy=f"choose one of {known}")
    found = [entry for entry in entries if year is None or entry.exists_in(year)]
    return [
        {
            "name": entry.name,
            "product": entry.product,
            "years": years_text(entry.years),
            "core": entry.core,
            "historical": entry.historical,
            "columns": sum(
                year is None or in_spans(spans(field.get("synth:years")), year)
                for field in table_schema(entry.name)["fields"]
            ),
            "title": _title(table_schema(entry.name), lang),
        }
        for entry in found
    ]


def _title(schema: Any, lang: str) -> str:
    return (
        str(schema.get("synth:titleEn") or schema.get("title") or "") if lang == "en" else str(schema.get("title", ""))
    )


def years_text(years: Spans) -> str:
    """`2006-2012, 2014-` for spans; nothing when no year is known."""
    return ", ".join(
        str(first) if last == first else f"{first}-{'' if last is None else last}" for first, last in years
    )


def listing_text(found: Sequence[dict[str, Any]], width: int) -> str:
    """The list as a table for a terminal, and how many there are."""
    rows = [
        (
            str(item["name"]),
            str(item["product"]),
            str(item["years"]),
            str(item["columns"]),
            "core" if item["core"] else "historical" if item["historical"] else "",
            str(item["title"]),
        )
        for item in found
    ]
    return text_table(("table", "product", "years", "columns", "", "title"), rows, width) + f"{len(rows)} tables\n"
