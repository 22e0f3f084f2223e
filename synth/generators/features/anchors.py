"""What each date is best counted from: the date of its row or of its parent's whose distance varies least.

A discharge is counted from the admission, a claim from the one before, a death from a birth or from nothing. Only the
choice is kept; it is made from quantiles over all rows, or every n-th of a table of millions. Nine tenths of the
distances must not be further apart than the dates themselves, lest a few odd births set rows centuries apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth.columns.values import measure, to_numbers
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Frame, Ordered
from synth.generators.features.calendar import DAY, FROM, UNTIL, day_of
from synth.generators.features.feature import Base
from synth.generators.features.textdates import as_date, read_dates, text_dates

Floats = NDArray[np.float64]
# Counting from another date must narrow the spread this much, or the date is learned as it is
_WORTH = 0.6
_WIDER = 1.25  # ... and nine tenths of the distances may be no wider than this times nine tenths of the dates
# ... and both dates must be real ones in this share of the rows where the date itself is
_COMMON = 0.8
_UNLIKE = 0.02  # of the rows after another one, those in which one of two dates stays and the other does not
_DATES = ("date", "datetime")
_ROWS = 1_000_000  # enough for quantiles, which hold every value in memory


def anchors(
    ordered: Ordered, node: Node, columns: list[Column], forms: Mapping[str, str], until: int = UNTIL
) -> dict[str, Base]:
    """The base of each date among `columns` that has one; a base always comes before what is counted from it.

    `forms` tells how dates are written in columns of texts or numbers; dates from the year `until` on are sentinels.
    """
    typed = [as_date(column, forms.get(column.name)) for column in columns]
    dates = sorted((c for c in typed if _is_date(c)), key=lambda c: (c.name not in node.table.order_by[:1],))
    above = _parent_dates(ordered, node)
    found: dict[str, Base] = {}
    for index, column in enumerate(dates):
        candidates = [Base(0, e.name, forms.get(e.name)) for e in dates[:index]]
        candidates += [Base(1, e.name, form) for e, form in above]
        best = _best(ordered, node, column, forms.get(column.name), candidates, until)
        if best is not None:
            found[column.name] = best
    return found


def _is_date(column: Column) -> bool:
    return column.type in _DATES and measure(column) == "number"


def _parent_dates(ordered: Ordered, node: Node) -> list[tuple[Column, str | None]]:
    """The parent's own dates that are never missing, and how they are written where they are texts."""
    if node.parent is None:
        return []
    parent = ordered.forest.node(node.parent.target)
    inherited = {name for key in parent.table.foreign_keys for name in key.columns}
    columns = [column for column in parent.table.columns if column.name not in inherited]
    forms = text_dates(ordered, parent, columns)
    typed = [as_date(column, forms.get(column.name)) for column in columns]
    dates = [column for column in typed if _is_date(column)]
    filled, rows = ordered.filled(parent), ordered.rows(parent.name)
    return [(column, forms.get(column.name)) for column in dates if filled[column.name] == rows]


def _best(
    ordered: Ordered, node: Node, column: Column, form: str | None, candidates: list[Base], until: int
) -> Base | None:
    if not candidates:
        return None
    alone, *counted = _spreads(ordered, node, column, form, candidates, until)
    if alone is None:
        return None
    usable = [
        (spread, index)
        for index, spread in enumerate(counted)
        if spread is not None and alone[0] > 0 and spread[0] <= _WORTH * alone[0] and spread[1] <= _WIDER * alone[1]
    ]
    return candidates[min(usable)[1]] if usable else None


def _spreads(
    ordered: Ordered, node: Node, column: Column, form: str | None, candidates: list[Base], until: int
) -> list[tuple[float, float] | None]:
    """In seconds, the range of half and of nine tenths of a date alone, and of its distances to each candidate."""
    step = max(1, ordered.rows(node.name) // _ROWS)
    bases = [Base(0, column.name, form), *candidates]
    found: list[list[Floats]] = [[] for _ in bases]
    for frame in ordered.frames(node, list(dict.fromkeys(base.column for base in bases if base.up == 0))):
        rows = np.flatnonzero(np.arange(frame.first, frame.first + frame.rows) % step == 0)
        for seconds, base in zip(found, bases, strict=True):
            seconds.append(_seconds(ordered, frame, base)[rows])
    alone, *others = (np.concatenate([np.empty(0), *seconds]) for seconds in found)  # a table may be empty
    low, high = day_of(FROM) * DAY, day_of(until) * DAY
    known = (alone >= low) & (alone <= high)
    count = int(known.sum())
    spreads = [_widths(alone[known], count, count)]
    for other in others:
        both = known & (other >= low) & (other <= high)
        spreads.append(_widths((alone - other)[both], int(both.sum()), count))
    return spreads


def is_apart(ordered: Ordered, node: Node, column: str, base: Base | None, forms: Mapping[str, str]) -> bool:
    """Whether a column stays from row to row in other rows than the date of its row that it is counted from, if any.

    Where it does not, that date tells all.
    """
    if base is None or base.up:
        return True
    unlike = later = 0
    for frame in ordered.frames(node, list(dict.fromkeys((column, base.column)))):
        ends = (Base(0, column, forms.get(column)), base)
        mine, theirs = (_seconds(ordered, frame, end) for end in ends)
        same = frame.parent[1:] == frame.parent[:-1]
        unlike += int(((mine[1:] == mine[:-1]) != (theirs[1:] == theirs[:-1]))[same].sum())
        later += int(same.sum())
    return unlike > _UNLIKE * later


def _widths(seconds: Floats, count: int, all_: int) -> tuple[float, float] | None:
    """The range of half of the numbers, and of nine tenths of them; None where there are too few."""
    if not count or count < _COMMON * all_:
        return None
    places = np.array([0.05, 0.25, 0.75, 0.95]) * (count - 1)
    below, ranked = places.astype(np.int64), np.sort(seconds)  # `np.quantile` imports numpy's masked arrays
    above = np.minimum(below + 1, count - 1)
    lowest, low, high, highest = (ranked[below] + (ranked[above] - ranked[below]) * (places - below)).tolist()
    return high - low, highest - lowest


def _seconds(ordered: Ordered, frame: Frame, base: Base) -> Floats:
    """A date of rows, or of their parents' rows, in seconds; NaN where missing."""
    if base.up:
        assert frame.node.parent is not None
        first, above = int(frame.parent[0]), ordered.forest.node(frame.node.parent.target)
        parents = ordered.frame(above, first, int(frame.parent[-1]) + 1, (base.column,))
        return _seconds(ordered, parents, replace(base, up=0))[frame.parent - first]
    column = as_date(frame.node.table.column(base.column), base.form)
    numbers = to_numbers(read_dates(frame.columns[base.column], base.form), column)
    return numbers * DAY if column.type == "date" else numbers
