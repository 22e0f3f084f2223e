"""Which columns are identifiers, and the synthetic ones that take their place, marked so that none can be real.

A synthetic identifier is made of its block and its row, so that any part of the data can be drawn anywhere without
asking the others. Text keys begin with SYN and count in base 36; whole-number keys are negative. Both can be changed a
column at a time with `synth:marker`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.values import typed
from synth.core.arrays import arrow_of
from synth.core.catalog import Column, Marker, Table
from synth.core.errors import UserError
from synth.engines.forest import Node
from synth.engines.local import Ordered

BLOCK_ROWS = 10_000_000
PREFIX = "SYN"
FAR_ABOVE = 10**15
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DEFAULT_WIDTH = 17


@dataclass(frozen=True, slots=True)
class Identifier:
    """A column whose values are made anew; `marked` is false when the marker had no room in it."""

    table: str
    column: str
    width: int
    marker: Marker
    marked: bool

    def document(self) -> dict[str, Any]:
        """The identifier as plain JSON data."""
        marker = {"prefix": self.marker.prefix, "start": self.marker.start, "step": self.marker.step}
        return {"column": self.column, "width": self.width, "marker": marker, "marked": self.marked}


def survey_identifiers(ordered: Ordered) -> tuple[Identifier, ...]:
    """The identifiers of every table: own key columns that tell rows apart, and columns whose values are unique."""
    found = []
    for node in ordered.forest.nodes:
        if not node.table.public:
            made = _identifying(ordered, node)
            _require_made(ordered, node, {column.name for column in made})
            found += [_identifier(ordered, node, column) for column in made]
    return tuple(found)


def _require_made(ordered: Ordered, node: Node, made: set[str]) -> None:
    """A key that tells persons apart, or that other rows name, must be one that can be made anew."""
    person = ordered.dataset.catalog.person
    keys = [key.target_columns for n in ordered.forest.nodes for key in n.table.foreign_keys if key.target == node.name]
    if person is not None and person.table == node.name:
        keys.append(person.key)
    foreign = {name for key in node.table.foreign_keys for name in key.columns}
    for names in keys:
        if not set(names) & (made | foreign):
            raise UserError(
                "the key is of a type that cannot be made anew, and real keys must not be drawn",
                table=node.name,
                column=names[0],
                remedy="declare it string or integer",
            )


def _identifying(ordered: Ordered, node: Node) -> list[Column]:
    table = node.table
    foreign = {name for key in table.foreign_keys for name in key.columns}
    alone = {names[0] for names in (table.primary_key, *table.unique_keys) if len(names) == 1}
    single = [c for c in table.columns if (c.unique or c.name in alone) and c.name not in foreign]
    found = {column.name: column for column in single if _can_identify(table, column)}
    found |= {column.name: column for column in _pseudonyms(ordered, node, foreign) if column.name not in found}
    named = [
        key.target_columns for n in ordered.forest.nodes for key in n.table.foreign_keys if key.target == node.name
    ]
    for names in (table.primary_key, *table.unique_keys, *named):
        own = [table.column(name) for name in names if name not in foreign]
        if own and not any(column.name in found for column in own):
            best = _uniquifier(ordered, node, own)
            if best is not None:
                found[best.name] = best
    return [column for column in table.columns if column.name in found]


def _pseudonyms(ordered: Ordered, node: Node, foreign: set[str]) -> list[Column]:
    """Columns that the catalog calls keys though no key is made of them, and that nearly tell rows apart."""
    keyed = set(node.table.primary_key).union(*map(set, node.table.unique_keys))
    columns = [c for c in node.table.columns if c.role == "key" and c.name not in foreign | keyed]
    columns = [c for c in columns if _can_identify(node.table, c)]
    if not columns:
        return []
    filled, distinct = ordered.filled(node), ordered.distinct(node, [column.name for column in columns])
    return [c for c, values in zip(columns, distinct, strict=True) if values and values >= filled[c.name] / 2]


def _can_identify(table: Table, column: Column) -> bool:
    made_up = column.type in ("string", "integer", "number", "any")
    return made_up and column.name not in table.order_by and not column.categories


def _uniquifier(ordered: Ordered, node: Node, own: list[Column]) -> Column | None:
    """Of a composite key's own columns, the one with most values: made unique, it makes the key unique.

    A key of dates and codes alone has none; its rows are kept apart while they are drawn.
    """
    fitting = [column for column in own if _can_identify(node.table, column)]
    if not fitting:
        return None
    counts = ordered.distinct(node, [column.name for column in fitting])
    best = max(range(len(fitting)), key=lambda index: (counts[index], index))
    rows = ordered.rows(node.name)
    # a handful of levels in many rows is a code (a kind of line), not a number that tells rows apart
    return fitting[best] if counts[best] > min(50, rows // 20) or rows < 100 else None


def _identifier(ordered: Ordered, node: Node, column: Column) -> Identifier:
    if column.type in ("integer", "number"):
        marker = column.marker or _whole_marker(column)
        marked = column.marker is not None or (marker.start or 0) < 0 or (marker.start or 0) >= FAR_ABOVE
        return Identifier(node.name, column.name, 0, marker, marked)
    width = column.maximum_length or max(_longest(ordered, node, column), _DEFAULT_WIDTH)
    marker = column.marker or Marker(prefix=PREFIX)
    marked = width - len(marker.prefix or "") >= 6
    return Identifier(node.name, column.name, width, marker if marked else Marker(prefix=""), marked)


def _longest(ordered: Ordered, node: Node, column: Column) -> int:
    lengths = (pc.max(pc.utf8_length(frame.columns[column.name])) for frame in ordered.frames(node, (column.name,)))
    return max((int(length.as_py() or 0) for length in lengths), default=0)


def _whole_marker(column: Column) -> Marker:
    """Below zero, where no real number is; far above all real ones where the catalog forbids that."""
    if column.minimum is None or column.minimum < 0:
        return Marker(start=-1, step=-1)
    return Marker(start=FAR_ABOVE if column.maximum is None else int(column.minimum))


def identifier_from(table: str, document: dict[str, Any]) -> Identifier:
    """The identifier written by `Identifier.document`."""
    fields = {**document, "marker": Marker(**document["marker"])}
    return Identifier(table=table, **fields)


def make(identifier: Identifier, column: Column, block: int, rows: int) -> pa.Array:
    """Identifiers for the `rows` rows of one block. Raises UserError when there is no room for so many."""
    if rows >= BLOCK_ROWS:
        raise UserError("too many rows for one block of persons", table=identifier.table, remedy="report this limit")
    numbers = np.arange(rows, dtype=np.int64) + block * BLOCK_ROWS
    marker = identifier.marker
    if marker.prefix is None:
        start = -1 if marker.start is None else marker.start
        return typed(arrow_of(start + marker.step * numbers), column)
    digits = identifier.width - len(marker.prefix)
    if rows and int(numbers[-1]) >= 36.0**digits:
        raise UserError(
            "the key has no room for so many synthetic identifiers",
            table=identifier.table,
            column=identifier.column,
            remedy="raise its maximum length or shorten `synth:marker`",
        )
    return _texts(numbers, marker.prefix, digits)


def _texts(numbers: NDArray[np.int64], prefix: str, digits: int) -> pa.Array:
    """The prefix and so many digits of each number in base 36, as texts of one width laid side by side."""
    head, letters = prefix.encode(), np.frombuffer(_DIGITS.encode(), dtype=np.uint8)
    width = len(head) + digits
    signs = np.empty((len(numbers), width), dtype=np.uint8)
    signs[:, : len(head)] = np.frombuffer(head, dtype=np.uint8)
    for place in range(digits):
        power = 36 ** (digits - 1 - place)
        signs[:, len(head) + place] = letters.take(numbers // power % 36) if power < 2**62 else letters[0]
    ends = (np.arange(len(numbers) + 1) * width).astype(np.int32)
    return pa.Array.from_buffers(pa.string(), len(numbers), [None, pa.py_buffer(ends), pa.py_buffer(signs)])
