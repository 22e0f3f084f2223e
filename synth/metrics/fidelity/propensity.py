"""Propensity of being synthetic, cell by cell, over pairs of columns (Raab, Nowok and Dibben, synthpop utility.tab).

`s_pmse` is the mean squared propensity error over its expectation when both samples come from one population (1 then);
`specks` the Kolmogorov-Smirnov distance between the propensities of real and synthetic rows (0 then). Expectations take
rows as independent; rows of one person are not, so the figures are read beside holdout against train. `po50` is the
share of rows that the propensity tells rightly, beyond the half that a coin would (0 .. 0.5, 0: no better).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.intervals import quantile
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]
PAIRS = 60
NAMES = ("s_pmse", "specks", "po50")


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """Mean S_pMSE, SPECKS and PO50 over the pairs of each table."""
    scores: list[Score] = []
    for layout in evidence.layouts.values():
        both = (evidence.train.tables[layout.table], evidence.synthetic.tables[layout.table])
        if len(layout.features) >= 2 and all(len(rows) for rows in both):
            scores += _table(evidence, layout, seed)
    note = "no table has two columns to compare"
    return scores or [skipped(metric, "fidelity", "all tables", note, applicable=False) for metric in NAMES]


def _table(evidence: Evidence, layout: Layout, seed: int) -> list[Score]:
    width = len(layout.features)
    every = [(first, second) for first in range(width) for second in range(first + 1, width)]
    order = rng(seed, "propensity", layout.table).permutation(len(every))[:PAIRS]
    pairs = [every[place] for place in np.sort(order)]
    real, theirs = (_tables(side, layout, pairs) for side in (evidence.train, evidence.synthetic))
    found = np.array([cell_propensity(a, b) for a, b in zip(real, theirs, strict=True)])
    control, held = None, None
    holdout = evidence.holdout
    if holdout is not None and len(holdout.tables[layout.table]):
        theirs = _tables(holdout, layout, pairs)
        held = np.array([cell_propensity(a, b) for a, b in zip(real, theirs, strict=True)])
        control = held.mean(axis=0)
    n = min(evidence.train.persons, evidence.synthetic.persons)
    worst = pairs[int(found[:, 0].argmax())]
    details = {"pairs": len(pairs), "worst": " x ".join(layout.features[place].name for place in worst)}
    scores = []
    for place, metric in enumerate(NAMES):
        value = float(found[:, place].mean())
        interval = _over_pairs(found[:, place])
        held_out = None if control is None else float(control[place])
        inside = None if held is None else _over_pairs(held[:, place])
        scope, note = f"{layout.table}: pairs of columns", "the interval is over pairs of columns"
        scores.append(
            measured(
                metric,
                "fidelity",
                scope,
                value,
                interval,
                n,
                control=held_out,
                control_interval=inside,
                note=note,
                details=details,
            )
        )
    return scores


def _over_pairs(values: Floats) -> tuple[float, float]:
    value, half = float(values.mean()), quantile() * float(values.std()) / np.sqrt(len(values))
    return max(0.0, value - half), value + half


def _tables(side: Side, layout: Layout, pairs: list[tuple[int, int]]) -> list[Floats]:
    rows = side.tables[layout.table]
    coarse = [feature.coarse[rows.bins[:, place]].astype(np.int64) for place, feature in enumerate(layout.features)]
    groups = [feature.groups for feature in layout.features]
    return [
        np.bincount(coarse[a] * groups[b] + coarse[b], minlength=groups[a] * groups[b]).astype(np.float64)
        for a, b in pairs
    ]


def cell_propensity(real: Floats, synthetic: Floats) -> tuple[float, float, float]:
    """(S_pMSE, SPECKS, PO50) of two tables of counts over the same cells."""
    total = real + synthetic
    kept = total > 0
    real, synthetic, total = real[kept], synthetic[kept], total[kept]
    share = synthetic.sum() / total.sum()
    propensity = synthetic / total
    error = float((total * (propensity - share) ** 2).sum() / total.sum())
    expected = (len(total) - 1) * share * (1 - share) ** 2 / total.sum()
    order = np.argsort(propensity, kind="stable")
    gap = np.cumsum(real[order]) / max(real.sum(), 1) - np.cumsum(synthetic[order]) / max(synthetic.sum(), 1)
    told = propensity > share  # cells where synthetic rows are more than their share of all rows
    rightly = (synthetic[told].sum() / max(synthetic.sum(), 1) + real[~told].sum() / max(real.sum(), 1)) / 2
    return (error / expected if expected > 0 else 1.0), float(np.abs(gap).max()), max(0.0, float(rightly) - 0.5)
