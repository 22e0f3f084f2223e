"""Titles in French or English, as far as a schema gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synth.core.catalog import Column, Table


def title_of(described: Table | Column, lang: str) -> str:
    """The title in `lang` ("fr" or "en"), else the title there is, else nothing."""
    for key in (f"synth:title:{lang}", f"title_{lang}", f"title:{lang}"):
        if isinstance(described.extra.get(key), str):
            return str(described.extra[key])
    titles: Any = described.extra.get("synth:titles")
    if isinstance(titles, Mapping) and isinstance(titles.get(lang), str):
        return str(titles[lang])
    return described.title or ""
