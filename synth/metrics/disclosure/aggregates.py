"""Safety of published counts: the smallest cell, and what can be worked out from cells together.

`unsafe_cells` counts cells of published tables that fewer than k persons share, that stand for one sensitive level
alone (unanimity), that one contributor makes more than 85 % of (dominance), or that are suppressed but follow from
totals, in the same table or another one (secondary suppression; all tables are one system of equations). Rules and
figures are those of SNDS exports: 11 persons (CNIL, ATIH), 85 % (CASD). `derived_cells` does the same to a fitted
model: counts of rows that subtracting its statistics from one another yields, and that are surely there and surely
below k, although none of them is: what rounded counts leave open counts for nothing (see `synth.core.counts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from synth.core.model import Model, Statistic
from synth.core.score import Score
from synth.metrics.evidence.model import Evidence
from synth.metrics.evidence.published import Cell, Key, PublishedTable
from synth.metrics.scoring import measured, skipped

UNSAFE, DERIVED = "unsafe_cells", "derived_cells"
DOMINANCE = 0.85
MOST_UNKNOWN = 400  # suppressed cells for which bounds are worked out
Counts = NDArray[np.int64]


def published(evidence: Evidence, seed: int) -> list[Score]:
    """Unsafe cells of each published table, by what makes them unsafe."""
    if not evidence.published:
        return [skipped(UNSAFE, "disclosure", "published tables", "no published table was given", applicable=False)]
    k = evidence.plan.cell
    derived = derivable(evidence.published, k)
    scores = []
    for number, table in enumerate(evidence.published):
        for what, cells in _faults(table, k).items():
            scores.append(_counted(f"{table.name}: {what}", cells, len(table.cells)))
        worked_out = [cell for cell in table.cells if cell.persons is None and cell.key in derived]
        scores.append(_counted(f"{table.name}: suppressed but follows from totals", len(worked_out), len(table.cells)))
        for other in evidence.published[:number]:
            close = _differ(table, other, k)
            scores.append(_counted(f"{table.name} less {other.name}: fewer than {k} persons", close, len(table.cells)))
    return [score for place, score in enumerate(scores) if score.scope not in {s.scope for s in scores[:place]}]


def _counted(scope: str, value: int, cells: int) -> Score:
    details = {"cells": cells, "culprits": [scope.split(":")[0]]}
    return measured(UNSAFE, "disclosure", scope, value, (value, value), cells, details=details)


def _faults(table: PublishedTable, k: int) -> dict[str, int]:
    small = sum(cell.persons is not None and 0 < cell.persons < k for cell in table.cells)
    found = {f"fewer than {k} persons": small}
    if any(cell.largest is not None for cell in table.cells):
        found["one contributor dominates"] = sum((cell.largest or 0.0) > DOMINANCE for cell in table.cells)
    if table.sensitive is not None:
        found["everybody of a group shares what is sensitive"] = _unanimous(table, table.sensitive)
    return found


def _unanimous(table: PublishedTable, sensitive: str) -> int:
    """Groups of the other columns whose persons all have one level of the sensitive one."""
    groups: dict[Key, list[Cell]] = {}
    for cell in table.cells:
        if any(name == sensitive for name, _ in cell.key):
            groups.setdefault(frozenset(part for part in cell.key if part[0] != sensitive), []).append(cell)
    return sum(
        len(cells) > 1 and sum(cell.persons is None or cell.persons > 0 for cell in cells) == 1
        for cells in groups.values()
    )


def _differ(table: PublishedTable, other: PublishedTable, k: int) -> int:
    """Cells of both that count the same persons but differ by fewer than k: what changed can be told."""
    known = {cell.key: cell.persons for cell in other.cells}
    gaps = [
        abs(cell.persons - before)
        for cell in table.cells
        if cell.persons is not None and (before := known.get(cell.key)) is not None
    ]
    return sum(0 < gap < k for gap in gaps)


def derivable(tables: Sequence[PublishedTable], k: int) -> dict[Key, float]:
    """Suppressed cells whose count follows from the published ones (same least and greatest), where it is below k.

    Cells of all tables that count the same persons are one unknown; counts are not negative. Bounds by linear
    programming, as in the audit of cell suppression (Fischetti and Salazar, 2000).
    """
    known: dict[Key, float] = {}
    for table in tables:
        known.update({cell.key: cell.persons for cell in table.cells if cell.persons is not None})
    unknown = {cell.key for table in tables for cell in table.cells} - set(known)
    rows = [row for table in tables for row in _sums(table) if unknown & {row[0], *row[1]}]
    order = sorted(unknown & {key for whole, parts in rows for key in (whole, *parts)}, key=sorted)[:MOST_UNKNOWN]
    if not order:
        return {}
    place = {key: number for number, key in enumerate(order)}
    matrix, right = np.zeros((len(rows), len(order))), np.zeros(len(rows))
    for number, (whole, parts) in enumerate(rows):
        for key, sign in ((whole, -1.0), *((part, 1.0) for part in parts)):
            if key in place:
                matrix[number, place[key]] += sign
            else:
                right[number] -= sign * known.get(key, 0.0)
    return _pinned(order, matrix, right, k)


def _pinned(order: Sequence[Key], matrix: NDArray[np.float64], right: NDArray[np.float64], k: int) -> dict[Key, float]:
    from scipy.optimize import linprog

    found = {}
    for number, key in enumerate(order):
        goal = np.zeros(len(order))
        goal[number] = 1.0
        ends = [linprog(sign * goal, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs") for sign in (1, -1)]
        if all(end.status == 0 for end in ends):
            low, high = float(ends[0].fun), -float(ends[1].fun)
            if high - low < 0.5 and 0.5 < high < k:
                found[key] = high
    return found


def _sums(table: PublishedTable) -> Iterator[tuple[Key, list[Key]]]:
    """A cell, and those it is the sum of over the levels of one column."""
    keys = {cell.key for cell in table.cells}
    for count in range(1, len(table.by) + 1):
        for columns in combinations(table.by, count):
            for column in columns:
                groups: dict[Key, list[Key]] = {}
                for key in keys:
                    if {name for name, _ in key} == set(columns):
                        groups.setdefault(frozenset(part for part in key if part[0] != column), []).append(key)
                yield from ((whole, parts) for whole, parts in groups.items() if whole in keys)


def model(evidence: Evidence, seed: int) -> list[Score]:
    """Statistics of the model below k, and counts below k that follow from others by subtraction."""
    learned = evidence.model
    if learned is None:
        return [skipped(DERIVED, "disclosure", "the model", "no model was given", applicable=False)]
    k = int(learned.receipt.get("min_persons", evidence.plan.cell))
    small = [s.name for s in learned.statistics if s.cells and s.kind != "public table" and s.support < k]
    scores = [
        _model_score("the model: statistics below the smallest support", len(small), small, len(learned.statistics))
    ]
    for what, derived in (
        ("margins of parts taken from the whole table", from_parts(learned, k)),
        ("cells of trees taken from margins", from_trees(learned, k)),
    ):
        culprits = sorted(derived, key=lambda name: (-derived[name], name))
        scores.append(_model_score(f"the model: {what}", sum(derived.values()), culprits, len(learned.statistics)))
    return scores


def _model_score(scope: str, value: int, culprits: Sequence[str], statistics: int) -> Score:
    details = {"statistics": statistics, "statistics_concerned": len(culprits), "culprits": list(culprits[:10])}
    return measured(DERIVED, "disclosure", scope, value, (value, value), statistics, details=details)


def from_parts(model: Model, k: int) -> dict[str, int]:
    """Codes suppressed in one part of a table whose rows there are the table's less those of the other parts."""
    margins: dict[tuple[str, str], list[Statistic]] = {}
    for statistic in model.statistics:
        if statistic.kind == "margin":
            margins.setdefault((statistic.table, statistic.columns[0]), []).append(statistic)
    found: dict[str, int] = {}
    for (table, title), parts in margins.items():
        pooled = model.arrays.get(f"pooled/{table}/{title}")
        rows = [model.arrays[part.arrays[0]].astype(np.int64) for part in parts]
        if pooled is None or any(len(row) != len(pooled) for row in rows):
            continue
        left = pooled.astype(np.int64) - np.sum(rows, axis=0)
        low, high = _off(pooled, model, k)
        low, high = left - low, left + high
        for row in rows:
            down, up = _off(row, model, k)
            low, high = low - up * (row > 0), high + down * (row > 0)
        absent = [row == 0 for row in rows]
        for part, lost in zip(parts, absent, strict=True):
            alone = lost & (np.sum(absent, axis=0) == 1)
            count = int((alone & (pooled > 0) & (low > 0) & (high < k)).sum())
            if count:
                found[part.name] = count
    return found


def _off(told: Counts, model: Model, k: int) -> tuple[int, int]:
    """By how much a count may be below what an array of the model tells of it, and above."""
    base = int(model.receipt.get("counts_rounded_to", 1))
    base = base if base == 1 or np.count_nonzero(told) > 1 else k
    return base // 2, (base - 1) // 2


def from_trees(model: Model, k: int) -> dict[str, int]:
    """Codes whose cells in a tree fall short of their margin by fewer than k rows: those of leaves without a cell."""
    margins: Mapping[str, Statistic] = {
        s.name.removeprefix("margin/"): s for s in model.statistics if s.kind == "margin"
    }
    found: dict[str, int] = {}
    for statistic in model.statistics:
        margin = margins.get(statistic.name.removeprefix("tree/")) if statistic.kind == "tree" else None
        cells = model.arrays.get(f"{statistic.name}/cells")
        if margin is None or cells is None or not len(cells):
            continue
        rows = model.arrays[margin.arrays[0]].astype(np.int64)
        single = cells[cells[:, 1] == cells[:, 2]]
        covered = np.bincount(single[:, 1], weights=single[:, 3], minlength=len(rows))[: len(rows)].astype(np.int64)
        in_runs = np.zeros(len(rows), dtype=bool)
        for _, first, last, _ in cells[cells[:, 1] != cells[:, 2]]:
            in_runs[first : last + 1] = True
        down, up = _off(rows, model, k)
        less, more = _off(cells[:, 3], model, k)
        number = np.bincount(single[:, 1], minlength=len(rows))[: len(rows)]
        low, high = rows - covered - down - more * number, rows - covered + up + less * number
        count = int(((rows > 0) & ~in_runs & (low > 0) & (high < k)).sum())
        if count:
            found[statistic.name] = count
    return found
