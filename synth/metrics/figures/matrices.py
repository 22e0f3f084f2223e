"""Matrices: how far each pair of columns is from the real one, and which code follows which."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.fidelity.trajectory import followed, telling_code
from synth.metrics.figures.cells import Counted, shown_cells
from synth.metrics.figures.columns import OTHERS, compared, real_only
from synth.metrics.resampling import shares, tvd

Figure = dict[str, Any]
TABLES = 8
COLUMNS = 18
ROWS = 40_000
CODES = 8


def pairs(evidence: Evidence, seed: int) -> list[Figure]:
    """The total variation distance of every pair of the first columns of a table; distances hold no value of a cell."""
    found = []
    for layout in evidence.layouts.values():
        width = min(len(layout.features), COLUMNS)
        sides = {role: side for role, side in compared(evidence).items() if len(side.tables[layout.table])}
        if width < 2 or not {"train", "synthetic"} <= set(sides):
            continue
        coarse = {role: _coarse(side, layout, width, seed) for role, side in sides.items()}
        found.append({
            "kind": "pairs",
            "scope": layout.table,
            "columns": [feature.name for feature in layout.features[:width]],
            "columns_in_all": len(layout.features),
            "matrix": _distances(layout, coarse["train"], coarse["synthetic"], width),
            "control": _distances(layout, coarse["train"], coarse["holdout"], width) if "holdout" in coarse else None,
        })  # fmt: skip
    return found[:TABLES]


def _coarse(side: Side, layout: Layout, width: int, seed: int) -> NDArray[np.int64]:
    rows = side.tables[layout.table]
    chosen = np.sort(rng(seed, "pair figure", layout.table, side.role).permutation(len(rows))[:ROWS])
    columns = [layout.features[place].coarse[rows.bins[chosen, place]].astype(np.int64) for place in range(width)]
    return np.column_stack(columns)


def _distances(
    layout: Layout, real: NDArray[np.int64], other: NDArray[np.int64], width: int
) -> list[list[float | None]]:
    groups = [layout.features[place].groups for place in range(width)]
    found: list[list[float | None]] = [[None] * width for _ in range(width)]
    for first in range(width):
        for second in range(first):
            size = groups[first] * groups[second]
            both = [
                shares(
                    np.bincount(rows[:, first] * groups[second] + rows[:, second], minlength=size).astype(np.float64)
                )
                for rows in (real, other)
            ]
            found[first][second] = round(float(tvd(shares(both[0]), shares(both[1]))), 4)
    return found


def transitions(evidence: Evidence) -> list[Figure]:
    """Shares of each step from one code to the next, for tables whose rows are in order of time."""
    found = []
    for layout in evidence.layouts.values():
        if not layout.of_persons or layout.is_person or not layout.order_by:
            continue
        place = telling_code(evidence, layout)
        figure = None if place is None else _steps(evidence, layout, place)
        found += [figure] if figure is not None else []
    return found[:TABLES]


def _steps(evidence: Evidence, layout: Layout, place: int) -> Figure | None:
    feature = layout.features[place]
    labels = [label or OTHERS for label in feature.labels[:CODES]]
    width = len(labels) + 2
    counted = {}
    for role, side in compared(evidence).items():
        rows = side.tables[layout.table]
        order = rows.by_person
        codes = np.minimum(rows.bins[order, place].astype(np.int64), width - 1)
        person = rows.person[order]
        counted[role] = Counted(followed(codes, person, 1, width), person.astype(np.int64))
    shown = shown_cells(real_only(counted), width**2, evidence.plan.cell)
    grid = np.arange(width**2)
    kept = [number for number, label in enumerate(["", *labels, OTHERS]) if label not in ("", OTHERS)]
    inside = np.isin(grid // width, kept) & np.isin(grid % width, kept)
    if (shown & inside).sum() < 2:
        return None
    whole = {role: side.shares(width**2) for role, side in counted.items()}
    return {
        "kind": "transitions",
        "scope": f"{layout.table}.{feature.name}",
        "cell": evidence.plan.cell,
        "labels": [["", *labels, OTHERS][number] for number in kept],
        "series": {
            role: [
                [round(float(share[a * width + b]), 4) if shown[a * width + b] else None for b in kept] for a in kept
            ]
            for role, share in whole.items()
        },
    }
