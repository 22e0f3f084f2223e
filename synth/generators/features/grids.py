"""Moments that fall on whole minutes, quarters, hours or days, which what is drawn must do as well.

An export often holds days as moments at midnight, and appointments at 08:15. Only what every moment of a column does is
told, and only where k units have one.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Ordered

Floats = NDArray[np.float64]
DAY = 86_400
GRIDS = (DAY, 3_600, 900, 60)  # seconds, coarsest first


def grids(ordered: Ordered, node: Node, columns: Iterable[Column], k: int) -> dict[str, float]:
    """The seconds that all moments (or times of a day) of a column are whole multiples of, where there are such."""
    found: dict[str, float] = {}
    for column in columns:
        if column.type not in ("datetime", "time") or column.categories:
            continue
        name = ordered.column(node, column.name)
        micro = f"epoch_us({name})" if column.type == "datetime" else _of_day(name)
        off = ", ".join(f"count(*) filter (where {micro} % {grid * 1_000_000} <> 0)" for grid in GRIDS)
        source = f"from {ordered.name(node)} where {name} is not null"
        units, *counts = ordered.one(f"select count(distinct unit), {off} {source}")
        fitting = [grid for grid, count in zip(GRIDS, counts, strict=True) if count == 0]
        if units >= k and fitting:
            found[column.name] = float(fitting[0])
    return found


def _of_day(name: str) -> str:
    """SQL for the microseconds since midnight of a time as text; what is below a second counts as one off the grid."""
    parts = ((1, 2, 3_600_000_000), (4, 2, 60_000_000), (7, 2, 1_000_000))
    whole = " + ".join(
        f"coalesce(try_cast(substr({name}, {at}, {size}) as bigint), 0) * {by}" for at, size, by in parts
    )
    return f"({whole} + (substr({name}, 9, 1) = '.')::bigint)"


def on_grid(numbers: Floats, grid: float | None, column: Column) -> Floats:
    """Numbers moved to the nearest multiple of `grid` seconds; a time stays within its day."""
    if grid is None:
        return numbers
    placed: Floats = np.rint(numbers / grid) * grid
    return np.minimum(placed, DAY - grid) if column.type == "time" else placed
