"""Score a release: code the tables once, run every metric, keep the digests of what was compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from synth import __version__
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.model import read_model
from synth.core.progress import track
from synth.core.score import Score, Scores
from synth.core.seeds import derive
from synth.metrics.budget import budgeted
from synth.metrics.disclosure.claims import claims_of
from synth.metrics.evidence import Evidence, Plan, build_evidence
from synth.metrics.evidence.published import read_published
from synth.metrics.evidence.shadows import read_shadows
from synth.metrics.fidelity.conformity import conformity
from synth.metrics.figures import draw_figures
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
    published: Path | None = None,
    model: Path | None = None,
    shadows: Path | None = None,
    budget: float | None = None,
) -> Scores:
    """Every registered metric on these tables. Without a holdout, disclosure is `skipped` and no gate passes.

    `published` describes tables of counts that leave beside them, `model` is a fitted model that does (both are judged
    too), `shadows` what `synth shadow` found; `budget` (seconds) shrinks the plan (see `synth.metrics.budget`). Raises
    UserError when a side lacks a table or column of the train tables, or a table or file cannot be read.
    """
    from synth.io import dataset_digest

    given = {"train": train, "holdout": holdout, "synthetic": synthetic, "reference": reference}
    digests = {role: dataset_digest(dataset) for role, dataset in given.items() if dataset is not None}
    evidence = replace(
        build_evidence(train, holdout, synthetic, reference, plan),
        published=() if published is None else read_published(published),
        model=None if model is None else read_model(model),
        shadows=None if shadows is None else read_shadows(shadows, digests),
    )
    told: dict[str, Any] = {}
    claims = () if evidence.model is None else claims_of(evidence.model)
    if claims:
        told["privacy_claims"] = list(claims)
    if budget is not None:
        evidence, told["budget"] = budgeted(evidence, budget)
    found = score_evidence(evidence, digests, seed=seed, metrics=metrics)
    if metrics is METRICS:
        kept = conformity(train if holdout is None else holdout, synthetic, evidence.plan.cell)
        found = replace(found, scores=(*found.scores, *kept))
    return replace(found, figures=draw_figures(evidence, seed), context={**found.context, **told})


def score_evidence(
    evidence: Evidence, digests: Mapping[str, str], *, seed: int = 0, metrics: Sequence[Metric] = METRICS
) -> Scores:
    """Run metrics on evidence that was built already. Raises UserError when nobody is in train."""
    if not evidence.train.persons:
        raise UserError("the train tables hold no person", remedy="give the tables that were fitted on")
    found: list[Score] = []
    for metric in track(metrics, "scoring", len(metrics), remaining=True):
        run = _worst if metric.seeded else _once
        found += run(metric, evidence, seed)
    return Scores(tuple(found), dict(digests), seed, __version__, _context(evidence))


def _once(metric: Metric, evidence: Evidence, seed: int) -> list[Score]:
    return metric.evaluate(evidence, seed)


def _worst(metric: Metric, evidence: Evidence, seed: int) -> list[Score]:
    """Each score from the repeat that came out worst; a scope that some repeats lack is kept from the others."""
    worst: dict[tuple[str, str], Score] = {}
    for repeat in range(max(evidence.plan.repeats, 1)):
        for score in metric.evaluate(evidence, seed if repeat == 0 else derive(seed, "repeat", repeat)):
            name = (score.metric, score.scope)
            if name not in worst or _badness(score) > _badness(worst[name]):
                worst[name] = score
    return list(worst.values())


def _badness(score: Score) -> float:
    return float("inf") if score.high is None else score.high


def _context(evidence: Evidence) -> dict[str, Any]:
    plan = evidence.plan
    return {
        "person": evidence.unit,
        "person_assumed": evidence.catalog.person is None or evidence.catalog.person.guessed,
        "persons": {side.role: side.persons for side in evidence.sides()},
        "rows": {side.role: {name: len(rows) for name, rows in side.tables.items()} for side in evidence.sides()},
        "columns": {layout.table: [f.name for f in layout.features] for layout in evidence.layouts.values()},
        "person_features": len(evidence.persons.source),
        "analyses": _analyses(evidence),
        "repeats": plan.repeats,
        "plan": asdict(plan),
    }


def _analyses(evidence: Evidence) -> dict[str, Any]:
    """What was analysed, by name, and where it was declared, known or found."""
    analyses = evidence.analyses
    return {
        "origin": analyses.origin,
        "survival": [item.name for item in analyses.survival],
        "conditions": [item.name for item in analyses.conditions],
        "costs": [item.name for item in analyses.costs],
        "pathways": [item.name for item in analyses.pathways],
        "tasks": [item.target for item in analyses.tasks],
    }
