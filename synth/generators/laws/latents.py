"""Latent variables of a copula: for each variable its value, and whether it is missing.

A variable that can be missing is two latents: one says whether the value is there, the other, defined only then, says
which it is. Keeping them apart is what lets a height go with a sex when a quarter of the heights are missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth.columns.codec import Codec
from synth.maths.scores import cuts, hermite_coefficients, normal_scores

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
GRID = 1024  # scores are multiples of 1 / GRID, so that sums of their products are whole numbers


@dataclass(frozen=True)
class Latent:
    """One latent of variable number `variable`, whose codes it covers are `codes` in increasing rank.

    `shares` belong to these ranks. A `presence` latent has two ranks: there, missing.
    """

    variable: int
    presence: bool
    nominal: bool
    size: int
    codes: Codes
    shares: Floats

    def scores(self) -> Floats:
        """The normal score of each of the variable's codes, times GRID; 0 where this latent is not defined."""
        found = np.zeros(self.size)
        found[self.codes] = np.rint(normal_scores(self.shares) * GRID)[: len(self.codes)]
        if self.presence:
            found[: self.size - 1] = np.rint(normal_scores(self.shares)[0] * GRID)
            found[self.size - 1] = np.rint(normal_scores(self.shares)[1] * GRID)
        return found

    def defined(self) -> NDArray[np.bool_]:
        """For each of the variable's codes, whether this latent is defined."""
        found = np.full(self.size, self.presence)
        found[self.codes] = True
        return found

    def hermite(self) -> Floats:
        """The Hermite coefficients of the score (see `synth.maths.scores`)."""
        return hermite_coefficients(self.shares)

    def thresholds(self) -> Floats:
        """Where the latent is cut between ranks."""
        return cuts(self.shares)[1:-1]

    def ranked(self, codes: Codes) -> Latent:
        """The same latent with its codes in another order of rank."""
        place = {int(code): index for index, code in enumerate(self.codes)}
        return replace(self, codes=codes, shares=self.shares[[place[int(code)] for code in codes]])


def latents_of(codecs: Sequence[Codec], shares: Sequence[Floats]) -> list[Latent]:
    """The latents of variables with these codecs and shares of codes, the presence of each before its value."""
    found = []
    for index, (codec, share) in enumerate(zip(codecs, shares, strict=True)):
        known = len(share) - codec.missing
        lost = float(share[known:].sum())
        if codec.missing and 0 < lost < 1:
            both = np.array([1 - lost, lost])
            found.append(Latent(index, True, False, len(share), np.empty(0, dtype=np.int64), both))
        if known > 1 and share[:known].sum() > 0:
            inner = share[:known] / share[:known].sum()
            nominal = not codec.ordered and known > 2
            found.append(Latent(index, False, nominal, len(share), np.arange(known), inner))
    return found


def constant_codes(codecs: Sequence[Codec], shares: Sequence[Floats]) -> Codes:
    """For each variable, the code it takes where no latent says otherwise: its most frequent one."""
    return np.array([int(np.argmax(share)) for share in shares], dtype=np.int64)
