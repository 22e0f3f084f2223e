"""Evidence, shared by all metrics: tables coded once, the person behind each row, features of whole persons."""

from synth.metrics.evidence.build import build_evidence
from synth.metrics.evidence.model import Evidence, Feature, Layout, Plan, Rows, Side

__all__ = ["Evidence", "Feature", "Layout", "Plan", "Rows", "Side", "build_evidence"]
