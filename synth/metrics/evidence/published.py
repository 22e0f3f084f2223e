"""Tables of counts that are published beside a release, read from the file that describes them.

A YAML file lists them: `tables:`, each with `file` (CSV, relative to the YAML file), `by` (its columns that say whom a
cell counts), `persons` (its column of counts; an empty cell is a suppressed one), and, where they apply, `total` (the
word that stands for all levels of a column), `sensitive` (the column of `by` that must not be told of a whole group),
`amount` and `largest` (the columns of a cell's sum and of the part of its largest contributor).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.core.yamltext import read_yaml

Key = frozenset[tuple[str, str]]
_KEYS = frozenset("file by persons total sensitive amount largest".split())
_REMEDY = "write tables: [{file: FILE.csv, by: [COLUMN], persons: COLUMN}]"


@dataclass(frozen=True, slots=True)
class Cell:
    """Whom a cell counts (column and level; a total has no entry), how many (None: suppressed), the largest share."""

    key: Key
    persons: float | None
    largest: float | None = None


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table of counts. `name` is what it is called in scores; `by` are its columns."""

    name: str
    by: tuple[str, ...]
    cells: tuple[Cell, ...]
    sensitive: str | None = None


def read_published(path: Path) -> tuple[PublishedTable, ...]:
    """The tables that a YAML file describes. Raises UserError when it or a table cannot be read."""
    document = read_yaml(path, _REMEDY)
    items = document.get("tables") if isinstance(document, dict) else None
    if not isinstance(items, list) or not items:
        raise UserError("describes no table", file=path, remedy=_REMEDY)
    return tuple(_table(item, path) for item in items)


def _table(item: Any, path: Path) -> PublishedTable:
    if not isinstance(item, dict) or not {"file", "by", "persons"} <= set(item) or set(item) - _KEYS:
        raise UserError("describes a table without file, by and persons, or with an unknown key", file=path,
                        remedy=_REMEDY)  # fmt: skip
    by = tuple(str(name) for name in (item["by"] if isinstance(item["by"], list) else [item["by"]]))
    file = path.parent / str(item["file"])
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
            header = tuple(rows[0]) if rows else ()
    except (OSError, UnicodeDecodeError, csv.Error):
        raise UserError("cannot be read as CSV", file=file, remedy="check the file") from None
    wanted = [*by, *(str(item[name]) for name in ("persons", "amount", "largest") if item.get(name))]
    missing = [name for name in wanted if name not in header]
    if missing:
        raise UserError("lacks a column that its description names", file=file, column=missing[0], remedy=_REMEDY)
    cells = tuple(_cell(item, by, row, number, file) for number, row in enumerate(rows, start=2))
    return PublishedTable(file.name, by, cells, str(item["sensitive"]) if item.get("sensitive") else None)


def _cell(item: Mapping[str, Any], by: tuple[str, ...], row: Mapping[str, Any], number: int, file: Path) -> Cell:
    total = str(item["total"]) if item.get("total") else None
    key = frozenset((name, str(row[name])) for name in by if row[name] != total)
    persons = _count(row[str(item["persons"])], file, number)
    share = None
    if item.get("amount") and item.get("largest"):
        amount, largest = (_count(row[str(item[name])], file, number) for name in ("amount", "largest"))
        share = largest / amount if amount and largest is not None else None
    return Cell(key, persons, share)


def _count(text: Any, file: Path, number: int) -> float | None:
    if text is None or not str(text).strip():
        return None
    try:
        return float(str(text).strip())
    except ValueError:
        raise UserError("holds a count that is not a number", file=file, row=number,
                        remedy="leave suppressed cells empty") from None  # fmt: skip
