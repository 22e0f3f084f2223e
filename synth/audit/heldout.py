"""What a model does not capture, as its receipt has it from persons held out, in lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def heldout_lines(report: Mapping[str, Any]) -> Sequence[str]:
    """The report as lines for a terminal: the worst of each kind."""
    if "skipped" in report:
        return [f"what the model does not capture was not measured: {report['skipped']}"]
    lines = [f"compared with {report['held_out']} persons held out (in brackets: real against real):"]
    for title, found in report["worst"].items():
        if found:
            worst = found[0]
            beside = "" if worst["real"] is None else f" ({worst['real']:.3f})"
            lines.append(f"  {title}: {worst['distance']:.3f}{beside} {worst['what']}")
    return lines
