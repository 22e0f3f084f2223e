"""Plots of the report as inline SVG: the ratio of each figure on a log axis, the pyramid, and ranks of diagnoses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import log2

from synth.calibrate.figure import Figure

WIDTH, ROW, LEFT, RIGHT = 760, 18, 330, 30
REACH = 1.0  # ratios from a half to double, on either side of 1
TICKS = (0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0)
Scale = Callable[[float], float]


def ratios(figures: Sequence[Figure], label: str) -> str:
    """One line a figure: its ratio to the published one, and the band its bound allows."""
    shown = [figure for figure in figures if figure.ratio is not None]
    if not shown:
        return ""
    bottom = ROW * (len(shown) + 1)

    def x(ratio: float) -> float:
        place = min(max(log2(max(ratio, 1e-9)), -REACH), REACH)
        return LEFT + (place + REACH) / (2 * REACH) * (WIDTH - LEFT - RIGHT)

    parts = [_open(WIDTH, bottom + ROW + 4, label)]
    for tick in TICKS:
        kind = "even" if tick == 1 else "grid"
        parts.append(f'<line class="{kind}" x1="{x(tick):.1f}" y1="4" x2="{x(tick):.1f}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{x(tick):.1f}" y="{bottom + 14}">×{tick:g}</text>')
    for place, figure in enumerate(shown):
        parts += _ratio_line(figure, ROW * (place + 1), x)
    return "".join([*parts, "</svg>"])


def _ratio_line(figure: Figure, y: int, x: Scale) -> list[str]:
    parts = [f'<text class="name" x="{LEFT - 8}" y="{y + 4}">{escape(_short(figure.name))}</text>']
    if figure.kind == "within":
        low, high = x(1 - figure.bound), x(1 + figure.bound)
        parts.append(f'<rect class="band" x="{low:.1f}" y="{y - 5}" width="{high - low:.1f}" height="10"/>')
    told = f"{figure.name}: published {_number(figure.published)}, generated {_number(figure.generated)}"
    parts.append(
        f'<circle class="{figure.status}" cx="{x(figure.ratio or 0):.1f}" cy="{y}" r="4"><title>{escape(told)}</title>'
        "</circle>"
    )
    return parts


def pyramid(figures: Sequence[Figure]) -> str:
    """Shares by sex and five-year age: bars are generated, outlines published, men on the left."""
    sides = [[f for f in figures if f.name.startswith(f"{sex} ")] for sex in ("men", "women")]
    if not all(sides) or len(sides[0]) != len(sides[1]):
        return ""
    top = max(max(f.published or 0, f.generated or 0) for side in sides for f in side) or 1.0
    middle, reach, height = WIDTH / 2, WIDTH / 2 - 60, 12
    parts = [_open(WIDTH, height * (len(sides[0]) + 2), "age pyramid")]
    for row, (man, woman) in enumerate(zip(*sides, strict=True)):
        y = height * (len(sides[0]) - row)
        parts.append(f'<text class="tick" x="{middle}" y="{y + 9}">{escape(man.name.removeprefix("men "))}</text>')
        for figure, sign in ((man, -1), (woman, 1)):
            for kind, value in (("fill", figure.generated), ("outline", figure.published)):
                length = reach * (value or 0) / top
                start = middle + 24 if sign > 0 else middle - 24 - length
                parts.append(
                    f'<rect class="{kind}" x="{start:.1f}" y="{y}" width="{length:.1f}" height="{height - 2}"/>'
                )
    parts.append(f'<text class="tick" x="{middle - 120}" y="10">men</text>')
    parts.append(f'<text class="tick" x="{middle + 120}" y="10">women</text>')
    return "".join([*parts, "</svg>"])


def scatter(figures: Sequence[Figure], label: str) -> str:
    """Generated against published, both axes logarithmic, one point a figure."""
    shown = [f for f in figures if f.published and f.generated and f.published > 0 and f.generated > 0]
    if len(shown) < 3:
        return ""
    size, edge = 420, 40
    logs = [(log2(f.published or 1), log2(f.generated or 1)) for f in shown]
    low = min(min(pair) for pair in logs)
    high = max(max(pair) for pair in logs)
    scale = (size - 2 * edge) / ((high - low) or 1)
    parts = [_open(size, size, label)]
    corner = size - edge
    parts.append(f'<line class="even" x1="{edge}" y1="{corner}" x2="{corner}" y2="{edge}"/>')
    for figure, (across, up) in zip(shown, logs, strict=True):
        cx, cy = edge + (across - low) * scale, corner - (up - low) * scale
        parts.append(
            f'<circle class="shown" cx="{cx:.1f}" cy="{cy:.1f}" r="3"><title>{escape(figure.name)}</title></circle>'
            f'<text class="small" x="{cx + 4:.1f}" y="{cy + 3:.1f}">{escape(figure.name)}</text>'
        )
    parts.append(f'<text class="tick" x="{size / 2}" y="{size - 8}">published →</text>')
    parts.append('<text class="small" x="4" y="16">generated ↑</text>')
    return "".join([*parts, "</svg>"])


def _open(width: float, height: float, label: str) -> str:
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}">'


def _short(name: str) -> str:
    return name if len(name) <= 54 else name[:53] + "…"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
