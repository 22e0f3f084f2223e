"""Whether a Cox model says the same: the overlap of its 95 % intervals on synthetic and on real persons.

For each coefficient the overlap is the mean of the shares of both intervals that they have in common, cut at 0 (Karr et
al., The American Statistician 2006): 1 when they are equal. Numbers are scaled by their spread in train; a code with up
to six values is a set of 0/1 columns beside its commonest value. The interval resamples persons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.maths.survival import CoxFit, cox
from synth.metrics.analyses.columns import Named
from synth.metrics.analyses.model import Survival
from synth.metrics.analyses.persons import per_person
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import quantile
from synth.metrics.resampling import person_weights
from synth.metrics.scoring import measured, skipped
from synth.metrics.utility.followup import Ending, Followed, ending_of, followed
from synth.metrics.utility.survival import scope_of

Floats = NDArray[np.float64]
METRIC = "cox_overlap"
DRAWS = 20
MOST_VALUES = 6
FEWEST_EVENTS = 10  # events for each coefficient (Peduzzi et al., J Clin Epidemiol 1996)
MOST_PERSONS = 20_000


@dataclass(frozen=True)
class _Term:
    """One column of the model: a number scaled, or whether a code has a value."""

    reference: str
    name: str
    centre: float = 0.0
    spread: float = 1.0
    level: str | None = None


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """The mean overlap of each analysis with covariates, beside holdout against train."""
    items = [item for item in evidence.analyses.survival if item.covariates]
    scores = [_score(evidence, item, seed) for item in items]
    note = "no time to event with covariates is declared or recognised"
    return scores or [skipped(METRIC, "utility", "person table", note, applicable=False)]


def _score(evidence: Evidence, item: Survival, seed: int) -> Score:
    scope = scope_of(item)
    ending = ending_of(evidence, item)
    if isinstance(ending, str):
        return skipped(METRIC, "utility", scope, ending, applicable=False)
    terms = [term for reference in item.covariates for term in _terms(evidence, reference)]
    sides = [side for side in (evidence.train, evidence.synthetic, evidence.holdout) if side is not None]
    data = [_Data(evidence, side, item, ending, terms) for side in sides]
    needed = max(FEWEST_EVENTS * len(terms), evidence.plan.cell)
    if not terms or any(int(one.event.sum()) < needed for one in data[:2]):
        note = f"fewer than {FEWEST_EVENTS} events a coefficient" if terms else "no covariate varies"
        return skipped(METRIC, "utility", scope, note, needed=needed, applicable=bool(terms))
    fits = [one.fitted(None) for one in data]
    if fits[0] is None or fits[1] is None:
        return skipped(METRIC, "utility", scope, "a covariate does not vary or separates: no maximum likelihood")
    every = overlaps(fits[0], fits[1])
    held = overlaps(fits[0], fits[2]) if len(fits) > 2 and fits[2] is not None else None
    drawn, held_drawn = _draws(evidence, sides, data, seed)
    worst = int(every.argmin())
    return measured(
        METRIC,
        "utility",
        scope,
        float(every.mean()),
        _interval(float(every.mean()), drawn),
        min(len(one.time) for one in data[:2]),
        control=None if held is None else float(held.mean()),
        control_interval=None if held is None else _interval(float(held.mean()), held_drawn),
        direction="higher",
        details={
            "coefficients": len(terms),
            "events": [int(one.event.sum()) for one in data[:2]],
            "worst": terms[worst].name,
            "hazard_ratios": {
                term.name: [round(float(np.exp(fit.coefficients[place])), 4) for fit in fits[:2] if fit is not None]
                for place, term in enumerate(terms)
            },
        },
    )


def _interval(value: float, draws: Floats) -> tuple[float, float]:
    half = quantile() * float(draws.std(ddof=1)) if len(draws) > 1 else 0.0
    return max(0.0, value - half), min(1.0, value + half)


def _draws(evidence: Evidence, sides: list[Side], data: list[_Data], seed: int) -> tuple[Floats, Floats]:
    """Overlaps of models fitted on persons drawn again."""
    count = min(DRAWS, evidence.plan.draws)
    drawn = [person_weights(side, count, seed)[:, one.person] for side, one in zip(sides, data, strict=True)]
    found: list[list[float]] = [[], []]
    for draw in range(count):
        fits = [one.fitted(heavy[draw]) for one, heavy in zip(data, drawn, strict=True)]
        for place, other in enumerate(fits[1:]):
            if fits[0] is not None and other is not None:
                found[place].append(float(overlaps(fits[0], other).mean()))
    return np.array(found[0]), np.array(found[1])


def overlaps(ours: CoxFit, theirs: CoxFit) -> Floats:
    """The overlap of each coefficient's 95 % intervals, 0..1."""
    z = quantile()
    low = np.maximum(ours.coefficients - z * ours.errors, theirs.coefficients - z * theirs.errors)
    high = np.minimum(ours.coefficients + z * ours.errors, theirs.coefficients + z * theirs.errors)
    common = np.maximum(high - low, 0)
    shared: Floats = (common / (2 * z * ours.errors) + common / (2 * z * theirs.errors)) / 2
    return shared


class _Data:
    """The persons of one side who have a follow-up and all covariates."""

    def __init__(self, evidence: Evidence, side: Side, item: Survival, ending: Ending, terms: list[_Term]) -> None:
        persons: Followed = followed(evidence, side, item, ending)
        values = [_values(evidence, side, term)[persons.person] for term in terms]
        matrix = np.column_stack(values) if values else np.zeros((len(persons.time), 0))
        kept = np.flatnonzero(np.isfinite(matrix).all(axis=1))[:MOST_PERSONS]
        self.time, self.event = persons.time[kept], persons.event[kept]
        self.person, self.matrix = persons.person[kept], matrix[kept]

    def fitted(self, heavy: Floats | None) -> CoxFit | None:
        """The model on these persons, each as often as its weight says."""
        rows = np.arange(len(self.time)) if heavy is None else np.repeat(np.arange(len(heavy)), heavy.astype(np.int64))
        return cox(self.time[rows], self.event[rows], self.matrix[rows])


def _terms(evidence: Evidence, reference: str) -> list[_Term]:
    column = per_person(evidence, evidence.train, reference)
    if column is None:
        return []
    if column.given_numbers is not None or _all_numbers(column):
        known = column.numbers[np.isfinite(column.numbers)]
        spread = float(known.std()) if len(known) else 0.0
        return [_Term(reference, reference, float(known.mean()), spread)] if spread > 0 else []
    codes, levels = column.coded
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    ranked = [place for place in np.argsort(-counts, kind="stable") if counts[place] >= evidence.plan.cell]
    if not 2 <= len(ranked) <= MOST_VALUES:
        return []
    return [
        _Term(reference, f"{reference}, value ranked {rank} by frequency", level=levels[place])
        for rank, place in enumerate(ranked[1:], start=2)
    ]


def _all_numbers(column: Named) -> bool:
    """Whether a text column holds too many values for a code, and all of them are numbers or dates."""
    codes, levels = column.coded
    return len(levels) > MOST_VALUES and bool(np.isfinite(column.numbers[codes >= 0]).all())


def _values(evidence: Evidence, side: Side, term: _Term) -> Floats:
    column = per_person(evidence, side, term.reference)
    if column is None:
        return np.full(side.persons, np.nan)
    if term.level is None:
        return (column.numbers - term.centre) / term.spread
    return _indicator(column, term.level)


def _indicator(column: Named, level: str) -> Floats:
    codes, levels = column.coded
    wanted = np.array([text == level for text in levels] + [False])
    found: Floats = np.where(codes < 0, np.nan, wanted[codes].astype(np.float64))
    return found
