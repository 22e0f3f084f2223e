"""How a CSV file is written: delimiter, quotes, header, encoding, as its resource's `dialect` says.

https://datapackage.org/standard/table-dialect/
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from synth.core.catalog import Table
from synth.core.errors import UserError

_KNOWN = frozenset("$schema name title description delimiter quoteChar doubleQuote escapeChar header".split())
_HARMLESS = {"lineTerminator": ("\n", "\r\n", "\r"), "skipInitialSpace": (False,), "caseSensitiveHeader": (True, False)}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Settings of one CSV file. `quoted_empty` tells `""` (an empty text) from nothing (missing)."""

    delimiter: str = ","
    quote: str | None = '"'
    double_quote: bool = True
    escape: str | None = None
    header: bool = True
    encoding: str = "utf-8"
    quoted_empty: bool = False


def dialect_of(table: Table, file: object) -> Dialect:
    """The dialect a table's resource declares. Raises UserError on one that we do not read."""
    declared = table.resource.get("dialect") or {}
    if not isinstance(declared, dict):
        raise UserError("`dialect` is not a JSON object", file=file, table=table.name, remedy="write it as one")
    csv = declared.get("csv", declared)  # frictionless-py nests the settings under the format
    for key, value in csv.items():
        if key not in _KNOWN and value not in _HARMLESS.get(key, (None,)):
            raise UserError(f"`dialect.{key}` is not supported", file=file, table=table.name, remedy="convert the file")
    chosen = Dialect(
        delimiter=str(csv.get("delimiter", ",")),
        quote=csv.get("quoteChar", '"') or None,
        double_quote=bool(csv.get("doubleQuote", "escapeChar" not in csv)),
        escape=csv.get("escapeChar"),
        header=declared.get("header", csv.get("header", True)) is not False,
        encoding=_encoding(table, file),
        quoted_empty=table.extra.get("synth:quotedEmpty") is True,
    )
    for key, text in (("delimiter", chosen.delimiter), ("quoteChar", chosen.quote), ("escapeChar", chosen.escape)):
        if text is not None and (not isinstance(text, str) or len(text) != 1):
            raise UserError(f"`dialect.{key}` is not one character", file=file, table=table.name, remedy="correct it")
    return chosen


def _encoding(table: Table, file: object) -> str:
    name = str(table.resource.get("encoding") or "utf-8")
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise UserError(
            "the encoding is unknown", file=file, table=table.name, remedy="name one such as utf-8 or latin-1"
        ) from None
