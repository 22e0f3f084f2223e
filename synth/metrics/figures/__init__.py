"""What plots are drawn from: shares and curves in which every cell stands for enough persons of every real side."""

from synth.metrics.figures.draw import draw_figures

__all__ = ["draw_figures"]
