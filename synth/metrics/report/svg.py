"""Pieces of inline SVG that all plots share."""

from __future__ import annotations

from html import escape

WIDTH = 360
LABEL = 118  # room for names at the left


def opened(height: float, label: str) -> str:
    """The start of a plot of this height; `label` is read aloud by a screen reader."""
    return f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(label, quote=True)}">'


def text(x: float, y: float, words: str, kind: str = "", most: int = 60) -> str:
    """One line of text, cut to `most` characters; the whole of it shows under the pointer."""
    cut = words if len(words) <= most else words[: most - 1] + "…"
    whole = "" if cut == words else f"<title>{escape(words)}</title>"
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{whole}{escape(cut)}</text>'


def both_texts(x: float, y: float, words: tuple[str, str], kind: str = "") -> str:
    """The same words in English and French at one place."""
    return "".join(
        f'<text class="{kind}" lang="{tongue}" x="{x:.1f}" y="{y:.1f}">{escape(word)}</text>'
        for tongue, word in zip(("en", "fr"), words, strict=True)
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def scaled(value: float, low: float, high: float, start: float, end: float) -> float:
    """A figure's place between two ends of an axis, cut to them."""
    share = (min(max(value, low), high) - low) / (high - low) if high > low else 0.0
    return start + share * (end - start)
