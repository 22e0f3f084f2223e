"""Generate, protect and score synthetic health tables."""

__version__ = "0.1.0"
