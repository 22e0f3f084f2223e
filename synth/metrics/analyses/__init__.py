"""What is to be analysed: time to event, conditions, costs, pathways, prediction tasks; declared, known or found."""

from synth.metrics.analyses.found import find_analyses
from synth.metrics.analyses.model import Analyses

__all__ = ["Analyses", "find_analyses"]
