"""Pairs of columns, within a table and between a row and its parent.

`pair_tvd` is the total variation distance of joint shares. `pair_association` is the part of the association of real
columns that the synthetic ones keep: 1 - (sum of pair_tvd) / (sum of the distances from the real joint shares to the
product of their margins), over pairs that are associated at all; columns drawn alone keep 0.
"""

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
DRAWS = 80  # thousands of pairs are drawn again; the spread of their mean needs no more
ASSOCIATED = 0.05  # distance from the product of the margins at which a pair counts as associated


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two features: both of `table`, or the second of its parent table."""

    first: int
    second: int
    name: str


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """TVD and association kept, for the pairs of each table, and of each table with its parent; the worst are named."""
    scores: list[Score] = []
    for layout in evidence.layouts.values():
        scores += _table(evidence, layout, None, f"{layout.table}: pairs of columns", seed)
        if layout.parent is not None:
            above = evidence.layouts[layout.parent.target]
            scope = f"{layout.table} with {above.table}: pairs of columns"
            scores += _table(evidence, layout, above, scope, seed)
    note = "no table has two columns to compare"
    return scores or [
        skipped(metric, "fidelity", "all tables", note, applicable=False) for metric in ("pair_tvd", "pair_association")
    ]


def _table(evidence: Evidence, layout: Layout, above: Layout | None, scope: str, seed: int) -> list[Score]:
    every = list(_pairs(layout, above))
    train, synthetic, holdout = evidence.train, evidence.synthetic, evidence.holdout
    if not every or not len(train.tables[layout.table]) or not len(synthetic.tables[layout.table]):
        return []
    order = rng(seed, "pairs", scope).permutation(len(every))[: evidence.plan.pairs]
    pairs = [every[place] for place in np.sort(order)]
    draws = min(evidence.plan.draws, DRAWS)
    sides = [_Joint(side, layout, above, draws, seed) for side in (train, synthetic)]
    third = _Joint(holdout, layout, above, draws, seed) if holdout and len(holdout.tables[layout.table]) else None
    found = np.full((len(pairs), 3), np.nan)  # synthetic, margins, control: distances from the real joint shares
    drawn = np.zeros((len(pairs), draws))
    held = np.zeros((len(pairs), draws))
    for place, pair in enumerate(pairs):
        (real, resampled), (theirs, resampled_theirs) = (side.shares(pair) for side in sides)
        found[place, :2] = tvd(theirs, real), tvd(sides[0].product(real, pair), real)
        drawn[place] = tvd(resampled_theirs, resampled)
        if third is not None:
            other, resampled_other = third.shares(pair)
            found[place, 2], held[place] = tvd(other, real), tvd(resampled_other, resampled)
    n = min(train.persons, synthetic.persons)
    return [_distance(scope, pairs, found, drawn, held, len(every), n), _association(scope, found, drawn, held, n)]


def _distance(scope: str, pairs: list[_Pair], found: Floats, drawn: Floats, held: Floats, total: int, n: int) -> Score:
    worst = np.argsort(-found[:, 0], kind="stable")[:5]
    value, control = float(found[:, 0].mean()), float(found[:, 2].mean())
    return measured(
        "pair_tvd",
        "fidelity",
        scope,
        value,
        spread(value, drawn.mean(axis=0), least=0.0, most=1.0),
        n,
        control=control,
        control_interval=spread(control, held.mean(axis=0), least=0.0, most=1.0),
        details={
            "pairs": len(pairs),
            "pairs_in_all": total,
            "worst": {pairs[place].name: round(float(found[place, 0]), 6) for place in worst},
        },
    )


def _association(scope: str, found: Floats, drawn: Floats, held: Floats, n: int) -> Score:
    tied = found[:, 1] >= ASSOCIATED
    if not tied.any():
        note = "no pair of columns is associated in the real tables"
        return skipped("pair_association", "fidelity", scope, note, applicable=False)
    total = found[tied, 1].sum()
    value, control = (1 - float(found[tied, place].sum() / total) for place in (0, 2))
    return measured(
        "pair_association",
        "fidelity",
        scope,
        value,
        spread(value, 1 - drawn[tied].sum(axis=0) / total, most=1.0),
        n,
        control=control,
        control_interval=spread(control, 1 - held[tied].sum(axis=0) / total, most=1.0),
        direction="higher",
        details={"associated_pairs": int(tied.sum()), "associated_from": ASSOCIATED},
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

    def product(self, joint: Floats, pair: _Pair) -> Floats:
        """The joint shares that independent columns with the same margins would have."""
        table = joint.reshape(self.width[pair.first], self.other[pair.second])
        return np.outer(table.sum(axis=1), table.sum(axis=0)).ravel()


def _coarse(layout: Layout, bins: NDArray[np.uint8]) -> NDArray[np.uint8]:
    columns = [feature.coarse[bins[:, place]] for place, feature in enumerate(layout.features)]
    return np.column_stack(columns) if columns else np.zeros((len(bins), 0), dtype=np.uint8)
