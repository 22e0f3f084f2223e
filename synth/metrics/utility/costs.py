"""Costs: how much persons cost, and how few of them cost most of it.

`cost_mean` is the fold between mean costs (1: equal); `cost_gini` the difference between Gini coefficients of the costs
of persons, and `cost_top` between the shares of all costs that the dearest 5 % of persons make up. Persons without any
amount cost 0, and negative sums (refunds) count as 0 where costs are ranked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.analyses.columns import places
from synth.metrics.analyses.model import Cost
from synth.metrics.analyses.persons import column_of, root_of
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import spread
from synth.metrics.resampling import person_weights
from synth.metrics.scoring import measured, skipped
from synth.metrics.utility.epidemiology import fold

Floats = NDArray[np.float64]
NAMES = ("cost_mean", "cost_gini", "cost_top")
DRAWS = 60
TOP = 0.05


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """The three figures of each amount, beside holdout against train."""
    scores = [score for cost in evidence.analyses.costs for score in _scores(evidence, cost, seed)]
    note = "no amount is declared (`costs` of the analyses) or recognised by its name"
    return scores or [skipped(metric, "utility", "amounts of persons", note, applicable=False) for metric in NAMES]


def costs_of(evidence: Evidence, side: Side, cost: Cost) -> Floats:
    """The sum of an amount by person."""
    total = np.zeros(side.persons)
    for reference in cost.columns:
        for place in places(evidence.catalog, reference, root_of(evidence)):
            if place[0] in side.tables:
                owner = side.tables[place[0]].person
                amounts = column_of(evidence, side, place).numbers
                kept = (owner >= 0) & np.isfinite(amounts) if len(amounts) else np.zeros(len(owner), dtype=bool)
                total += np.bincount(owner[kept], weights=amounts[kept], minlength=side.persons)
    return total


def _scores(evidence: Evidence, cost: Cost, seed: int) -> list[Score]:
    draws = min(DRAWS, evidence.plan.draws)
    found: dict[str, tuple[Floats, Floats]] = {}
    for side in (evidence.train, evidence.synthetic, evidence.holdout):
        if side is not None and side.persons:
            amounts = costs_of(evidence, side, cost)
            order = np.argsort(amounts, kind="stable")
            heavy = person_weights(side, draws, seed)[:, order]
            plain = concentration(amounts[order], np.ones(side.persons))
            found[side.role] = (plain, np.array([concentration(amounts[order], one) for one in heavy]).reshape(-1, 3))
    scope = f"cost: {cost.name}"
    if "synthetic" not in found or found["train"][0][0] <= 0:
        note = "nobody in the synthetic tables, or no amount above 0 in train"
        return [skipped(metric, "utility", scope, note, applicable=False) for metric in NAMES]
    n = min(evidence.train.persons, evidence.synthetic.persons)
    return [_score(metric, place, scope, found, n) for place, metric in enumerate(NAMES)]


def _score(metric: str, place: int, scope: str, found: dict[str, tuple[Floats, Floats]], n: int) -> Score:
    def compared(role: str) -> tuple[float, tuple[float, float]] | None:
        if role not in found:
            return None
        (ours, drawn), (theirs, drawn_theirs) = found["train"], found[role]
        if place == 0:
            if theirs[0] <= 0:
                return None
            low = np.maximum(drawn[:, 0], 1e-9)
            return fold(float(theirs[0] / ours[0]), np.maximum(drawn_theirs[:, 0], 0) / low)
        gap = abs(float(theirs[place] - ours[place]))
        return gap, spread(gap, drawn_theirs[:, place] - drawn[:, place], least=0.0, most=1.0)

    value = compared("synthetic")
    if value is None:
        return skipped(metric, "utility", scope, "no amount above 0 in the synthetic tables")
    held = compared("holdout")
    details = {role: round(float(found[role][0][place]), 4) for role in ("train", "synthetic")}
    return measured(
        metric,
        "utility",
        scope,
        *value,
        n,
        control=None if held is None else held[0],
        control_interval=None if held is None else held[1],
        details=details,
    )


def concentration(ordered: Floats, heavy: Floats) -> Floats:
    """(mean, Gini coefficient, share of the dearest 5 %) of amounts in rising order, each counted `heavy` times."""
    persons = float(heavy.sum())
    if persons <= 0:
        return np.zeros(3)
    mean = float((ordered * heavy).sum() / persons)
    paid = np.maximum(ordered, 0) * heavy
    total = float(paid.sum())
    if total <= 0:
        return np.array([mean, 0.0, 0.0])
    below = np.concatenate([[0.0], np.cumsum(paid)]) / total  # the Lorenz curve
    share = np.concatenate([[0.0], np.cumsum(heavy)]) / persons
    gini = 1 - float(((below[1:] + below[:-1]) * np.diff(share)).sum())
    top = 1 - float(np.interp(1 - TOP, share, below))
    return np.array([mean, gini, top])
