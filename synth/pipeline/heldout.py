"""What a model does not capture, measured on persons held out from a trial fit.

A generator is fitted on four fifths of the persons, as many are drawn, and they are compared with the last fifth. Each
distance stands beside that between the two real parts: what is no larger than it, no sample of that size could tell.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synth.core.counts import rounded_alone
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.progress import said_before
from synth.core.score import Score, Scores
from synth.generators import fit, sample, synthetic_catalog
from synth.io import dataset_writer, open_dataset
from synth.metrics import Plan, score
from synth.metrics.registry import METRICS
from synth.split import split_dataset

SEED = 20_000
TRIAL_PERSONS = 50_000
_LEAST = 20  # times k: with fewer persons a fifth of them tells nothing
_HELD = 0.2
_SHOWN = 10
_PLAN = Plan(draws=2)  # no interval is asked for
_ASKED: Mapping[str, str] = {
    "columns": "marginal_tvd",
    "pairs": "pair_tvd",
    "child counts": "child_count_tvd",
    "what follows what": "markov_1",
}


def heldout_report(dataset: Dataset, name: str, k: int) -> dict[str, Any]:
    """The worst columns, pairs, child counts and transitions of a trial fit, as plain JSON data for a receipt.

    Each line has `what`, `distance` (from the held-out persons, in [0, 1]) and `real` (of the fitted ones from them).
    At most `TRIAL_PERSONS` persons are used. Raises UserError when the tables cannot be fitted.
    """
    persons = _persons(dataset)
    if persons < _LEAST * k:
        return {"skipped": f"fewer than {_LEAST * k} persons"}
    used = min(1.0, TRIAL_PERSONS / persons)
    with said_before(), tempfile.TemporaryDirectory(prefix="synth-") as folder:
        parts = _parted(dataset, Path(folder), used, _HELD * used * persons / 2)
        if parts is None:
            return {"skipped": "the persons refer to one another, so that they cannot be divided"}
        fitted, held = open_dataset(parts / "train"), open_dataset(parts / "holdout")
        model = fit(fitted, name, k)
        drawn = Path(folder) / "drawn"
        with dataset_writer(synthetic_catalog(model), drawn, "parquet", overwrite=False) as writer:
            for table, batch in sample(model, int(model.receipt["persons"]), SEED):
                writer.write(table, batch)
        asked = [metric for metric in METRICS if set(metric.names) & set(_ASKED.values())]
        # the held-out persons take the place of the real tables, the fitted ones that of a second real sample
        scores = score(held, fitted, open_dataset(drawn), seed=SEED, plan=_PLAN, metrics=asked)
        return {"fitted": _told(fitted, k), "held_out": _told(held, k), "worst": _worst(scores)}


def _parted(dataset: Dataset, folder: Path, used: float, least: float) -> Path | None:
    """The folder of the parts, or None: persons who refer to one another stay together where `least` are held out.

    Where nearly all are tied to one another (everybody has a superior), references between the parts are emptied.
    """
    shares = ((1 - _HELD) * used, _HELD * used, 1 - used)
    for together in (True, False):
        parts = folder / ("together" if together else "apart")
        try:
            split_dataset(dataset, parts, SEED, shares, together=together)
        except UserError:  # no person is left for a part, or a reference that must be there cannot be emptied
            continue
        if _persons(open_dataset(parts / "holdout")) >= least:
            return parts
    return None


def _persons(dataset: Dataset) -> int:
    person = dataset.catalog.person
    assert person is not None
    return sum(batch.num_rows for batch in dataset.scan(person.table, person.key))


def _told(dataset: Dataset, k: int) -> int:
    """The persons, as a model may tell of them."""
    return int(rounded_alone(_persons(dataset), k))


def _worst(scores: Scores) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for title, metric in _ASKED.items():
        lines = [line for each in scores.scores if each.metric == metric for line in _lines(each)]
        lines.sort(key=lambda line: (-float(line["distance"]), str(line["what"])))
        found[title] = lines[:_SHOWN]
    return found


def _lines(found: Score) -> list[dict[str, Any]]:
    """A score as lines; the mean over pairs also gives the worst of them, which have no figure of their own."""
    if found.value is None:
        return []
    lines: list[dict[str, Any]] = [_line(found.scope, found.value, found.control)]
    worst = found.details.get("worst")
    if isinstance(worst, Mapping):
        table = found.scope.partition(":")[0]
        lines += [_line(f"{table}: {name}", value, None) for name, value in worst.items()]
    return lines


def _line(what: str, distance: float, real: float | None) -> dict[str, Any]:
    return {"what": what, "distance": round(distance, 3), "real": None if real is None else round(real, 3)}
