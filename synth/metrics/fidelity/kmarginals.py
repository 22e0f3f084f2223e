"""Triples of columns: the NIST k-marginal score (SDNist), 1000 x (1 - mean total variation distance), k = 3."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.intervals import spread
from synth.metrics.resampling import group_counts, person_groups, shares, tvd, weights
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]
Triple = tuple[int, int, int]
METRIC = "k_marginal_score"
TRIPLES = 40
SCALE = 1000.0


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """The score of each table with three columns or more (0..1000, higher is closer), beside holdout against train."""
    scores = []
    for layout in evidence.layouts.values():
        both = (evidence.train.tables[layout.table], evidence.synthetic.tables[layout.table])
        if len(layout.features) >= 3 and all(len(rows) for rows in both):
            scores.append(_table(evidence, layout, seed))
    note = "no table has three columns to compare"
    return scores or [skipped(METRIC, "fidelity", "all tables", note, applicable=False)]


def _table(evidence: Evidence, layout: Layout, seed: int) -> Score:
    every: list[Triple] = list(combinations(range(len(layout.features)), 3))
    order = rng(seed, METRIC, layout.table).permutation(len(every))[:TRIPLES]
    triples = [every[place] for place in np.sort(order)]
    sides = [
        _counted(side, layout, triples, evidence.plan.draws, seed) for side in (evidence.train, evidence.synthetic)
    ]
    holdout = evidence.holdout
    held = (
        _counted(holdout, layout, triples, evidence.plan.draws, seed)
        if holdout and len(holdout.tables[layout.table])
        else None
    )
    far = np.array([tvd(a[0], b[0]) for a, b in zip(*sides, strict=True)])
    drawn = np.mean([tvd(a[1], b[1]) for a, b in zip(*sides, strict=True)], axis=0)
    value = SCALE * (1 - float(far.mean()))
    control, inside = None, None
    if held is not None:
        apart = np.mean([tvd(a[1], b[1]) for a, b in zip(sides[0], held, strict=True)], axis=0)
        control = SCALE * (1 - float(np.mean([tvd(a[0], b[0]) for a, b in zip(sides[0], held, strict=True)])))
        inside = spread(control, SCALE * (1 - apart), least=0.0, most=SCALE)
    names = [" x ".join(layout.features[place].name for place in triple) for triple in triples]
    return measured(
        METRIC,
        "fidelity",
        f"{layout.table}: triples of columns",
        value,
        spread(value, SCALE * (1 - drawn), least=0.0, most=SCALE),
        min(evidence.train.persons, evidence.synthetic.persons),
        control=control,
        control_interval=inside,
        direction="higher",
        details={"triples": len(triples), "triples_in_all": len(every), "worst": names[int(far.argmax())]},
    )


def _counted(side: Side, layout: Layout, triples: list[Triple], draws: int, seed: int) -> list[tuple[Floats, Floats]]:
    """For each triple its joint shares and their bootstrap draws."""
    rows = side.tables[layout.table]
    units = side.persons if layout.of_persons else len(rows)
    groups = person_groups(side, layout, seed)
    drawn = weights(side, units, draws, seed) if draws else None
    coarse = [feature.coarse[rows.bins[:, place]].astype(np.int64) for place, feature in enumerate(layout.features)]
    found = []
    for first, second, third in triples:
        sizes = [layout.features[place].groups for place in (first, second, third)]
        joint = (coarse[first] * sizes[1] + coarse[second]) * sizes[2] + coarse[third]
        counts = group_counts(groups, joint, int(np.prod(sizes)), units)
        found.append((shares(counts.sum(axis=0)), shares(drawn @ counts) if drawn is not None else np.zeros(0)))
    return found
