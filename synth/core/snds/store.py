"""The shipped schemas: which tables there are, and the Table Schema of each, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from synth.core.errors import UserError
from synth.core.jsontext import read_json
from synth.core.resources import schemas_root

Spans = tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table of the SNDS under its pattern name (`T_MCOaaB`). `years` is empty where no source dates it."""

    name: str
    product: str
    years: Spans
    historical: bool
    core: bool

    def exists_in(self, year: int) -> bool:
        """Whether the table was delivered for `year`."""
        return in_spans(self.years, year)


@cache
def snds_tables() -> Mapping[str, TableEntry]:
    """Every table, by pattern name, core tables first."""
    document = read_json(schemas_root() / "snds" / "index.json")
    core = frozenset(document["core"])
    return {
        name: TableEntry(
            name, item["product"], spans(item.get("years")), bool(item.get("historical", False)), name in core
        )
        for name, item in document["tables"].items()
    }


@cache
def table_schema(name: str) -> Mapping[str, Any]:
    """The Table Schema of the table with this pattern name. Raises UserError when there is none."""
    entry = snds_tables().get(name)
    if entry is None:
        raise UserError("not a table of the SNDS", table=name, remedy="run: synth schemas list")
    document: Mapping[str, Any] = read_json(schemas_root() / "snds" / entry.product / f"{name}.json")
    return document


@cache
def spans(written: str | None) -> Spans:
    """`2006-2012,2014-` as ((2006, 2012), (2014, None)); nothing as ()."""
    found = []
    for part in written.split(",") if written else ():
        first, dash, last = part.partition("-")
        found.append((int(first), int(last) if last else None if dash else int(first)))
    return tuple(found)


def in_spans(years: Spans, year: int) -> bool:
    """Whether `year` falls in one of the spans; no span at all means every year."""
    return not years or any(first <= year and (last is None or year <= last) for first, last in years)
