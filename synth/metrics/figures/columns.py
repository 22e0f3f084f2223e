"""Bars of a column, and of the number of rows that a parent has: shares by cell, real against synthetic."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.figures.cells import Counted, series, shown_cells
from synth.metrics.figures.scales import labels_of, round_edges
from synth.metrics.resampling import shares, tvd

Figure = dict[str, Any]
MOST = 30
OWN = 15  # columns of the person table that are shown whatever they look like
MOST_LEVELS = 12
ROLES = ("train", "holdout", "synthetic")
OTHERS = "…"


def marginals(evidence: Evidence) -> list[Figure]:
    """The columns of the person table, then the columns of others that differ most."""
    own = [(layout, place) for layout in evidence.layouts.values() if layout.is_person
           for place in range(len(layout.features))][:OWN]  # fmt: skip
    rest = sorted(
        (-_distance(evidence, layout, place), layout.table, place) for layout in evidence.layouts.values()
         if layout.of_persons for place in range(len(layout.features)) if (layout, place) not in own
    )  # fmt: skip
    chosen = own + [(evidence.layouts[table], place) for _, table, place in rest]
    found: list[Figure] = []
    for layout, place in chosen:
        figure = _marginal(evidence, layout, place)
        found += [figure] if figure is not None else []
        if len(found) >= MOST:
            break
    return found


def _distance(evidence: Evidence, layout: Layout, place: int) -> float:
    width = layout.features[place].levels + 1
    both = [np.bincount(side.tables[layout.table].bins[:, place], minlength=width).astype(np.float64)
            for side in (evidence.train, evidence.synthetic)]  # fmt: skip
    return round(float(tvd(shares(both[0]), shares(both[1]))), 6)


def compared(evidence: Evidence) -> dict[str, Side]:
    """The sides that plots show."""
    return {side.role: side for side in evidence.sides() if side.role in ROLES}


def real_only(counted: dict[str, Counted]) -> dict[str, Counted]:
    """The sides whose persons are real."""
    return {role: side for role, side in counted.items() if role != "synthetic"}


def _marginal(evidence: Evidence, layout: Layout, place: int) -> Figure | None:
    feature = layout.features[place]
    scope = f"{layout.table}.{feature.name}"
    sides = compared(evidence)
    if feature.kind == "number":
        numbers = evidence.train.tables[layout.table].numbers[place]
        edges = round_edges(numbers[np.isfinite(numbers)], feature.date)
        labels = labels_of(edges, feature.date)
        cells = {role: _intervals(side.tables[layout.table].numbers[place], edges) for role, side in sides.items()}
    else:
        labels = [label or OTHERS for label in feature.labels[:MOST_LEVELS]]
        cells = {role: side.tables[layout.table].bins[:, place].astype(np.int64) for role, side in sides.items()}
        cells = {role: np.where(cell > len(labels), len(labels) + 1, cell) for role, cell in cells.items()}
    if not labels:
        return None
    width = len(labels) + 2
    persons = {role: side.tables[layout.table].person.astype(np.int64) for role, side in sides.items()}
    counted = {role: Counted(cells[role], persons[role]) for role in sides}
    return bars(evidence, "marginal", scope, counted, ["", *labels, OTHERS], width)


def _intervals(numbers: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    found = np.searchsorted(edges, np.nan_to_num(numbers), side="right") + 1
    return np.where(np.isnan(numbers), 0, found).astype(np.int64)


def bars(
    evidence: Evidence, kind: str, scope: str, counted: dict[str, Counted], labels: list[str], width: int
) -> Figure | None:
    """Shares by cell as a figure; None when fewer than two cells may be shown. An empty label is missing values."""
    shown = shown_cells(real_only(counted), width, evidence.plan.cell)
    shown &= np.array([label != OTHERS for label in labels])  # a cell of enough persons: the others stay enough
    if shown.sum() < 2:
        return None
    return {
        "kind": kind,
        "scope": scope,
        "cell": evidence.plan.cell,
        "labels": [label for label, kept in zip(labels, shown, strict=True) if kept],
        "series": series(counted, width, shown),
    }


def children(evidence: Evidence) -> list[Figure]:
    """How many rows of each table its parents have."""
    found = []
    for layout in evidence.layouts.values():
        if layout.parent is None:
            continue
        above = evidence.layouts[layout.parent.target]
        counted = {}
        sizes = {role: _sizes(side, layout, above) for role, side in compared(evidence).items()}
        known = sizes["train"]
        if not len(known):
            continue
        top = max(2, int(np.quantile(known, 0.99)) + 1)
        step = max(1, -(-top // 24))
        for role, side in compared(evidence).items():
            cell = np.minimum((sizes[role] + step - 1) // step, top // step + 1)
            counted[role] = Counted(cell, side.tables[above.table].person.astype(np.int64))
        width = top // step + 2
        names = [_span(number, step, number == width - 1) for number in range(width)]
        figure = bars(evidence, "children", f"{layout.table} by {above.table}", counted, names, width)
        found += [figure] if figure is not None else []
    return found[:MOST]


def _span(number: int, step: int, last: bool) -> str:
    if number == 0 or step == 1:
        return f"≥ {number}" if last else str(number)
    low, high = (number - 1) * step + 1, number * step
    return f"≥ {low}" if last else f"{low}-{high}"


def _sizes(side: Side, layout: Layout, above: Layout) -> NDArray[np.int64]:
    rows = side.tables[layout.table]
    return np.bincount(rows.parent[rows.parent >= 0], minlength=len(side.tables[above.table])).astype(np.int64)
