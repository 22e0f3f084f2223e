"""The known defects of schema-snds, each with the line that tells its repair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# kind -> what was wrong and what was done, in the order of the report
DEFECTS: dict[str, str] = {
    "text": "codes, months and identifiers kept as text by Oracle, typed as numbers, dates or booleans: typed as text",
    "flag": "codes 0, 1 and 9 typed as booleans: typed as numbers",
    "day": "days typed as date and time: typed as dates",
    "precision": "sizes that differ from the column's true size: taken from the newer catalogue",
    "bounds": "bounds and patterns seen in one sample of rows, which real rows break: dropped",
    "enum": "lists of values seen in one year: dropped",
    "unique": "identifiers said to be unique that are not (twins, several pseudonyms): no longer unique",
    "case": "names in small or mixed letters: in capitals, as Oracle stores them",
    "misplaced": "columns that belong to another table or are misspelt: left out",
    "missing": "columns that newer sources add: added",
    "list": "code lists named together with one of their columns: named alone",
    "absent-list": "code lists named but not published: no longer named",
    "key-text": "primary keys written as one text: written as a list",
    "key": "primary keys that are false, or absent where one exists: corrected",
    "target": "foreign keys to columns that are not a key: corrected, or marked as logical",
    "link-type": "foreign keys between columns of two types: both sides have one type",
    "link-size": "foreign keys between columns of two sizes: both sides have one size",
    "link": "foreign keys that are absent or lead to the wrong table: corrected",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """One defect that was found and repaired: its kind, and where (`column` empty for a whole table)."""

    kind: str
    table: str
    column: str = ""

    @property
    def line(self) -> str:
        """The repair in one line."""
        place = f"{self.table}.{self.column}" if self.column else self.table
        return f"{place}: {DEFECTS[self.kind]}"


def summary(repairs: Iterable[Repair]) -> list[str]:
    """One line for each kind of defect that occurred: how often, what, and where first."""
    found: dict[str, list[Repair]] = {kind: [] for kind in DEFECTS}
    for repair in repairs:
        found[repair.kind].append(repair)
    lines = []
    for kind, places in found.items():
        if places:
            first = places[0]
            where = f"{first.table}.{first.column}" if first.column else first.table
            lines.append(f"{len(places):4d} {DEFECTS[kind]} (first: {where})")
    return lines
