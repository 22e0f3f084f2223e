"""Shadow models: the generator fitted again and again on other persons and some of the most vulnerable ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.progress import track
from synth.core.seeds import derive, rng
from synth.generators import fit, sample
from synth.io import dataset_digest, memory_dataset
from synth.metrics.disclosure.shadow import most_vulnerable, what_is_shown
from synth.metrics.evidence import Evidence, build_evidence
from synth.metrics.evidence.shadows import FORMAT
from synth.metrics.evidence.subset import take_persons, together

DIGITS = 5


def run_shadows(
    train: Dataset,
    holdout: Dataset,
    generator: str,
    min_persons: int,
    *,
    models: int = 24,
    targets: int = 60,
    persons: int = 1_000,
    seed: int = 0,
) -> dict[str, Any]:
    """Fit and sample `models` shadow models of `persons` persons of the holdout and about half of `targets`.

    Cost: `models` fits of that many persons, whatever the size of the tables. Raises UserError when the holdout is too
    small for any background.
    """
    whole = build_evidence(train, holdout, holdout)
    if whole.holdout is None or whole.holdout.persons < 2 * targets + min_persons:
        raise UserError("the holdout has too few persons for shadow models", remedy="ask for fewer --targets")
    ours = most_vulnerable(whole, whole.train, targets, seed)
    theirs = most_vulnerable(whole, whole.holdout, targets, seed)
    others = np.setdiff1d(np.arange(whole.holdout.persons), theirs)
    known = others[rng(seed, "shadow background").permutation(len(others))[: 2 * persons]]
    real = [
        memory_dataset(train.catalog, take_persons(whole, whole.train, train, ours)),
        memory_dataset(train.catalog, take_persons(whole, whole.holdout, holdout, np.sort([*theirs, *known]))),
    ]
    base = build_evidence(real[0], real[1], real[0])
    assert base.holdout is not None
    control = np.searchsorted(np.sort([*theirs, *known]), np.sort(theirs))
    inside = rng(seed, "shadow targets").uniform(models * targets).reshape(models, targets) < 0.5
    near, control_near = [], []
    for number in track(range(models), "shadow models", models):
        background = _background(len(known) + targets, control, persons, seed, number)
        parts = [
            take_persons(base, base.holdout, real[1], background),
            take_persons(base, base.train, real[0], np.flatnonzero(inside[number])),
        ]
        output = _output(memory_dataset(train.catalog, together(parts, base)), generator, min_persons, seed, number)
        found = build_evidence(real[0], real[1], output)
        near.append(_rounded(found, "train", np.arange(targets)))
        control_near.append(_rounded(found, "holdout", control))
    return {
        "format": FORMAT,
        "generator": generator,
        "min_persons": min_persons,
        "persons": persons,
        "seed": seed,
        "digests": {"train": dataset_digest(train), "holdout": dataset_digest(holdout)},
        "inside": inside.astype(int).tolist(),
        "near": near,
        "control_near": control_near,
    }


def _background(size: int, control: NDArray[np.int64], persons: int, seed: int, number: int) -> NDArray[np.int64]:
    free = np.setdiff1d(np.arange(size), control)
    return np.sort(free[rng(seed, "shadow model", number).permutation(len(free))[:persons]])


def _output(dataset: Dataset, generator: str, min_persons: int, seed: int, number: int) -> Dataset:
    model = fit(dataset, generator, min_persons=min_persons)
    rows: dict[str, list[pa.RecordBatch]] = {}
    count = int(model.receipt["persons"])
    for table, batch in sample(model, count, derive(seed, "shadow output", number)):
        rows.setdefault(table, []).append(batch)
    return memory_dataset(model.catalog, {table: pa.Table.from_batches(found) for table, found in rows.items()})


def _rounded(evidence: Evidence, role: str, chosen: NDArray[np.int64]) -> list[list[float]]:
    side = evidence.train if role == "train" else evidence.holdout
    assert side is not None
    shown: list[list[float]] = np.round(what_is_shown(evidence, side, chosen), DIGITS).tolist()
    return shown
