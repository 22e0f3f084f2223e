"""Groups of persons who are judged on their own: the outliers, and the subgroups of the person table.

Every stratum is defined in the same way for real and synthetic persons, from real data only: a stratum that train alone
defined would make its control meaningless. Subgroups cover everybody; none is smaller than a tenth of the real persons,
since no interval of a smaller one could clear a bound: the smallest levels are judged together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.metrics.evidence.coded import Layout, RoleName, Side
from synth.metrics.evidence.persons import PersonFeatures
from synth.metrics.neighbours import nearest

Marks = NDArray[np.bool_]
OUTLIERS = "outlier decile"
ANCHORS = 2_000
NEIGHBOURS = 5
SUBGROUP_COLUMNS = 2
SUBGROUP_LEVELS = 5  # levels of a column that makes subgroups
SMALLEST = 0.1  # share of real persons below which a level is judged with others
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Stratum:
    """`marks[role][i]` says whether person i of a side belongs; `column` is what makes the group, if any does."""

    name: str
    marks: Mapping[RoleName, Marks]
    column: str = ""


def person_strata(layouts: Sequence[Layout], sides: Sequence[Side], features: PersonFeatures) -> tuple[Stratum, ...]:
    """The strata of all sides; none without a holdout."""
    by_role = {side.role: side for side in sides}
    if "holdout" not in by_role or not min(by_role["train"].persons, by_role["holdout"].persons):
        return ()
    return (*_outliers(by_role, features), *_subgroups(layouts, by_role))


def _outliers(sides: Mapping[RoleName, Side], features: PersonFeatures) -> Iterator[Stratum]:
    """The tenth of persons whose nearest real neighbours are farthest (Meeus et al., Achilles' Heels, 2023)."""
    real = (sides["train"], sides["holdout"])
    size = min(ANCHORS, *(side.persons // 2 for side in real))
    if size < 2 * NEIGHBOURS or not features.source:
        return
    drawn = [rng(0, "anchors", side.role).permutation(side.persons)[:size] for side in real]
    anchors = np.vstack([features.of(side)[chosen] for side, chosen in zip(real, drawn, strict=True)])
    far = {}
    for role, side in sides.items():
        place = np.full(side.persons, -1, dtype=np.int64)
        for offset, (owner, chosen) in enumerate(zip(real, drawn, strict=True)):
            if owner is side:
                place[chosen] = np.arange(size) + offset * size
        distances, _ = nearest(features.of(side), anchors, NEIGHBOURS, place)
        far[role] = np.sqrt(np.maximum(distances, 0)).mean(axis=1)
    limit = np.quantile(np.concatenate([far["train"], far["holdout"]]), 0.9)
    yield Stratum(OUTLIERS, {role: values > limit for role, values in far.items()})


def _subgroups(layouts: Sequence[Layout], sides: Mapping[RoleName, Side]) -> Iterator[Stratum]:
    """Levels of the first columns of the person table that have few, named by rank, not by value."""
    for layout in (layout for layout in layouts if layout.is_person):
        found = 0
        order = sorted(range(len(layout.features)), key=lambda place: layout.features[place].kind != "code")
        for place in order:  # codes first, in the order of the catalog
            bins = {role: _first_bins(side, layout.table, place) for role, side in sides.items()}
            if found == SUBGROUP_COLUMNS or not 2 <= len(np.unique(bins["train"])) <= SUBGROUP_LEVELS:
                continue
            groups = _grouped(bins["train"], bins["holdout"])
            found += len(groups) > 1
            name = f"{layout.table}.{layout.features[place].name}"
            for rank, levels in enumerate(groups if len(groups) > 1 else (), start=1):
                marks = {role: np.isin(values, levels) for role, values in bins.items()}
                told = f"{name}, group {rank} by size" if len(levels) == 1 else f"{name}, the smaller groups together"
                if min(marks["train"].sum(), marks["holdout"].sum()) >= FEWEST:
                    yield Stratum(told, marks, name)


def _grouped(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> list[list[int]]:
    """Levels by falling size, those below a tenth of the persons put together; the rest joins the last if too small."""
    counts = np.bincount(np.concatenate([ours, theirs]), minlength=256)
    ranked = [int(level) for level in np.argsort(-counts, kind="stable") if counts[level]]
    least = SMALLEST * counts.sum()
    groups = [[level] for level in ranked if counts[level] >= least]
    rest = [level for level in ranked if counts[level] < least]
    if not rest:
        return groups
    if counts[rest].sum() >= least:
        return [*groups, rest]
    return [*groups[:-1], groups[-1] + rest] if groups else [rest]


def _first_bins(side: Side, table: str, place: int) -> NDArray[np.uint8]:
    rows = side.tables[table]
    bins = np.zeros(side.persons, dtype=np.uint8)
    bins[rows.person[::-1]] = rows.bins[::-1, place]
    return bins
