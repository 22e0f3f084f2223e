"""Plots of scores and of figures, each one an inline SVG of 360 units that fits a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from synth.core.score import Score
from synth.metrics.report.french import scope_fr
from synth.metrics.report.svg import LABEL, WIDTH, both_texts, line, opened, scaled, text
from synth.metrics.report.words import METRICS

RIGHT = 14
MISSING = ("(missing)", "(manquant)")
REST = ("all others", "tous les autres")


def intervals(
    scores: Sequence[Score],
    *,
    low: float,
    high: float,
    bound: float | None = None,
    label: str,
    named: bool = False,
) -> str:
    """One line a score: its interval and figure (filled), real against real (hollow), and the bound (dashed).

    `named` puts the metric's name before what each line is about.
    """
    step = 30
    height = step * len(scores) + 26

    def x(value: float) -> float:
        return scaled(value, low, high, 8, WIDTH - RIGHT)

    bottom = height - 18
    parts = [opened(height, label)]
    for tick in range(5):
        value = low + tick * (high - low) / 4
        parts += [line(x(value), 4, x(value), bottom, "grid"), text(x(value), bottom + 14, f"{value:.3g}", "tick")]
    if bound is not None and low <= bound <= high:
        parts.append(line(x(bound), 4, x(bound), bottom, "bound"))
    for place, score in enumerate(scores):
        y = step * place + 14
        before = METRICS.get(score.metric, (score.metric, score.metric)) if named else ("", "")
        names = tuple(
            f"{name}: {scope}" if name else scope
            for name, scope in zip(before, (score.scope, scope_fr(score.scope)), strict=True)
        )
        parts += [
            f'<g lang="{tongue}">{text(8, y, name, most=62)}</g>'
            for tongue, name in zip(("en", "fr"), names, strict=True)
        ]
        parts += _interval(score, y + 9, x)
    return "".join([*parts, "</svg>"])


def _interval(score: Score, y: float, x: Any) -> list[str]:
    parts = []
    if score.control_low is not None and score.control_high is not None:
        parts.append(line(x(score.control_low), y + 3, x(score.control_high), y + 3, "held"))
    if score.low is not None and score.high is not None:
        parts.append(line(x(score.low), y, x(score.high), y, "bar"))
    if score.control is not None:
        parts.append(f'<circle class="control" cx="{x(score.control):.1f}" cy="{y:.1f}" r="3.6"/>')
    if score.value is not None:
        parts.append(f'<circle class="dot" cx="{x(score.value):.1f}" cy="{y:.1f}" r="3.6"/>')
    return parts


def bars(figure: Mapping[str, Any]) -> str:
    """Shares by cell: synthetic as a bar, train as a stroke, other real persons as a circle."""
    labels, shares = figure["labels"], figure["series"]
    rows = len(labels) + 1
    high = max([0.01, *(max(values[:-1]) for values in shares.values() if values[:-1])])
    parts = [opened(15 * rows + 18, str(figure["scope"]))]

    def x(value: float) -> float:
        return scaled(value, 0, high, LABEL, WIDTH - RIGHT)

    for place in range(rows):
        y = 15 * place + 4
        words = REST if place == len(labels) else MISSING
        if place == len(labels) or not labels[place]:
            parts.append(both_texts(LABEL - 6, y + 9, words, "end"))
        else:
            parts.append(text(LABEL - 6, y + 9, str(labels[place]), "end", most=19))
        parts += _bar(shares, place, y, x)
        if place == len(labels) and "synthetic" in shares and shares["synthetic"][place] > high:
            parts.append(text(WIDTH - RIGHT - 4, y + 9, f"{100 * shares['synthetic'][place]:.3g} %", "end"))
    bottom = 15 * rows + 4
    parts += [text(x(share), bottom + 11, f"{100 * share:.3g} %", "tick") for share in (0, high / 2, high)]
    return "".join([*parts, "</svg>"])


def _bar(shares: Mapping[str, Sequence[float]], place: int, y: float, x: Any) -> list[str]:
    told = ", ".join(f"{role} {100 * values[place]:.3g} %" for role, values in shares.items())
    parts = [f"<g><title>{escape(told)}</title>"]
    if "synthetic" in shares:
        width = max(x(shares["synthetic"][place]) - LABEL, 0.5)
        parts.append(f'<rect class="synthetic" opacity=".55" x="{LABEL}" y="{y + 1}" width="{width:.1f}" height="10"/>')
    if "train" in shares:
        parts.append(line(x(shares["train"][place]), y, x(shares["train"][place]), y + 12, "tick-train"))
    if "holdout" in shares:
        parts.append(f'<circle class="control" cx="{x(shares["holdout"][place]):.1f}" cy="{y + 6}" r="3"/>')
    return [*parts, "</g>"]


def pair_matrix(figure: Mapping[str, Any]) -> str:
    """Distances of pairs: synthetic below the diagonal, other real persons above it; the darker, the farther."""
    names, below, above = figure["columns"], figure["matrix"], figure.get("control")
    size = (WIDTH - LABEL - RIGHT) / len(names)
    parts = [opened(size * len(names) + 20, str(figure["scope"]))]
    for row, name in enumerate(names):
        parts.append(text(LABEL - 20, size * row + size / 2 + 4, str(name), "end", most=15))
        parts.append(text(LABEL - 8, size * row + size / 2 + 4, str(row + 1), "tick"))
        parts.append(text(LABEL + size * (row + 0.5), size * len(names) + 12, str(row + 1), "tick"))
        for column in range(len(names)):
            if row == column:
                continue
            first, second = max(row, column), min(row, column)
            source = below if row > column else above
            value = None if source is None else source[first][second]
            told = f"{names[first]} × {names[second]}: {value}"
            parts.append(_cell(LABEL + size * column, size * row, size, value, 0.3, told))
    return "".join([*parts, "</svg>"])


def _cell(x: float, y: float, size: float, value: float | None, most: float, told: str) -> str:
    if value is None:
        return f'<rect x="{x:.1f}" y="{y:.1f}" width="{size - 1:.1f}" height="{size - 1:.1f}" fill="#f2f4f7"/>'
    share = min(value / most, 1.0) if most > 0 else 0.0
    red, green, blue = (round(a + (b - a) * share**0.7) for a, b in ((238, 150), (244, 30), (248, 45)))
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{size - 1:.1f}" height="{size - 1:.1f}" '
        f'fill="rgb({red},{green},{blue})"><title>{escape(told)}</title></rect>'
    )


def transition_matrix(figure: Mapping[str, Any]) -> str:
    """Which code follows which: the share of each step in train, and beside it in the synthetic tables."""
    labels, found = figure["labels"], figure["series"]
    size = (WIDTH - 70 - RIGHT) / 2 / len(labels)
    high = max((value or 0 for rows in found.values() for row in rows for value in row), default=0.01)
    parts = [opened(size * len(labels) + 34, str(figure["scope"]))]
    for panel, (role, words) in enumerate(
        (("train", ("train", "apprentissage")), ("synthetic", ("synthetic", "synthétique")))
    ):
        left = 70 + panel * ((WIDTH - 70 - RIGHT) / 2 + 6)
        parts.append(both_texts(left, 11, words))
        for row, name in enumerate(labels):
            if panel == 0:
                parts.append(text(66, 20 + size * (row + 0.7), str(name), "end", most=11))
            for column, after in enumerate(labels):
                value = found[role][row][column]
                told = f"{name} → {after}: {value}"
                parts.append(_cell(left + size * column, 18 + size * row, size, value, high, told))
    return "".join([*parts, "</svg>"])


def curve(times: Sequence[float], shares: Mapping[str, Sequence[float]], label: str, falling: bool) -> str:
    """Curves over time as steps: survival (falling from 1) or cumulative incidence (rising from 0)."""
    flat = [value for values in shares.values() for value in values]
    low, high = (max(0.0, min(flat) - 0.02), 1.0) if falling else (0.0, min(1.0, max(flat) * 1.05 + 0.001))
    bottom, top, left = 170.0, 8.0, 48.0
    parts = [opened(200, label)]

    def x(value: float) -> float:
        return scaled(value, 0, max(times), left, WIDTH - RIGHT)

    def y(value: float) -> float:
        return scaled(value, low, high, bottom, top)

    for tick in range(5):
        value = low + tick * (high - low) / 4
        parts += [
            line(left, y(value), WIDTH - RIGHT, y(value), "grid"),
            text(left - 4, y(value) + 4, f"{value:.3g}"[:6], "end"),
        ]
        moment = tick * max(times) / 4
        parts.append(text(x(moment), bottom + 16, f"{moment:.4g}", "tick"))
    for role, values in shares.items():
        points = [f"M{x(times[0]):.1f} {y(values[0]):.1f}"]
        points += [f"H{x(time):.1f}V{y(value):.1f}" for time, value in zip(times[1:], values[1:], strict=True)]
        parts.append(f'<path class="line {escape(role)}" d="{"".join(points)}"/>')
    return "".join([*parts, "</svg>"])
