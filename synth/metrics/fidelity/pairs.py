"""Pairs of columns, within a table and between a row and its parent: total variation distance of joint shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.intervals import spread
from synth.metrics.resampling import group_counts, person_groups, shares, tvd, weights
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two features: both of `table`, or the second of its parent table."""

    first: int
    second: int
    name: str


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """Mean TVD over the pairs of each table (and of each table with its parent); the worst pairs are named."""
    scores = []
    for layout in evidence.layouts.values():
        scores.append(_table(evidence, layout, None, f"{layout.table}: pairs of columns", seed))
        if layout.parent is not None:
            above = evidence.layouts[layout.parent.target]
            scope = f"{layout.table} with {above.table}: pairs of columns"
            scores.append(_table(evidence, layout, above, scope, seed))
    found = [score for score in scores if score is not None]
    return found or [
        skipped("pair_tvd", "fidelity", "all tables", "no table has two columns to compare", applicable=False)
    ]


def _table(evidence: Evidence, layout: Layout, above: Layout | None, scope: str, seed: int) -> Score | None:
    pairs = list(_pairs(layout, above))
    train, synthetic, holdout = evidence.train, evidence.synthetic, evidence.holdout
    if not pairs or not len(train.tables[layout.table]) or not len(synthetic.tables[layout.table]):
        return None
    total = len(pairs)
    if total > evidence.plan.pairs:
        order = rng(seed, "pairs", scope).permutation(total)[: evidence.plan.pairs]
        pairs = [pairs[place] for place in np.sort(order)]
    sides = [_Joint(side, layout, above, evidence.plan.draws, seed) for side in (train, synthetic)]
    third = (
        None if holdout is None or not len(holdout.tables[layout.table]) else _Joint(holdout, layout, above, 0, seed)
    )
    values, controls, draws = [], [], np.zeros(evidence.plan.draws)
    for pair in pairs:
        (real, drawn), (theirs, drawn_theirs) = (side.shares(pair) for side in sides)
        values.append(float(tvd(theirs, real)))
        draws += tvd(drawn_theirs, drawn) / len(pairs)
        if third is not None:
            controls.append(float(tvd(third.shares(pair)[0], real)))
    worst = np.argsort(np.negative(values), kind="stable")[:5]
    return measured(
        "pair_tvd",
        "fidelity",
        scope,
        float(np.mean(values)),
        spread(float(np.mean(values)), draws, least=0.0, most=1.0),
        min(train.persons, synthetic.persons),
        control=float(np.mean(controls)) if controls else None,
        details={
            "pairs": len(pairs),
            "pairs_in_all": total,
            "worst": {pairs[place].name: round(values[place], 6) for place in worst},
        },
    )


def _pairs(layout: Layout, above: Layout | None) -> Iterator[_Pair]:
    for first, feature in enumerate(layout.features):
        if above is None:
            for second in range(first + 1, len(layout.features)):
                yield _Pair(first, second, f"{feature.name} x {layout.features[second].name}")
        else:
            for second, other in enumerate(above.features):
                yield _Pair(first, second, f"{feature.name} x {above.table}.{other.name}")


class _Joint:
    """Joint coarse bins of one side, by group of persons."""

    def __init__(self, side: Side, layout: Layout, above: Layout | None, draws: int, seed: int) -> None:
        rows = side.tables[layout.table]
        self.units = side.persons if layout.of_persons else len(rows)
        self.groups = person_groups(side, layout, seed)
        self.draws = weights(side, self.units, draws, seed) if draws else None
        self.first = _coarse(layout, rows.bins)
        self.second = self.first
        self.width = [feature.groups for feature in layout.features]
        self.other = self.width
        self.linked: NDArray[np.bool_] | None = None
        if above is not None:
            parents = _coarse(above, side.tables[above.table].bins)
            self.linked = rows.parent >= 0
            empty = np.zeros((1, parents.shape[1]), dtype=parents.dtype)
            self.second = np.concatenate([parents, empty])[rows.parent]  # -1 picks the empty row
            self.other = [feature.groups for feature in above.features]

    def shares(self, pair: _Pair) -> tuple[Floats, Floats]:
        """Joint shares of a pair, and their bootstrap draws."""
        width = self.width[pair.first] * self.other[pair.second]
        joint = self.first[:, pair.first].astype(np.int64) * self.other[pair.second] + self.second[:, pair.second]
        if self.linked is not None:
            joint = np.where(self.linked, joint, -1)
        if self.draws is None:
            counted = np.bincount(joint[joint >= 0], minlength=width).astype(np.float64)
            return shares(counted), np.zeros(0)
        counts = group_counts(self.groups, joint, width, self.units)
        return shares(counts.sum(axis=0)), shares(self.draws @ counts)


def _coarse(layout: Layout, bins: NDArray[np.uint8]) -> NDArray[np.uint8]:
    columns = [feature.coarse[bins[:, place]] for place, feature in enumerate(layout.features)]
    return np.column_stack(columns) if columns else np.zeros((len(bins), 0), dtype=np.uint8)
