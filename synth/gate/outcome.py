"""What one rule says of one score."""

from __future__ import annotations

from math import ceil

from synth.core.score import Score
from synth.core.verdict import Outcome
from synth.gate.policy import Rule

LEAST = 100  # attacks below which no normal approximation is trusted, whatever the margin


def not_applicable(score: Score) -> bool:
    """Whether the metric has no meaning for these tables, which is different from not having been measured."""
    return score.status == "skipped" and score.details.get("not_applicable") is True


def outcome_of(rule: Rule, score: Score) -> Outcome:
    """Pass when the bound is cleared with enough persons; block when a breach is proven; else as the rule says.

    A breach is proven when the whole interval lies beyond the bound, or when the figure does and, with enough persons,
    the whole interval lies beyond what an attack that learns nothing would score.
    """
    if score.status == "skipped":
        return "pass" if not_applicable(score) or rule.absent == "note" else "inconclusive"
    observed, low, high = statistic(score, rule.statistic), score.low, score.high
    if observed is None or score.value is None or low is None or high is None:
        return "inconclusive"
    cleared = is_cleared(rule, observed)
    if is_proven_safe(rule, score):
        return "pass"
    if not cleared and _proven(rule, score, score.value, low, high):
        return rule.on_breach
    return "pass" if rule.unproven == "note" else "inconclusive"


def _proven(rule: Rule, score: Score, value: float, low: float, high: float) -> bool:
    if rule.statistic == "value":
        return True
    beyond_bound = high < rule.bound if rule.at_least else low > rule.bound
    beyond_chance = high < rule.null if rule.at_least else low > rule.null
    worse = value < rule.bound if rule.at_least else value > rule.bound
    powered = score.n >= needed_for(rule, score)
    return beyond_bound or (powered and beyond_chance and worse)


def needed_for(rule: Rule, score: Score) -> int:
    """Persons needed to clear this rule's bound.

    A score says how many clear a margin of `tolerance` beyond chance; the number goes with the inverse square of it.
    """
    tolerance = score.details.get("tolerance")
    margin = abs(rule.bound - rule.null)
    if not isinstance(tolerance, float) or margin <= 0:
        return score.needed
    return max(min(score.needed, LEAST), ceil(score.needed * (tolerance / margin) ** 2 - 1e-9))


def is_cleared(rule: Rule, observed: float) -> bool:
    """Whether a figure is on the right side of the bound."""
    return observed >= rule.bound if rule.at_least else observed <= rule.bound


def is_proven_safe(rule: Rule, score: Score) -> bool:
    """Whether the bound is cleared by a measurement with enough persons behind it."""
    observed = statistic(score, rule.statistic)
    enough = score.n >= needed_for(rule, score)
    return observed is not None and enough and is_cleared(rule, observed)


def statistic(score: Score, name: str) -> float | None:
    """One of a score's three figures: value, low or high."""
    return {"value": score.value, "low": score.low, "high": score.high}[name]
