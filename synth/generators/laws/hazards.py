"""Which kind of row comes next: each kind in proportion to how many rows of it are left, and to its rate in the leaf.

A leaf knows how many rows of each kind it has, and how many were left to choose from, summed over its rows: one over
the other is the rate at which what is left of a kind is taken there, as in models of competing risks (Prentice et al.,
Biometrics 1978). So a kind of which nothing is left never comes, and the last rows are what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import Bins
from synth.columns.codec import Codec
from synth.core.counts import rounded_alone
from synth.generators.features.kinds import Kinds

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_ROUNDS = 10
_PRIOR = 0.5  # rows at the rates of the whole tree that each leaf is given besides its own


def middles(codec: Codec) -> Floats:
    """How many rows each code of what is left stands for; 0 where that is not known."""
    known = (codec.kept.low + codec.kept.high) / 2 if isinstance(codec.kept, Bins) else np.empty(0)
    return np.concatenate([known, np.zeros(codec.size - len(known))])


def exposure(
    leaf: Codes, leaves: int, kind: Codes, left: Sequence[NDArray[np.integer]], codecs: Sequence[Codec], k: int
) -> Codes:
    """For each leaf its rows, and the choice there was of each kind over them (leaves x (1 + kinds)).

    A row gives each kind the rows left of it over all rows left, weighed by the rates of the leaf, which are found in a
    few rounds (the fixed point of the partial likelihood). Both are rounded to k; where rows are taken, so is k.
    """
    there = np.stack([middles(codec)[codes] for codes, codec in zip(left, codecs, strict=True)], axis=1)
    kinds = there.shape[1]
    taken = np.bincount(leaf * kinds + kind, minlength=leaves * kinds).reshape(leaves, kinds).astype(np.float64)
    rates, choice = np.ones((leaves, kinds)), taken
    for _ in range(_ROUNDS):
        each = there / np.maximum((there * rates[leaf]).sum(axis=1), 1e-9)[:, None]
        choice = np.stack([np.bincount(leaf, weights=column, minlength=leaves) for column in each.T], axis=1)
        rates = rates_of(taken, choice)
    rows = np.bincount(leaf, minlength=leaves)[:, None]
    told = rounded_alone(np.concatenate([rows, np.rint(choice).astype(np.int64)], axis=1), k)
    # no kind is taken where there is no choice of it
    told[:, 1:] = np.maximum(told[:, 1:], np.where(rounded_alone(taken.astype(np.int64), k) > 0, k, 0))
    return told


def rates_of(taken: Floats, choice: Floats) -> Floats:
    """The rate of each kind in each leaf (leaves x kinds), towards that of the whole tree where there is little."""
    whole = taken.sum(axis=0) / np.maximum(choice.sum(axis=0), 1e-9)
    rates: Floats = (taken + _PRIOR * whole) / (choice + _PRIOR)
    return rates


@dataclass(frozen=True)
class Hazards:
    """The rates of the kinds in each leaf (leaves x kinds), and the codes of each, drawn by the leaf's shares.

    `left` are the places among the variables of what is left of each kind.
    """

    kinds: Kinds
    codec: Codec
    left: tuple[int, ...]
    middles: tuple[Floats, ...]
    shares: Floats
    exposure: Codes

    @cached_property
    def _order(self) -> Codes:
        return np.argsort(self.kinds.of_codes(self.codec), kind="stable")

    @cached_property
    def _edges(self) -> tuple[Floats, Codes]:
        """Cumulated shares with the codes of each kind side by side, and where those of each kind begin."""
        shares = np.diff(self.shares, axis=1, prepend=0.0)[:, self._order]
        sizes = np.bincount(self.kinds.of_codes(self.codec), minlength=self.kinds.count)
        edges = np.concatenate([np.zeros((len(shares), 1)), np.cumsum(shares, axis=1)], axis=1)
        return edges, np.concatenate([[0], np.cumsum(sizes)])

    @cached_property
    def _rates(self) -> Floats:
        edges, bounds = self._edges
        taken = (edges[:, bounds[1:]] - edges[:, bounds[:-1]]) * self.exposure[:, :1]
        return rates_of(taken, self.exposure[:, 1:].astype(np.float64))

    def draw(self, columns: Codes, leaf: Codes, uniform: Floats) -> Codes:
        """A code for each row, given its leaf and the codes (variables x rows) of what is left."""
        left = np.stack([middle[columns[at]] for middle, at in zip(self.middles, self.left, strict=True)], axis=1)
        weights = np.cumsum(self._rates[leaf] * left, axis=1)
        total = weights[:, -1]
        scaled = uniform * np.where(total > 0, total, 1.0)
        kind = np.minimum((weights <= scaled[:, None]).sum(axis=1), self.kinds.count - 1)
        rows = np.arange(len(leaf))
        below = np.where(kind > 0, weights[rows, np.maximum(kind - 1, 0)], 0.0)
        width = weights[rows, kind] - below
        inside = np.where(width > 0, (scaled - below) / np.where(width > 0, width, 1.0), uniform)
        return self._code(leaf, kind, np.clip(inside, 0.0, np.nextafter(1.0, 0.0)))

    def _code(self, leaf: Codes, kind: Codes, uniform: Floats) -> Codes:
        edges, bounds = self._edges
        low, high = edges[leaf, bounds[kind]], edges[leaf, bounds[kind + 1]]
        # all leaves laid end to end, one search: leaf i lives in [i, i + 1]
        flat = (edges[:, 1:] + np.arange(len(edges))[:, None]).ravel()
        found = np.searchsorted(flat, leaf + low + uniform * (high - low), side="right") - leaf * (edges.shape[1] - 1)
        codes: Codes = self._order[np.clip(found, bounds[kind], np.maximum(bounds[kind + 1] - 1, bounds[kind]))]
        return codes
