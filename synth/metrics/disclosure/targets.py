"""Who is attacked: as many persons of train as of holdout where possible, all of them, the outliers, and subgroups.

Every stratum is defined in the same way for training and control persons, from real data only: a stratum that train
alone defined would make its control meaningless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.neighbours import nearest

ANCHORS = 2_000
NEIGHBOURS = 5
SUBGROUP_COLUMNS = 2
SUBGROUP_LEVELS = 4
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Targets:
    """Positions of the attacked persons, and for each stratum the marks of those who belong to it."""

    train: NDArray[np.int64]
    control: NDArray[np.int64]
    strata: tuple[tuple[str, NDArray[np.bool_], NDArray[np.bool_]], ...]

    def each(self) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.bool_]]]:
        """(name, marks in train, marks in control), everybody first."""
        everybody = np.ones(len(self.train), bool), np.ones(len(self.control), bool)
        yield ("all persons", *everybody)
        yield from self.strata


def pick_targets(evidence: Evidence, seed: int, most: int | None = None) -> Targets | None:
    """Draw the persons to attack; None when there is no holdout or nobody in it."""
    holdout = evidence.holdout
    if holdout is None or not holdout.persons or not evidence.train.persons:
        return None
    size = evidence.plan.targets if most is None else most
    train, control = _draw(evidence.train, size, seed), _draw(holdout, size, seed)
    strata = [*_outliers(evidence, holdout, train, control, seed), *_subgroups(evidence, holdout, train, control)]
    return Targets(train, control, tuple(strata))


def _draw(side: Side, size: int, seed: int) -> NDArray[np.int64]:
    return np.sort(rng(seed, "targets", side.role).permutation(side.persons)[:size])


Stratum = tuple[str, NDArray[np.bool_], NDArray[np.bool_]]


def _outliers(
    evidence: Evidence, holdout: Side, train: NDArray[np.int64], control: NDArray[np.int64], seed: int
) -> list[Stratum]:
    """The tenth of persons whose nearest real neighbours are farthest (Meeus et al., Achilles' Heels, 2023)."""
    size = min(ANCHORS, evidence.train.persons // 2, holdout.persons // 2)
    if size < 2 * NEIGHBOURS or not evidence.persons.source:
        return []
    far = []
    pools = []
    for side in (evidence.train, holdout):
        pools.append(rng(seed, "anchors", side.role).permutation(side.persons)[:size])
    anchors = np.vstack([evidence.persons.of(s)[p] for s, p in zip((evidence.train, holdout), pools, strict=True)])
    for offset, (side, chosen, pool) in enumerate(zip((evidence.train, holdout), (train, control), pools, strict=True)):
        place = np.full(side.persons, -1, dtype=np.int64)
        place[pool] = np.arange(size) + offset * size
        distances, _ = nearest(evidence.persons.of(side)[chosen], anchors, NEIGHBOURS, place[chosen])
        far.append(np.sqrt(np.maximum(distances, 0)).mean(axis=1))
    limit = np.quantile(np.concatenate(far), 0.9)
    return [("outlier decile", far[0] > limit, far[1] > limit)]


def _subgroups(
    evidence: Evidence, holdout: Side, train: NDArray[np.int64], control: NDArray[np.int64]
) -> list[Stratum]:
    """The commonest values of the first low-cardinality columns of the person table, named by rank, not by value."""
    found: list[Stratum] = []
    for layout in evidence.layouts.values():
        if not layout.is_person:
            continue
        few = [place for place, feature in enumerate(layout.features) if 2 <= _seen(evidence, layout.table, place) <= 5]
        for place in few[:SUBGROUP_COLUMNS]:
            ours = _first_bins(evidence.train, layout.table, place)[train]
            theirs = _first_bins(holdout, layout.table, place)[control]
            counts = np.bincount(np.concatenate([ours, theirs]), minlength=256)
            ranked = np.argsort(-counts, kind="stable")[:SUBGROUP_LEVELS]
            for rank, level in enumerate(ranked, start=1):
                if min((ours == level).sum(), (theirs == level).sum()) >= FEWEST:
                    name = f"{layout.table}.{layout.features[place].name}, group {rank} by size"
                    found.append((name, ours == level, theirs == level))
    return found


def _seen(evidence: Evidence, table: str, place: int) -> int:
    return len(np.unique(evidence.train.tables[table].bins[:, place]))


def _first_bins(side: Side, table: str, place: int) -> NDArray[np.uint8]:
    rows = side.tables[table]
    bins = np.zeros(side.persons, dtype=np.uint8)
    bins[rows.person[::-1]] = rows.bins[::-1, place]
    return bins
