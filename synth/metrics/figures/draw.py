"""All figures of a release, in the order in which a reader meets them."""

from __future__ import annotations

from typing import Any

from synth.metrics.evidence.model import Evidence
from synth.metrics.figures.columns import children, marginals
from synth.metrics.figures.curves import curves
from synth.metrics.figures.matrices import pairs, transitions


def draw_figures(evidence: Evidence, seed: int) -> tuple[dict[str, Any], ...]:
    """Figures as plain data (see `figures` in schemas/scores.schema.json)."""
    if not evidence.train.persons or not evidence.synthetic.persons:
        return ()
    return (
        *marginals(evidence),
        *pairs(evidence, seed),
        *children(evidence),
        *transitions(evidence),
        *curves(evidence),
    )
