"""Linkability: two halves of what is known of a person, in two hands, put together through the synthetic tables.

The attacker takes the nearest synthetic person by the first half and by the second; the same person is a link.
Halves: the person table against the others, and columns dealt at random. Control persons have halves too, and a
population in which halves go together links them as well: R leaves that out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.disclosure.risk import Attack, risk_scores
from synth.metrics.disclosure.targets import pick_targets
from synth.metrics.evidence.model import Evidence
from synth.metrics.neighbours import nearest
from synth.metrics.scoring import skipped

METRIC = "linkability"
Marks = NDArray[np.bool_]


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """R of linking each pair of halves, overall, for outliers and for subgroups."""
    targets = pick_targets(evidence, seed)
    scope = "whole persons, all tables"
    if targets is None or evidence.holdout is None:
        return [skipped(METRIC, "disclosure", scope, "no holdout: there is no control person to link")]
    splits = list(_halves(evidence, seed))
    if not splits or not evidence.synthetic.persons:
        note = "persons have fewer than two columns to link by"
        return [skipped(METRIC, "disclosure", scope, note, applicable=not splits)]
    features = evidence.persons
    asked = (features.of(evidence.train)[targets.train], features.of(evidence.holdout)[targets.control])
    pool = features.of(evidence.synthetic)
    attacks = []
    for name, left in splits:
        linked = []
        for questions in asked:
            near = [
                nearest(np.ascontiguousarray(questions[:, half]), np.ascontiguousarray(pool[:, half]))[1][:, 0]
                for half in (left, ~left)
            ]
            linked.append((near[0] == near[1]).astype(np.float64))
        attacks.append(Attack(f"whole persons; {name}", linked[0], linked[1], "nearest neighbour", "", {}))
    return risk_scores(METRIC, attacks, targets)


def _halves(evidence: Evidence, seed: int) -> Iterator[tuple[str, Marks]]:
    source = np.array(evidence.persons.source, dtype=object)
    for layout in evidence.layouts.values():
        if layout.is_person:
            mine = np.array(
                [name == layout.table or name.startswith(f"{layout.table}.") for name in source], dtype=bool
            )
            if 0 < mine.sum() < len(mine):
                yield f"{layout.table} against the other tables", mine
    names = sorted(set(source))
    if len(names) >= 2:
        chosen = {names[place] for place in rng(seed, "halves").permutation(len(names))[: len(names) // 2]}
        yield "columns dealt in two halves", np.array([name in chosen for name in source], dtype=bool)
