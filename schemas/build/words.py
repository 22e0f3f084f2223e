"""Titles and descriptions of tables and columns, in French and English, written for this project.

`words_tables.tsv` holds a line for each table; `words_columns.tsv` a line for each column name, or for
`TABLE.COLUMN` where a name means something else in one table: name, French title, English title, French
description, English description, separated by tabs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from merge import Merged

_KEYS = ("title", "synth:titleEn", "description", "synth:descriptionEn")


@dataclass(frozen=True)
class Words:
    """The texts, by name."""

    tables: dict[str, tuple[str, str]]
    columns: dict[str, tuple[str, ...]]

    def table(self, name: str) -> tuple[str, str]:
        """French and English titles of a table, empty when none is written."""
        return self.tables.get(name, ("", ""))

    def column(self, table: str, column: Merged) -> dict[str, Any]:
        """Texts of a column as properties of its field."""
        texts = self.columns.get(f"{table}.{column.name}") or self.columns.get(column.name) or ()
        return {key: text for key, text in zip(_KEYS, texts, strict=False) if text}


def read_words(folder: Path) -> Words:
    """Read both files of `folder`; a missing one gives no text."""
    tables = {row[0]: (row[1], row[2]) for row in _rows(folder / "words_tables.tsv")}
    columns = {row[0]: tuple(row[1:]) for row in _rows(folder / "words_columns.tsv")}
    return Words(tables, columns)


def _rows(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
