"""Candidates: a way to draw rows of which some codes are given, from a law that only knows how to draw them whole.

Several rows are drawn for each one asked for, and one of them is picked by how well it goes with what is given
(likelihood weighting: Fung and Chang, UAI 1989).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import Stream
from synth.generators.laws.part_law import Joint

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
CANDIDATES = 32
_STEP = 3.0  # each given code that a candidate has makes it e**3 times as likely to be picked


def pick(log_weights: Floats, uniform: Floats) -> Codes:
    """The row picked for each person, among `CANDIDATES` consecutive rows a person, by their weights."""
    table = log_weights.reshape(len(uniform), -1)
    shares = np.exp(table - table.max(axis=1, keepdims=True)).cumsum(axis=1)
    place = (shares < (uniform * shares[:, -1])[:, None]).sum(axis=1)
    picked: Codes = np.arange(len(uniform)) * table.shape[1] + np.minimum(place, table.shape[1] - 1)
    return picked


def agreeing(joint: Joint, context: Codes, known: Codes, stream: Stream) -> Codes:
    """Own codes, those of `known` (-1 where it is not) kept; the others are of a candidate that agrees with many."""
    drawn = joint.draw(np.repeat(context, CANDIDATES, axis=0), stream)
    agreed = (drawn == np.repeat(known, CANDIDATES, axis=0)).sum(axis=1)
    chosen = drawn[pick(_STEP * agreed, stream.uniform(len(context)))]
    return np.where(known >= 0, known, chosen)
