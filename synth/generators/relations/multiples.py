"""Suspected multiples: a quantity that is another one times a number of few digits (a price with tax, a fine a day)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from synth.generators.relations.glimpse import Seen

PLACES = 4  # of the number after the point, at most
_LEAST = 20  # rows in which neither quantity is zero


def rates(target: Seen, others: list[Seen]) -> Iterator[tuple[Seen, str]]:
    """For each of `others` the numbers, shortest first, that times it may give the target.

    The number is the quotient of the sums, in which what rounding took from single rows cancels out.
    """
    assert target.numbers is not None
    for other in others:
        assert other.numbers is not None
        says = (target.numbers > 0) & (other.numbers > 0)
        if says.sum() < _LEAST:
            continue
        rate = float(target.numbers[says].sum() / other.numbers[says].sum())
        tried = [f"{rate:.{places}f}" for places in range(PLACES + 1)]
        for text in dict.fromkeys(text.rstrip("0").rstrip(".") if "." in text else text for text in tried):
            near = np.isclose(float(text), rate, rtol=0.05)
            if near and float(text) not in (0.0, 1.0) and float(text) < 1e6:
                yield other, text
