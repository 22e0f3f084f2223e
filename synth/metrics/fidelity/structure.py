"""Keys that resolve, and how many children a parent has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.intervals import spread
from synth.metrics.resampling import group_counts, person_groups, shares, tvd, weights
from synth.metrics.scoring import measured, skipped

LONGEST = 64  # families larger than this are counted together, by doubling intervals


def foreign_keys(evidence: Evidence, seed: int) -> list[Score]:
    """Share of complete foreign keys that name an existing row; a census, so the interval is the figure."""
    scores = []
    for (table, position), (found, whole) in evidence.synthetic.links.items():
        key = evidence.catalog.table(table).foreign_keys[position]
        scope = f"{table} ({', '.join(key.columns)}) to {key.target}"
        if whole == 0:
            scores.append(skipped("foreign_key_integrity", "structure", scope, "no complete key in the synthetic rows"))
            continue
        real = evidence.train.links.get((table, position), (0, 0))
        share = found / whole
        scores.append(
            measured(
                "foreign_key_integrity",
                "structure",
                scope,
                share,
                (share, share),
                whole,
                control=real[0] / real[1] if real[1] else None,
                direction="higher",
                details={"orphans": whole - found},
            )
        )
    return scores or [
        skipped("foreign_key_integrity", "structure", "all tables", "no foreign key to check", applicable=False)
    ]


def child_counts(evidence: Evidence, seed: int) -> list[Score]:
    """TVD of the number of children a parent has, by relationship on the way to the person."""
    scores = [
        _relationship(evidence, layout, seed) for layout in evidence.layouts.values() if layout.parent is not None
    ]
    found = [score for score in scores if score is not None]
    return found or [skipped("child_count_tvd", "structure", "all tables", "no table has a parent", applicable=False)]


def _relationship(evidence: Evidence, layout: Layout, seed: int) -> Score | None:
    if layout.parent is None:
        return None
    above = evidence.layouts[layout.parent.target]
    sizes = {side.role: _sizes(side, layout, above) for side in evidence.sides()}
    if not len(sizes["train"]) or not len(sizes["synthetic"]):
        return None
    width = 1 + max(int(size.max(initial=0)) for size in sizes.values())
    found = {}
    for side in (evidence.train, evidence.synthetic, evidence.holdout):
        if side is None or not len(sizes[side.role]):
            continue
        groups = person_groups(side, above, seed)
        units = side.persons if above.of_persons else len(groups)
        counts = group_counts(groups, sizes[side.role], width, units)
        drawn = weights(side, units, evidence.plan.draws, seed) @ counts
        found[side.role] = (shares(counts.sum(axis=0)), shares(drawn))
    value = float(tvd(found["synthetic"][0], found["train"][0]))
    control, inside = None, None
    if "holdout" in found:
        control = float(tvd(found["holdout"][0], found["train"][0]))
        inside = spread(control, tvd(found["holdout"][1], found["train"][1]), least=0.0, most=1.0)
    return measured(
        "child_count_tvd",
        "structure",
        f"{layout.table} by {above.table}",
        value,
        spread(value, tvd(found["synthetic"][1], found["train"][1]), least=0.0, most=1.0),
        min(evidence.train.persons, evidence.synthetic.persons),
        control=control,
        control_interval=inside,
        details={
            "mean_train": round(float(sizes["train"].mean()), 4),
            "mean_synthetic": round(float(sizes["synthetic"].mean()), 4),
        },
    )


def _sizes(side: Side, layout: Layout, above: Layout) -> NDArray[np.int64]:
    rows = side.tables[layout.table]
    count = np.bincount(rows.parent[rows.parent >= 0], minlength=len(side.tables[above.table]))
    return family_bin(count)


def family_bin(count: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of children up to 64 as they are; beyond, by intervals an eighth wide, so that tails are comparable."""
    far = LONGEST + np.floor(8 * np.log2(np.maximum(count, LONGEST) / LONGEST)).astype(np.int64)
    return np.where(count <= LONGEST, count, far).astype(np.int64)
