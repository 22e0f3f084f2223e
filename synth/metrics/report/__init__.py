"""One self-contained page, in English and French, that a data protection officer and a statistician can both read."""

from synth.metrics.report.page import render

__all__ = ["render"]
