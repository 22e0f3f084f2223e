"""Each column on its own: total variation distance over bins, Kolmogorov-Smirnov distance over values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.intervals import spread
from synth.metrics.resampling import group_counts, person_groups, shares, tvd, weights
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Distance:
    """A distance, the same for real persons not used for training, and bootstrap draws of the first."""

    scope: str
    value: float
    control: float | None
    draws: Floats


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """TVD and KS of synthetic against train, by column and on average; the control is holdout against train."""
    far: list[_Distance] = []
    steps: list[_Distance] = []
    for layout in evidence.layouts.values():
        found = _table(evidence, layout, seed)
        far += found[0]
        steps += found[1]
    n = min(evidence.train.persons, evidence.synthetic.persons)
    return [*_scores("marginal_tvd", far, n), *_scores("marginal_ks", steps, n)]


def _scores(metric: str, found: list[_Distance], n: int) -> list[Score]:
    if not found:
        return [skipped(metric, "fidelity", "mean of all columns", "no column to compare")]
    controls = [item.control for item in found if item.control is not None]
    mean = measured(
        metric,
        "fidelity",
        "mean of all columns",
        float(np.mean([item.value for item in found])),
        spread(float(np.mean([item.value for item in found])), np.mean([item.draws for item in found], axis=0),
               least=0.0, most=1.0),
        n,
        control=float(np.mean(controls)) if controls else None,
        details={"columns": len(found), "worst": max(found, key=lambda item: item.value).scope},
    )  # fmt: skip
    each = [
        measured(metric, "fidelity", item.scope, item.value, spread(item.value, item.draws, least=0.0, most=1.0), n,
                 control=item.control)
        for item in found
    ]  # fmt: skip
    return [mean, *each]


def _table(evidence: Evidence, layout: Layout, seed: int) -> tuple[list[_Distance], list[_Distance]]:
    train, synthetic, holdout = evidence.train, evidence.synthetic, evidence.holdout
    if not len(train.tables[layout.table]) or not len(synthetic.tables[layout.table]):
        return [], []
    counters = [_Counter(side, layout, evidence.plan.draws, seed) for side in (train, synthetic)]
    far, steps = [], []
    for place, feature in enumerate(layout.features):
        scope = f"{layout.table}.{feature.name}"
        ours, theirs = (counter.shares(place, feature.levels + 1) for counter in counters)
        control = _plain(holdout, layout, place, feature.levels + 1)
        real = ours[0]
        far.append(
            _Distance(scope, float(tvd(theirs[0], real)), None if control is None else float(tvd(control, real)),
                      tvd(theirs[1], ours[1]))
        )  # fmt: skip
        if feature.kind == "number":
            draws = np.abs(np.cumsum(theirs[1] - ours[1], axis=-1)).max(axis=-1)
            value = ks(train.tables[layout.table].numbers[place], synthetic.tables[layout.table].numbers[place])
            other = None if control is None or holdout is None else ks(
                train.tables[layout.table].numbers[place], holdout.tables[layout.table].numbers[place]
            )  # fmt: skip
            if value is not None:
                steps.append(_Distance(scope, value, other, draws))
    return far, steps


class _Counter:
    """Counts of one side's table by group of persons, and bootstrap draws of the shares."""

    def __init__(self, side: Side, layout: Layout, draws: int, seed: int) -> None:
        self.rows = side.tables[layout.table]
        self.units = side.persons if layout.of_persons else len(self.rows)
        self.groups = person_groups(side, layout, seed)
        self.weights = weights(side, self.units, draws, seed)

    def shares(self, place: int, width: int) -> tuple[Floats, Floats]:
        """The shares of one feature's bins, and their draws (draws x width)."""
        counts = group_counts(self.groups, self.rows.bins[:, place].astype(np.int64), width, self.units)
        return shares(counts.sum(axis=0)), shares(self.weights @ counts)


def _plain(side: Side | None, layout: Layout, place: int, width: int) -> Floats | None:
    if side is None or not len(side.tables[layout.table]):
        return None
    return shares(np.bincount(side.tables[layout.table].bins[:, place], minlength=width).astype(np.float64))


def ks(left: Floats, right: Floats) -> float | None:
    """Largest gap between two empirical distribution functions, missing values apart; None when one is empty."""
    a, b = np.sort(left[~np.isnan(left)]), np.sort(right[~np.isnan(right)])
    if not len(a) or not len(b):
        return None
    both = np.unique(np.concatenate([a, b]))
    gap = np.searchsorted(a, both, "right") / len(a) - np.searchsorted(b, both, "right") / len(b)
    return float(np.abs(gap).max())
