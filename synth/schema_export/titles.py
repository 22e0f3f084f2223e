"""Titles in French or English, as far as a schema gives them."""

from __future__ import annotations

from synth.core.catalog import Column, Table


def title_of(described: Table | Column, lang: str) -> str:
    """The title in `lang` ("fr" or "en"), else the title there is, else nothing."""
    english = described.extra.get("synth:titleEn")
    return str(english) if lang == "en" and english else described.title or ""
