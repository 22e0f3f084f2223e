"""Counts as models tell them: rounded, so that what is left when they are subtracted tells of no group below k persons.

Each count of a model covers k persons or more, but exact counts could be subtracted from one another: a table's less
that of one of its parts leaves the few rows of the other. Rounded to multiples of k // 2 + 1, two counts together are
uncertain by k - 1 or more. Then whatever their difference reads, either nobody at all or k and more may be behind it:
that a group is there and is smaller than k follows from none. A count that stands alone, and so could be taken from a
total known from elsewhere, is rounded to k instead, to the same end.
Source: rounding in Hundepool et al., Statistical Disclosure Control (2012), section 5.4; the base follows from k.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def rounded(counts: Counts, k: int) -> Counts:
    """Counts of the same rows, by code or cell, as they may be told. None that is k or more becomes 0."""
    return _to_multiples(counts, base(k) if np.count_nonzero(counts) > 1 else k)


def rounded_alone(counts: Counts | int, k: int) -> Counts:
    """Counts that nothing else is told with, each by itself."""
    return _to_multiples(np.asarray(counts), k)


def base(k: int) -> int:
    """What counts are multiples of where several of the same rows are told."""
    return k // 2 + 1


def at_least(persons: int, k: int) -> int:
    """The multiple of k that so many persons reach."""
    return persons - persons % k


def _to_multiples(counts: Counts, of: int) -> Counts:
    """To the nearest multiple, halves up."""
    return (np.asarray(counts, dtype=np.int64) + of // 2) // of * of
