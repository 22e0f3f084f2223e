"""What the user may have meant: the nearest of the known names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A remedy: "did you mean X?", else the known names when they are few, else `otherwise`."""
    names = sorted(known)
    close = get_close_matches(name.lower(), [item.lower() for item in names], n=1, cutoff=0.6)
    if close:
        return f"did you mean {next(item for item in names if item.lower() == close[0])}?"
    if otherwise or not names:
        return otherwise or "remove it"
    return f"known: {', '.join(names)}"
