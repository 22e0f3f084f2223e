"""Time to event: survival and cumulative incidence of synthetic persons against real ones.

`km_difference` is the mean absolute gap between Kaplan-Meier curves and `km_optimism` the mean signed gap (above 0:
synthetic persons live longer); `short_sightedness` is how much earlier the synthetic follow-up ends, as a share of the
real one (Norcliffe et al., SurvivalGAN, 2023). `incidence_difference` is the mean absolute gap between Aalen-Johansen
cumulative incidences of one cause. Curves are compared at 100 times up to the 99th centile of the real follow-up. What
is followed is declared, known of the SNDS, or found by name: see `synth.metrics.analyses.found`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.maths.survival import aalen_johansen, kaplan_meier
from synth.metrics.analyses.model import Survival
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import quantile
from synth.metrics.resampling import person_weights
from synth.metrics.scoring import measured, skipped
from synth.metrics.utility.followup import Ending, Followed, ending_of, followed

Floats = NDArray[np.float64]
METRICS = ("km_difference", "km_optimism", "short_sightedness")
CAUSES = "incidence_difference"
NAMES = (*METRICS, CAUSES)
GRID = 100
DRAWS = 40


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """The figures of each analysis, beside holdout against train."""
    scores: list[Score] = []
    for item in evidence.analyses.survival:
        scores += _scores(evidence, item, seed)
    found = {score.metric for score in scores}
    note = "no time to event is declared or recognised in the person table"
    lacking = {CAUSES: "no analysis has causes that compete"} if scores else {}
    return scores + [
        skipped(metric, "utility", "person table", lacking.get(metric, note), applicable=False)
        for metric in NAMES
        if metric not in found
    ]


def scope_of(item: Survival) -> str:
    """What a score about this analysis is about."""
    return f"time to event: {item.name}"


def _scores(evidence: Evidence, item: Survival, seed: int) -> list[Score]:
    scope = scope_of(item)
    ending = ending_of(evidence, item)
    if isinstance(ending, str):
        return [skipped(metric, "utility", scope, ending, applicable=False) for metric in METRICS]
    sides: dict[str, Followed] = {side.role: followed(evidence, side, item, ending) for side in evidence.sides()}
    if not len(sides["train"].time) or not len(sides["synthetic"].time):
        return [skipped(metric, "utility", scope, "nobody is followed", applicable=False) for metric in METRICS]
    grid = np.linspace(0, float(np.quantile(sides["train"].time, 0.99)), GRID)
    curves: dict[str, _Curves] = {
        side.role: _Curves(evidence, side, sides[side.role], ending, grid, seed)
        for side in evidence.sides()
        if side.role != "reference" and len(sides[side.role].time)
    }
    n = min(len(sides["train"].time), len(sides["synthetic"].time))
    competing = range(len(ending.names)) if len(ending.names) > 1 else range(0)
    causes = [_cause_score(scope, ending, number, curves, n) for number in competing]
    return [*_curve_scores(scope, curves, sides, n), *causes]


class _Curves:
    """The curves of one side, and their bootstrap draws by person."""

    def __init__(
        self, evidence: Evidence, side: Side, persons: Followed, ending: Ending, grid: Floats, seed: int
    ) -> None:
        causes = len(ending.names)
        drawn = person_weights(side, min(DRAWS, evidence.plan.draws), seed)[:, persons.person]
        self.survival = kaplan_meier(persons.time, persons.event, None, grid)
        self.incidence = aalen_johansen(persons.time, persons.cause, causes, None, grid)
        self.drawn = np.array([kaplan_meier(persons.time, persons.event, heavy, grid) for heavy in drawn])
        self.drawn_incidence = np.array([
            aalen_johansen(persons.time, persons.cause, causes, heavy, grid) for heavy in drawn
        ]) if causes > 1 else np.zeros((len(drawn), 1, len(grid)))  # fmt: skip


def _curve_scores(scope: str, curves: dict[str, _Curves], sides: dict[str, Followed], n: int) -> list[Score]:
    found = _gaps(curves["synthetic"], curves["train"])
    held = _gaps(curves["holdout"], curves["train"]) if "holdout" in curves else None
    scores = []
    for place, metric in enumerate(METRICS[:2]):
        least = 0.0 if place == 0 else -1.0
        value, draws = found[place]
        control = None if held is None else held[place][0]
        inside = None if held is None else _interval(*held[place], least)
        scores.append(
            measured(metric, "utility", scope, value, _interval(value, draws, least), n, control=control,
                     control_interval=inside)
        )  # fmt: skip
    ours = sides["train"].time
    shorter = _shorter(ours, sides["synthetic"].time)
    control = _shorter(ours, sides["holdout"].time) if "holdout" in curves else None
    note = "the longest follow-up is one person's: no interval"
    scores.append(measured(METRICS[2], "utility", scope, shorter, (shorter, shorter), n, control=control, note=note))
    return scores


def _gaps(theirs: _Curves, ours: _Curves) -> list[tuple[float, Floats]]:
    gap = theirs.survival - ours.survival
    drawn = theirs.drawn - ours.drawn
    return [
        (float(np.abs(gap).mean()), np.abs(drawn).mean(axis=1) if len(drawn) else np.zeros(0)),
        (float(gap.mean()), drawn.mean(axis=1) if len(drawn) else np.zeros(0)),
    ]


def _cause_score(scope: str, ending: Ending, number: int, curves: dict[str, _Curves], n: int) -> Score:
    def gap(theirs: _Curves) -> tuple[float, Floats]:
        ours = curves["train"]
        drawn = np.abs(theirs.drawn_incidence[:, number] - ours.drawn_incidence[:, number]).mean(axis=1)
        return float(np.abs(theirs.incidence[number] - ours.incidence[number]).mean()), drawn

    value, draws = gap(curves["synthetic"])
    held = gap(curves["holdout"]) if "holdout" in curves else None
    return measured(
        CAUSES,
        "utility",
        f"{scope}; {ending.names[number]}",
        value,
        _interval(value, draws, 0.0),
        n,
        control=None if held is None else held[0],
        control_interval=None if held is None else _interval(*held, 0.0),
        details={"estimator": "Aalen-Johansen", "competing": len(ending.names) - 1},
    )


def _interval(value: float, draws: Floats, least: float) -> tuple[float, float]:
    half = quantile() * float(draws.std(ddof=1)) if len(draws) > 1 else 0.0
    return max(least, value - half), min(1.0, value + half)


def _shorter(ours: Floats, theirs: Floats) -> float:
    return float((ours.max() - theirs.max()) / ours.max()) if ours.max() > 0 else 0.0
