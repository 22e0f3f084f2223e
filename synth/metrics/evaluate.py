"""Score a release: code the tables once, run every metric, keep the digests of what was compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synth import __version__
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.progress import track
from synth.core.score import Score, Scores
from synth.metrics.evidence import Evidence, Plan, build_evidence
from synth.metrics.registry import METRICS, Metric


def score(
    train: Dataset,
    holdout: Dataset | None,
    synthetic: Dataset,
    reference: Dataset | None = None,
    *,
    seed: int = 0,
    plan: Plan | None = None,
    metrics: Sequence[Metric] = METRICS,
) -> Scores:
    """Every registered metric on these tables. Without a holdout, disclosure is `skipped` and no gate passes.

    Raises UserError when a side lacks a table or column of the train catalog, or a table cannot be read.
    """
    from synth.io import dataset_digest

    given = {"train": train, "holdout": holdout, "synthetic": synthetic, "reference": reference}
    digests = {role: dataset_digest(dataset) for role, dataset in given.items() if dataset is not None}
    evidence = build_evidence(train, holdout, synthetic, reference, plan)
    return score_evidence(evidence, digests, seed=seed, metrics=metrics)


def score_evidence(
    evidence: Evidence, digests: Mapping[str, str], *, seed: int = 0, metrics: Sequence[Metric] = METRICS
) -> Scores:
    """Run metrics on evidence that was built already. Raises UserError when nobody is in train."""
    if not evidence.train.persons:
        raise UserError("the train tables hold no person", remedy="give the tables that were fitted on")
    found: list[Score] = []
    for metric in track(metrics, "scoring", len(metrics)):
        found += metric.evaluate(evidence, seed)
    return Scores(tuple(found), dict(digests), seed, __version__, _context(evidence))


def _context(evidence: Evidence) -> dict[str, Any]:
    plan = evidence.plan
    return {
        "person": evidence.unit,
        "person_assumed": evidence.catalog.person is None or evidence.catalog.person.guessed,
        "persons": {side.role: side.persons for side in evidence.sides()},
        "rows": {side.role: {name: len(rows) for name, rows in side.tables.items()} for side in evidence.sides()},
        "columns": {layout.table: [f.name for f in layout.features] for layout in evidence.layouts.values()},
        "person_features": len(evidence.persons.source),
        "plan": {"targets": plan.targets, "pool": plan.pool, "pairs": plan.pairs, "draws": plan.draws,
                 "secrets": plan.secrets},
    }  # fmt: skip
