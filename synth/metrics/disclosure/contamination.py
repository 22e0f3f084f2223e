"""Is the holdout really disjoint from train? Without that, every comparison with control persons is worth nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.evidence.coding import mix
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import quantile, wilson
from synth.metrics.scoring import measured, skipped

METRIC = "holdout_contamination"


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """Share of holdout persons whose key is in train, or whose whole record is, beyond the twins within train."""
    scope = "persons of holdout in train"
    holdout = evidence.holdout
    if holdout is None or not holdout.persons:
        return [skipped(METRIC, "disclosure", scope, "no holdout")]
    train, control = whole_records(evidence, evidence.train), whole_records(evidence, holdout)
    values, counts = np.unique(train, return_counts=True)
    twins = float((counts[counts > 1]).sum() / max(len(train), 1))
    found = float(np.isin(control, values).mean())
    z = quantile()
    (low, high), (t_low, t_high) = wilson(found, len(control), z), wilson(twins, len(train), z)
    excess = found - twins
    interval = (
        excess - float(np.hypot(found - low, t_high - twins)),
        excess + float(np.hypot(high - found, twins - t_low)),
    )
    keys = evidence.shared_persons
    if keys / holdout.persons > excess:
        excess = keys / holdout.persons
        interval = wilson(excess, holdout.persons, z)
    details = {"keys_in_both": keys, "records_in_both": round(found, 6), "twins_within_train": round(twins, 6)}
    return [
        measured(METRIC, "disclosure", scope, excess, interval, holdout.persons, needed=50, control=twins,
                 details=details)
    ]  # fmt: skip


def whole_records(evidence: Evidence, side: Side) -> NDArray[np.uint64]:
    """A hash of all rows of each person, over all tables."""
    total = np.zeros(side.persons, dtype=np.uint64)
    for position, layout in enumerate(evidence.layouts.values()):
        if layout.of_persons and layout.features:
            rows = side.tables[layout.table]
            kept = rows.person >= 0
            np.add.at(total, rows.person[kept], mix(rows.exact[kept] ^ np.uint64(position + 1)))
    return total
