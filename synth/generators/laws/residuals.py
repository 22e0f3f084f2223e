"""What a tree leaves untold: how quantities go together within its leaves, as a linear law of their ranks.

A leaf covers k persons or more, and within it a tree draws without a look at anything else. Where the rank of a
quantity within its leaf goes with the ranks of others there, over all leaves together, weights say by how much; leaves
keep their counts, since only who of their rows gets which code is changed (Iman and Conover, Commun. Stat. 1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.arrays import distinct
from synth.core.seeds import Stream
from synth.maths.kernels import ranked, standing
from synth.maths.ranks_within import code_ranks

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
LEAST = 0.03  # a weaker correlation is not told
MOST = 15
MANY = 40  # times k: fewer persons tell no correlation
SAMPLE = 20_000
_SPREAD = np.sqrt(12.0)  # ranks have the standard deviation 1 / sqrt(12)
_DIGITS = 2
_LEAST_NOISE = 0.05


@cache
def _normal_quantiles() -> Floats:
    """The normal law in 4096 equal parts, rounded: no machine's logarithm shows."""
    law = NormalDist()
    return np.array([round(law.inv_cdf((part + 0.5) / 4096), 9) for part in range(4096)])


@dataclass(frozen=True, slots=True)
class Quantity:
    """A variable with its place, its codes in order, and how many of these (the first) are known values."""

    place: int
    codes: NDArray[np.integer[Any]]
    known: int


@dataclass(frozen=True, slots=True)
class Residual:
    """The weights of the ranks of other variables (their places, and how many of their codes are known values).

    `known` is how many codes of the variable itself are known values, `noise` the spread of what is left to chance.
    """

    known: int
    places: tuple[int, ...]
    sizes: tuple[int, ...]
    weights: tuple[float, ...]
    noise: float

    def ranks(self, columns: Sequence[Codes], leaf: Codes, stream: Stream) -> Floats:
        """A rank within its leaf for each row, of which the codes at each of the places are given.

        Chance takes 32 bits for the place within a rank, 16 for noise and for each code's place among its like.
        """
        rounds = 1 + -(-len(columns) // 4)
        words = stream.raw(len(leaf) * rounds).view(np.int64).reshape(rounds, len(leaf))
        scales = [weight * _SPREAD for weight in self.weights]
        told = standing(words, columns, self.sizes, scales, self.noise * _normal_quantiles(), leaf)
        return ranked(leaf, told, ((words[0] >> 32) & 0xFFFFFFFF) * 2.0**-32)

    def document(self) -> dict[str, Any]:
        """The law as plain JSON data."""
        return {"known": self.known, "places": self.places, "sizes": self.sizes, "weights": self.weights,
                "noise": self.noise}  # fmt: skip


def residual_from(document: dict[str, Any]) -> Residual:
    """The law written by `Residual.document`."""
    places, sizes, weights = (tuple(document[name]) for name in ("places", "sizes", "weights"))
    return Residual(document["known"], places, sizes, weights, document["noise"])


def measure_residual(
    leaf: Codes, target: Quantity, others: Sequence[Quantity], units: Codes, k: int
) -> Residual | None:
    """The law of the ranks of `target` within leaves, given those of others; None where nothing is worth telling."""
    step = max(1, len(leaf) // SAMPLE)
    spread = slice(None, None, step)
    mine = _standing(leaf[spread], target, spread)
    if not others or len(distinct(units[spread][~np.isnan(mine)])) < MANY * k:
        return None
    theirs = [_standing(leaf[spread], other, spread) for other in others]
    alone = np.array([_correlation(mine, each) for each in theirs])
    chosen = [i for i in np.argsort(-np.abs(alone), kind="stable")[:MOST].tolist() if abs(alone[i]) >= LEAST]
    if not chosen:
        return None
    among = np.array([[1.0 if i == j else _correlation(theirs[i], theirs[j]) for j in chosen] for i in chosen])
    weights = np.linalg.solve(among + 0.01 * np.eye(len(chosen)), alone[chosen])
    told = float(weights @ among @ weights)
    if told >= 1:
        weights, told = weights / np.sqrt(told), 1.0
    return Residual(
        target.known,
        tuple(others[i].place for i in chosen),
        tuple(others[i].known for i in chosen),
        tuple(np.round(weights, _DIGITS).tolist()),
        round(max(float(np.sqrt(1 - told)), _LEAST_NOISE), _DIGITS),
    )


def _standing(leaf: Codes, variable: Quantity, spread: slice) -> Floats:
    """The rank of each row within its leaf, less one half; NaN where the value is missing."""
    codes = variable.codes[spread].astype(np.int64)
    there = codes < variable.known
    ranks = np.full(len(codes), np.nan)
    ranks[there] = code_ranks(leaf[there], codes[there], variable.known) - 0.5
    return ranks


def _correlation(a: Floats, b: Floats) -> float:
    """The correlation of ranks within leaves, over the rows that have both; 0 where there is none."""
    both = ~(np.isnan(a) | np.isnan(b))
    x, y = a[both], b[both]
    size = float(np.sqrt((x @ x) * (y @ y)))
    return round(float(x @ y) / size, 4) if size > 0 and len(x) > 100 else 0.0
