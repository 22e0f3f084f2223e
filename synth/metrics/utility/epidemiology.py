"""Whether an epidemiologist would find the same figures: prevalence, incidence, comorbidity, costs, pathways.

Ratios are compared as folds: max(ratio, 1 / ratio), 1 when synthetic and real agree and 2 when one is twice the other.
Rates are directly standardised: the rate of each age-sex stratum, weighted by the strata of train, so that a shift of
the population is not taken for a shift of disease. Incidence counts first events after a quarter of the window (a year
at most), per person without the condition until then. What a condition is, is declared or known of the SNDS: see
`synth.metrics.analyses.found`. Conditions that fewer than `Plan.cell` persons of train have are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.analyses.persons import condition_events, strata_of, window_of
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import quantile
from synth.metrics.resampling import Drawn, drawn_persons
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]
DRAWS = 100
YEAR = 365.25
PREVALENCE, INCIDENCE = "standardised_prevalence", "standardised_incidence"
PAIRS, COUNT = "comorbidity_pairs", "comorbidity_index"
NAMES = (PREVALENCE, INCIDENCE, PAIRS, COUNT)
STRATA = 18
MOST_INDEX = 12  # comorbidity indices beyond it are counted together


@dataclass(frozen=True)
class Cohort:
    """The persons of one side: stratum, who has which condition (persons x conditions), and when it was first seen."""

    stratum: NDArray[np.int64]
    has: NDArray[np.bool_]
    first: Floats
    drawn: Drawn


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """All four figures, beside holdout against train."""
    conditions = evidence.analyses.conditions
    if not conditions:
        note = "no condition is declared (`conditions` of the analyses), and none is known for these tables"
        return [skipped(metric, "utility", "conditions of persons", note, applicable=False) for metric in NAMES]
    window = _window(evidence)
    cohorts: dict[str, Cohort] = {
        side.role: _cohort(evidence, side, window, seed)
        for side in evidence.sides()
        if side.role != "reference" and side.persons
    }
    if "synthetic" not in cohorts:
        return [
            skipped(metric, "utility", "conditions of persons", "nobody is in the synthetic tables") for metric in NAMES
        ]
    return [
        *_prevalences(evidence, cohorts),
        *_incidences(evidence, cohorts, window),
        *_comorbidity(evidence, cohorts),
    ]


def _window(evidence: Evidence) -> tuple[float, float]:
    times = [condition_events(evidence, evidence.train, item).time for item in evidence.analyses.conditions]
    return window_of(evidence.analyses.window, np.concatenate(times))


def _cohort(evidence: Evidence, side: Side, window: tuple[float, float], seed: int) -> Cohort:
    conditions = evidence.analyses.conditions
    has = np.zeros((side.persons, len(conditions)), dtype=bool)
    first = np.full((side.persons, len(conditions)), np.inf)
    for place, condition in enumerate(conditions):
        events = condition_events(evidence, side, condition)
        has[events.person, place] = True
        dated = ~np.isnan(events.time)
        np.minimum.at(first[:, place], events.person[dated], events.time[dated])
    draws = min(DRAWS, evidence.plan.draws)
    return Cohort(strata_of(evidence, side, window[0]), has, first, drawn_persons(side, draws, seed))


def standardised(hits: Floats, persons: Floats, standard: Floats) -> Floats:
    """Rates of strata (... x strata) weighted by `standard`; strata without persons leave the others to speak."""
    there = persons > 0
    rate = np.divide(hits, persons, out=np.zeros_like(hits, dtype=np.float64), where=there)
    heavy = standard * there
    total = heavy.sum(axis=-1)
    result: Floats = np.divide((rate * heavy).sum(axis=-1), total, out=np.zeros_like(total), where=total > 0)
    return result


def fold(ratio: float, draws: Floats) -> tuple[float, tuple[float, float]]:
    """max(ratio, 1 / ratio) and its interval, from the spread of the logarithms of `draws`."""
    known = np.log(draws[draws > 0])
    half = quantile() * float(known.std(ddof=1)) if len(known) > 1 else 0.0
    distance = abs(float(np.log(ratio)))
    return float(np.exp(distance)), (float(np.exp(max(0.0, distance - half))), float(np.exp(distance + half)))


def _by_stratum(cohort: Cohort, marks: NDArray[np.bool_] | Floats) -> tuple[Floats, Floats]:
    """Sums by stratum, and their bootstrap draws (draws x strata)."""
    return cohort.drawn.sums(cohort.stratum, STRATA, marks.astype(np.float64))


def _rate(cohort: Cohort, hits: NDArray[np.bool_], base: Floats, standard: Floats) -> tuple[float, Floats]:
    hit, drawn_hit = _by_stratum(cohort, hits)
    whole, drawn_whole = _by_stratum(cohort, base)
    return float(standardised(hit, whole, standard)), standardised(drawn_hit, drawn_whole, standard)


def _standard(cohorts: dict[str, Cohort]) -> Floats:
    counts = np.bincount(cohorts["train"].stratum, minlength=STRATA).astype(np.float64)
    shares: Floats = counts / max(float(counts.sum()), 1.0)
    return shares


def _prevalences(evidence: Evidence, cohorts: dict[str, Cohort]) -> list[Score]:
    standard = _standard(cohorts)
    scores = []
    for place, condition in enumerate(evidence.analyses.conditions):
        rates = {
            role: _rate(cohort, cohort.has[:, place], np.ones(len(cohort.has)), standard)
            for role, cohort in cohorts.items()
        }
        counts = {role: int(cohort.has[:, place].sum()) for role, cohort in cohorts.items()}
        score = _folded(PREVALENCE, condition.name, rates, counts, evidence.plan.cell)
        scores += [score] if score is not None else []
    return scores or [_none(PREVALENCE, evidence)]


def _incidences(evidence: Evidence, cohorts: dict[str, Cohort], window: tuple[float, float]) -> list[Score]:
    standard = _standard(cohorts)
    start, close = window
    entry = start + min(YEAR, (close - start) / 4)
    scores = []
    for place, condition in enumerate(evidence.analyses.conditions):
        if condition.date is None or close <= entry:
            continue
        rates, counts = {}, {}
        for role, cohort in cohorts.items():
            first = cohort.first[:, place]
            new = (first >= entry) & (first <= close)
            free = (~cohort.has[:, place] | (first >= entry)).astype(np.float64)
            rates[role] = _rate(cohort, new, free * (close - entry) / YEAR, standard)
            counts[role] = int(new.sum())
        score = _folded(INCIDENCE, condition.name, rates, counts, evidence.plan.cell)
        scores += [score] if score is not None else []
    return scores or [_none(INCIDENCE, evidence)]


def _none(metric: str, evidence: Evidence) -> Score:
    note = f"fewer than {evidence.plan.cell} persons of train have any of the conditions, or none is dated"
    return skipped(metric, "utility", "conditions of persons", note, applicable=False)


def _folded(
    metric: str, scope: str, rates: dict[str, tuple[float, Floats]], counts: dict[str, int], cell: int
) -> Score | None:
    """A rate against train's; None when too few persons of train have the condition."""
    ours, drawn = rates["train"]
    if counts["train"] < cell or ours <= 0:
        return None
    theirs, drawn_theirs = rates["synthetic"]
    if theirs <= 0:
        return skipped(metric, "utility", scope, "nobody has it in the synthetic tables")
    value, interval = fold(theirs / ours, _ratios(drawn_theirs, drawn))
    control, inside = None, None
    if counts.get("holdout", 0) >= cell and rates["holdout"][0] > 0:
        control, inside = fold(rates["holdout"][0] / ours, _ratios(rates["holdout"][1], drawn))
    details = {"ratio": round(theirs / ours, 4), "train": round(ours, 6), "synthetic": round(theirs, 6)}
    n = min(counts["train"], counts["synthetic"])
    return measured(
        metric, "utility", scope, value, interval, n, control=control, control_interval=inside, details=details
    )


def _ratios(top: Floats, bottom: Floats) -> Floats:
    found: Floats = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    return found


def _comorbidity(evidence: Evidence, cohorts: dict[str, Cohort]) -> list[Score]:
    groups: dict[str, list[int]] = {}
    for place, condition in enumerate(evidence.analyses.conditions):
        groups.setdefault(condition.group, []).append(place)
    scores: list[Score] = []
    for group, chosen in groups.items():
        scope = group or "all conditions"
        heavy = np.array([evidence.analyses.conditions[place].weight for place in chosen])
        scores += [_pairs(scope, chosen, cohorts, evidence.plan.cell), _index(scope, chosen, heavy, cohorts)]
    return scores


def _pairs(scope: str, chosen: list[int], cohorts: dict[str, Cohort], cell: int) -> Score:
    """How far the co-occurrence of two conditions, beyond chance, is from train's; on average over pairs."""
    scope = f"{scope}: pairs of conditions"
    lifts = {role: _lift(cohort, chosen) for role, cohort in cohorts.items()}
    counts = cohorts["train"].has[:, chosen].astype(np.float32)
    both = np.triu(counts.T @ counts, 1) >= cell
    if not both.any():
        return skipped(
            PAIRS, "utility", scope, f"no two conditions are met in {cell} persons of train", applicable=False
        )

    def distance(role: str) -> tuple[float, Floats]:
        gaps = np.abs(lifts[role][0][both] - lifts["train"][0][both])
        drawn = np.abs(lifts[role][1][:, both] - lifts["train"][1][:, both]).mean(axis=1)
        return float(np.exp(gaps.mean())), drawn

    value, drawn = distance("synthetic")
    held = distance("holdout") if "holdout" in lifts else None
    return measured(
        PAIRS,
        "utility",
        scope,
        value,
        _around(value, drawn),
        min(len(cohorts[role].has) for role in ("train", "synthetic")),
        control=None if held is None else held[0],
        control_interval=None if held is None else _around(*held),
        details={"pairs": int(both.sum()), "of": "observed over expected by chance"},
    )


def _around(value: float, drawn: Floats) -> tuple[float, float]:
    half = quantile() * float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0
    return max(1.0, float(np.exp(np.log(value) - half))), float(np.exp(np.log(value) + half))


def _lift(cohort: Cohort, chosen: list[int]) -> tuple[Floats, Floats]:
    """log(observed / expected) of each pair, half a person added to both, and its draws."""
    width = len(chosen)
    size = cohort.drawn.heavy.shape[1]
    together = np.zeros((size, width, width))
    for group in range(size):
        has = cohort.has[np.ix_(cohort.drawn.group == group, chosen)].astype(np.float64)
        together[group] = has.T @ has
    persons = np.bincount(cohort.drawn.group, minlength=size).astype(np.float64)

    def lift(heavy: Floats) -> Floats:
        observed = np.tensordot(heavy, together, axes=1)
        alone = np.diagonal(observed)
        expected = np.outer(alone, alone) / max(float(heavy @ persons), 1.0)
        result: Floats = np.log((observed + 0.5) / (expected + 0.5))
        return result

    return lift(np.ones(size)), np.array([lift(heavy) for heavy in cohort.drawn.heavy]).reshape(-1, width, width)


def _index(scope: str, chosen: list[int], heavy: NDArray[np.int64], cohorts: dict[str, Cohort]) -> Score:
    """Total variation distance of the comorbidity index: the sum of the weights of a person's conditions."""
    shares = {}
    for role, cohort in cohorts.items():
        index = np.minimum(cohort.has[:, chosen] @ heavy, MOST_INDEX)
        plain, drawn = cohort.drawn.sums(index.astype(np.int64), MOST_INDEX + 1)
        shares[role] = (plain / len(index), drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1))

    def distance(role: str) -> tuple[float, Floats]:
        plain = 0.5 * float(np.abs(shares[role][0] - shares["train"][0]).sum())
        return plain, 0.5 * np.abs(shares[role][1] - shares["train"][1]).sum(axis=1)

    value, drawn = distance("synthetic")
    held = distance("holdout") if "holdout" in shares else None
    half = quantile() * float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0
    inside = None
    if held is not None:
        other = quantile() * float(held[1].std(ddof=1)) if len(held[1]) > 1 else 0.0
        inside = (max(0.0, held[0] - other), min(1.0, held[0] + other))
    means = {
        f"mean_{role}": round(float((cohorts[role].has[:, chosen] @ heavy).mean()), 4)
        for role in ("train", "synthetic")
    }
    return measured(
        COUNT,
        "utility",
        f"{scope}: sum of weights",
        value,
        (max(0.0, value - half), min(1.0, value + half)),
        min(len(cohorts[role].has) for role in ("train", "synthetic")),
        control=None if held is None else held[0],
        control_interval=inside,
        details=means,
    )
