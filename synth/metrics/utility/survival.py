"""Time to event: Kaplan-Meier curves of synthetic persons against real ones (Norcliffe et al., SurvivalGAN, 2023).

`km_difference` is the mean absolute gap between the curves; `km_optimism` the mean signed gap (above 0: synthetic
persons live longer); `short_sightedness` how much earlier the synthetic follow-up ends, as a share of the real one. The
time and event columns are those the plan names, else a pair of the person table known by their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.intervals import quantile
from synth.metrics.resampling import person_groups, weights
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]
Followed = tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]  # time, event, row
METRICS = ("km_difference", "km_optimism", "short_sightedness")
GRID = 100
DRAWS = 40
_TIME = re.compile(
    r"(fu|follow.?up|surv\w*|stop|death|os)?_?(time|days|months|years)|futime|delai\w*|suivi", re.IGNORECASE
)
_EVENT = re.compile(r"status|event|dead|death|died|dc|deces|d[ée]c[èe]s\w*|hospdead|outcome", re.IGNORECASE)


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """The three figures for each time and event, beside holdout against train."""
    scores: list[Score] = []
    for layout, time, event in _pairs(evidence):
        scores += _scores(evidence, layout, time, event, seed)
    note = "no time and event columns were named or recognised in the person table"
    return scores or [skipped(metric, "utility", "person table", note, applicable=False) for metric in METRICS]


def _pairs(evidence: Evidence) -> Iterator[tuple[Layout, int, int]]:
    for layout in evidence.layouts.values():
        if not layout.is_person:
            continue
        times = [p for p, f in enumerate(layout.features) if f.kind == "number" and _TIME.fullmatch(f.name)]
        train = evidence.train.tables[layout.table].bins
        events = [
            p for p, f in enumerate(layout.features)
            if _EVENT.fullmatch(f.name) and p not in times and len(np.setdiff1d(np.unique(train[:, p]), [0])) == 2
        ]  # fmt: skip
        if times and events:
            yield layout, times[0], events[0]


def _scores(evidence: Evidence, layout: Layout, time: int, event: int, seed: int) -> list[Score]:
    scope = f"{layout.table}: {layout.features[time].name} until {layout.features[event].name}"
    rare = _event_level(evidence.train, layout, event)
    ours, theirs = (_times(side, layout, time, event, rare) for side in (evidence.train, evidence.synthetic))
    if not len(ours[0]) or not len(theirs[0]):
        return [skipped(metric, "utility", scope, "nobody is followed", applicable=False) for metric in METRICS]
    grid = np.linspace(0, float(np.quantile(ours[0], 0.99)), GRID)
    n = min(len(ours[0]), len(theirs[0]))
    drawn = np.array([
        _gaps(kaplan_meier(*_resampled(evidence.synthetic, layout, theirs, draw, seed), grid),
              kaplan_meier(*_resampled(evidence.train, layout, ours, draw, seed), grid))
        for draw in range(min(DRAWS, evidence.plan.draws))
    ])  # fmt: skip
    found = [
        *_gaps(kaplan_meier(*theirs[:2], None, grid), kaplan_meier(*ours[:2], None, grid)),
        _shorter(ours[0], theirs[0]),
    ]
    controls: list[float | None] = [None, None, None]
    if evidence.holdout is not None:
        held = _times(evidence.holdout, layout, time, event, rare)
        if len(held[0]):
            near = _gaps(kaplan_meier(*held[:2], None, grid), kaplan_meier(*ours[:2], None, grid))
            controls = [*near, _shorter(ours[0], held[0])]
    scores = []
    for place, metric in enumerate(METRICS):
        half = quantile() * float(drawn[:, place].std(ddof=1)) if place < 2 and len(drawn) > 1 else 0.0
        least = 0.0 if place == 0 else -np.inf
        interval = (max(least, found[place] - half), found[place] + half)
        scores.append(measured(metric, "utility", scope, found[place], interval, n, control=controls[place]))
    return scores


def _event_level(side: Side, layout: Layout, event: int) -> int:
    """The bin that counts as the event: the larger number of two, or the rarer of two codes."""
    rows = side.tables[layout.table]
    values, counts = np.unique(rows.bins[rows.bins[:, event] > 0, event], return_counts=True)
    return int(values.max() if layout.features[event].kind == "number" else values[counts.argmin()])


def _times(side: Side, layout: Layout, time: int, event: int, level: int) -> Followed:
    rows = side.tables[layout.table]
    followed = rows.column(time)
    kept = np.flatnonzero((followed >= 0) & (rows.bins[:, event] > 0))
    return followed[kept], rows.bins[kept, event] == level, kept


def _resampled(
    side: Side, layout: Layout, times: Followed, draw: int, seed: int
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    weight = weights(side, side.persons, draw + 1, seed)[draw]
    return times[0], times[1], weight[person_groups(side, layout, seed)[times[2]]].astype(np.float64)


def kaplan_meier(time: Floats, event: NDArray[np.bool_], weight: Floats | None, grid: Floats) -> Floats:
    """The Kaplan-Meier survival curve at the times of `grid`."""
    heavy = np.ones(len(time)) if weight is None else weight
    moments, place = np.unique(time, return_inverse=True)
    gone = np.bincount(place, weights=heavy, minlength=len(moments))
    died = np.bincount(place, weights=heavy * event, minlength=len(moments))
    at_risk = heavy.sum() - np.concatenate([[0.0], np.cumsum(gone)[:-1]])
    hazard = np.divide(died, at_risk, out=np.zeros_like(died), where=at_risk > 1e-9)
    curve = np.concatenate([[1.0], np.cumprod(1 - np.minimum(hazard, 1))])
    return curve[np.searchsorted(moments, grid, side="right")]


def _gaps(theirs: Floats, ours: Floats) -> list[float]:
    return [float(np.abs(theirs - ours).mean()), float((theirs - ours).mean())]


def _shorter(ours: Floats, theirs: Floats) -> float:
    return float((ours.max() - theirs.max()) / ours.max()) if ours.max() > 0 else 0.0
