"""Which row of its own unit a row refers to, where there are several: what is above both, and what has begun by then.

A laboratory test names the stay in which it was taken: the last that had begun. An order given in intensive care names
a stay there during the same admission. What is found is kept (which table is above both, which dates tell), no number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.columns.values import measure, to_numbers
from synth.core.catalog import Column, ForeignKey
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.engines.unit_blocks import count_units
from synth.generators.features.calendar import in_units_of
from synth.generators.features.feature import Base
from synth.generators.features.textdates import as_date, read_dates, text_dates

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
MOMENT = Column("moment", "datetime", "date")  # the units in which dates are compared
_NAMED = 0.8  # of the rows that could name several, those that name the last one that had begun
_MOST = 6  # dates of a table that are tried
_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class During:
    """A row names what began last before its `time`, by the `start` of what is named."""

    time: Base
    start: Base

    def document(self) -> list[list[str]]:
        """The columns, each with how its dates are written where they are texts, as plain JSON data."""
        return [[base.column, *([] if base.form is None else [base.form])] for base in (self.time, self.start)]


def during_from(document: list[list[str]] | None) -> During | None:
    """What `During.document` wrote."""
    return None if document is None else During(*(Base(0, *told) for told in document))


def latest(groups: Codes, starts: Floats, of: Codes, times: Floats) -> Codes:
    """For each row of a group at a time, the place of the last of its group that had begun; -1 where none had."""
    count = len(groups)
    if not count:
        return np.full(len(of), -1)
    later = np.concatenate([np.zeros(count), np.ones(len(of))])
    order = np.lexsort((later, np.concatenate([starts, times]), np.concatenate([groups, of])))
    seen = np.maximum.accumulate(np.where(order < count, np.arange(len(order)), -1))
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.where(seen >= 0, order[np.maximum(seen, 0)], 0)
    place = found[count:]
    # what has no date is in no order; comparisons with it are false
    return np.where((groups[place] == of) & (starts[place] <= times), place, -1)


def above_both(ordered: Ordered, above: Mapping[str, Codes], node: Node, target: Node, found: Codes) -> str:
    """The lowest table above both ends in which every row and what it names have the same row.

    `above` gives, for each table above `node`, the row above each of its rows there.
    """
    filled = found >= 0
    theirs = ordered.forest.ancestors(target.name)
    for name in above:
        if name in theirs:
            others = rows_above(ordered, target, name)
            if np.array_equal(above[name][filled], others[found[filled]]):
                return name
    return node.root


def rows_above(ordered: Ordered, node: Node, ancestor: str) -> Codes:
    """For each row of `node`, the row above it in table `ancestor`."""
    rows = np.arange(ordered.rows(node.name))
    while node.name != ancestor:
        assert node.parent is not None
        rows = ordered.parents[node.name][rows]
        node = ordered.forest.node(node.parent.target)
    return rows


def survey_kin(ordered: Ordered, node: Node, key: ForeignKey, found: Codes, k: int) -> tuple[str, During | None]:
    """What is above both ends of a reference within a unit, and the dates that tell which row is named, if any do."""
    target = ordered.forest.node(key.target)
    above = {name: rows_above(ordered, node, name) for name in ordered.forest.ancestors(node.name)}
    under = above_both(ordered, above, node, target, found)
    if under not in above or under == target.name:
        return under, None
    mine, theirs = above[under][:_ROWS], rows_above(ordered, target, under)
    theirs = theirs[: int(np.searchsorted(theirs, mine.max(initial=-1), side="right"))]
    named, units = found[: len(mine)], ordered.units[node.name][: len(mine)]
    several = (named >= 0) & (np.bincount(theirs, minlength=int(mine.max(initial=0)) + 1)[mine] > 1)
    if count_units(units[several]) < k:
        return under, None
    times, starts = _dates(ordered, node, len(mine)), _dates(ordered, target, len(theirs))
    best: tuple[float, During] | None = None
    for time, at in times.items():
        for start, begun in starts.items():
            share = float((latest(theirs, begun, mine, at) == named)[several].mean())
            if share >= _NAMED and (best is None or share > best[0]):
                best = share, During(time, start)
    return under, None if best is None else best[1]


def _dates(ordered: Ordered, node: Node, rows: int) -> dict[Base, Floats]:
    """The first dates of a table, its rows' order first, as moments."""
    foreign = {name for key in node.table.foreign_keys for name in key.columns}
    columns = [column for column in node.table.columns if column.name not in foreign]
    forms = text_dates(ordered, node, columns)
    dated = [as_date(column, forms.get(column.name)) for column in columns]
    dated = [c for c in dated if c.type in ("date", "datetime") and measure(c) == "number"]
    dated.sort(key=lambda column: column.name not in node.table.order_by)
    found = {}
    for column in dated[:_MOST]:
        form = forms.get(column.name)
        cells = ordered.frame(node, 0, rows, (column.name,)).columns[column.name]
        found[Base(0, column.name, form)] = in_units_of(MOMENT, to_numbers(read_dates(cells, form), column), column)
    return found


def link_fields(item: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a link that are told where they say something, from its document."""
    return {
        "under": item.get("under"),
        "during": during_from(item.get("during")),
        "rooted": item.get("rooted", False),
    }
