"""Cutting normal numbers into ranks: a guide of fine steps says the rank of most, the others are searched for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_STEPS = 256  # of the guide in each standard deviation ...
_FAR = 9  # ... and so many of these to either side


@dataclass(frozen=True)
class Cutting:
    """Thresholds in increasing order; a number's rank is how many of them are not above it."""

    thresholds: Floats

    def ranks(self, numbers: Floats) -> Codes:
        """The rank of each number."""
        step = np.floor(numbers * _STEPS).astype(np.int64)
        step += _STEPS * _FAR + 1
        ranks: Codes = self._guide.take(step, mode="clip")
        rest = np.flatnonzero(ranks < 0)
        if len(rest):
            ranks[rest] = np.searchsorted(self.thresholds, numbers.take(rest), side="right")
        return ranks

    @cached_property
    def _guide(self) -> Codes:
        """The rank of all numbers in each step where there is one, else -1; the first and last step are all beyond."""
        edges = np.arange(-_STEPS * _FAR, _STEPS * _FAR + 1) / _STEPS
        lowest = np.searchsorted(self.thresholds, edges[:-1], side="right")
        highest = np.searchsorted(self.thresholds, edges[1:], side="left")
        return np.concatenate([[-1], np.where(lowest == highest, lowest, -1), [-1]])
