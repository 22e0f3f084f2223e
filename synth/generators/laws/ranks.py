"""Ranks: in which order a copula sees the levels of a column that has no order of its own.

Levels are ranked along the axis on which the other variables tell them apart most; the order is part of the model.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.model import Array, Model, Statistic
from synth.generators.coding.coded import PartRows
from synth.generators.laws.latents import GRID, Latent
from synth.generators.laws.part_law import PartLaw

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_ROWS = 2**18


def ranked(rows: PartRows, latents: list[Latent]) -> list[Latent]:
    """Rank each set of levels along the first axis of the mean scores of the other latents, level by level.

    Levels start in order of frequency, so that sets of levels can speak of one another too.
    """
    nominal = [index for index, latent in enumerate(latents) if latent.nominal]
    if not nominal:
        return latents
    started = [x.ranked(np.argsort(-x.shares, kind="stable")) if x.nominal else x for x in latents]
    scores = [latent.scores() for latent in started]
    counts = {index: [np.zeros(0)] * len(latents) for index in nominal}
    for codes in rows.chunks(_ROWS):
        columns = {latent.variable: np.ascontiguousarray(codes[:, latent.variable]) for latent in latents}
        for index in nominal:
            counts[index] = _with_others(latents, index, columns, counts[index])
    ranked = list(latents)
    for index in nominal:
        known = latents[index].codes
        sums = np.stack([table @ score for table, score in zip(counts[index], scores, strict=True)], axis=1)
        sums[:, index] = 0.0
        order = _axis_order(sums[known] / GRID, counts[index][index].sum(axis=1)[known])
        ranked[index] = latents[index].ranked(known[order])
    return ranked


def _with_others(latents: list[Latent], index: int, columns: dict[int, Codes], before: list[Floats]) -> list[Floats]:
    """For each latent, the rows of each code of latent number `index` and each of its own, added to those `before`."""
    mine = latents[index]
    found: list[Floats] = []
    for place, other in enumerate(latents):
        if place and other.variable == latents[place - 1].variable:  # the other latent of the same variable
            found.append(found[-1])
            continue
        cell = columns[mine.variable] * other.size + columns[other.variable]
        rows = np.bincount(cell, minlength=mine.size * other.size).reshape(mine.size, other.size)
        found.append(rows + before[place] if before[place].size else rows.astype(np.float64))
    return found


def _axis_order(sums: Floats, counts: Floats) -> Codes:
    """Levels sorted by the first principal axis of their mean scores, weighted by how many rows they have."""
    means = sums / np.maximum(counts, 1.0)[:, None]
    centred = (means - sums.sum(axis=0) / max(counts.sum(), 1.0)) * np.sqrt(counts)[:, None]
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axis = axes[0] * (np.sign(axes[0][np.argmax(np.abs(axes[0]))]) or 1.0)
    order: Codes = np.argsort(np.round(means @ axis, 9), kind="stable")
    return order


def order_statistics(rows: PartRows, latents: list[Latent]) -> tuple[list[Statistic], dict[str, Array]]:
    """The order of each set of levels, as statistics."""
    found: list[Statistic] = []
    arrays: dict[str, Array] = {}
    unit = rows.coded.forest.node(rows.part.table).root
    for latent in latents:
        if latent.nominal:
            variable = rows.variables[latent.variable]
            label = f"order/{rows.part.title}/{variable.title}"
            arrays[label] = latent.codes.astype(np.int32)
            support, cells = variable.codec.support, len(latent.codes)
            one = (variable.title,)
            found.append(Statistic(label, rows.part.table, one, "order of levels", support, unit, cells, {}, (label,)))
    return found, arrays


def stored_rank(model: Model, law: PartLaw, latent: Latent) -> Latent:
    """The latent in the order that the model has for it."""
    if not latent.nominal:
        return latent
    stored = model.arrays.get(f"order/{law.part.title}/{law.part.titles[latent.variable]}")
    return latent if stored is None else latent.ranked(stored.astype(np.int64))
