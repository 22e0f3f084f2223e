"""Scores of a synthetic release: disclosure risk, fidelity, structure, utility; each with its control and interval."""

from synth.metrics.evaluate import score
from synth.metrics.evidence.model import Plan

__all__ = ["Plan", "score"]
