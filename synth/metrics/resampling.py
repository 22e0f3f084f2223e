"""Counts by groups of persons: what a bootstrap by person needs, in one pass over the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.metrics.evidence.model import Layout, Side
from synth.metrics.intervals import GROUPS, draw_weights

Floats = NDArray[np.float64]


def person_groups(side: Side, layout: Layout, seed: int) -> NDArray[np.int32]:
    """The group (0..199) of each row: persons are dealt to groups at random, so drawing groups draws persons."""
    rows = side.tables[layout.table]
    units = side.persons if layout.of_persons else len(rows)
    if units == 0:
        return np.zeros(len(rows), dtype=np.int32)
    dealt = (rng(seed, "groups", side.role, layout.table if not layout.of_persons else "").permutation(units)
             % min(GROUPS, units)).astype(np.int32)  # fmt: skip
    return dealt[np.maximum(rows.person, 0)]


def group_counts(groups: NDArray[np.int32], bins: NDArray[np.int64], width: int, persons: int) -> Floats:
    """Rows by group and bin: a (groups x width) matrix; bins below 0 are left out."""
    size = max(min(GROUPS, persons), 1)
    kept = bins >= 0
    flat = groups[kept].astype(np.int64) * width + bins[kept]
    return np.bincount(flat, minlength=size * width).reshape(size, width).astype(np.float64)


def weights(side: Side, units: int, draws: int, seed: int) -> NDArray[np.float32]:
    """Bootstrap weights of a side's groups."""
    size = max(min(GROUPS, units), 1)
    return draw_weights(size, draws, rng(seed, "bootstrap", side.role).uniform(draws * size))


def shares(counts: Floats) -> Floats:
    """Counts (... x width) as shares that add up to 1; zeros where there is nothing."""
    total = counts.sum(axis=-1, keepdims=True)
    divided: Floats = np.divide(counts, total, out=np.zeros_like(counts, dtype=np.float64), where=total > 0)
    return divided


def tvd(left: Floats, right: Floats) -> Floats:
    """Total variation distance between shares, over the last axis: half the sum of absolute differences."""
    distance: Floats = 0.5 * np.abs(left - right).sum(axis=-1)
    return distance


def groups_of_persons(side: Side, seed: int) -> NDArray[np.int64]:
    """The group (0..199) of each person of a side, as `person_groups` deals them."""
    if not side.persons:
        return np.zeros(0, dtype=np.int64)
    return rng(seed, "groups", side.role, "").permutation(side.persons) % min(GROUPS, side.persons)


def person_weights(side: Side, draws: int, seed: int) -> Floats:
    """Bootstrap weights of the persons of a side (draws x persons): persons of a group are drawn together."""
    return weights(side, side.persons, draws, seed)[:, groups_of_persons(side, seed)].astype(np.float64)


@dataclass(frozen=True)
class Drawn:
    """Sums over persons, and the same sums over persons drawn again, from sums by group."""

    group: NDArray[np.int64]
    heavy: Floats  # draws x groups

    def sums(
        self, cell: NDArray[np.int64], width: int, values: Floats | None = None, person: NDArray[np.int64] | None = None
    ) -> tuple[Floats, Floats]:
        """Sums of `values` (ones) by cell, and of draws: (width), (draws x width); `person` is whose each entry is."""
        owner = self.group if person is None else self.group[person]
        size = self.heavy.shape[1]
        table = np.bincount(owner * width + cell, weights=values, minlength=size * width).reshape(size, width)
        return table.sum(axis=0).astype(np.float64), self.heavy @ table


def drawn_persons(side: Side, draws: int, seed: int) -> Drawn:
    """The bootstrap of a side's persons."""
    return Drawn(groups_of_persons(side, seed), weights(side, side.persons, draws, seed).astype(np.float64))
