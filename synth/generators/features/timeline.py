"""Quantities of ordered events: span, gap, pace, clock and time, and the landmarks that many events fall on exactly.

Times between events are learned, not times; but where a study counts from an index day, many events fall on day 0, and
no sum of gaps would ever hit it. Such a landmark is learned as a place: an event goes there, whatever the gap.

Where hardly any kind of event comes twice to one person (first diagnoses, vaccinations), each kind's own time is
learned instead: a time tells more of such an event than what came before it does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Frame, Ordered
from synth.generators.features.calendar import UNTIL, distance, plausible
from synth.generators.features.kinds import Kinds

Floats = NDArray[np.float64]
LANDMARK = 2e12  # added to a landmark's place, apart from distances and from places on the calendar
LANDED = 1.5e12
_SHARE = 0.03
_TIMES_USUAL = 10
_MOST = 8
_ONCE = 0.9  # of the kinds that parents have, those with one row
_TIED = 0.1  # most of the later rows that may be at the time of the row before


def landmarks(ordered: Ordered, node: Node, column: Column, k: int) -> tuple[float, ...]:
    """Values that at least k units, 3 % of the later rows and ten times the usual number of rows have in common."""
    if column.type not in ("integer", "number"):
        return ()
    name = ordered.column(node, column.name)
    later = f"select {name} as x, unit, lag(parent) over (order by row) = parent as later from {ordered.name(node)}"
    query = (
        f"select x::double, count(*), count(distinct unit), sum(count(*)) over (), count(*) over () "
        f"from ({later}) where later and x is not null group by x order by count(*) desc, x limit {_MOST}"
    )
    rows: list[tuple[float, int, int, int, int]] = ordered.sql.execute(query).fetchall()
    return tuple(
        sorted(
            x
            for x, count, units, total, distinct in rows
            if units >= k and count >= _SHARE * float(total) and count >= _TIMES_USUAL * float(total) / distinct
        )
    )


def come_once(ordered: Ordered, node: Node, kinds: Kinds) -> bool:
    """Whether parents mostly have one row of a kind, and hardly ever two rows at one time."""
    kind, time = (ordered.column(node, name) for name in (kinds.column, node.table.order_by[0]))
    found = ordered.sql.execute(
        f"with mine as (select parent, list_position(?, {kind}::varchar) as kind, {time} as time, row, "
        f"lag({time}) over (partition by parent order by row) as before from {ordered.name(node)}), "
        "counts as (select count(*) as n from mine group by parent, kind) "
        "select (select avg((n = 1)::int) from counts), avg((time = before)::int) filter (where before is not null) "
        "from mine",
        [list(kinds.levels)],
    ).fetchall()[0]
    return (found[0] or 0.0) >= _ONCE and (found[1] or 0.0) <= _TIED


def timeline(
    kind: str,
    values: Floats,
    base: Floats | None,
    frame: Frame,
    column: Column,
    marks: Sequence[float],
    until: int = UNTIL,
) -> Floats:
    """One of these quantities for every row, from the values of the order column and what the first is counted from."""
    if not frame.rows:
        return np.empty(0)
    before = np.where(frame.starts, np.nan, np.concatenate([[np.nan], values[:-1]]))
    if kind == "clock":
        return before if base is None else distance(before, base, column, until)
    if kind == "time":
        return values if base is None else distance(values, base, column, until)
    if kind == "gap":
        landed = np.isin(values, marks) & (values != before)
        return np.where(landed, values + LANDMARK, distance(values, before, column, until))
    heads = np.flatnonzero(frame.starts)
    sizes = np.diff(np.append(heads, frame.rows))
    real = plausible(values, column, until)
    last = np.repeat(np.maximum.reduceat(np.where(real, values, -np.inf), heads), sizes)
    first = np.repeat(np.minimum.reduceat(np.where(real, values, np.inf), heads), sizes)
    known = np.isfinite(last)
    if kind == "span":
        landed = bool(marks) & (last != first)  # where days are counted from an index day, so is the end
        return np.where(known, np.where(landed, last + LANDMARK, last - first), np.nan)
    left = np.repeat(sizes, sizes) - (np.arange(frame.rows) - np.repeat(heads, sizes))
    since = np.where(plausible(before, column, until), before, first)
    return np.where(known, (last - since) / left, np.nan)


def from_landmark(numbers: Floats, clock: Floats) -> Floats:
    """Distances from `clock`, where a landmark is as far away as it stands; nothing ever goes back."""
    there = np.where(np.isnan(clock), 0.0, numbers - LANDMARK - np.nan_to_num(clock))
    return np.where(numbers >= LANDED, np.maximum(there, 0.0), numbers)
