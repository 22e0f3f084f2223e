"""Making scores: rounding, and the ones that say why there is nothing to say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from synth.core.score import Direction, Family, Score, Status

DIGITS = 10


def rounded(value: float | None) -> float | None:
    """A figure to ten decimals, or None where there is none, so that scores are the same bytes everywhere."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), DIGITS) + 0.0


def skipped(metric: str, family: Family, scope: str, note: str, needed: int = 0, applicable: bool = True) -> Score:
    """A score that could not be computed, and why; not `applicable`: it has no meaning for these tables."""
    details = {} if applicable else {"not_applicable": True}
    return Score(metric, family, scope, None, status="skipped", note=note, needed=needed, details=details)


def measured(
    metric: str,
    family: Family,
    scope: str,
    value: float,
    interval: tuple[float, float],
    n: int,
    *,
    needed: int = 0,
    control: float | None = None,
    control_interval: tuple[float, float] | None = None,
    direction: Direction = "lower",
    note: str = "",
    details: Mapping[str, Any] | None = None,
) -> Score:
    """A score with its interval; `underpowered` when fewer than `needed` persons stand behind it."""
    status: Status = "measured" if n >= needed else "underpowered"
    return Score(
        metric,
        family,
        scope,
        rounded(value),
        rounded(interval[0]),
        rounded(interval[1]),
        n=int(n),
        needed=int(needed),
        control=rounded(control),
        direction=direction,
        status=status,
        note=note,
        details=dict(details or {}),
        control_low=None if control_interval is None else rounded(control_interval[0]),
        control_high=None if control_interval is None else rounded(control_interval[1]),
    )
