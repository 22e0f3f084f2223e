"""Coded tables of one side, and how many persons each attack may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from synth.core.catalog import ForeignKey

RoleName = Literal["train", "holdout", "synthetic", "reference"]
Kind = Literal["code", "number"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much work a run may do; every figure is stated in the scores' context.

    `targets` persons of train and as many of holdout are attacked, and as many of each stratum where there are
    enough; `pool` rows or persons at most train a classifier; `pairs` column pairs at most are compared in a table;
    `draws` bootstrap draws; `secrets` attributes are guessed; `queries` conditions are tried; `plants` are the shares
    of training persons planted to learn what the attacks would see; `keys` names the columns (`table.column`) an
    attacker is taken to know and need not guess (none: the first of the person table, which are guessed as well);
    `repeats` is how many seeds each attack runs with, the worst of which is kept; `analyses` what the publisher
    declares for utility (see `synth.metrics.analyses`); a cell of a plot stands for `cell` persons at least.
    """

    targets: int = 6_000
    pool: int = 4_000
    pairs: int = 150
    draws: int = 200
    secrets: int = 12
    queries: int = 3_000
    plants: tuple[float, ...] = (0.001, 0.01, 0.05)
    keys: tuple[str, ...] = ()
    repeats: int = 1
    analyses: Mapping[str, Any] = field(default_factory=dict)
    cell: int = 11


@dataclass(frozen=True, slots=True)
class Feature:
    """One column as it was coded: bin 0 is missing, 1..levels its values or intervals; `coarse` maps a bin to 0..9.

    `groups` counts coarse bins. For dates `date` is true and numbers are days. `labels` are the values behind bins 1, 2
    ... of a code, for plots that count persons first: they must go nowhere else.
    """

    name: str
    kind: Kind
    levels: int
    coarse: NDArray[np.uint8]
    date: bool = False
    labels: tuple[str, ...] = field(default=(), repr=False)

    @property
    def groups(self) -> int:
        """How many coarse bins there are, missing included."""
        return int(self.coarse.max(initial=0)) + 1


@dataclass(frozen=True)
class Layout:
    """What is compared in one table: its features, its parent on the way to the person, its order of time."""

    table: str
    features: tuple[Feature, ...]
    parent: ForeignKey | None
    of_persons: bool
    is_person: bool
    order_by: tuple[int, ...] = ()

    def index(self, name: str) -> int | None:
        """The position of a feature, or None when the column is a key or was left out."""
        names = [feature.name for feature in self.features]
        return names.index(name) if name in names else None


@dataclass(frozen=True)
class Rows:
    """The rows of one table in one role, coded.

    `person` and `parent` are positions (-1: none); `bins` is rows x features; `numbers` holds float64 columns of the
    number features by position, NaN where missing; `exact` is a 64-bit hash of all features as they were given,
    `bare` one of those that are no part of any key.
    """

    person: NDArray[np.int32]
    parent: NDArray[np.int32]
    bins: NDArray[np.uint8]
    numbers: Mapping[int, NDArray[np.float64]]
    exact: NDArray[np.uint64]
    bare: NDArray[np.uint64]
    ordering: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.person)

    @cached_property
    def by_person(self) -> NDArray[np.int64]:
        """Positions of the rows, grouped by person and in order of time within a person."""
        keys = [np.arange(len(self), dtype=np.float64)]
        keys += [np.nan_to_num(self.column(index), nan=-np.inf) for index in reversed(self.ordering)]
        return np.lexsort([*keys, self.person.astype(np.float64)]).astype(np.int64)

    def column(self, index: int) -> NDArray[np.float64]:
        """A feature as numbers: its values when it has some, else its bins (NaN when missing)."""
        if index in self.numbers:
            return self.numbers[index]
        bins = self.bins[:, index].astype(np.float64)
        bins[bins == 0] = np.nan
        return bins


@dataclass(frozen=True)
class Side:
    """One set of tables: train, holdout, synthetic or reference. `links` counts (resolved, all) by foreign key."""

    role: RoleName
    persons: int
    tables: Mapping[str, Rows]
    links: Mapping[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
