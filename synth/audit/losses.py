"""Losses: for each statistic what was merged, suppressed or backed off for want of persons, and what that costs.

The cost is a share of rows: of those whose code is redrawn from other ones, or counted over a coarser group. What fewer
than k persons share is not even counted, so a share may be a little larger than what is told here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from synth.core.model import Model, Statistic


@dataclass(frozen=True, slots=True)
class Loss:
    """What a statistic keeps and what it lost, in words; `share` of its rows, or None where none can be told."""

    kept: str
    lost: str = ""
    share: float | None = None


def losses(model: Model) -> dict[str, Loss]:
    """The loss of each statistic, by its name."""
    return {item.name: _LOSSES.get(item.kind, _plain)(model, item) for item in model.statistics}


def _plain(model: Model, item: Statistic) -> Loss:
    return Loss(f"{item.cells} cells")


def _levels(model: Model, item: Statistic) -> Loss:
    kept = item.data.get("levels")
    if not isinstance(kept, Mapping):
        return Loss("nothing", "no value that k persons share: comes out missing", None)
    values = list(kept["values"])
    rows = model.arrays[item.arrays[0]]
    told = f"{len(values)} values"
    if not kept["rare"] or rows.sum() <= 0:
        return Loss(told, "rarer values, if any, take the commonest one", None)
    share = float(rows[len(values)] / rows.sum())
    return Loss(told, "rarer values are one, redrawn from the others", share)


def _bins(model: Model, item: Statistic) -> Loss:
    kept = item.data.get("bins")
    if not isinstance(kept, Mapping):
        return Loss("nothing", "no interval that k persons share: comes out missing", None)
    low, high = np.array(kept["low"]), np.array(kept["high"])
    points = int((low == high).sum())
    told = f"{len(low) - points} intervals, {points} single values"
    return Loss(told, "inside an interval values are spread evenly", None)


def _margin(model: Model, item: Statistic) -> Loss:
    rows = model.arrays[item.arrays[0]]
    lost = int(item.data.get("backed_off", 0))
    kept = int((rows > 0).sum())
    total = int(rows.sum()) + lost
    if not lost:
        return Loss(f"{kept} counts")
    return Loss(
        f"{kept} counts", "codes that fewer have here are as in the whole table", lost / total if total else None
    )


def _tree(model: Model, item: Statistic) -> Loss:
    cells = model.arrays[f"{item.name}/cells"].astype(np.int64)
    inner = set(model.arrays[f"{item.name}/splits"][:, 0].tolist())
    above = np.array([node in inner for node in cells[:, 0].tolist()], dtype=bool)
    total = int(cells[:, 3].sum())
    leaves = int(item.data["nodes"]) - len(inner)
    told = f"{leaves} leaves, {len(cells)} cells"
    if not above.any() or not total:
        return Loss(told)
    return Loss(told, "rows counted over several leaves together", float(cells[above, 3].sum() / total))


def _correlation(model: Model, item: Statistic) -> Loss:
    pairs = model.arrays[item.arrays[1]]
    lost = int((pairs == 0).sum()) // 2
    told = f"{len(item.columns)} variables"
    return Loss(told, f"{lost} pairs that fewer than k persons have are taken for unrelated" if lost else "")


def _dependency(model: Model, item: Statistic) -> Loss:
    return Loss(f"{item.cells} pairs of values", "rarer values are drawn like any other")


def _choice(model: Model, item: Statistic) -> Loss:
    chosen, distances = str(item.data["chosen"]), dict(item.data["distances"])
    if not distances:
        return Loss(f"{chosen}, {item.data['why']}")
    ranked = sorted(distances.items(), key=lambda each: (each[0] != chosen, each[1]))
    return Loss(f"{', '.join(f'{name} {distance:.3f}' for name, distance in ranked)} from the persons held out")


def choice_lines(model: Model) -> list[str]:
    """For each part that `auto` chose a generator for, which and how near each candidate came; none for others."""
    chosen = [item for item in model.statistics if item.kind == "choice"]
    return [f"{item.name.split('/', 1)[1]}: {_choice(model, item).kept}" for item in chosen]


_LOSSES: Mapping[str, Callable[[Model, Statistic], Loss]] = {
    "levels": _levels,
    "bins": _bins,
    "margin": _margin,
    "tree": _tree,
    "latent correlation": _correlation,
    "dependency": _dependency,
    "choice": _choice,
}
