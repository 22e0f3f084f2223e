"""What a run came to: tables and rows, each metric at its worst, the verdict, where the package is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.core.jsontext import read_json
from synth.core.score import Score, read_scores
from synth.core.verdict import Check, read_verdict
from synth.pipeline.stages import COUNTS
from synth.pipeline.walk import Step, Walk

_COUNTED = {"simulate": "input", "open": "input", "sample": "synthetic"}


@dataclass(frozen=True, slots=True)
class Summary:
    """Facts of one run; what was not walked is None or empty. `counts` maps input and synthetic to persons and rows."""

    name: str
    out: Path
    steps: tuple[Step, ...]
    counts: Mapping[str, Mapping[str, Any]]
    scores: tuple[Score, ...] = ()
    passed: bool | None = None
    policy: str = ""
    checks: tuple[Check, ...] = ()
    allowed_uses: tuple[str, ...] = ()
    package: Path | None = None

    @property
    def blocking(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if check.outcome != "pass")


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric over all its scopes: how many were measured, the mean value, and the worst with its bounds."""

    family: str
    metric: str
    measured: int
    unmeasured: int
    mean: float | None
    worst: Score | None


def summarize(run: Walk, steps: Sequence[Step]) -> Summary:
    """Read the summary off the files that the stages in `steps` left."""
    walked = {step.name for step in steps}
    facts: dict[str, Any] = {}
    if "score" in walked:
        facts["scores"] = read_scores(run.folder("score") / "scores.json").scores
    if "gate" in walked:
        verdict = read_verdict(run.folder("gate") / "verdict.json")
        facts |= {name: getattr(verdict, name) for name in ("passed", "policy", "checks", "allowed_uses")}
    if "publish" in walked:
        facts["package"] = run.folder("publish") / "package"
    counts = {name: read_json(run.folder(stage) / COUNTS) for stage, name in _COUNTED.items() if stage in walked}
    return Summary(run.recipe.name, run.out, tuple(steps), counts, **facts)


def metric_lines(scores: Sequence[Score]) -> list[MetricLine]:
    """The scores gathered by metric, in the order in which metrics first appear."""
    grouped: dict[tuple[str, str], list[Score]] = {}
    for score in scores:
        grouped.setdefault((score.family, score.metric), []).append(score)
    return [_metric_line(*key, group) for key, group in grouped.items()]


def _metric_line(family: str, metric: str, group: Sequence[Score]) -> MetricLine:
    valued = [(score.value, score) for score in group if score.value is not None and score.status != "skipped"]
    mean = sum(value for value, _ in valued) / len(valued) if valued else None
    pick = min if group[0].direction == "higher" else max
    worst = pick(valued, key=lambda pair: pair[0])[1] if valued else None
    return MetricLine(family, metric, len(valued), len(group) - len(valued), mean, worst)


def summary_document(summary: Summary) -> dict[str, Any]:
    """The summary as plain JSON data."""
    return {
        "name": summary.name,
        "out": str(summary.out),
        "stages": [{"name": step.name, "kept": step.kept, "seconds": step.seconds} for step in summary.steps],
        **{key: dict(value) for key, value in summary.counts.items()},
        "scores": [
            {
                "family": line.family,
                "metric": line.metric,
                "measured": line.measured,
                "not_measured": line.unmeasured,
                "mean": line.mean,
                "worst": None if line.worst is None else line.worst.value,
                "worst_scope": None if line.worst is None else line.worst.scope,
            }
            for line in metric_lines(summary.scores)
        ],
        "verdict": None
        if summary.passed is None
        else {
            "passed": summary.passed,
            "policy": summary.policy,
            "checks": len(summary.checks),
            "allowed_uses": list(summary.allowed_uses),
            "blocking": [
                {"rule": check.rule, "metric": check.metric, "scope": check.scope, "reason": check.reason}
                for check in summary.blocking
            ],
        },
        "package": None if summary.package is None else str(summary.package),
    }
