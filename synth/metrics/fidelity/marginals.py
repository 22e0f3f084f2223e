"""Each column on its own: total variation distance over bins, Kolmogorov-Smirnov and Wasserstein distances over values.

`marginal_wasserstein` is the mean distance that values would have to be moved, in standard deviations of train.
"""

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
FARTHEST = 1e6  # largest values of train beyond which nothing is farther


@dataclass(frozen=True, slots=True)
class _Distance:
    """A distance, the same for real persons not used for training, and bootstrap draws of both."""

    scope: str
    value: float
    control: float | None
    draws: Floats
    control_draws: Floats | None = None


NAMES = ("marginal_tvd", "marginal_ks", "marginal_wasserstein")


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """The three distances of synthetic from train, by column and on average; the control is holdout against train."""
    found: dict[str, list[_Distance]] = {name: [] for name in NAMES}
    for layout in evidence.layouts.values():
        for name, distances in _table(evidence, layout, seed).items():
            found[name] += distances
    n = min(evidence.train.persons, evidence.synthetic.persons)
    return [score for name, distances in found.items() for score in _scores(name, distances, n)]


def _scores(metric: str, found: list[_Distance], n: int) -> list[Score]:
    if not found:
        return [skipped(metric, "fidelity", "mean of all columns", "no column to compare")]
    held = [item for item in found if item.control is not None and item.control_draws is not None]
    mean = _Distance(
        "mean of all columns",
        float(np.mean([item.value for item in found])),
        float(np.mean([item.control for item in held])) if held else None,
        np.mean([item.draws for item in found], axis=0),
        np.mean([item.control_draws for item in held if item.control_draws is not None], axis=0) if held else None,
    )
    most = None if metric == "marginal_wasserstein" else 1.0
    details = {"columns": len(found), "worst": max(found, key=lambda item: item.value).scope}
    return [_score(metric, mean, n, most, details), *(_score(metric, item, n, most, {}) for item in found)]


def _score(metric: str, item: _Distance, n: int, most: float | None, details: dict[str, object]) -> Score:
    inside = None
    if item.control is not None and item.control_draws is not None:
        inside = spread(item.control, item.control_draws, least=0.0, most=most)
    return measured(
        metric, "fidelity", item.scope, item.value, spread(item.value, item.draws, least=0.0, most=most), n,
        control=item.control, control_interval=inside, details=details,
    )  # fmt: skip


def _table(evidence: Evidence, layout: Layout, seed: int) -> dict[str, list[_Distance]]:
    found: dict[str, list[_Distance]] = {name: [] for name in NAMES}
    sides = [side for side in (evidence.train, evidence.synthetic, evidence.holdout) if side is not None]
    if any(not len(side.tables[layout.table]) for side in sides[:2]):
        return found
    counters = [_Counter(side, layout, evidence.plan.draws, seed) for side in sides if len(side.tables[layout.table])]
    for place, feature in enumerate(layout.features):
        scope = f"{layout.table}.{feature.name}"
        shared = [counter.shares(place, feature.levels + 1) for counter in counters]
        (real, drawn), others = shared[0], shared[1:]
        far = [(float(tvd(other, real)), tvd(draws, drawn)) for other, draws in others]
        found["marginal_tvd"].append(_distance(scope, far))
        if feature.kind == "number":
            values = [counter.rows.numbers[place] for counter in counters]
            if not all(np.isfinite(column).any() for column in values[:2]):
                continue
            steps = [np.abs(np.cumsum(draws - drawn, axis=-1)).max(axis=-1) for _, draws in others]
            gaps = [ks(values[0], column) for column in values[1:]]
            found["marginal_ks"].append(_distance(scope, list(zip(gaps, steps, strict=True))))
            found["marginal_wasserstein"].append(_distance(scope, _moved(values, shared, counters[0], place)))
    return found


def _distance(scope: str, found: list[tuple[float | None, Floats]] | list[tuple[float, Floats]]) -> _Distance:
    value, draws = found[0]
    held = found[1] if len(found) > 1 and found[1][0] is not None else (None, None)
    return _Distance(scope, float(value or 0.0), held[0], draws, held[1])


def _moved(
    values: list[Floats], shared: list[tuple[Floats, Floats]], train: _Counter, place: int
) -> list[tuple[float | None, Floats]]:
    """Wasserstein distances from train in its standard deviations; draws by bins, at the mean of train in each."""
    known = np.isfinite(values[0])
    largest = float(np.abs(values[0][known]).max()) or 1.0
    with np.errstate(over="ignore", invalid="ignore"):  # huge numbers are compared as far as a float goes
        values = [np.clip(column / largest, -FARTHEST, FARTHEST) for column in values]
    scale = float(values[0][known].std()) or 1.0
    bins = train.rows.bins[known, place].astype(np.int64)
    width = len(shared[0][0])
    count = np.bincount(bins, minlength=width)
    centre = np.bincount(bins, weights=values[0][known], minlength=width) / np.maximum(count, 1)
    steps = np.diff(np.maximum.accumulate(np.where(count > 0, centre, -FARTHEST))[1:])
    steps = np.where(steps < FARTHEST / 2, steps, 0.0) / scale
    drawn = [
        (np.abs(np.cumsum((draws - shared[0][1])[:, 1:], axis=-1))[:, :-1] * steps).sum(axis=-1)
        for _, draws in shared[1:]
    ]
    moved = [wasserstein(values[0], column) for column in values[1:]]
    return [(None if far is None else far / scale, each) for far, each in zip(moved, drawn, strict=True)]


def wasserstein(left: Floats, right: Floats) -> float | None:
    """The area between two empirical distribution functions, missing values apart; None when one is empty."""
    a, b = np.sort(left[np.isfinite(left)]), np.sort(right[np.isfinite(right)])
    if not len(a) or not len(b):
        return None
    both = np.sort(np.concatenate([a, b]))
    gap = np.searchsorted(a, both[:-1], "right") / len(a) - np.searchsorted(b, both[:-1], "right") / len(b)
    return float((np.abs(gap) * np.diff(both)).sum())


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


def ks(left: Floats, right: Floats) -> float | None:
    """Largest gap between two empirical distribution functions, missing values apart; None when one is empty."""
    a, b = np.sort(left[~np.isnan(left)]), np.sort(right[~np.isnan(right)])
    if not len(a) or not len(b):
        return None
    both = np.unique(np.concatenate([a, b]))
    gap = np.searchsorted(a, both, "right") / len(a) - np.searchsorted(b, both, "right") / len(b)
    return float(np.abs(gap).max())
