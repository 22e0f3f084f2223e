"""Plots as inline SVG: intervals on one axis, with the figure of real persons beside each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from synth.core.score import Score

WIDTH, ROW, LEFT, RIGHT = 720, 22, 330, 40


def intervals(scores: Sequence[Score], *, low: float, high: float, bound: float | None = None, label: str) -> str:
    """One line a score: its interval and figure (filled), real against real (hollow), and the bound (dashed)."""
    height = ROW * (len(scores) + 2)

    def x(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">']
    bottom = ROW * (len(scores) + 1)
    for step in range(5):
        tick = low + step * (high - low) / 4
        parts.append(f'<line class="grid" x1="{x(tick):.1f}" y1="8" x2="{x(tick):.1f}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{x(tick):.1f}" y="{bottom + 16}">{tick:.3g}</text>')
    if bound is not None and low <= bound <= high:
        parts.append(f'<line class="bound" x1="{x(bound):.1f}" y1="8" x2="{x(bound):.1f}" y2="{bottom}"/>')
    for place, score in enumerate(scores):
        parts += _line(score, ROW * (place + 1), x)
    return "".join([*parts, "</svg>"])


def _line(score: Score, y: int, scale: Callable[[float], float]) -> list[str]:
    name = score.scope if len(score.scope) <= 52 else score.scope[:51] + "…"
    parts = [
        f'<text class="name" x="{LEFT - 10}" y="{y + 4}"><title>{escape(score.scope)}</title>{escape(name)}</text>'
    ]
    if score.low is not None and score.high is not None:
        parts.append(f'<line class="bar" x1="{scale(score.low):.1f}" y1="{y}" x2="{scale(score.high):.1f}" y2="{y}"/>')
    if score.control is not None:
        parts.append(f'<circle class="control" cx="{scale(score.control):.1f}" cy="{y}" r="4"/>')
    if score.value is not None:
        parts.append(f'<circle class="dot" cx="{scale(score.value):.1f}" cy="{y}" r="4"/>')
    return parts
